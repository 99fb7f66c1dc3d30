"""Which classes are taken for which, counted by hand and by scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from asl_core.evaluation.confusion import (
    ConfusedPair,
    MacroAverage,
    confused_pairs,
    confusion_order,
    reordered,
)
from asl_core.evaluation.evaluation import Evaluation


def answers(counts: list[list[int]]) -> Evaluation:
    """Answers with this confusion matrix."""
    cells = [(t, p) for t, row in enumerate(counts) for p, n in enumerate(row) for _ in range(n)]
    labels, predicted = np.array(cells).T
    probabilities = np.eye(len(counts))[predicted]
    files = tuple(f"{i}.png" for i in range(len(labels)))
    return Evaluation(labels, probabilities, tuple("ABCDEF"[: len(counts)]), files, labels)


def test_pairs_come_by_their_images_and_then_by_their_share() -> None:
    found = confused_pairs(answers([[5, 2, 0], [0, 2, 2], [3, 0, 0]]))
    assert found == (
        ConfusedPair("C", "A", 3, 1.0),
        ConfusedPair("B", "C", 2, 0.5),
        ConfusedPair("A", "B", 2, 2 / 7),
    )
    assert confused_pairs(answers([[5, 2, 0], [0, 2, 2], [3, 0, 0]]), 1) == found[:1]
    assert not confused_pairs(answers([[5, 0], [0, 2]]))


def test_classes_that_are_confused_become_neighbors() -> None:
    counts = 10 * np.eye(6, dtype=int)
    for one, other in ((0, 3), (1, 5), (2, 4)):
        counts[one, other] = counts[other, one] = 6
    order = confusion_order(counts).tolist()
    assert sorted(order) == list(range(6))
    pairs = {frozenset(order[i : i + 2]) for i in (0, 2, 4)}
    assert pairs == {frozenset(pair) for pair in ((0, 3), (1, 5), (2, 4))}


@pytest.mark.parametrize("counts", [np.eye(5, dtype=int), np.zeros((4, 4), int), np.ones((2, 2))])
def test_without_confusion_classes_stay_as_they_are(counts: np.ndarray) -> None:
    assert confusion_order(counts).tolist() == list(range(len(counts)))


def test_in_another_order_the_answers_are_the_same() -> None:
    before = answers([[5, 2, 0], [0, 2, 2], [3, 0, 1]])
    order = np.array([2, 0, 1])
    after = reordered(before, order)
    assert after.classes == ("C", "A", "B")
    assert after.confusion.tolist() == before.confusion[np.ix_(order, order)].tolist()
    assert after.rows("B", "C").tolist() == before.rows("B", "C").tolist()


def test_macro_averages_are_those_of_scikit_learn() -> None:
    evaluation = answers([[5, 2, 0], [0, 2, 2], [3, 0, 0]])
    found = MacroAverage.of(evaluation.per_class)
    *expected, _ = precision_recall_fscore_support(
        evaluation.labels, evaluation.predicted, average="macro", zero_division=0
    )
    assert (found.precision, found.recall, found.f1) == pytest.approx(expected)
