"""The grid that is worth sweeping first on a dataset, within a minute for a few thousand images."""

from dataclasses import replace
from itertools import product

from asl_core.config import ONE_CYCLE
from asl_core.data.dataset import Dataset
from asl_core.settings import MAX_EPOCHS, MISSION_FINGERPRINT
from asl_core.sweeps.sweep import VALIDATION_SHARE, Grid
from asl_core.training.first_config import first_config

EPOCHS_OF_MISSION = (1, 3)
"""One-cycle learns the mission's photos in one."""

FILTERS_OF_MISSION = (5, 8), (15,)

SEEDS = (0, 1, 2)


def first_grid(dataset: Dataset) -> Grid:
    """Around the settings of a first training (see `first_config`), with one-cycle: their epochs
    and twice as many, since a fifth of the images is put aside, and filters, three times each.

    Args:
        dataset: what will be trained on.
    """
    usual = first_config(dataset)
    first, second, *_ = usual.filters
    filters = (2 * first // 3, first), (second,)  # twice as many took longer for nothing
    epochs = (usual.epochs, min(MAX_EPOCHS, 2 * usual.epochs))
    if dataset.fingerprint == MISSION_FINGERPRINT:
        filters, epochs = FILTERS_OF_MISSION, EPOCHS_OF_MISSION
    return Grid(
        filters=tuple(product(*filters)),
        epochs=epochs,
        learning_rates=(ONE_CYCLE.rate,),
        seeds=SEEDS,
        base=replace(ONE_CYCLE, learning_rate=None, validation_fraction=VALIDATION_SHARE),
    )
