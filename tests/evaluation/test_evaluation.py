"""Scores against numbers counted by hand, and against SciPy's."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from asl_core import figures
from asl_core.evaluation.class_score import ClassScore
from asl_core.evaluation.embedding import Embedding
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.saliency import overlay
from asl_core.figures.embedding import ROW, feature_map
from asl_core.runs.intervals import wilson_interval

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
    figure = figures.confusion_matrix(evaluation, percent)
    texts = figure.data[1].text.reshape(24, 24)
    shown = sum(bool(text) for row in texts for text in row)
    assert shown == (evaluation.confusion > 0).sum()
    assert not any("%" in text for row in texts for text in row)  # it would not fit
    assert ("%" in figure.layout.yaxis.title.text) == percent
    row = evaluation.confusion[0]
    expected = [round(100 * n / row.sum()) if percent else n for n in row]
    assert [int(text or 0) for text in texts[0]] == expected


def test_rows_of_a_cell_and_mistakes_of_a_row_or_column() -> None:
    assert HAND.rows("A", "A").tolist() == [0, 1]
    assert HAND.rows("A", "B").tolist() == [2]
    assert HAND.rows("B", "C").tolist() == []
    assert HAND.rows("A").tolist() == [2]
    assert HAND.rows(predicted="A").tolist() == [4]
    assert HAND.rows().tolist() == [2, 4]


def test_answers_are_ranked() -> None:
    everything = np.arange(6)
    assert HAND.ranked(everything).tolist() == [3, 4, 0, 2, 5, 1]
    # loss: -log of 0.8, 0.4, 0.3, 1.0, 0.0 and 0.6; margin: 0.7, 0.1, 0.3, 1.0, 0.8 and 0.4
    assert HAND.ranked(everything, "loss").tolist() == [4, 2, 1, 5, 0, 3]
    assert HAND.ranked(everything, "margin").tolist() == [1, 2, 5, 0, 4, 3]
    assert HAND.loss[0] == pytest.approx(-np.log(0.8))
    assert np.isfinite(HAND.loss).all()


def test_every_score_has_its_interval() -> None:
    a, b, _ = HAND.per_class
    assert (a.true_positives, a.n_predicted, a.support) == (2, 3, 3)
    assert a.precision_interval == wilson_interval(2, 3)
    assert a.recall_interval == wilson_interval(2, 3)
    share = wilson_interval(2, 4)  # of four pictures that are A or called so, two are both
    assert a.f1_interval
    assert a.f1_interval.low == pytest.approx(2 * share.low / (1 + share.low))
    assert a.f1_interval.low < a.f1 < a.f1_interval.high
    assert b.precision_interval == wilson_interval(1, 2)
    nothing = ClassScore("D", 0.0, 0.0, 0.0, support=0, true_positives=0, n_predicted=0)
    intervals = (nothing.precision_interval, nothing.recall_interval, nothing.f1_interval)
    assert intervals == (None, None, None)


def test_points_of_the_map_know_their_answers() -> None:
    points = np.arange(12, dtype=np.float32).reshape(6, 2)
    figure = feature_map(HAND, Embedding(points, "pca", (0.6, 0.3)))
    rows = [custom[ROW] for trace in figure.data for custom in trace.customdata]
    assert rows == [0, 1, 2, 3, 4, 5]
    assert [list(trace.marker.symbol) for trace in figure.data] == [
        ["circle", "circle", "x"],
        ["circle"],
        ["x", "circle"],
    ]
    assert figure.layout.xaxis.title.text == "PC 1 (60 % of variance)"


def test_a_map_is_laid_over_its_photo() -> None:
    heat = np.array([[1.0, 0.0], [-0.5, 0.0]], np.float32)
    grey = np.full((2, 2, 3), 100, np.uint8)
    pixels = overlay(grey, heat)
    assert pixels.shape == (8, 8, 3)
    assert pixels[0, 4].tolist() == pixels[7, 7].tolist() == [100, 100, 100]
    assert pixels[0, 0].tolist() == [204, 147, 20]  # a fifth of the photo, the rest orange
    assert pixels[7, 0].tolist() == [60, 106, 131]  # 40 % blue
    assert (overlay(grey, np.zeros((2, 2))) == 100).all()


def test_balanced_accuracy_counts_each_class_once() -> None:
    """Of 8 A, 2 B and no C: all A and one B are right, by hand (8 / 8 + 1 / 2) / 2."""
    labels = np.array([0] * 8 + [1] * 2)
    predicted = np.array([0] * 8 + [1, 0])
    evaluation = Evaluation(
        labels, np.eye(3)[predicted], ("A", "B", "C"), tuple("abcdefghij"), np.arange(10)
    )
    assert evaluation.accuracy == 0.9
    assert evaluation.balanced_accuracy == 0.75
    assert evaluation.never_predicted == ()
    guesses = Evaluation(
        labels, np.eye(3)[np.zeros(10, int)], ("A", "B", "C"), tuple("abcdefghij"), np.arange(10)
    )
    assert (guesses.accuracy, guesses.balanced_accuracy) == (0.8, 0.5)
    assert guesses.never_predicted == ("B",)
