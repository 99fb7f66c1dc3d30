"""Two runs on the same test images: which is better, and is it more than noise? A value."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np

from asl_core.errors import PairingError
from asl_core.evaluation.evaluation import Evaluation
from asl_core.runs.intervals import Z_95, Interval, rounded, wilson_interval
from asl_core.runs.run import Run

ALPHA = 0.05
"""Significance level: a p-value from here on is called noise; the usual 5 %."""


@dataclass(frozen=True)
class Disagreement:
    """An image that one run gets right and the other wrong.

    Attributes:
        index: of the image in its dataset.
        file: of the image below the dataset's folder.
        true: its class.
        first: what the first run says.
        second: what the second run says.
    """

    index: int
    file: str
    true: str
    first: str
    second: str


@dataclass(frozen=True, eq=False)
class Comparison:
    """The answers of two models on the same labeled images.

    Args:
        labels: int (n,), true class of each image.
        first: int (n,), classes that the first run predicts.
        second: int (n,), classes that the second run predicts.
        classes: names of the classes.
        files: of the images (n,).
        indices: int (n,), of the images in their dataset.
    """

    labels: np.ndarray
    first: np.ndarray
    second: np.ndarray
    classes: tuple[str, ...]
    files: tuple[str, ...]
    indices: np.ndarray

    @classmethod
    def of(cls, first: Run, second: Run) -> "Comparison":
        """Two runs on their test images.

        Raises:
            PairingError: they were not tested on the same images; says why.
        """
        if first.results.fingerprint != second.results.fingerprint:
            raise PairingError("The two runs were trained and tested on different datasets.")
        one, two = Evaluation.of(first), Evaluation.of(second)
        place = {file: i for i, file in enumerate(two.files)}
        if len(place) != len(one) or not place.keys() >= set(one.files):
            raise PairingError(_other_test_set(first, second, len(place.keys() & set(one.files))))
        order = [place[file] for file in one.files]
        changed = int((two.labels[order] != one.labels).sum())
        if changed:
            raise PairingError(
                f"The two runs were tested with different labels: {changed:,} test "
                f"image{' was' if changed == 1 else 's were'} relabeled on the Data page between "
                "the two runs."
            )
        predicted = two.predicted[order]
        classes = max(one.classes, two.classes, key=len)  # one may not have found each hand
        return cls(one.labels, one.predicted, predicted, classes, one.files, one.indices)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def table(self) -> np.ndarray:
        """int64 (2, 2): rows first run right, wrong; columns second run right, wrong."""
        wrong_first, wrong_second = self.first != self.labels, self.second != self.labels
        counts = np.zeros((2, 2), dtype=np.int64)
        np.add.at(counts, (wrong_first.astype(int), wrong_second.astype(int)), 1)
        return counts

    @property
    def only_first(self) -> int:
        """Images that the first run gets right and the second wrong."""
        return int(self.table[0, 1])

    @property
    def only_second(self) -> int:
        """Images that the second run gets right and the first wrong."""
        return int(self.table[1, 0])

    @property
    def difference(self) -> float:
        """Accuracy of the first run less that of the second, -1 to 1."""
        return (self.only_first - self.only_second) / len(self)

    @property
    def interval(self) -> Interval:
        """95 % interval of the difference (see `paired_interval`), each end -1 to 1."""
        return paired_interval(self.only_first, self.only_second, len(self))

    @property
    def p_value(self) -> float:
        """Of the exact test (see `mcnemar`), 0 to 1."""
        return mcnemar(self.only_first, self.only_second)

    @property
    def significant(self) -> bool:
        """Whether chance alone seldom makes such a difference (below `ALPHA`)."""
        return self.p_value < ALPHA

    def only_right(self, run: int) -> tuple[Disagreement, ...]:
        """Images that one run gets right and the other wrong, in the order of the classes.

        Args:
            run: 1 for those that the first run gets right, 2 for the second.
        """
        right, other = (self.first, self.second) if run == 1 else (self.second, self.first)
        found = np.flatnonzero((right == self.labels) & (other != self.labels))
        return tuple(
            Disagreement(
                index=int(self.indices[i]),
                file=self.files[i],
                true=self.classes[self.labels[i]],
                first=self.classes[self.first[i]],
                second=self.classes[self.second[i]],
            )
            for i in found[np.argsort(self.indices[found])]
        )

    def in_words(self, first: str = "Run 1", second: str = "Run 2") -> str:
        """What the difference is worth, in a few sentences.

        Args:
            first: name of the first run, as at the start of a sentence.
            second: likewise.
        """
        if not self.only_first + self.only_second:
            return (
                f"{first} and {second} get the same images right and the same wrong: these "
                f"{len(self):,} images don't tell them apart (a difference of up to "
                f"{rounded(100 * self.interval.high)} points can't be excluded)."
            )
        counts = (
            f"{first} is right on {_images(self.only_first)} that {second} gets wrong, {second} on "
            f"{self.only_second:,} that {first} gets wrong"
        )
        if self.only_first == self.only_second:
            return f"{counts}: as many, so their accuracy is the same."
        verdict = "so it is more than noise" if self.significant else "so it may be noise"
        words = (
            f"{counts}. If both were equally good, a difference at least this large would occur by "
            f"chance {_chance(self.p_value)}, {verdict}."
        )
        if not self.significant and not self.interval.low <= 0 <= self.interval.high:
            words += (
                " The interval excludes 0, but with so few images it is only approximate; the "
                "test is exact."
            )
        return words

    def to_json(self) -> dict[str, Any]:
        """All figures as JSON types."""
        (both, only_first), (only_second, neither) = self.table.tolist()
        return {
            "n": len(self),
            "both_right": both,
            "only_first_right": only_first,
            "only_second_right": only_second,
            "both_wrong": neither,
            "difference": self.difference,
            "interval": [self.interval.low, self.interval.high],
            "p_value": self.p_value,
            "significant": self.significant,
            "in_words": self.in_words(),
        }


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p-value of McNemar's test: under equal accuracy each image on which just
    one run is right is a fair coin.

    McNemar, Q. (1947): Note on the sampling error of the difference between correlated proportions
    or percentages. Psychometrika 12 (2), 153-157. Exact binomial form as in Fagerland, Lydersen &
    Laake (2013), BMC Medical Research Methodology 13:91; it errs on the careful side.

    Args:
        only_first: images that only the first run gets right.
        only_second: images that only the second run gets right.

    Returns:
        0 to 1; 1 if the runs never disagree.
    """
    tosses, fewer = only_first + only_second, min(only_first, only_second)
    ways = tail = 1
    for heads in range(fewer):
        ways = ways * (tosses - heads) // (heads + 1)  # to get one head more; exact
        tail += ways
    return min(1.0, 2 * tail / (1 << tosses))


def paired_interval(only_first: int, only_second: int, n: int) -> Interval:
    """95 % score interval of the difference of two accuracies on the same images.

    Tango, T. (1998): Equivalence test and confidence interval for the difference in proportions for
    the paired-sample design. Statistics in Medicine 17 (8), 891-908. It inverts the score test, so
    it has a width also where the runs never disagree: 0 +- z^2 / (n + z^2).

    Args:
        only_first: images that only the first run gets right.
        only_second: images that only the second run gets right.
        n: images in all, at least 1.

    Returns:
        Of the first accuracy less the second; each end -1 to 1.
    """
    low, high = (_tango_limit(only_first, only_second, n, score) for score in (Z_95, -Z_95))
    return Interval(low, high)


def independent_interval(correct: Sequence[int], n: Sequence[int]) -> Interval:
    """95 % interval of the difference of two accuracies on different images.

    Newcombe, R. G. (1998): Interval estimation for the difference between independent proportions.
    Statistics in Medicine 17 (8), 873-890, method 10 (from two Wilson intervals).

    Args:
        correct: images that each of the two runs gets right.
        n: images of each, at least 1.

    Returns:
        Of the first accuracy less the second; each end -1 to 1.
    """
    (p1, p2), (one, two) = (
        [c / m for c, m in zip(correct, n, strict=True)],
        [wilson_interval(c, m) for c, m in zip(correct, n, strict=True)],
    )
    below = sqrt((p1 - one.low) ** 2 + (two.high - p2) ** 2)
    above = sqrt((one.high - p1) ** 2 + (p2 - two.low) ** 2)
    return Interval(p1 - p2 - below, p1 - p2 + above)


def _tango_limit(b: int, c: int, n: int, score: float) -> float:
    """The difference at which the score, which falls as the difference grows, is the given one."""
    low, high = -1.0, 1.0
    for _ in range(60):  # halves the bracket to the last bit of a float
        middle = (low + high) / 2
        if _tango_score(b, c, n, middle) > score:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _tango_score(b: int, c: int, n: int, difference: float) -> float:
    """Standardized distance of the observed difference (b - c) / n from a supposed one."""
    linear = (2 * n - b + c) * difference - b - c
    square = linear**2 + 8 * n * c * difference * (1 - difference)
    root = sqrt(max(0.0, square))  # rounding may take a zero below zero
    only_second = (root - linear) / (4 * n)  # likeliest share of images, given the difference
    variance = n * (2 * only_second + difference * (1 - difference))
    distance = b - c - n * difference
    return distance / sqrt(variance) if variance > 0 else distance * float(n)


def _other_test_set(first: Run, second: Run, shared: int) -> str:
    splits = first.spec.split, second.spec.split
    how = f" (split {splits[0]} and split {splits[1]})" if splits[0] != splits[1] else ""
    if first.results.corrections != second.results.corrections:
        how += " (their label corrections on the Data page differ)"
    return (
        f"The two runs were tested on different images of the same dataset{how}: {shared:,} are "
        f"in both test sets (of {first.results.n_test:,} and {second.results.n_test:,} images)."
    )


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _chance(p: float) -> str:
    if p < 0.001:
        return "in fewer than 1 of 1,000 such comparisons"
    if p < 0.1:
        return f"in {1000 * p:.0f} of 1,000 such comparisons"
    return f"in {100 * p:.0f} of 100 such comparisons"
