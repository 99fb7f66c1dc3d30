"""Which images are for training and which for the test."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from asl_core.config import SPLITS, SplitName, TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.splits_groups import can_hold_out_groups, hold_out_groups
from asl_core.errors import DatasetError, SmallClassError
from asl_core.settings import MISSION_FINGERPRINT
from asl_core.synthetic.folder import TEST_SHARE

MISSION_KEPT = 2_000
"""Images that the mission keeps after shuffling."""

TRAIN_SHARE = 0.8
"""Share of the images for training: 1,600 of the mission's 2,000."""

SEED = 0
"""Splits are fixed, so that all runs on one split are tested on the same images."""

FEWEST_IMAGES = 2
"""Of a class, so that one is for training and one for the test."""

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
        validation: int64 (n_validation,), images to watch a training on, where a given split has
            them; disjoint from both. Else empty: a config decides.
    """

    train: np.ndarray
    test: np.ndarray
    name: SplitName
    validation: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))


def default_split(dataset: Dataset) -> SplitName:
    """`original` for the mission's own photos, `rendered` for rendered images; else `given` if the
    dataset came split, `groups` if whole groups can be held out, and `random` if not."""
    if dataset.fingerprint == MISSION_FINGERPRINT:
        return "original"
    if dataset.rendered:
        return "rendered"
    if dataset.parts:
        return "given"
    return "groups" if can_hold_out_groups(dataset.labels, dataset.groups) else "random"


def possible_splits(dataset: Dataset) -> tuple[SplitName, ...]:
    """The splits that make sense for a dataset, its usual one first.

    Rendered images are independent of each other, so there is no recording to hold out a part
    of; photos have no order in which they were rendered. `given` and `groups` are there for
    datasets that have them.
    """
    usual = default_split(dataset)
    senseless = {"frames" if dataset.rendered else "rendered", usual}
    if dataset.pixels is not None:
        senseless.add("frames")
    if not dataset.parts:
        senseless.add("given")
    if not can_hold_out_groups(dataset.labels, dataset.groups):
        senseless.add("groups")
    return usual, *(name for name in SPLITS if name not in senseless)


def make_split(dataset: Dataset, name: SplitName | None = None) -> Split:
    """Split a dataset.

    Args:
        dataset: the images.
        name: `original` shuffles all images with `random.seed(0)`, keeps the first 2,000 and
            tests on the last fifth of them; `random` holds out a fifth of each class; `frames`
            holds out the last of five blocks of consecutive frame numbers of each class, so that
            near-duplicates of a test image are not trained on; `rendered` tests on the last fifth
            of rendered images, in the order in which they were rendered; `given` is what the
            dataset's makers decided; `groups` holds out whole groups, such as people, with about a
            fifth of the images. None: `default_split`.

    Returns:
        The same split each time.

    Raises:
        DatasetError: too few images, `frames` without numbers in the file names or for rendered
            images, `rendered` for photos, or `given` or `groups` for a dataset without.
    """
    name = name or default_split(dataset)
    if name not in SPLITS:
        raise DatasetError(f"split must be one of {', '.join(SPLITS)}. Received: {name}")
    _check_sense(dataset, name)
    if name == "original":
        train, test = _original(len(dataset))
    elif name == "rendered":
        train, test = _rendered(dataset)
    elif name == "given":
        return _given(dataset)
    elif name == "groups":
        train, test = _by_group(dataset, np.arange(len(dataset)), TEST_SHARE)
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
            frames if the split is by frames, since neighbors would be near-duplicates, or whole
            groups if it is by groups. A split that has validation images keeps to them.

    Returns:
        Indices to learn from, in the split's order, and those that are put aside; int64.

    Raises:
        DatasetError: too few images to put any aside.
    """
    if len(split.validation):
        return split.train, split.validation
    labels = dataset.labels[split.train]
    if split.name == "groups" and config.validation_fraction:
        return _by_group(dataset, split.train, config.validation_fraction, config.seed)
    aside = np.zeros(len(labels), bool)
    rng = np.random.default_rng([config.seed, SEED])
    for label in range(len(dataset.classes)):
        members = np.flatnonzero(labels == label)
        n_aside = round(config.validation_fraction * len(members))
        if split.name == "frames":
            last = by_frame(dataset, split.train[members])[len(members) - n_aside :]
            aside |= np.isin(split.train, last)
        else:
            aside[rng.permutation(members)[:n_aside]] = True
    if config.validation_fraction and not aside.any():
        raise DatasetError(
            f"{len(labels)} training images are too few for a validation split of "
            f"{config.validation_fraction:.0%}. Choose a larger one, or none."
        )
    return split.train[~aside], split.train[aside]


def _original(n: int) -> tuple[np.ndarray, np.ndarray]:
    order = list(range(n))
    random.Random(SEED).shuffle(order)
    kept = np.array(order[:MISSION_KEPT], dtype=np.int64)
    n_train = int(TRAIN_SHARE * len(kept))
    return kept[:n_train], kept[n_train:]


def _given(dataset: Dataset) -> Split:
    parts = np.array(dataset.parts)
    rng = np.random.default_rng(SEED)
    train, validation, test = (
        rng.permutation(np.flatnonzero(parts == part)) for part in ("train", "validation", "test")
    )
    if not len(test):
        test, validation = validation, test
    if not len(train) or not len(test):
        raise DatasetError(
            f"The given split of {dataset.source.name} has {len(train):,} training and "
            f"{len(test):,} test images that can be used. Choose split 'random'."
        )
    return Split(train, test, "given", validation)


def _by_group(
    dataset: Dataset, members: np.ndarray, fraction: float, seed: int = SEED
) -> tuple[np.ndarray, np.ndarray]:
    groups = np.array(dataset.groups)[members]
    aside = hold_out_groups(dataset.labels[members], groups, fraction, seed)
    rng = np.random.default_rng(SEED)
    return rng.permutation(members[~aside]), rng.permutation(members[aside])


def _check_sense(dataset: Dataset, name: SplitName) -> None:
    if name == "given" and not dataset.parts:
        raise DatasetError(
            f"{dataset.source.name} has no given split: that is folders such as train and test "
            "with the classes in each. Choose split 'random'."
        )
    if name == "groups" and not can_hold_out_groups(dataset.labels, dataset.groups):
        raise DatasetError(
            f"{dataset.source.name} does not have two groups or more in every class: those are "
            "folders below each class, such as one per person. Choose split 'random'."
        )
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
    counts = dataset.counts()
    if small := tuple(name for name, n in counts.items() if n < FEWEST_IMAGES):
        raise SmallClassError(small)
    rng = np.random.default_rng(SEED)
    train, test = [], []
    for label in range(len(dataset.classes)):
        members = np.flatnonzero(dataset.labels == label)
        members = by_frame(dataset, members) if name == "frames" else rng.permutation(members)
        n_test = max(1, len(members) // N_BLOCKS)
        train.append(members[: len(members) - n_test])
        test.append(members[len(members) - n_test :])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def by_frame(dataset: Dataset, members: np.ndarray) -> np.ndarray:
    """Indices of images in the order of the frame numbers in their names: int64, as given.

    Raises:
        DatasetError: a name has no number, or the images are rows of a table.
    """
    if dataset.pixels is not None:
        raise DatasetError(
            "Split 'frames' orders images by the number in their names; rows of a table have none. "
            "Choose split 'random'."
        )
    frames = [frame_number(dataset.files[index]) for index in members]
    return members[np.argsort(frames, kind="stable")]


def has_frames(dataset: Dataset) -> bool:
    """Whether every file name has a number, so that `frames` and `frame_folds` can be had."""
    return not dataset.rendered and dataset.pixels is None and numbered(dataset.files)


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
