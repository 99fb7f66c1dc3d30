"""What a network gets of each image of a dataset: its pixels, or the key points of its hand."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from asl_core.config import TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.folder import at_size
from asl_core.errors import DatasetError
from asl_core.landmarks.found import find_landmarks
from asl_core.progress import OnShare
from asl_core.training.class_weights import class_weights

MAX_READINGS = 150_000
"""Of hands, that a training holds: 180 MB. Of more than 25,000 images fewer than six each count."""

_FEATURES_AXES = 3
"""Of the features of images: image, view, number."""


def for_network(
    dataset: Dataset,
    config: TrainConfig,
    on_progress: OnShare = lambda share: None,
    should_stop: Callable[[], bool] | None = None,
) -> Dataset:
    """The dataset with what a network gets in the place of its images.

    Args:
        dataset: the images; one that this function gave stays what it is.
        config: what network.
        on_progress: told the share that is done, often; what it raises ends it.
        should_stop: asked as often.

    Returns:
        On pixels, `images` are uint8 (n, size, size, 3). On landmarks, float32 (n, views, 295), NaN
        where no hand was found; hands that are not known yet are found first.

    Raises:
        HandFinderError: there is no hand finder, and it is needed.
        DatasetError, ImageError: a file was changed meanwhile, or can't be read.
        StoppedError: it was stopped.
    """
    if config.features == "pixels":
        return at_size(dataset, config.image_size, on_progress)
    if dataset.images.ndim == _FEATURES_AXES:
        return dataset
    landmarks = find_landmarks(dataset, None, on_progress, should_stop)
    landmarks = landmarks.part(slice(None), MAX_READINGS // len(dataset))
    features = landmarks.features()
    features[~landmarks.found] = np.nan
    return replace(dataset, images=features)


def has_input(inputs: np.ndarray) -> np.ndarray:
    """bool (n,), for which images there is something to answer on: on landmarks, a hand.

    Args:
        inputs: `images` of `for_network`.
    """
    if inputs.ndim != _FEATURES_AXES:
        return np.ones(len(inputs), bool)
    there: np.ndarray = ~np.isnan(inputs[:, 0, 0])
    return there


def examples(
    dataset: Dataset, train: np.ndarray, config: TrainConfig
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a network learns from.

    Args:
        dataset: of `for_network`.
        train: int64 (n,), indices of images with an input.
        config: of the training.

    Returns:
        Inputs, labels int64 (m,) and weights float32 (m,), what a loss is multiplied by. On pixels
        m is n; on landmarks each reading of a hand is an example of its own, and where the dataset
        tells groups, one of n images weighs 1 / sqrt(n), so that many images of one person don't
        drown the others; the mean of all weights is then 1.
    """
    inputs, labels = np.asarray(dataset.images[train]), dataset.labels[train]
    weights = class_weights(config.class_weights, labels, len(dataset.classes))[labels]
    if config.features == "pixels":
        return inputs, labels, weights
    if dataset.groups:
        groups = np.asarray(dataset.groups)[train]
        _, place, counts = np.unique(groups, return_inverse=True, return_counts=True)
        weights = weights / np.sqrt(counts[place])
        weights = (weights / weights.mean()).astype(np.float32)
    views = inputs.shape[1]
    flat = inputs.reshape(len(inputs) * views, -1)
    return flat, np.repeat(labels, views), np.repeat(weights, views)


def with_input(dataset: Dataset, train: np.ndarray) -> np.ndarray:
    """Training images without those in which no hand was found.

    Args:
        dataset: of `for_network`.
        train: int64 (n,), indices.

    Raises:
        DatasetError: fewer than two classes are left to learn.
    """
    there = has_input(dataset.images[train])
    if there.all():
        return train
    chosen: np.ndarray = train[there]
    n_classes = len(np.unique(dataset.labels[chosen]))
    if n_classes < 2:
        raise DatasetError(
            f"A hand was found in {len(chosen):,} of {len(train):,} training images, of "
            f"{n_classes} class{'' if n_classes == 1 else 'es'}: too few to learn from. "
            "Train on pixels, or with images that show a hand."
        )
    return chosen
