"""The images that resemble an image most, exactly.

The distance of two images is the mean absolute difference of their pixels. The difference of two
sums is at most the sum of the differences, so sums over cells of the images bound their distance
from below: what is far apart by a few sums needs no look at its pixels.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from asl_core.progress import OnShare, part

CELLS = 6
"""Cells along a side, for each color, whose sums are compared before the pixels: 108 numbers."""

MERGED = 2
"""Cells along a side that are one for the tree which finds what is worth comparing, over all
colors. With 9 numbers it finds that quickly; with many more it would look nearly everywhere."""

GUESSES = 4
"""Images that are compared first, the closest by the merged cells: they tell how close others must
be."""

PIXELS_AT_ONCE = 16
"""Images whose pixels are compared before it is asked again how close others must be."""

BOUNDS_AT_ONCE = 4_096
"""Images whose cells are compared at once, and"""

BLOCK = 256
"""those whose pixels are: this bounds the memory to a few megabytes."""


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The closest of some reference images, for each of some images.

    Attributes:
        indices: int64 (n, k), the closest first.
        distances: float64 (n, k), mean absolute difference of the pixels, 0 to 1.
    """

    indices: np.ndarray
    distances: np.ndarray


def nearest(
    queries: np.ndarray, references: np.ndarray, k: int = 1, among: np.ndarray | None = None
) -> Neighbors:
    """The `k` closest references of each image, however far they are.

    Args:
        queries: uint8 (n, size, size, 3), a few: the time grows with n times m.
        references: uint8 (m, size, size, 3), m at least 1; may be memory-mapped, and is read block
            by block.
        k: how many; no more than there are.
        among: int64 (r,), the references that count, r at least 1; None: all.

    Returns:
        Indices into `references` and distances (n, min(k, m)); of equal distances the lower index
        comes first.
    """
    among = np.arange(len(references)) if among is None else np.sort(among)
    k = min(k, len(among))
    cells, everything = _cell_sums(references, among), np.arange(len(among))
    of_queries = _cell_sums(queries, np.arange(len(queries)))
    indices = np.empty((len(queries), k), np.int64)
    sums = np.empty((len(queries), k), np.int64)
    for row, (query, query_cells) in enumerate(zip(queries, of_queries, strict=True)):
        bounds = _apart(cells, query_cells, everything)
        guess = np.argpartition(bounds, k - 1)[:k]
        limit = _differences(query, references, among[guess]).max()
        possible = among[bounds <= limit]
        differences = _differences(query, references, possible)
        best = np.argsort(differences, kind="stable")[:k]
        indices[row], sums[row] = possible[best], differences[best]
    return Neighbors(indices, sums / _full_range(references))


def nearest_within(
    images: np.ndarray,
    queries: np.ndarray,
    references: np.ndarray,
    threshold: float,
    on_progress: OnShare = lambda share: None,
) -> Neighbors:
    """The closest of some images to each of others, if it is within a threshold: none is missed.

    What is further away than that is hardly looked at, so the time grows far less than with the
    product of the numbers, unless very many images are within the threshold of each other.

    Args:
        images: uint8 (n, size, size, 3); may be memory-mapped, and is read block by block.
        queries: int64 (q,), the images to find a neighbor of.
        references: int64 (r,), those among which it is looked for, ascending. None is its own
            neighbor.
        threshold: the largest distance, 0 to 1.
        on_progress: told the share that is done, often; what it raises ends the search.

    Returns:
        Indices into `images` and distances (q, 1), of equally close ones the lower index; -1 and
        infinite where none is within the threshold.
    """
    search = _RangeSearch(images, references, threshold, part(on_progress, 0.0, 0.1))
    tell = part(on_progress, 0.1, 1.0)
    found = np.empty((len(queries), 2), np.int64)
    for start in range(0, len(queries), BLOCK):
        tell(start / len(queries))
        found[start : start + BLOCK] = search.closest(queries[start : start + BLOCK])
    sums, indices = found.T[:, :, None]
    none = indices == len(images)
    return Neighbors(
        np.where(none, -1, indices), np.where(none, np.inf, sums / _full_range(images))
    )


class _RangeSearch:
    """Finds the closest of some images within a threshold (see `nearest_within`)."""

    def __init__(
        self, images: np.ndarray, references: np.ndarray, threshold: float, on_progress: OnShare
    ) -> None:
        from scipy.spatial import cKDTree

        self._images, self._references = images, references
        self._none = (_largest_sum(threshold, images), len(images))
        self._cells = _cell_sums(images, np.arange(len(images)), on_progress)
        self._coarse = _coarse_sums(self._cells)
        self._tree = cKDTree(self._coarse[references])

    def closest(self, queries: np.ndarray) -> list[tuple[int, int]]:
        """For each query the sum of the differences from the closest reference, and its index: the
        number of images if none is within the threshold."""
        limit, _ = self._none
        bounds, guesses = self._tree.query(
            self._coarse[queries], GUESSES + 1, p=1, distance_upper_bound=limit + 0.5
        )  # one more, which may be the query itself; those that are not there are infinitely far
        found = []
        for query, query_bounds, places in zip(queries, bounds, guesses, strict=True):
            best = self._better(query, places[np.isfinite(query_bounds)], self._none)
            if query_bounds[-1] <= best[0]:  # others may be as close, too
                around = self._tree.query_ball_point(self._coarse[query], best[0] + 0.5, p=1)
                best = self._better(query, np.array(around), best)
            found.append(best)
        return found

    def _better(self, query: int, places: np.ndarray, best: tuple[int, int]) -> tuple[int, int]:
        """The closest of some references, unless `best` is closer: sum of differences, index."""
        possible = self._references[np.sort(places)]
        possible = possible[possible != query]
        bounds = _apart(self._cells, self._cells[query], possible)
        order = np.argsort(bounds, kind="stable")
        bounds, possible = bounds[order], possible[order]
        image = self._images[query]
        for start in range(0, len(possible), PIXELS_AT_ONCE):
            if bounds[start] > best[0]:
                break
            few = possible[start : start + PIXELS_AT_ONCE]
            sums = _differences(image, self._images, few)
            best = min(best, *zip(sums.tolist(), few.tolist(), strict=True))
        return best


def _largest_sum(threshold: float, images: np.ndarray) -> int:
    """The largest sum of differences whose distance is within the threshold."""
    full = _full_range(images)
    total = int(threshold * full) + 1
    while total / full > threshold:
        total -= 1
    return total


def _full_range(images: np.ndarray) -> int:
    """Sum of the differences between a black and a white image."""
    return 255 * int(np.prod(images.shape[1:]))


def _cell_sums(
    images: np.ndarray, chosen: np.ndarray, on_progress: OnShare = lambda share: None
) -> np.ndarray:
    """float32 (chosen, rows, columns, 3), sums over cells of each color: whole numbers below 2**24,
    so their differences are exact."""
    edges = np.arange(0, images.shape[1], ceil(images.shape[1] / CELLS))
    sums = np.empty((len(chosen), len(edges), len(edges), 3), np.float32)
    for start in range(0, len(chosen), BLOCK):
        on_progress(start / len(chosen))
        block = images[chosen[start : start + BLOCK]]
        rows = np.add.reduceat(block, edges, axis=1, dtype=np.float32)
        np.add.reduceat(rows, edges, axis=2, out=sums[start : start + BLOCK])
    return sums


def _coarse_sums(cells: np.ndarray) -> np.ndarray:
    """float64 (n, cells), sums over all colors of `MERGED` x `MERGED` cells."""
    edges = np.arange(0, cells.shape[1], MERGED)
    sums = np.empty((len(cells), len(edges), len(edges)))
    for start in range(0, len(cells), BLOCK):
        gray = cells[start : start + BLOCK].sum(axis=3, dtype=np.float64)
        rows = np.add.reduceat(gray, edges, axis=1)
        np.add.reduceat(rows, edges, axis=2, out=sums[start : start + BLOCK])
    return sums.reshape(len(cells), -1)


def _apart(cells: np.ndarray, query: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """float64 (chosen,), how far some images are at least: the differences of their cells."""
    sums = np.empty(len(chosen))
    for start in range(0, len(chosen), BOUNDS_AT_ONCE):
        few = chosen[start : start + BOUNDS_AT_ONCE]
        apart = np.abs(cells[few] - query).reshape(len(few), -1)
        sums[start : start + BOUNDS_AT_ONCE] = apart.sum(axis=1, dtype=np.float64)
    return sums


def _differences(query: np.ndarray, images: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """int64 (chosen,), sum of the absolute differences of all pixels."""
    sums = np.empty(len(chosen), np.int64)
    for start in range(0, len(chosen), BLOCK):
        block = images[chosen[start : start + BLOCK]]
        apart = np.maximum(block, query) - np.minimum(block, query)  # stays in uint8
        sums[start : start + BLOCK] = apart.reshape(len(block), -1).sum(axis=1, dtype=np.int64)
    return sums
