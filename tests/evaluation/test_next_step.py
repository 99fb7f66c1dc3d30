"""What is suggested after a poor result, on accuracies whose meaning is known."""

from dataclasses import fields, replace

import pytest

from asl_core.config import BASELINE, MANY_CLASSES, ONE_CYCLE, Augmentation, TrainConfig
from asl_core.evaluation.evaluation import Score
from asl_core.evaluation.next_step import MILD, NextStep, next_step
from asl_core.evaluation.verdict import Verdict, last_rise
from asl_core.progress import StopReason

GUESSING = Verdict(Score(150, 400), Score(600, 1_600), 0.36, None)
LEARNING = Verdict(Score(300, 400), Score(1_250, 1_600), 0.36, None)
RISING = Verdict(Score(370, 400), Score(1_500, 1_600), 0.36, last_rise((0.8, 0.9), 1_600))
BY_HEART = Verdict(Score(340, 400), Score(1_600, 1_600), 0.36, None)
GOOD = Verdict(Score(396, 400), Score(1_590, 1_600), 0.36, None)

LONG = replace(ONE_CYCLE, epochs=20)


def changed(before: TrainConfig, step: NextStep | None) -> set[str]:
    """The settings that a suggestion changes."""
    assert step
    return {
        field.name
        for field in fields(before)
        if getattr(before, field.name) != getattr(step.config, field.name)
    }


def test_a_good_result_wants_nothing() -> None:
    assert next_step(BASELINE, GOOD) is None
    assert next_step(LONG, GOOD) is None
    rising = replace(GOOD, rise=RISING.rise)
    assert rising.still_learning
    assert next_step(BASELINE, rising) is None


def test_nearly_all_of_one_class_is_not_good() -> None:
    one_class = Verdict(Score(396, 400), Score(1_584, 1_600), 0.99, None)
    assert one_class.guessing
    assert next_step(BASELINE, one_class)


@pytest.mark.parametrize("verdict", [GUESSING, LEARNING, RISING])
@pytest.mark.parametrize("preset", [BASELINE, ONE_CYCLE])
@pytest.mark.parametrize(("epochs", "longer"), [(1, 10), (5, 10), (9, 10)])
def test_few_epochs_are_the_first_thing_to_change(
    preset: TrainConfig, verdict: Verdict, epochs: int, longer: int
) -> None:
    before = replace(preset, epochs=epochs)
    step = next_step(before, verdict)
    assert changed(before, step) == {"epochs"}
    assert step
    assert step.config.epochs == longer
    assert step.change == f"{longer} epochs"


@pytest.mark.parametrize("verdict", [GUESSING, LEARNING, RISING])
def test_the_baseline_that_still_learns_is_told_of_one_cycle(verdict: Verdict) -> None:
    step = next_step(replace(BASELINE, epochs=10, seed=7), verdict)
    assert step
    assert step.config == replace(ONE_CYCLE, epochs=10, seed=7)
    assert step.change == "the one-cycle preset"
    assert changed(step.config, next_step(step.config, verdict)) == {"epochs"}


def test_after_many_epochs_it_is_told_of_more_filters_then_of_still_more_epochs() -> None:
    step = next_step(LONG, LEARNING)
    assert changed(LONG, step) == {"filters"}
    assert step
    assert step.config.filters == (10, 30)
    widest = replace(LONG, filters=(64, 64))
    assert changed(widest, next_step(widest, LEARNING)) == {"epochs"}
    assert next_step(replace(widest, epochs=100), LEARNING) is None


def test_a_learning_rate_of_ones_own_is_doubted_only_where_nothing_is_learned() -> None:
    wild = replace(LONG, learning_rate=0.5)
    step = next_step(wild, GUESSING)
    assert changed(wild, step) == {"learning_rate"}
    assert step
    assert step.config.rate == ONE_CYCLE.rate
    assert changed(wild, next_step(wild, LEARNING)) == {"filters"}
    assert changed(MANY_CLASSES, next_step(MANY_CLASSES, GUESSING)) == {"filters"}  # not the rate
    spelled = replace(BASELINE, learning_rate=1e-3)  # Keras's default, in figures
    assert changed(spelled, next_step(spelled, GUESSING)) == {"epochs"}


def test_what_is_learned_by_heart_in_few_epochs_is_not_augmented_yet() -> None:
    # Measured on the rendered hands: one-cycle, 10 epochs, 0.89; augmented 0.79; 40 epochs 0.93
    short = replace(ONE_CYCLE, epochs=10)
    assert changed(short, next_step(short, BY_HEART)) == {"epochs"}


def test_a_gap_to_a_good_test_accuracy_is_no_poor_result() -> None:
    gap = Verdict(Score(384, 400), Score(1_600, 1_600), 0.36, None)
    assert gap.overfitting
    assert next_step(LONG, gap) is None


def test_what_is_learned_by_heart_is_told_of_augmentation_with_its_epochs_then_of_filters() -> None:
    step = next_step(LONG, BY_HEART)
    assert changed(LONG, step) == {"augmentation"}
    assert step
    assert step.config.augmentation == MILD
    augmented = replace(LONG, augmentation=Augmentation(rotation=20))
    longer = next_step(augmented, BY_HEART)
    assert changed(augmented, longer) == {"epochs"}
    assert longer
    assert longer.config.epochs == 40
    augmented = longer.config
    assert changed(augmented, next_step(augmented, BY_HEART)) == {"filters"}
    assert next_step(replace(augmented, filters=(64, 64)), BY_HEART) is None


@pytest.mark.parametrize("stop_reason", ["stop", "time limit"])
def test_who_ended_a_training_is_not_told_to_train_again(stop_reason: StopReason) -> None:
    assert next_step(ONE_CYCLE, LEARNING, stop_reason) is None


def test_more_epochs_are_no_use_where_the_training_ended_itself() -> None:
    patient = replace(ONE_CYCLE, epochs=15, patience=3)
    assert changed(patient, next_step(patient, LEARNING, "early stopping")) == {"filters"}
    widest = replace(patient, filters=(64, 64))
    assert next_step(widest, LEARNING, "early stopping") is None


def test_following_the_suggestions_comes_to_an_end() -> None:
    for verdict in (GUESSING, LEARNING, RISING, BY_HEART):
        config: TrainConfig | None = BASELINE
        for _ in range(20):
            step = next_step(config, verdict) if config else None
            config = step.config if step else None
        assert config is None
