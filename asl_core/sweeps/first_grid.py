"""The grid that is worth sweeping first on a dataset, within a minute for a few thousand images."""

from dataclasses import replace
from itertools import product
from math import ceil

from asl_core.config import ONE_CYCLE
from asl_core.data.dataset import Dataset
from asl_core.settings import MISSION_FINGERPRINT
from asl_core.sweeps.sweep import VALIDATION_SHARE, Grid
from asl_core.training.first_config import first_config

OF_MISSION = (1, 3)
"""Epochs for the mission's photos, which one-cycle learns in one."""

SEEDS = (0, 1, 2)


def first_grid(dataset: Dataset) -> Grid:
    """Around the settings of a first training (see `first_config`), with one-cycle: half of the
    epochs and all of them, and some filters, three times each.

    Args:
        dataset: what will be trained on.
    """
    usual = first_config(dataset)
    epochs = (ceil(usual.epochs / 2), usual.epochs)
    if dataset.fingerprint == MISSION_FINGERPRINT:
        epochs = OF_MISSION
    first, second = (5, 8), (24,)
    return Grid(
        filters=tuple(product(first, second)),
        epochs=epochs,
        learning_rates=(ONE_CYCLE.rate,),
        seeds=SEEDS,
        base=replace(ONE_CYCLE, learning_rate=None, validation_fraction=VALIDATION_SHARE),
    )
