"""The closest images, against the slow way: a look at every pixel of every pair."""

from typing import Any

import numpy as np
import pytest

from asl_core.data import Dataset
from asl_core.data.near_duplicates import NEAR_DUPLICATE
from asl_core.data.nearest import nearest, nearest_within


def slow_distances(queries: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Mean absolute difference of all pairs, the plain way."""
    signed = references.reshape(len(references), -1).astype(np.int16)
    flat = queries.reshape(len(queries), -1).astype(np.int16)
    return np.stack([np.abs(signed - q).sum(axis=1, dtype=np.int64) / (255 * q.size) for q in flat])


def slow_within(
    images: np.ndarray, queries: np.ndarray, references: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """What `nearest_within` should give, the plain way."""
    distances = slow_distances(images[queries], images[references])
    distances[queries[:, None] == references] = np.inf
    best = distances.argmin(axis=1)  # the first of equal ones
    lowest = distances.min(axis=1)
    none = lowest > threshold
    return np.where(none, -1, references[best]), np.where(none, np.inf, lowest)


def varied(n: int, size: int) -> np.ndarray:
    """Images of all distances from each other: blurred noise, darkened and changed a little."""
    rng = np.random.default_rng(size)
    base = rng.integers(0, 256, (n // 4, size, size, 3)) * rng.uniform(0, 1, (n // 4, 1, 1, 1))
    noise = rng.normal(0, 1, (4, n // 4, size, size, 3)) * rng.uniform(0, 12, (4, n // 4, 1, 1, 1))
    return (base + noise).clip(0, 255).astype(np.uint8).reshape(-1, size, size, 3)


def test_the_search_for_several_equals_the_slow_one() -> None:
    images = varied(300, 13)  # 13: not a whole number of cells
    queries, references = images[:40], images[40:]
    expected = slow_distances(queries, references)
    for k in (1, 7, 260, 999):
        found = nearest(queries, references, k)
        assert found.indices.shape == (40, min(k, 260))
        np.testing.assert_array_equal(found.distances, np.sort(expected, axis=1)[:, :k])
        np.testing.assert_array_equal(
            np.take_along_axis(expected, found.indices, axis=1), found.distances
        )


def test_only_those_that_count_are_given() -> None:
    images = varied(120, 13)
    some = np.random.default_rng(0).permutation(120)[:50]
    found = nearest(images[:9], images, 5, some)
    expected = slow_distances(images[:9], images[np.sort(some)])
    order = np.argsort(expected, axis=1, kind="stable")[:, :5]
    assert found.indices.tolist() == np.sort(some)[order].tolist()
    assert found.distances.tolist() == np.take_along_axis(expected, order, axis=1).tolist()


def test_among_equals_the_first_comes_first() -> None:
    images = np.stack([np.full((50, 50, 3), level, np.uint8) for level in (9, 9, 60, 9)])
    found = nearest(images[:1], images, 3)
    assert found.indices.tolist() == [[0, 1, 3]]
    assert found.distances.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("size", [1, 4, 13, 50, 101])
@pytest.mark.parametrize("threshold", [0.0, 0.005, 0.02, 0.08, 1.0])
def test_the_search_within_a_threshold_equals_the_slow_one(size: int, threshold: float) -> None:
    images = varied(120, size)
    images[90:100] = images[30:40]  # the same pixels, and so ties
    rng = np.random.default_rng(0)
    everything = np.arange(120)
    some = np.sort(rng.choice(120, 70, replace=False))
    for queries, references in ((everything, everything), (np.setdiff1d(everything, some), some)):
        found = nearest_within(images, queries, references, threshold)
        indices, distances = slow_within(images, queries, references, threshold)
        assert found.indices[:, 0].tolist() == indices.tolist()
        assert found.distances[:, 0].tolist() == distances.tolist()


def test_a_distance_of_the_threshold_itself_is_within_it() -> None:
    dark = np.zeros((50, 50, 3), np.uint8)
    at, above = dark.copy(), dark.copy()
    at.reshape(-1)[:150] = 255  # 150 of 7,500 values: 0.02
    above[...] = at
    above.reshape(-1)[150] = 1
    both = np.arange(2)
    assert nearest_within(np.stack([dark, at]), both, both, 0.02).distances.tolist() == [[0.02]] * 2
    assert nearest_within(np.stack([dark, above]), both, both, 0.02).indices.tolist() == [[-1]] * 2


def test_ties_go_to_the_lower_index() -> None:
    levels = (50, 52, 48, 52, 54, 200)
    images = np.stack([np.full((50, 50, 3), level, np.uint8) for level in levels])
    everything = np.arange(len(levels))
    found = nearest_within(images, everything, everything, NEAR_DUPLICATE)
    assert found.indices[:, 0].tolist() == [1, 3, 0, 1, 1, -1]


def test_images_that_cells_can_t_tell_apart_are_told_apart_by_pixels() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(100, 104, (60, 50, 50, 3)).astype(np.uint8)
    images = pixels.copy()
    images[1::2, ::2], images[1::2, 1::2] = pixels[1::2, 1::2], pixels[1::2, ::2]  # rows swapped
    everything = np.arange(60)
    found = nearest_within(images, everything, everything, NEAR_DUPLICATE)
    indices, distances = slow_within(images, everything, everything, NEAR_DUPLICATE)
    assert found.indices[:, 0].tolist() == indices.tolist()
    assert found.distances[:, 0].tolist() == distances.tolist()
    assert np.isfinite(distances).all()


def test_real_photos_equal_the_slow_search(mission: Dataset) -> None:
    some = np.arange(0, 3_000, 5)
    images = np.asarray(mission.images[some])
    everything = np.arange(len(images))
    found = nearest_within(images, everything, everything, NEAR_DUPLICATE)
    indices, distances = slow_within(images, everything, everything, NEAR_DUPLICATE)
    assert 100 < (indices >= 0).sum() < 500  # both kinds are there
    assert found.indices[:, 0].tolist() == indices.tolist()
    assert found.distances[:, 0].tolist() == distances.tolist()


def test_most_of_what_is_far_is_not_looked_at(mission: Dataset) -> None:
    """The work, not the time: rows of the memory map whose pixels are read grow far less than n
    squared."""
    read = [_rows_read(mission.images[:n]) for n in (750, 3_000)]
    assert read[1] < 8 * read[0]  # 16 times with every pair
    assert read[1] < 3_000**2 / 50


class _Counting(np.ndarray):
    """An array that counts the rows that are picked from it."""

    picked = 0

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, np.ndarray) and self.ndim == 4:
            _Counting.picked += len(item)
        return np.asarray(super().__getitem__(item))


def _rows_read(images: np.ndarray) -> int:
    _Counting.picked = 0
    everything = np.arange(len(images))
    nearest_within(images.view(_Counting), everything, everything, NEAR_DUPLICATE)
    return _Counting.picked
