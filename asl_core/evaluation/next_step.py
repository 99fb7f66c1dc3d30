"""What to try after a run whose result is poor: one change of its settings, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from asl_core.config import ONE_CYCLE, PRESETS, Augmentation, TrainConfig
from asl_core.evaluation.verdict import Verdict
from asl_core.progress import StopReason
from asl_core.settings import MAX_EPOCHS, MAX_FILTERS

LEAST_EPOCHS = 10
"""Epochs from which on a small network may have learned what it can."""

ENOUGH_EPOCHS = 20
"""Epochs after which more filters are tried before more epochs."""

MORE_EPOCHS = 4
"""Times as many epochs as before."""

MILD = Augmentation(shift=0.05, rotation=5, zoom=0.1, brightness=0.1)
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
    if stop_reason in ("stop", "time limit"):
        return None
    steps: list[Iterator[NextStep]] = []
    if verdict.guessing:
        steps.append(_usual_rate(config))
    if verdict.guessing or verdict.still_learning:
        steps.append(_learn_more(config, stop_reason))
    if verdict.overfitting:
        steps.append(_generalize(config))
    return next((step for found in steps for step in found), None)


def _usual_rate(config: TrainConfig) -> Iterator[NextStep]:
    usual = replace(config, learning_rate=PRESETS[config.schedule].learning_rate)
    if usual.rate != config.rate:
        yield NextStep(
            usual,
            f"learning rate {usual.rate:g}",
            f"A learning rate of {config.rate:g} is not the preset's; one that is too high or too "
            "low keeps a network at guessing.",
        )


def _learn_more(config: TrainConfig, stop_reason: StopReason) -> Iterator[NextStep]:
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
    longer = min(MAX_EPOCHS, max(LEAST_EPOCHS, MORE_EPOCHS * config.epochs))
    more_epochs = NextStep(
        replace(config, epochs=longer),
        f"{longer} epochs",
        f"The network has not learned its training images in {config.epochs} "
        f"epoch{'' if config.epochs == 1 else 's'}; this takes about "
        f"{longer / config.epochs:.0f} times as long.",
    )
    can_go_on = longer > config.epochs and stop_reason == "all epochs"
    if can_go_on and config.epochs < ENOUGH_EPOCHS:
        yield more_epochs
    yield from _more_filters(config, "It has not learned its training images: ")
    if can_go_on:
        yield more_epochs


def _generalize(config: TrainConfig) -> Iterator[NextStep]:
    if not config.augmentation:
        yield NextStep(
            replace(config, augmentation=MILD),
            "augmentation",
            "It knows its training images better than others: changed at random in each epoch, "
            "they are harder to learn by heart.",
        )
    yield from _more_filters(config, "It knows its training images better than others: ")


def _more_filters(config: TrainConfig, why: str) -> Iterator[NextStep]:
    doubled = tuple(min(MAX_FILTERS, 2 * count) for count in config.filters)
    if doubled != config.filters:
        named = " and ".join(map(str, doubled))
        yield NextStep(
            replace(config, filters=doubled),
            f"{named} filters",
            f"{why}more filters can tell more shapes apart, and take longer.",
        )
