"""What to try after a run whose result is poor: one change of its settings, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from asl_core.config import ONE_CYCLE, PRESETS, Augmentation, TrainConfig, preset_of
from asl_core.evaluation.verdict import Verdict
from asl_core.progress import StopReason
from asl_core.runs.describe import describe_network
from asl_core.settings import MAX_EPOCHS, MAX_FILTERS

EPOCHS = (10, 40, MAX_EPOCHS)
"""What is suggested as more epochs: the next of these."""

LEAST_EPOCHS = 10
"""Fewer epochs than this are the first thing to change, with any settings."""

ENOUGH_EPOCHS = 20
"""Fewer epochs than this are changed before filters and augmentation, which want time."""

AUGMENTED_EPOCHS = 40
"""Fewer epochs than this are few where the images change."""

GOOD = 0.95
"""Test accuracy from which on a gap to the training accuracy is no poor result."""

VERY_GOOD = 0.99
"""Test accuracy from which on nothing is suggested, though the last epoch may have helped."""

WIDE = 512
"""Hidden units up to which more are suggested."""

MILD = Augmentation(shift=0.05, rotation=5.0, zoom=0.1, brightness=0.1)
"""Changes of the training images that leave every letter what it is."""


@dataclass(frozen=True)
class NextStep:
    """A suggestion.

    Attributes:
        config: the settings of the run with one thing changed; a preset is one thing.
        change: what is changed, as in `40 epochs`.
        why: one sentence.
    """

    config: TrainConfig
    change: str
    why: str


def next_step(
    config: TrainConfig, verdict: Verdict, stop_reason: StopReason = "all epochs"
) -> NextStep | None:
    """What to try next.

    Args:
        config: the settings of a run.
        verdict: on it.
        stop_reason: why its training was over.

    Returns:
        None if the result is not poor, if somebody or the time limit ended the training, or if
        everything that helps as a rule was tried.
    """
    right = 0 if verdict.guessing else verdict.test.accuracy
    if stop_reason in ("stop", "time limit") or right >= VERY_GOOD:
        return None
    steps: list[Iterator[NextStep]] = []
    if verdict.guessing:
        steps.append(_usual_rate(config))
    if verdict.guessing or verdict.still_learning:
        steps.append(_learn_more(config, stop_reason))
    if verdict.overfitting and right < GOOD:
        steps.append(_generalize(config, stop_reason))
    return next((step for found in steps for step in found), None)


def _usual_rate(config: TrainConfig) -> Iterator[NextStep]:
    usual = replace(config, learning_rate=PRESETS[preset_of(config)].learning_rate)
    if usual.rate != config.rate:
        yield NextStep(
            usual,
            f"learning rate {usual.rate:g}",
            f"A learning rate of {config.rate:g} is not the preset's; one that is too high or too "
            "low keeps a network at guessing.",
        )


def _learn_more(config: TrainConfig, stop_reason: StopReason) -> Iterator[NextStep]:
    more_epochs = _more_epochs(config, stop_reason, "It has not learned its training images")
    if config.features == "landmarks":
        yield from (*more_epochs, *_more_units(config))
        return
    if config.epochs < LEAST_EPOCHS:
        yield from more_epochs
    if config.schedule != ONE_CYCLE.schedule:
        yield NextStep(
            replace(
                config,
                schedule=ONE_CYCLE.schedule,
                batch_size=ONE_CYCLE.batch_size,
                learning_rate=ONE_CYCLE.learning_rate,
                optimizer=ONE_CYCLE.optimizer,
            ),
            "the one-cycle preset",
            "It takes four times as many steps in an epoch, at a learning rate that rises and then "
            "falls: the same network learns more from as many epochs.",
        )
    if config.epochs < ENOUGH_EPOCHS:
        yield from more_epochs
    yield from _more_filters(config, "It has not learned its training images")
    yield from more_epochs


def _generalize(config: TrainConfig, stop_reason: StopReason) -> Iterator[NextStep]:
    reason = "It knows its training images better than others"
    more_epochs = _more_epochs(config, stop_reason, reason)
    if config.features == "landmarks":  # what helps is more people, not other settings
        return
    if config.epochs < ENOUGH_EPOCHS:
        yield from more_epochs
    if not config.augmentation:
        yield NextStep(
            replace(config, augmentation=MILD),
            "augmentation",
            f"{reason}: changed at random in each epoch, they are harder to learn by heart.",
        )
    if config.epochs < AUGMENTED_EPOCHS:
        yield from more_epochs
    yield from _more_filters(config, reason)


def _more_epochs(config: TrainConfig, stop_reason: StopReason, reason: str) -> tuple[NextStep, ...]:
    longer = next((epochs for epochs in EPOCHS if epochs > config.epochs), config.epochs)
    if longer == config.epochs or stop_reason != "all epochs":
        return ()
    n = f"{config.epochs} epoch{'' if config.epochs == 1 else 's'}"
    return (
        NextStep(
            replace(config, epochs=longer),
            f"{longer} epochs",
            f"{reason} after {n}; {longer} take about {longer / config.epochs:.3g} times as long.",
        ),
    )


def _more_units(config: TrainConfig) -> Iterator[NextStep]:
    wider = replace(config, hidden=min(WIDE, 2 * config.hidden))
    if wider.hidden > config.hidden:
        yield NextStep(
            wider,
            f"{wider.hidden} hidden units",
            "It has not learned its training images: more units tell more hands apart.",
        )


def _more_filters(config: TrainConfig, reason: str) -> Iterator[NextStep]:
    doubled = tuple(min(MAX_FILTERS, 2 * count) for count in config.filters)
    if doubled != config.filters:
        wider = replace(config, filters=doubled)
        yield NextStep(
            wider,
            describe_network(wider),
            f"{reason}: more filters tell more shapes apart, and take longer.",
        )
