"""What to train first on a dataset, and what to expect of it: the one place that decides."""

from dataclasses import replace
from math import ceil

from asl_core.config import BASELINE, LANDMARKS, MANY_CLASSES, ONE_CYCLE, TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.splits import TRAIN_SHARE
from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.settings import MISSION_FINGERPRINT

IMAGES_SEEN = 32_000
"""Training images that a first training sees, each epoch anew: 20 epochs of 1,600."""

FEWEST_EPOCHS, MOST_EPOCHS = 5, 40

FEW, FILTERS_OF_FEW, FILTERS = 5, (8, 24), (16, 32)
"""Filters for up to so many classes, and for more of them."""

MANY = 10
"""Classes from which on the preset for many of them is shown first."""

IMAGES_SEEN_OF_MANY = 120_000
"""The same for that preset: some 20 epochs of 24 letters, 240 images each."""

IMAGES_SEEN_ON_LANDMARKS = 25_000
"""The same for a network on landmarks."""

OF_MISSION = replace(BASELINE, epochs=5)
"""The mission's settings. With its one epoch, the network hardly learns."""

EXPECTED_OF_MISSION = (
    "on the mission's photos, with the baseline, a test accuracy of about 69 % (65 to 79 %) after "
    "one epoch, 99 % (92 to 100 %) after five, 100 % after 20; with one-cycle 99 % or more after "
    "one."
)
EXPECTED_OF_EMBEDDED = (
    "with the settings shown first, a test accuracy of about 93 % (92 to 94 %) after a few "
    "seconds. The baseline needs many more epochs here: about 61 % after five."
)
"""Medians of seeds 0 to 4 with their range, by `python -m benchmarks.first_success`."""


def first_config(dataset: Dataset) -> TrainConfig:
    """Settings that are worth a first click on `Train`.

    Args:
        dataset: its content, its number of classes and of images count.

    Returns:
        The baseline for the mission's photos; else one-cycle with some more filters, or the preset
        for many classes, with as many epochs as it takes to see some ten thousand images.
    """
    if dataset.fingerprint == MISSION_FINGERPRINT:
        return OF_MISSION
    if len(dataset.classes) >= MANY:
        return replace(MANY_CLASSES, epochs=_epochs(dataset, IMAGES_SEEN_OF_MANY))
    filters = FILTERS_OF_FEW if len(dataset.classes) <= FEW else FILTERS
    return replace(ONE_CYCLE, epochs=_epochs(dataset, IMAGES_SEEN), filters=filters)


def first_landmark_config(dataset: Dataset) -> TrainConfig:
    """The same for a network on landmarks, which sees each hand several times in an epoch."""
    return replace(LANDMARKS, epochs=_epochs(dataset, IMAGES_SEEN_ON_LANDMARKS))


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


def _epochs(dataset: Dataset, images_seen: int) -> int:
    n_train = max(1, round(TRAIN_SHARE * len(dataset)))
    return min(MOST_EPOCHS, max(FEWEST_EPOCHS, ceil(images_seen / n_train)))
