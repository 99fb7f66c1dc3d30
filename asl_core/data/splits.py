"""Which images are for training and which for the test."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from asl_core.config import SPLITS, SplitName, TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.errors import DatasetError
from asl_core.settings import MISSION_FINGERPRINT
from asl_core.synthetic.folder import TEST_SHARE

MISSION_KEPT = 2_000
"""Images that the mission keeps after shuffling."""

TRAIN_SHARE = 0.8
"""Share of the images for training: 1,600 of the mission's 2,000."""

SEED = 0
"""Splits are fixed, so that all runs on one split are tested on the same images."""

N_BLOCKS = 5
"""Blocks of consecutive frames; one of them is held out, which leaves `TRAIN_SHARE`."""

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, eq=False)
class Split:
    """Indices into a dataset.

    Attributes:
        train: int64 (n_train,), in the order in which the samples are shown.
        test: int64 (n_test,), disjoint from `train`.
        name: how it was made.
    """

    train: np.ndarray
    test: np.ndarray
    name: SplitName


def default_split(dataset: Dataset) -> SplitName:
    """`original` for the mission's own photos, `rendered` for rendered images, else `random`."""
    if dataset.fingerprint == MISSION_FINGERPRINT:
        return "original"
    return "rendered" if dataset.rendered else "random"


def possible_splits(dataset: Dataset) -> tuple[SplitName, ...]:
    """The splits that make sense for a dataset, its usual one first.

    Rendered images are independent of each other, so there is no recording to hold out a part
    of; photos have no order in which they were rendered.
    """
    usual = default_split(dataset)
    senseless = "frames" if dataset.rendered else "rendered"
    return usual, *(name for name in SPLITS if name not in (usual, senseless))


def make_split(dataset: Dataset, name: SplitName | None = None) -> Split:
    """Split a dataset.

    Args:
        dataset: the images.
        name: `original` shuffles all images with `random.seed(0)`, keeps the first 2,000 and
            tests on the last fifth of them; `random` holds out a fifth of each class; `frames`
            holds out the last of five blocks of consecutive frame numbers of each class, so that
            near-duplicates of a test image are not trained on; `rendered` tests on the last fifth
            of rendered images, in the order in which they were rendered. None: `default_split`.

    Returns:
        The same split each time.

    Raises:
        DatasetError: too few images, `frames` without numbers in the file names or for rendered
            images, or `rendered` for photos.
    """
    name = name or default_split(dataset)
    if name not in SPLITS:
        raise DatasetError(f"split must be one of {', '.join(SPLITS)}. Received: {name}")
    _check_sense(dataset, name)
    if name == "original":
        train, test = _original(len(dataset))
    elif name == "rendered":
        train, test = _rendered(dataset)
    else:
        train, test = _per_class(dataset, name)
    if not len(train) or not len(test):
        raise DatasetError(
            f"{len(dataset)} images are too few to split into training and test: "
            "add some, to at least five of each class."
        )
    return Split(train, test, name)


def train_validation_split(
    dataset: Dataset, split: Split, config: TrainConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Put training images aside, to watch a training on images that it does not learn from.

    Args:
        dataset: the images.
        split: its training part is divided.
        config: `validation_fraction` of each class is put aside: chosen by `seed`, or the last
            frames if the split is by frames, since neighbors would be near-duplicates.

    Returns:
        Indices to learn from, in the split's order, and those that are put aside; int64.

    Raises:
        DatasetError: too few images to put any aside.
    """
    labels = dataset.labels[split.train]
    aside = np.zeros(len(labels), bool)
    rng = np.random.default_rng([config.seed, SEED])
    for label in range(len(dataset.classes)):
        members = np.flatnonzero(labels == label)
        n_aside = round(config.validation_fraction * len(members))
        if split.name == "frames":
            last = _by_frame(dataset, split.train[members])[len(members) - n_aside :]
            aside |= np.isin(split.train, last)
        else:
            aside[rng.permutation(members)[:n_aside]] = True
    if config.validation_fraction and not aside.any():
        raise DatasetError(
            f"{len(labels)} training images are too few for a validation split of "
            f"{config.validation_fraction:.0%}. Choose a larger one, or none."
        )
    return split.train[~aside], split.train[aside]


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
        np.array_split(_by_frame(dataset, members), k) for members in _members(dataset, at_least=k)
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


def _original(n: int) -> tuple[np.ndarray, np.ndarray]:
    order = list(range(n))
    random.Random(SEED).shuffle(order)
    kept = np.array(order[:MISSION_KEPT], dtype=np.int64)
    n_train = int(TRAIN_SHARE * len(kept))
    return kept[:n_train], kept[n_train:]


def _check_sense(dataset: Dataset, name: SplitName) -> None:
    if name == "frames" and dataset.rendered:
        raise DatasetError(
            "Split 'frames' holds out part of each recording; rendered images are not recordings. "
            "Choose split 'rendered'."
        )
    if name == "rendered" and not dataset.rendered:
        raise DatasetError(
            f"Split 'rendered' is for rendered images; {dataset.source.name} holds photos. "
            "Choose split 'random'.",
            dataset.folder,
        )


def _rendered(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort([frame_number(file) for file in dataset.files], kind="stable")
    n_train = len(order) - int(TEST_SHARE * len(order))
    return order[:n_train], order[n_train:]


def _per_class(dataset: Dataset, name: SplitName) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(SEED)
    train, test = [], []
    for label in range(len(dataset.classes)):
        members = np.flatnonzero(dataset.labels == label)
        members = _by_frame(dataset, members) if name == "frames" else rng.permutation(members)
        if len(members) < 2:
            raise DatasetError(
                f"{dataset.classes[label]} has only one image; at least two are needed: one for "
                "training and one for testing."
            )
        n_test = max(1, len(members) // N_BLOCKS)
        train.append(members[: len(members) - n_test])
        test.append(members[len(members) - n_test :])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def _by_frame(dataset: Dataset, members: np.ndarray) -> np.ndarray:
    frames = [frame_number(dataset.files[index]) for index in members]
    return members[np.argsort(frames, kind="stable")]


def has_frames(dataset: Dataset) -> bool:
    """Whether every file name has a number, so that `frames` and `frame_folds` can be had."""
    return not dataset.rendered and numbered(dataset.files)


def numbered(files: Iterable[str]) -> bool:
    """Whether every file name has a number, which may count the frames of a recording."""
    return all(_NUMBER.search(PurePosixPath(file).stem) for file in files)


def frame_number(file: str) -> int:
    """The last number in a file name, which counts the frames of a recording, or rendered images.

    Raises:
        DatasetError: the name has no number.
    """
    numbers = _NUMBER.findall(PurePosixPath(file).stem)
    if not numbers:
        raise DatasetError(
            f"Split 'frames' orders images by the number in their names; {file} has none. "
            "Choose split 'random'."
        )
    return int(numbers[-1])
