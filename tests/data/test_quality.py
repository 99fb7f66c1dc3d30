"""Photos with something planted in them, and labels with mistakes planted in them."""

import shutil
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from asl_core import TrainConfig, read_folder
from asl_core.data import Dataset
from asl_core.data.quality import PROBLEMS, Quality, inspect, odd_sizes
from asl_core.errors import DatasetError, StoppedError
from asl_core.evaluation.label_issues import find_label_issues, rank_labels


def test_each_problem_is_found_where_it_was_planted(drawn: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    shutil.copytree(drawn, folder)
    good = Image.open(drawn / "B/B3.png")
    shutil.copy(drawn / "B/B3.png", folder / "A/A90_same.png")
    good.resize((60, 60)).save(folder / "C/C90_saved_again.webp", lossless=True)
    good.point(lambda level: level + 3).save(folder / "B/B90_near.png")
    good.point(lambda level: level // 4).save(folder / "B/B91_dark.png")
    good.point(lambda level: 190 + level // 4).save(folder / "B/B92_bright.png")
    good.filter(ImageFilter.GaussianBlur(4)).save(folder / "B/B93_blurred.png")
    good.transpose(Image.Transpose.ROTATE_90).resize((40, 40)).save(folder / "B/B94_small.png")
    dataset = read_folder(folder)

    found = inspect(dataset)

    names = {
        problem: sorted(dataset.files[index] for index in indices)
        for problem, indices in found.problems.items()
    }
    assert list(names) == list(PROBLEMS)
    # The first file of equal ones, in the dataset's order, is the original.
    assert names["exact duplicate"] == ["B/B3.png", "C/C90_saved_again.webp"]
    original = dataset.files[found.original[dataset.files.index("B/B3.png")]]
    assert original == "A/A90_same.png"
    assert "B/B90_near.png" in names["near-duplicate"]
    assert "B/B91_dark.png" in names["too dark"]
    assert "B/B92_bright.png" in names["too bright"]
    assert "B/B93_blurred.png" in names["blurred"]
    assert names["odd size"] == ["B/B94_small.png"]
    for problem in ("near-duplicate", "blurred"):
        assert "B/B4.png" not in names[problem]
    assert not [name for name in names["too dark"] if name[0] == "C"]
    assert found.sizes[dataset.files.index("B/B94_small.png")].tolist() == [40, 40]


def test_near_pairs_by_hand() -> None:
    nearest = np.array([1, 0, 0, 2, 3])
    distances = np.array([0.01, 0.01, 0.005, 0.5, 0.02])  # 3 is no near-duplicate of anything
    other = np.ones(5)
    sizes = np.full((5, 2), 100)
    found = Quality(other, other, other, sizes, np.arange(5), nearest, distances)
    assert found.near_pairs.tolist() == [[2, 0], [0, 1], [4, 3]]


def test_odd_sizes_by_hand() -> None:
    sizes = np.array([[100, 100]] * 5 + [[49, 100], [100, 201], [201, 200], [100, 199], [50, 51]])
    assert odd_sizes(sizes).tolist() == [False] * 5 + [True, True, True, False, False]


def test_the_missions_photos_have_no_problem_but_near_duplicates(mission: Dataset) -> None:
    problems = inspect(mission).problems
    counts = {problem: len(indices) for problem, indices in problems.items()}
    assert counts.pop("near-duplicate") > 2_500
    assert set(counts.values()) == {0}


def test_a_file_that_is_gone_is_named(drawn: Path) -> None:
    dataset = read_folder(drawn)
    gone = replace(dataset, files=(*dataset.files[:-1], "C/gone.png"))
    with pytest.raises(DatasetError, match=r"gone\.png"):
        inspect(gone)


def test_measuring_tells_ever_more_and_ends_with_all(mission: Dataset) -> None:
    told: list[float] = []
    inspect(mission, told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1
    assert len(told) > 40
    assert max(np.diff(told)) < 0.1


@pytest.mark.parametrize("after", [1, 20, 45])
def test_measuring_can_be_stopped_in_each_part(mission: Dataset, after: int) -> None:
    told: list[float] = []
    with pytest.raises(StoppedError, match="stopped after"):
        inspect(mission, told.append, lambda: len(told) >= after)
    assert len(told) == after


@pytest.fixture(scope="module")
def measured(drawn: Path) -> Quality:
    return inspect(read_folder(drawn))


def test_what_was_measured_is_saved_and_loaded(measured: Quality, tmp_path: Path) -> None:
    measured.save(tmp_path / "quality.npz")
    loaded = Quality.load(tmp_path / "quality.npz")
    for field in fields(Quality):
        before, after = getattr(measured, field.name), getattr(loaded, field.name)
        np.testing.assert_array_equal(after, before)
        assert after.dtype == before.dtype
    assert [path.name for path in tmp_path.iterdir()] == ["quality.npz"]


def test_a_file_of_measurements_that_is_damaged_is_an_error_in_words(
    measured: Quality, tmp_path: Path
) -> None:
    whole, path = tmp_path / "whole.npz", tmp_path / "quality.npz"
    measured.save(whole)
    content = whole.read_bytes()
    rng = np.random.default_rng(0)
    for place in (*rng.integers(0, len(content), 300).tolist(), *range(-60, 0)):
        changed = bytearray(content)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        with suppress(DatasetError):  # a bit that means nothing may change
            loaded = Quality.load(path)
            np.testing.assert_array_equal(loaded.distances, measured.distances)
            np.testing.assert_array_equal(loaded.sizes, measured.sizes)
    for length in range(0, len(content), 101):
        path.write_bytes(content[:length])
        with pytest.raises(DatasetError, match="Measure the images again"):
            Quality.load(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nearest": np.full(60, 60)},
        {"original": np.full(60, -1)},
        {"sizes": np.zeros(60, np.int64)},
        {"light": np.zeros(60)},
        {"distances": np.zeros(59)},
        {"light": np.array("text")},
    ],
)
def test_measurements_of_another_shape_are_not_taken(
    measured: Quality, tmp_path: Path, wrong: dict[str, np.ndarray]
) -> None:
    path = tmp_path / "quality.npz"
    replace(measured, **wrong).save(path)
    with pytest.raises(DatasetError, match=r"can't be read from quality\.npz"):
        Quality.load(path)


def test_a_place_that_holds_no_measurements_is_named(measured: Quality, tmp_path: Path) -> None:
    (tmp_path / "folder.npz").mkdir()
    np.savez(tmp_path / "other.npz", x=np.arange(3))
    np.savez(tmp_path / "objects.npz", light=np.array([{}], object))
    for name in ("gone.npz", "folder.npz", "other.npz", "objects.npz"):
        with pytest.raises(DatasetError, match=name) as caught:
            Quality.load(tmp_path / name)
        assert str(tmp_path) not in str(caught.value)
    with pytest.raises(DatasetError, match=r"can't be saved in folder\.npz"):
        measured.save(tmp_path / "folder.npz")
    with pytest.raises(DatasetError, match=r"can't be saved in quality\.npz"):
        measured.save(tmp_path / "no_such" / "quality.npz")


def test_the_label_that_the_answers_contradict_comes_first() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    said = np.array([0.9, 0.8, 0.1, 0.2, 0.4, 0.1])  # probability of class 0
    found = rank_labels(labels, np.stack([said, 1 - said], axis=1))
    assert found.queue[0] == 2
    assert found.queue.tolist() == [2, 4, 1, 3, 0, 5]
    assert found.suggested.tolist() == [0, 0, 1, 1, 1, 1]
    assert found.quality[2] == found.quality.min()
    assert found.n_issues == 1


def test_planted_wrong_labels_come_first_in_the_queue(mission: Dataset) -> None:
    rng = np.random.default_rng(0)
    planted = rng.choice(len(mission), 20, replace=False)
    labels = mission.labels.copy()
    labels[planted] = (labels[planted] + rng.integers(1, 3, 20)) % 3
    shares: list[float] = []
    found = find_label_issues(replace(mission, labels=labels), on_progress=shares.append)
    assert np.isin(planted, found.queue[:40]).sum() >= 18
    assert (found.suggested[planted] == mission.labels[planted]).sum() >= 18
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_search_for_wrong_labels_can_be_stopped(drawn: Path) -> None:
    told: list[float] = []
    with pytest.raises(StoppedError):
        find_label_issues(
            read_folder(drawn),
            TrainConfig(epochs=2),
            on_progress=told.append,
            should_stop=lambda: bool(told) and told[-1] > 0.4,
        )
