"""Duplicates: planted ones are found, and what is found is what looking at every pair finds."""

from pathlib import Path

import numpy as np
import pytest

from asl_core.data import Dataset, Split, make_split, read_folder
from asl_core.data.dataset import Source
from asl_core.data.near_duplicates import (
    NEAR_DUPLICATE,
    exact_duplicates,
    find_leakage,
    find_near_duplicates,
)
from asl_core.data.nearest import nearest
from asl_core.errors import StoppedError
from asl_core.images import encode, read_image


def as_dataset(images: np.ndarray, like: Dataset) -> Dataset:
    files = tuple(f"A/{i}.png" for i in range(len(images)))
    labels, place = np.zeros(len(images), int), like.folder
    return Dataset(images, labels, ("A", "B"), files, place, "planted", source=like.source)


def test_50_of_50_planted_duplicates_are_found_exact_and_near(mission: Dataset) -> None:
    scattered = np.asarray(mission.images[::20])  # 150 photos
    second = nearest(scattered, scattered, 2).distances[:, 1]
    originals = scattered[second > 2 * NEAR_DUPLICATE][:50]
    assert len(originals) == 50
    again = [read_image(encode(image, "PNG"), "again.png") for image in originals]
    saved = [read_image(encode(image, "JPEG"), "saved.jpg") for image in originals]
    brighter = np.minimum(originals, 251) + np.uint8(4)
    images = np.concatenate([originals, np.stack(again), np.stack(saved), brighter])

    assert exact_duplicates(images)[50:100].tolist() == list(range(50))
    assert exact_duplicates(images)[100:].tolist() == list(range(100, 200))

    planted = np.arange(50)
    leakage = find_leakage(
        as_dataset(images, mission), Split(planted, np.arange(50, 200), "random")
    )
    assert leakage.near.all()
    assert leakage.nearest.reshape(3, 50).tolist() == [planted.tolist()] * 3
    assert leakage.exact.tolist() == [True] * 50 + [False] * 100


def test_many_of_the_same_pixels_point_to_the_first_other_one() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(0, 200, (3, 50, 50, 3)).astype(np.uint8)
    images = np.stack([a, b, a, a + 1, c, b, a])
    originals = exact_duplicates(images)
    assert originals.tolist() == [0, 1, 0, 3, 4, 1, 0]
    found = find_near_duplicates(images, originals)
    assert found.indices[:, 0].tolist() == [2, 5, 0, 0, -1, 1, 0]
    assert found.distances[:, 0].tolist() == pytest.approx([0, 0, 0, 1 / 255, np.inf, 0, 0])


def test_a_test_image_may_be_in_training_several_times() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(0, 200, (3, 50, 50, 3)).astype(np.uint8)
    images = np.stack([a, b, a, c, a, b + 1, a, c])
    labels, files, source = np.zeros(8, int), ("",) * 8, Source("planted")
    dataset = Dataset(images, labels, ("A", "B"), files, Path(), "planted", source=source)
    leakage = find_leakage(dataset, Split(np.array([6, 4, 1, 2]), np.array([7, 0, 5, 3]), "random"))
    assert leakage.nearest.tolist() == [-1, 2, 1, -1]
    assert leakage.exact.tolist() == [False, True, False, False]
    assert leakage.near.tolist() == [False, True, True, False]


def test_what_is_not_alike_is_no_duplicate(drawn: Path) -> None:
    dataset = read_folder(drawn)  # noise of 12 gray levels: images differ by about 13
    split = make_split(dataset, "random")
    leakage = find_leakage(dataset, split)
    assert not leakage.near.any()
    assert leakage.share == 0
    assert np.isinf(leakage.distances).all()
    assert leakage.nearest.tolist() == [-1] * len(split.test)
    assert find_leakage(dataset, split, threshold=0.1).share == 1


def test_leakage_is_that_of_a_look_at_every_pair(mission: Dataset) -> None:
    split = make_split(mission, "original")
    every = nearest(mission.images[split.test], mission.images[np.sort(split.train)])
    near = every.distances[:, 0] <= NEAR_DUPLICATE

    leakage = find_leakage(mission, split)

    assert leakage.near.sum() == 322  # four of five
    assert leakage.near.tolist() == near.tolist()
    assert not leakage.exact.any()
    assert leakage.distances[near].tolist() == every.distances[near, 0].tolist()
    assert (leakage.nearest[near] == np.sort(split.train)[every.indices[near, 0]]).all()
    assert (mission.labels[leakage.nearest[near]] == mission.labels[split.test][near]).all()


def test_a_search_ends_where_progress_raises(mission: Dataset) -> None:
    told: list[float] = []

    def tell(share: float) -> None:
        told.append(share)
        if share > 0.5:
            raise StoppedError("Enough.")

    with pytest.raises(StoppedError, match="Enough"):
        find_leakage(mission, make_split(mission, "original"), on_progress=tell)
    assert told == sorted(told)
    assert len(told) > 10
