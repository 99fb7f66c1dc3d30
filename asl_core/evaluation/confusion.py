"""Which classes are taken for which: the most confused pairs, an order of classes, and averages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from asl_core.evaluation.class_score import ClassScore
from asl_core.evaluation.evaluation import Evaluation


@dataclass(frozen=True)
class ConfusedPair:
    """A class whose images are taken for another.

    Attributes:
        true: the class.
        predicted: the other one.
        count: images of the one that are taken for the other, at least 1.
        share: of the images of the true class, 0 to 1.
    """

    true: str
    predicted: str
    count: int
    share: float


def confused_pairs(evaluation: Evaluation, most: int | None = None) -> tuple[ConfusedPair, ...]:
    """The pairs of classes that are confused, the most images first; equal ones by their share.

    Args:
        evaluation: the answers.
        most: pairs; None: all.
    """
    counts = evaluation.confusion
    shares = normalized(counts)
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    rows, columns = np.nonzero(wrong)
    order = np.lexsort((-shares[rows, columns], -wrong[rows, columns]))[:most]
    return tuple(
        ConfusedPair(
            evaluation.classes[row],
            evaluation.classes[column],
            int(wrong[row, column]),
            float(shares[row, column]),
        )
        for row, column in zip(rows[order], columns[order], strict=True)
    )


def normalized(counts: np.ndarray) -> np.ndarray:
    """float (classes, classes), each row of a confusion matrix by its sum; 0 where it is empty."""
    shares: np.ndarray = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def confusion_order(counts: np.ndarray) -> np.ndarray:
    """An order of classes in which those that are confused are neighbors.

    It is the order of the leaves of a hierarchical clustering (average linkage) in which two
    classes are the closer the larger the share of both that is taken for the other, with the
    ordering of Bar-Joseph, Gifford, Jaakkola (2001): Fast optimal leaf ordering for hierarchical
    clustering, Bioinformatics 17 (supplement 1).

    Args:
        counts: int (classes, classes), a confusion matrix.

    Returns:
        int64 (classes,), indices of the classes; as they are where none is confused.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage  # only where it is asked for

    shares = normalized(counts)
    closeness = (shares + shares.T) / 2
    np.fill_diagonal(closeness, 0)
    n = len(counts)
    if n < 3 or not closeness.any():
        return np.arange(n)
    distances = (closeness.max() - closeness)[np.triu_indices(n, 1)]
    order: np.ndarray = leaves_list(linkage(distances, "average", optimal_ordering=True))
    return order.astype(np.int64)


def reordered(evaluation: Evaluation, order: np.ndarray) -> Evaluation:
    """The same answers with the classes in another order.

    Args:
        evaluation: the answers.
        order: int (classes,), which class stands at each place.
    """
    place = np.argsort(order)
    return replace(
        evaluation,
        labels=place[evaluation.labels],
        probabilities=evaluation.probabilities[:, order],
        classes=tuple(evaluation.classes[i] for i in order),
    )


@dataclass(frozen=True)
class MacroAverage:
    """Means over all classes, each counted once however many images it has; 0 to 1.

    Attributes:
        precision: mean of the classes' precisions; 0 for one that is never predicted.
        recall: mean of the recalls.
        f1: mean of the F1 scores.
    """

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, scores: Sequence[ClassScore]) -> "MacroAverage":
        """Of the scores of at least one class."""
        return cls(
            *(
                sum(values) / len(scores)
                for values in zip(*((s.precision, s.recall, s.f1) for s in scores), strict=True)
            )
        )
