"""Scores against numbers counted by hand, and against SciPy's."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from asl_core import figures
from asl_core.evaluation import Evaluation, wilson_interval

# Counted by hand: A is taken for A twice and for B once; B is right once; C is taken for A, for C.
PROBABILITIES = np.array(
    [
        [0.8, 0.1, 0.1],
        [0.4, 0.3, 0.3],
        [0.3, 0.6, 0.1],
        [0.0, 1.0, 0.0],
        [0.9, 0.1, 0.0],
        [0.2, 0.2, 0.6],
    ],
    dtype=np.float32,
)
HAND = Evaluation(
    labels=np.array([0, 0, 0, 1, 2, 2]),
    probabilities=PROBABILITIES,
    classes=("A", "B", "C"),
    files=("a1", "a2", "a3", "b1", "c1", "c2"),
    indices=np.array([10, 11, 12, 20, 30, 31]),
)


def test_confusion_matrix_has_a_row_per_true_class() -> None:
    assert HAND.confusion.tolist() == [[2, 1, 0], [0, 1, 0], [1, 0, 1]]


def test_accuracy() -> None:
    assert HAND.n_correct == 4
    assert HAND.accuracy == pytest.approx(4 / 6)


def test_scores_of_each_class() -> None:
    a, b, c = HAND.per_class
    assert (a.precision, a.recall, a.f1, a.support) == pytest.approx((2 / 3, 2 / 3, 2 / 3, 3))
    assert (b.precision, b.recall, b.f1, b.support) == pytest.approx((1 / 2, 1, 2 / 3, 1))
    assert (c.precision, c.recall, c.f1, c.support) == pytest.approx((1, 1 / 2, 2 / 3, 2))


def test_mistakes_come_with_the_most_confident_first() -> None:
    assert [(m.file, m.index, m.caption) for m in HAND.mistakes] == [
        ("c1", 30, "C (pred: A)"),
        ("a3", 12, "A (pred: B)"),
    ]
    assert [m.confidence for m in HAND.mistakes] == pytest.approx([0.9, 0.6])


def test_scores_equal_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    labels, probabilities = rng.integers(0, 6, 300), rng.random((300, 7))
    probabilities[:, 5] = 0  # never predicted; and class 6 is never true
    evaluation = Evaluation(labels, probabilities, tuple("ABCDEFG"), ("",) * 300, np.arange(300))
    predicted, classes = probabilities.argmax(axis=1), range(7)
    np.testing.assert_array_equal(
        evaluation.confusion, confusion_matrix(labels, predicted, labels=classes)
    )
    expected = precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0)
    scores = [(s.precision, s.recall, s.f1, s.support) for s in evaluation.per_class]
    np.testing.assert_allclose(scores, np.transpose(expected))


def test_a_class_that_is_never_predicted_scores_zero() -> None:
    always_b = Evaluation(
        np.array([0, 1]), np.array([[0.1, 0.9], [0.1, 0.9]]), ("A", "B"), ("x", "y"), np.arange(2)
    )
    assert [score.precision for score in always_b.per_class] == [0, 0.5]
    assert [score.recall for score in always_b.per_class] == [0, 1]


@pytest.mark.parametrize(("correct", "n"), [(0, 10), (10, 10), (361, 400), (1, 1), (1999, 2000)])
def test_wilson_interval_equals_scipys(correct: int, n: int) -> None:
    expected = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    interval = wilson_interval(correct, n)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("percent", [False, True])
def test_a_large_matrix_shows_its_numbers(percent: bool) -> None:
    rng = np.random.default_rng(1)
    labels, probabilities = rng.integers(0, 24, 400), rng.random((400, 24))
    evaluation = Evaluation(labels, probabilities, tuple("ABCDEFGHIJKLMNOPQRSTUVWX"), (), labels)
    (heatmap,) = figures.confusion_matrix(evaluation, percent).data
    shown = sum(bool(text) for row in heatmap.text for text in row)
    assert shown == (evaluation.confusion > 0).sum()
    assert any("%" in text for row in heatmap.text for text in row) == percent
