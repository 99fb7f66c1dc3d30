"""How good a model is: one value with many views. Computes; draws nothing."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from asl_core.evaluation.class_score import ClassScore
from asl_core.runs.intervals import Interval, wilson_interval
from asl_core.runs.run import Run

Order = Literal["confidence", "loss", "margin"]
"""What answers are sorted by (see `Evaluation.ranked`)."""


NO_HAND = "no hand"
"""What a run on landmarks answers where it finds no hand: a class of its own, which no image is of,
so that such an image counts as an error everywhere."""


@dataclass(frozen=True)
class Score:
    """Right answers on some images.

    Attributes:
        correct: images that are right.
        n: images, at least 1.
    """

    correct: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.correct <= self.n or self.n < 1:
            raise ValueError(f"a score is of 1 or more images. Received: {self.correct}, {self.n}")

    @classmethod
    def of(cls, evaluation: "Evaluation", chosen: np.ndarray | None = None) -> "Score | None":
        """Score of an evaluation, or of a part of it (bool (n,)); None if the part is empty."""
        right = evaluation.predicted == evaluation.labels
        right = right if chosen is None else right[chosen]
        return cls(int(right.sum()), len(right)) if len(right) else None

    @property
    def accuracy(self) -> float:
        """Top-1 accuracy, 0 to 1."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the accuracy."""
        return wilson_interval(self.correct, self.n)


@dataclass(frozen=True)
class Mistake:
    """One image that the model gets wrong.

    Attributes:
        index: of the image in its dataset.
        file: of the image below the dataset's folder.
        true: its class.
        predicted: what the model says.
        confidence: probability of the predicted class, 0 to 1.
    """

    index: int
    file: str
    true: str
    predicted: str
    confidence: float

    @property
    def caption(self) -> str:
        """True and predicted class, such as `A (pred: B)`."""
        return f"{self.true} (pred: {self.predicted})"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Answers of a model on labeled images.

    Args:
        labels: int (n,), true class of each image.
        probabilities: float (n, classes), rows sum to 1.
        classes: names of the classes.
        files: of the images (n,).
        indices: int (n,), of the images in their dataset.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]
    files: tuple[str, ...]
    indices: np.ndarray

    @classmethod
    def of(cls, run: Run) -> "Evaluation":
        """A run on its own test images."""
        saved = run.predictions()
        probabilities = np.where(saved.found[:, None], saved.probabilities, np.float32("nan"))
        return cls.of_answers(
            saved.labels, probabilities, run.results.classes, saved.files, saved.indices
        )

    @classmethod
    def of_answers(
        cls,
        labels: np.ndarray,
        probabilities: np.ndarray,
        classes: tuple[str, ...],
        files: tuple[str, ...],
        indices: np.ndarray,
    ) -> "Evaluation":
        """Answers of which some may be missing: their probabilities are NaN. Then `NO_HAND` is the
        last class, with probability 1 for those, and 0 for all others."""
        missing = np.isnan(probabilities[:, :1])
        if missing.any():
            classes = (*classes, NO_HAND)
            probabilities = np.concatenate(
                [np.where(missing, 0, probabilities), missing], axis=1, dtype=np.float32
            )
        return cls(labels, probabilities, classes, files, indices)

    def with_hand(self) -> "Evaluation":
        """The answers on images in which a hand was found: those with probabilities."""
        if NO_HAND not in self.classes:
            return self
        place = self.classes.index(NO_HAND)
        chosen = np.flatnonzero(self.predicted != place)
        return Evaluation(
            self.labels[chosen] - (self.labels[chosen] > place),
            np.delete(self.probabilities[chosen], place, axis=1),
            tuple(name for name in self.classes if name != NO_HAND),
            tuple(self.files[i] for i in chosen),
            self.indices[chosen],
        )

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def predicted(self) -> np.ndarray:
        """int64 (n,), the most probable class of each image."""
        predicted: np.ndarray = self.probabilities.argmax(axis=1)
        return predicted

    @property
    def n_correct(self) -> int:
        """Images that the model gets right."""
        return int((self.predicted == self.labels).sum())

    @property
    def accuracy(self) -> float:
        """Top-1 accuracy, 0 to 1."""
        return self.n_correct / len(self)

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that have images, 0 to 1: what guessing the largest class
        does not raise (Brodersen et al., 2010: The balanced accuracy and its posterior
        distribution, ICPR)."""
        there = [score.recall for score in self.per_class if score.support]
        return sum(there) / len(there)

    @property
    def imbalance(self) -> float:
        """How many times as many images the largest class has as the smallest that has any; at
        least 1."""
        there = [score.support for score in self.per_class if score.support]
        return max(there) / min(there)

    @property
    def never_predicted(self) -> tuple[str, ...]:
        """Classes that have images, and that the model never answers."""
        return tuple(s.name for s in self.per_class if s.support and not s.n_predicted)

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the accuracy."""
        return wilson_interval(self.n_correct, len(self))

    @cached_property
    def confusion(self) -> np.ndarray:
        """int64 (classes, classes): row = true class, column = predicted class."""
        counts = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)
        np.add.at(counts, (self.labels, self.predicted), 1)
        return counts

    @property
    def per_class(self) -> tuple[ClassScore, ...]:
        """Precision, recall and F1 of each class (`NO_HAND` is none)."""
        right = np.diag(self.confusion)
        support, predicted = self.confusion.sum(axis=1), self.confusion.sum(axis=0)
        return tuple(
            ClassScore(
                name,
                precision=_ratio(right[i], predicted[i]),
                recall=_ratio(right[i], support[i]),
                f1=_ratio(2 * right[i], support[i] + predicted[i]),
                support=int(support[i]),
                true_positives=int(right[i]),
                n_predicted=int(predicted[i]),
            )
            for i, name in enumerate(self.classes)
            if name != NO_HAND
        )

    def rows(self, true: str | None = None, predicted: str | None = None) -> np.ndarray:
        """Answers of one cell of the confusion matrix, or mistakes of a row, a column or all.

        Args:
            true: the only true class; None takes all.
            predicted: the only predicted class; None takes all.

        Returns:
            int64 (m,), into the answers. Right ones are among them only if both classes are
            given, and are the same.
        """
        chosen = np.full(len(self), True)
        for name, values in ((true, self.labels), (predicted, self.predicted)):
            if name is not None:
                chosen &= values == self.classes.index(name)
        if true is None or predicted is None:
            chosen &= self.predicted != self.labels
        return np.flatnonzero(chosen)

    def ranked(self, rows: np.ndarray, by: Order = "confidence") -> np.ndarray:
        """Answers in an order that helps to look through them; equal ones keep theirs.

        Args:
            rows: int (m,), into the answers.
            by: `confidence`, the highest first; `loss`, the highest first: the true class got
                the least probability; `margin`, the smallest first: least between the two highest
                probabilities.

        Returns:
            int64 (m,), the same rows.
        """
        values = {"confidence": -self.confidence, "loss": -self.loss, "margin": self.margin}[by]
        return rows[np.argsort(values[rows], kind="stable")]

    @cached_property
    def confidence(self) -> np.ndarray:
        """float (n,), probability of the predicted class, 0 to 1."""
        confidence: np.ndarray = self.probabilities.max(axis=1)
        return confidence

    @property
    def loss(self) -> np.ndarray:
        """float (n,), cross-entropy in nats; a probability of 0 counts as 1.2e-38 (87.3 nats)."""
        of_true = self.probabilities[np.arange(len(self)), self.labels]
        loss: np.ndarray = -np.log(np.maximum(of_true, np.finfo(np.float32).tiny))
        return loss

    @property
    def margin(self) -> np.ndarray:
        """float (n,), probability of the predicted class less that of the next one, 0 to 1."""
        highest = np.sort(self.probabilities, axis=1)
        return highest[:, -1] - (highest[:, -2] if len(self.classes) > 1 else 0)

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Images that the model gets wrong, the most confident first."""
        return tuple(
            Mistake(
                index=int(self.indices[i]),
                file=self.files[i],
                true=self.classes[self.labels[i]],
                predicted=self.classes[self.predicted[i]],
                confidence=float(self.confidence[i]),
            )
            for i in self.ranked(self.rows())
        )


def _ratio(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0
