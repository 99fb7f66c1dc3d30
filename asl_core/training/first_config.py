"""What to train first on a dataset, and what to expect of it: the one place that decides."""

from dataclasses import replace
from math import ceil

from asl_core.config import BASELINE, ONE_CYCLE, TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.splits import TRAIN_SHARE
from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.settings import MISSION_FINGERPRINT

IMAGES_SEEN = 32_000
"""Training images that a first training sees, each epoch anew: 20 epochs of 1,600."""

FEWEST_EPOCHS, MOST_EPOCHS = 5, 40

FILTERS = ((5, (8, 24)), (12, (16, 32)))
"""Filters for up to so many classes."""

FILTERS_OF_MANY = (24, 48)
"""Filters for more classes than those."""

OF_MISSION = replace(BASELINE, epochs=5)
"""The mission's settings. With its one epoch, the network hardly learns."""

EXPECTED_OF_MISSION = (
    "on the mission's photos a test accuracy of about 73 % with the baseline after one epoch, 97 % "
    "after five, 100 % after 20; with one-cycle 99 % after one."
)
EXPECTED_OF_EMBEDDED = (
    "with the settings shown first, a test accuracy of about 94 % (92 to 96 %) after a few "
    "seconds. The baseline needs many more epochs here: about 61 % after five."
)
"""Medians of seeds 0 to 4 with their range, by `python -m benchmarks.first_success`."""


def first_config(dataset: Dataset) -> TrainConfig:
    """Settings that are worth a first click on `Train`.

    Args:
        dataset: its content, its number of classes and of images count.

    Returns:
        The baseline for the mission's photos; else one-cycle, with more filters for more classes
        and as many epochs as a small network needs to see some ten thousand images.
    """
    if dataset.fingerprint == MISSION_FINGERPRINT:
        return OF_MISSION
    n_train = max(1, round(TRAIN_SHARE * len(dataset)))
    epochs = min(MOST_EPOCHS, max(FEWEST_EPOCHS, ceil(IMAGES_SEEN / n_train)))
    return replace(ONE_CYCLE, epochs=epochs, filters=_filters(len(dataset.classes)))


def expectation(dataset: Dataset) -> str:
    """What a training comes to on a dataset, as far as it is known: one or two sentences.

    Args:
        dataset: as for `first_config`. The figures are of its usual split.
    """
    if dataset.fingerprint == MISSION_FINGERPRINT:
        return EXPECTED_OF_MISSION
    if dataset.source.spec == SyntheticSpec():
        return EXPECTED_OF_EMBEDDED
    most = max(dataset.counts().values()) / len(dataset)
    return (
        f"nothing is known of these images. Always naming the most frequent of the "
        f"{len(dataset.classes)} classes gets {100 * most:.0f} % right; the settings shown first "
        "are chosen by the number of classes and images. If they do not suffice, the finished run "
        "suggests what to change."
    )


def _filters(n_classes: int) -> tuple[int, int]:
    fitting = (filters for most, filters in FILTERS if n_classes <= most)
    return next(fitting, FILTERS_OF_MANY)
