"""Splits that hold out each part of a dataset in turn."""

import numpy as np

from asl_core.config import SplitName
from asl_core.data.dataset import Dataset
from asl_core.data.splits import N_BLOCKS, SEED, Split, by_frame
from asl_core.errors import DatasetError


def frame_folds(dataset: Dataset, k: int = N_BLOCKS) -> tuple[Split, ...]:
    """Hold out each block of consecutive frames in turn.

    The images of each class are ordered by the number in their names and cut into `k` blocks of
    equal length (to an image); a fold tests on one block of every class, and trains on the others.

    Args:
        dataset: the images; every class has at least `k`.
        k: number of folds, at least 2.

    Returns:
        `k` splits whose test parts share no image and together are the whole dataset.

    Raises:
        DatasetError: too few images, or a file name without a number.
    """
    blocks = [
        np.array_split(by_frame(dataset, members), k) for members in _members(dataset, at_least=k)
    ]
    return _folds(blocks, "frames")


def random_folds(dataset: Dataset, k: int = N_BLOCKS, seed: int = SEED) -> tuple[Split, ...]:
    """Hold out each of `k` random parts in turn, each with its share of every class.

    Args:
        dataset: the images; every class has at least `k`.
        k: number of folds, at least 2.
        seed: of the shuffling.

    Returns:
        `k` splits whose test parts share no image and together are the whole dataset.

    Raises:
        DatasetError: too few images.
    """
    rng = np.random.default_rng(seed)
    blocks = [
        np.array_split(rng.permutation(members), k) for members in _members(dataset, at_least=k)
    ]
    return _folds(blocks, "random")


def _members(dataset: Dataset, at_least: int) -> list[np.ndarray]:
    """Images of each class."""
    if at_least < 2:
        raise DatasetError(f"At least 2 folds are needed. Received: {at_least}")
    members = [np.flatnonzero(dataset.labels == label) for label in range(len(dataset.classes))]
    for name, photos in zip(dataset.classes, members, strict=True):
        if len(photos) < at_least:
            raise DatasetError(
                f"{name} has {len(photos)} images, too few for {at_least} folds: "
                "add images, or choose fewer folds."
            )
    return members


def _folds(blocks: list[list[np.ndarray]], name: SplitName) -> tuple[Split, ...]:
    """Splits from the blocks of each class, in a fixed random order."""
    rng = np.random.default_rng(SEED)
    parts = [np.concatenate(part) for part in zip(*blocks, strict=True)]
    return tuple(
        Split(
            train=rng.permutation(np.concatenate(parts[:held_out] + parts[held_out + 1 :])),
            test=rng.permutation(parts[held_out]),
            name=name,
        )
        for held_out in range(len(parts))
    )
