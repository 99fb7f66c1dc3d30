"""Which images are duplicates, or nearly so, of others: what flatters a test."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.data.nearest import Neighbors, nearest_within
from asl_core.data.splits import Split
from asl_core.errors import DatasetError, FileError
from asl_core.files import read_arrays, replacing
from asl_core.progress import OnShare, part

NEAR_DUPLICATE = 0.02
"""Mean absolute difference of pixels in [0, 1] up to which two images are near-duplicates: about
five of the 255 gray levels, what neighboring frames of a video differ by. Of the mission's 400 test
images 80 % have a training image as close as that, and the closest one always shows the same
letter."""

FEW_IMAGES = 5_000
"""Test and training images in which near-duplicates are found within a second; more are a task."""

TELL_EVERY = 256
"""Images between two tellings of how far it is."""

DIGESTS_SHARE = 0.1
"""Share of the time of `find_leakage` in which it looks for exact duplicates."""


@dataclass(frozen=True, eq=False)
class Leakage:
    """How much of a test set is in the training set already.

    Attributes:
        nearest: int64 (n_test,), the closest training image of each test image, into the dataset;
            -1 where none is within the threshold.
        distances: float64 (n_test,), how far it is, 0 to 1; infinite where none is within.
        threshold: distance up to which it is a near-duplicate.
    """

    nearest: np.ndarray
    distances: np.ndarray
    threshold: float = NEAR_DUPLICATE

    @property
    def near(self) -> np.ndarray:
        """bool (n_test,), which test images have a near-duplicate (or an exact one) in training."""
        near: np.ndarray = self.distances <= self.threshold
        return near

    @property
    def exact(self) -> np.ndarray:
        """bool (n_test,), which test images are in training to the pixel."""
        exact: np.ndarray = self.distances == 0
        return exact

    @property
    def share(self) -> float:
        """Share of the test images with a near-duplicate in training, 0 to 1."""
        return float(self.near.mean())

    def save(self, path: Path) -> None:
        """Write it to a `.npz` file, whole or not at all, for `load`."""
        with replacing(path) as file:
            np.savez_compressed(file, nearest=self.nearest, distances=self.distances)

    @classmethod
    def load(cls, path: Path) -> "Leakage":
        """What `save` wrote.

        Raises:
            DatasetError: the file is damaged.
        """
        try:
            arrays = read_arrays(path)
            return cls(arrays["nearest"], arrays["distances"])
        except (FileError, KeyError) as error:
            raise DatasetError(
                f"The saved near-duplicate results can't be read. Delete {path.name} and search "
                "again.",
                path,
            ) from error


def find_leakage(
    dataset: Dataset,
    split: Split,
    threshold: float = NEAR_DUPLICATE,
    on_progress: OnShare | None = None,
) -> Leakage:
    """Look for each test image's closest training image, where that is a near-duplicate.

    Args:
        dataset: the images.
        split: which of them are for training and which for the test.
        threshold: distance up to which an image is a near-duplicate, 0 to 1.
        on_progress: told the share that is done, often; what it raises ends the search.
    """
    tell = on_progress or (lambda share: None)
    originals = exact_duplicates(dataset.images, part(tell, 0.0, DIGESTS_SHARE))
    found = _closest(
        dataset.images,
        originals,
        (split.test, split.train),
        threshold,
        part(tell, DIGESTS_SHARE, 1.0),
    )
    return Leakage(found.indices[:, 0], found.distances[:, 0], threshold)


def find_near_duplicates(
    images: np.ndarray, originals: np.ndarray, on_progress: OnShare = lambda share: None
) -> Neighbors:
    """The closest other image of each image, where that is a duplicate or a near-duplicate.

    Args:
        images: uint8 (n, size, size, 3); may be memory-mapped, and is read block by block.
        originals: int64 (n,), what `exact_duplicates` says of them.
        on_progress: told the share that is done, often; what it raises ends the search.

    Returns:
        Indices and distances (n, 1), of equally close ones the lower index; -1 and infinite where
        none is within `NEAR_DUPLICATE`.
    """
    everything = np.arange(len(images))
    return _closest(images, originals, (everything, everything), NEAR_DUPLICATE, on_progress)


def exact_duplicates(images: np.ndarray, on_progress: OnShare = lambda share: None) -> np.ndarray:
    """The first image with the very same pixels, for each image.

    Pixels are those that the network gets, so a file under another name, or saved again without
    loss, is found.

    Args:
        images: uint8 (n, size, size, 3).
        on_progress: told the share that is done, often.

    Returns:
        int64 (n,); an image that is no duplicate of an earlier one has its own index.
    """
    first: dict[bytes, int] = {}
    originals = np.empty(len(images), np.int64)
    for index, image in enumerate(images):
        if index % TELL_EVERY == 0:
            on_progress(index / len(images))
        digest = hashlib.sha256(image.tobytes()).digest()
        originals[index] = first.setdefault(digest, index)
    return originals


def _closest(
    images: np.ndarray,
    originals: np.ndarray,
    queries_and_references: tuple[np.ndarray, np.ndarray],
    threshold: float,
    on_progress: OnShare,
) -> Neighbors:
    """As `nearest_within`, but many exact duplicates cost nothing: only images without one are
    searched for, and of the references only one of each content is looked at."""
    queries, references = queries_and_references
    references = np.sort(references)
    indices = _same_pixels(originals, queries, references)
    distances = np.where(indices < 0, np.inf, 0.0)
    _, first = np.unique(originals[references], return_index=True)
    rest = np.flatnonzero(indices < 0)
    found = nearest_within(
        images, queries[rest], references[np.sort(first)], threshold, on_progress
    )
    indices[rest], distances[rest] = found.indices[:, 0], found.distances[:, 0]
    return Neighbors(indices[:, None], distances[:, None])


def _same_pixels(originals: np.ndarray, queries: np.ndarray, references: np.ndarray) -> np.ndarray:
    """int64 (q,), the first reference with a query's very pixels that is not itself, or -1."""
    found = np.full(len(queries), -1)
    ordered = references[np.argsort(originals[references], kind="stable")]
    contents = originals[ordered]
    places = np.searchsorted(contents, originals[queries])
    for shift in (1, 0):  # the second counts where the first is the query itself
        here = np.minimum(places + shift, len(ordered) - 1)
        fits = (contents[here] == originals[queries]) & (ordered[here] != queries)
        found[fits] = ordered[here[fits]]
    return found
