"""What is said of a run, on accuracies whose meaning is known."""

from dataclasses import replace

import pytest

from asl_core.evaluation.evaluation import Evaluation, Score
from asl_core.evaluation.verdict import Verdict, last_rise
from asl_core.runs.run import Run


def verdict(test: Score, train: Score, guess: float, accuracy: tuple[float, ...] = ()) -> Verdict:
    return Verdict(test, train, guess, last_rise(accuracy, train.n))


def findings(found: Verdict) -> tuple[bool, bool, bool]:
    return found.guessing, found.still_learning, found.overfitting


@pytest.mark.parametrize(("n_test", "n_train"), [(12, 48), (400, 1600), (6000, 24000)])
def test_no_mistake_anywhere_is_no_overfitting(n_test: int, n_train: int) -> None:
    found = verdict(Score(n_test, n_test), Score(n_train, n_train), 1 / 3, (0.99, 0.999, 1.0))
    assert findings(found) == (False, False, False)
    assert found.in_words() == "No sign of overfitting on this split."


@pytest.mark.parametrize("n", [145, 580, 17_400])
def test_a_run_at_chance_is_hardly_better_than_guessing(n: int) -> None:
    # 7.8 % of 29 classes: from 580 images on the interval leaves out 1 of 29, and still
    found = verdict(Score(round(0.078 * n), n), Score(round(0.3 * n), 4 * n), 1 / 29)
    assert findings(found) == (True, True, False)
    assert found.in_words().startswith("Hardly better than guessing")


def test_a_run_that_has_hardly_learned_is_told_to_train_longer() -> None:
    # 60.5 % of three classes after five epochs
    found = verdict(Score(242, 400), Score(980, 1600), 0.35, (0.34, 0.36, 0.45, 0.52, 0.58))
    assert findings(found) == (False, True, False)
    assert "train longer" in found.in_words()
    assert "No sign" not in found.in_words()


def test_the_gap_of_two_proportions_is_newcombes() -> None:
    # His example (1998, table II, a): 56 of 70 less 48 of 80 is 0.0524 to 0.3339 by method 10
    found = verdict(Score(48, 80), Score(56, 70), 0.1)
    assert (found.gap.low, found.gap.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.overfitting
    assert found.train.accuracy > found.test.interval.high
    assert "5.2 to 33.4 points" in found.in_words()


def test_what_is_still_learning_is_not_said_to_overfit() -> None:
    learning = verdict(Score(48, 80), Score(56, 70), 0.1)
    assert findings(learning) == (False, True, True)
    assert "train longer" in learning.in_words()
    assert "overfitting" not in learning.in_words()
    learned = verdict(Score(240, 400), Score(1600, 1600), 0.1)
    assert findings(learned) == (False, False, True)
    assert "a sign of overfitting (the gap is " in learned.in_words()
    assert "train longer" not in learned.in_words()


def test_a_training_accuracy_just_above_the_interval_may_be_chance() -> None:
    # 100 % lies above the interval of 9 of 10 (59.6 to 98.2 %), but 20 and 10 images are few
    found = verdict(Score(9, 10), Score(20, 20), 0.1)
    assert found.train.accuracy > found.test.interval.high
    assert not found.overfitting


def test_what_was_only_learned_by_heart_is_guessing_and_overfitting() -> None:
    found = verdict(Score(34, 100), Score(400, 400), 1 / 3, (0.99, 1.0))
    assert findings(found) == (True, False, True)


def test_always_naming_the_most_frequent_class_is_guessing() -> None:
    found = verdict(Score(360, 400), Score(1440, 1600), 0.9)
    assert findings(found) == (True, False, False)


def test_a_training_accuracy_that_rises_wants_more_epochs() -> None:
    # 1,600 images: 93 to 96 % is 3 points, with 1.4 to 4.6 for an interval; 95.9 to 96 % is none
    accuracies = Score(380, 400), Score(1536, 1600), 1 / 3
    assert verdict(*accuracies, (0.9, 0.93, 0.96)).still_learning
    assert not verdict(*accuracies, (0.9, 0.959, 0.96)).still_learning
    assert not verdict(*accuracies, (0.96,)).still_learning


def test_the_verdict_on_a_run_takes_its_files(drawn_run: Run) -> None:
    evaluation, results = Evaluation.of(drawn_run), drawn_run.results
    found = Verdict.of(drawn_run, evaluation)
    assert found.test == Score(results.test_correct, results.n_test)
    assert found.train == Score(results.train_correct, results.n_train)
    assert found.guess == pytest.approx(1 / 3)
    assert found.rise == last_rise(drawn_run.history()["accuracy"], results.n_train)
    stopped = replace(drawn_run, results=replace(results, stop_reason="stop"))
    assert Verdict.of(stopped, evaluation).rise is None
