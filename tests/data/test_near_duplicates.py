"""Copies: planted ones are found, and the fast search gives what the slow one gives."""

from pathlib import Path

import numpy as np

from asl_core.data import Dataset, Split, make_split, read_folder
from asl_core.data.near_duplicates import (
    NEAR_DUPLICATE,
    Leakage,
    exact_duplicates,
    find_leakage,
    nearest,
    nearest_others,
)
from asl_core.images import encode, read_image


def slow_distances(queries: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Mean absolute difference of all pairs, the plain way."""
    return np.stack([np.abs(references / 255 - q / 255).mean(axis=(1, 2, 3)) for q in queries])


def test_the_search_equals_the_slow_one() -> None:
    rng = np.random.default_rng(0)
    base = rng.integers(0, 256, (300, 13, 13, 3))  # 13: not a whole number of cells
    images = (base * rng.uniform(0, 1, (300, 1, 1, 1))).astype(np.uint8)
    queries, references = images[:40], images[40:]
    expected = slow_distances(queries, references)
    for k in (1, 7, 260, 999):
        found = nearest(queries, references, k)
        assert found.indices.shape == (40, min(k, 260))
        np.testing.assert_allclose(found.distances, np.sort(expected, axis=1)[:, :k], atol=1e-12)
        np.testing.assert_allclose(
            np.take_along_axis(expected, found.indices, axis=1), found.distances, atol=1e-12
        )


def test_among_equals_the_first_comes_first_and_none_is_its_own_neighbour() -> None:
    images = np.stack([np.full((50, 50, 3), level, np.uint8) for level in (9, 9, 9, 60)])
    found = nearest_others(images, 2)
    assert found.indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]
    np.testing.assert_allclose(found.distances[3], [51 / 255, 51 / 255])
    assert exact_duplicates(images).tolist() == [0, 0, 0, 3]


def test_50_of_50_planted_copies_are_found_exact_and_near(mission: Dataset) -> None:
    scattered = np.asarray(mission.images[::20])  # 150 photos, none a near-copy of another
    far = nearest_others(scattered).distances[:, 0] > 2 * NEAR_DUPLICATE
    originals = scattered[far][:50]
    assert len(originals) == 50
    again = [read_image(encode(image, "PNG"), "again.png") for image in originals]
    saved = [read_image(encode(image, "JPEG"), "saved.jpg") for image in originals]
    brighter = np.minimum(originals, 251) + np.uint8(4)
    images = np.concatenate([originals, np.stack(again), np.stack(saved), brighter])

    assert exact_duplicates(images)[50:100].tolist() == list(range(50))
    assert exact_duplicates(images)[100:].tolist() == list(range(100, 200))

    planted = np.arange(50)
    leakage = find_leakage(
        _as_dataset(images, mission), Split(planted, np.arange(50, 200), "random")
    )
    assert leakage.near.all()
    assert leakage.nearest.reshape(3, 50).tolist() == [planted.tolist()] * 3
    assert leakage.exact.tolist() == [True] * 50 + [False] * 100


def _as_dataset(images: np.ndarray, like: Dataset) -> Dataset:
    files = tuple(f"A/{i}.png" for i in range(len(images)))
    return Dataset(images, np.zeros(len(images), int), ("A", "B"), files, like.folder, "planted")


def test_what_is_not_alike_is_no_copy(drawn: Path) -> None:
    dataset = read_folder(drawn)  # noise of 12 grey levels: pictures differ by about 13
    leakage = find_leakage(dataset, make_split(dataset, "random"))
    assert not leakage.near.any()
    assert leakage.share == 0
    assert Leakage(leakage.nearest, leakage.distances, threshold=0.1).share == 1


def test_four_of_five_test_photos_of_the_mission_have_a_near_copy(mission: Dataset) -> None:
    split = make_split(mission, "original")
    leakage = find_leakage(mission, split)
    assert leakage.near.sum() == 322
    assert not leakage.exact.any()
    assert (mission.labels[leakage.nearest] == mission.labels[split.test]).all()
