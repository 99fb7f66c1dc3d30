"""Which photos are copies, or nearly copies, of others: what flatters a test, and what a photo
resembles."""

import hashlib
from dataclasses import dataclass

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.data.splits import Split
from asl_core.progress import OnShare

NEAR_DUPLICATE = 0.02
"""Mean absolute difference of pixels in [0, 1] up to which two photos are near-copies: about five
of the 255 grey levels, what neighbouring frames of a video differ by. Of the mission's 400 test
photos 80 % have a training photo as close as that, and the closest one always shows the same
letter."""

CELL = 10
"""Side of the cells in pixels whose sums bound a distance from below."""

BLOCK = 256
"""Photos that are compared at once, which bounds the memory to a few megabytes."""


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The closest of some reference photos, for each of some photos.

    Attributes:
        indices: int64 (n, k), into the references, the closest first.
        distances: float64 (n, k), mean absolute difference of the pixels, 0 to 1.
    """

    indices: np.ndarray
    distances: np.ndarray


@dataclass(frozen=True, eq=False)
class Leakage:
    """How much of a test set is in the training set already.

    Attributes:
        nearest: int64 (n_test,), the closest training photo of each test photo, into the dataset.
        distances: float64 (n_test,), how far it is, 0 to 1.
        threshold: distance up to which it is a near-copy.
    """

    nearest: np.ndarray
    distances: np.ndarray
    threshold: float = NEAR_DUPLICATE

    @property
    def near(self) -> np.ndarray:
        """bool (n_test,), which test photos have a near-copy (or a copy) in training."""
        near: np.ndarray = self.distances <= self.threshold
        return near

    @property
    def exact(self) -> np.ndarray:
        """bool (n_test,), which test photos are in training to the pixel."""
        exact: np.ndarray = self.distances == 0
        return exact

    @property
    def share(self) -> float:
        """Share of the test photos with a near-copy in training, 0 to 1."""
        return float(self.near.mean())


def find_leakage(
    dataset: Dataset,
    split: Split,
    threshold: float = NEAR_DUPLICATE,
    on_progress: OnShare | None = None,
) -> Leakage:
    """Look for each test photo's closest training photo.

    Args:
        dataset: the photos.
        split: which of them are for training and which for the test. The time grows with the
            product of their numbers: about a fifth of a second for 400 times 1,600.
        threshold: distance up to which a photo is a near-copy, 0 to 1.
        on_progress: told the share that is done, now and then.
    """
    found = _search(
        dataset.images[split.test],
        dataset.images[split.train],
        k=1,
        others=False,
        on_progress=on_progress,
    )
    return Leakage(split.train[found.indices[:, 0]], found.distances[:, 0], threshold)


def exact_duplicates(images: np.ndarray) -> np.ndarray:
    """The first photo with the very same pixels, for each photo.

    Pixels are those that the network gets, so a file under another name, or saved again without
    loss, is found.

    Args:
        images: uint8 (n, size, size, 3).

    Returns:
        int64 (n,); a photo that is no copy of an earlier one has its own index.
    """
    first: dict[bytes, int] = {}
    digests = (hashlib.sha256(image.tobytes()).digest() for image in images)
    originals = [first.setdefault(digest, index) for index, digest in enumerate(digests)]
    return np.array(originals, np.int64)


def nearest(queries: np.ndarray, references: np.ndarray, k: int = 1) -> Neighbors:
    """The `k` closest references of each photo, exactly.

    The distance is the mean absolute difference of pixels in [0, 1]. The difference of two sums
    is at most the sum of the differences, so a photo whose cells differ by more than the `k`-th
    best so far needs no look at its pixels.

    Args:
        queries: uint8 (n, size, size, 3).
        references: uint8 (m, size, size, 3), m at least 1; may be memory-mapped.
        k: how many; at most m are given.

    Returns:
        Indices and distances (n, min(k, m)); of equal distances the lower index comes first.
    """
    return _search(queries, references, k, others=False)


def nearest_others(images: np.ndarray, k: int = 1, on_progress: OnShare | None = None) -> Neighbors:
    """The `k` closest other photos of the same set, exactly (see `nearest`).

    Args:
        images: uint8 (n, size, size, 3), n at least 2. The time grows with n squared: about a
            second for 3,000 photos.
        k: how many; at most n - 1 are given.
        on_progress: told the share that is done, now and then.
    """
    return _search(images, images, k, others=True, on_progress=on_progress)


def _search(
    queries: np.ndarray,
    references: np.ndarray,
    k: int,
    others: bool,
    on_progress: OnShare | None = None,
) -> Neighbors:
    k = min(k, len(references) - others)
    cells = _cell_sums(references)
    indices = np.empty((len(queries), k), np.int64)
    sums = np.empty((len(queries), k), np.int64)
    for row, (query, query_cells) in enumerate(zip(queries, _cell_sums(queries), strict=True)):
        bounds = np.abs(cells - query_cells).sum(axis=1)
        if others:
            bounds[row] = np.inf
        guess = np.argpartition(bounds, k - 1)[:k]
        limit = _differences(query, references, guess).max()
        possible = np.flatnonzero(bounds <= limit)
        differences = _differences(query, references, possible)
        best = np.argsort(differences, kind="stable")[:k]
        indices[row], sums[row] = possible[best], differences[best]
        if on_progress and (row + 1) % BLOCK == 0:
            on_progress((row + 1) / len(queries))
    return Neighbors(indices, sums / (255 * np.prod(references.shape[1:])))


def _cell_sums(images: np.ndarray) -> np.ndarray:
    """float32 (n, cells): whole numbers below 2**24, so their differences are exact."""
    edges = np.arange(0, images.shape[1], CELL)
    sums = [
        np.add.reduceat(
            np.add.reduceat(images[i : i + BLOCK], edges, axis=1, dtype=np.float32), edges, axis=2
        )
        for i in range(0, len(images), BLOCK)
    ]
    return np.concatenate([block.reshape(len(block), -1) for block in sums])


def _differences(query: np.ndarray, references: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """int64 (chosen,), sum of the absolute differences of all pixels."""
    sums = np.empty(len(chosen), np.int64)
    for i in range(0, len(chosen), BLOCK):
        block = references[chosen[i : i + BLOCK]]
        apart = np.maximum(block, query) - np.minimum(block, query)  # stays in uint8
        sums[i : i + BLOCK] = apart.reshape(len(block), -1).sum(axis=1, dtype=np.int64)
    return sums
