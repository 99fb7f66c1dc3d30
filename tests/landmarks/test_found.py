"""Hands of a dataset are found once, are kept by content, and a stopped search goes on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.data import Dataset, read_folder
from asl_core.errors import DatasetError, HandFinderError, StoppedError
from asl_core.landmarks import found as found_module
from asl_core.landmarks.features import KeyPoints, features
from asl_core.landmarks.finder import N_VIEWS, HandFinder
from asl_core.landmarks.found import (
    LANDMARKS_VERSION,
    find_landmarks,
    known_landmarks,
    landmarks_folder,
)
from asl_core.settings import settings
from asl_core.synthetic import View, render


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """Five rendered hands and one gray picture, in a cache of its own; kept by twos."""
    folder = tmp_path / "hands"
    for letter in "LV":
        (folder / letter).mkdir(parents=True)
        for number in range(3):
            pixels = render(letter, View(turn=5 * number), size=120)
            Image.fromarray(pixels).save(folder / letter / f"{number}.png")
    Image.new("RGB", (90, 90), "gray").save(folder / "V" / "2.png")
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(found_module, "BLOCK", 2)
    settings.cache_clear()
    yield read_folder(folder)
    settings.cache_clear()


@pytest.fixture(scope="module")
def finder(hand_finder: Path) -> HandFinder:
    return HandFinder(hand_finder)


class Counted:
    """A finder that counts what it looks at."""

    def __init__(self, finder: HandFinder) -> None:
        self.finder, self.n = finder, 0

    def views(self, image: np.ndarray) -> object:
        self.n += 1
        return self.finder.views(image)


def test_what_is_found_is_what_the_finder_finds(dataset: Dataset, finder: HandFinder) -> None:
    shares: list[float] = []
    landmarks = find_landmarks(dataset, finder, shares.append)

    assert landmarks.found.tolist() == [True] * 5 + [False]
    assert landmarks.n_missing == 1
    assert shares == sorted(shares)
    assert shares[-1] == 1
    views = finder.views(np.asarray(Image.open(dataset.folder / dataset.files[3])))
    for number, view in enumerate(views):
        hand = landmarks.hand(3, number)
        assert np.array_equal(hand.points, view.points)
        assert np.array_equal(hand.world, view.world)
        assert np.isclose(hand.square.side, view.square.side)
        assert np.isclose(hand.presence, view.presence)
    numbers = landmarks.features()
    assert numbers.shape == (6, N_VIEWS, 295)
    assert np.allclose(numbers[3], features(KeyPoints.of(views)), atol=1e-4)


def test_they_are_found_once(dataset: Dataset, finder: HandFinder) -> None:
    assert known_landmarks(dataset) is None
    first = find_landmarks(dataset, finder)

    counted = Counted(finder)
    again = find_landmarks(dataset, counted)  # type: ignore[arg-type]

    assert counted.n == 0
    assert np.array_equal(first.points, again.points)
    known = known_landmarks(dataset)
    assert known is not None
    assert np.array_equal(first.world, known.world)


def test_a_copy_with_the_same_content_is_known(
    dataset: Dataset, finder: HandFinder, tmp_path: Path
) -> None:
    find_landmarks(dataset, finder)
    copy = read_folder(shutil.copytree(dataset.folder, tmp_path / "copy"))
    assert known_landmarks(copy) is not None


def test_a_stopped_search_goes_on_where_it_was(dataset: Dataset, finder: HandFinder) -> None:
    counted = Counted(finder)
    with pytest.raises(StoppedError, match="after 3 of 6"):
        find_landmarks(dataset, counted, should_stop=lambda: counted.n == 3)  # type: ignore[arg-type]
    assert known_landmarks(dataset) is None

    counted.n = 0
    landmarks = find_landmarks(dataset, counted)  # type: ignore[arg-type]

    assert counted.n == 4
    assert landmarks.n_missing == 1


def test_what_progress_raises_ends_it(dataset: Dataset, finder: HandFinder) -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_landmarks(dataset, finder, stop)


def test_a_damaged_block_is_found_again(dataset: Dataset, finder: HandFinder) -> None:
    first = find_landmarks(dataset, finder)
    block = landmarks_folder(dataset) / "2.npz"
    block.write_bytes(block.read_bytes()[:500])
    assert known_landmarks(dataset) is None

    counted = Counted(finder)
    again = find_landmarks(dataset, counted)  # type: ignore[arg-type]

    assert counted.n == 2
    assert np.array_equal(first.points, again.points)


def test_an_image_that_has_changed_is_refused(dataset: Dataset, finder: HandFinder) -> None:
    Image.new("RGB", (90, 90), "red").save(dataset.folder / dataset.files[4])
    with pytest.raises(DatasetError, match=r"V/1.png has changed"):
        find_landmarks(dataset, finder)
    (dataset.folder / dataset.files[4]).unlink()
    with pytest.raises(DatasetError, match=r"V/1.png can't be read"):
        find_landmarks(dataset, finder)


def test_without_the_finder_it_says_so(dataset: Dataset) -> None:
    with pytest.raises(HandFinderError, match="download hand-finder"):
        find_landmarks(dataset)


PLACES = (
    ((95.7, 154.3), (91.8, 115.0), (127.0, 48.2), (91.4, 39.3), (78.4, 125.3)),
    ((96.1, 153.3), (91.6, 115.7), (126.2, 48.3), (90.9, 39.3), (78.3, 124.0)),
    ((96.5, 156.6), (93.2, 114.2), (125.4, 48.4), (91.1, 40.1), (78.8, 124.4)),
)
"""Wrist and tips of thumb, index, middle and little finger, in three views of a rendered V."""


def test_what_is_found_changes_only_with_its_version(finder: HandFinder) -> None:
    views = finder.views(render("V", View(), size=200))
    found = np.array([views[view].points[[0, 4, 8, 12, 20], :2] for view in (0, 3, 5)])
    assert (LANDMARKS_VERSION, len(views)) == (1, 6)
    assert np.abs(found - PLACES).max() < 0.3
