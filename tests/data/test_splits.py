"""Folds: every photo is held out once, and blocks of frames hold neighbours together."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from asl_core.config import TrainConfig
from asl_core.data import Dataset, frame_folds, make_split, random_folds, read_folder
from asl_core.data.splits import frame_number, has_frames, train_validation_split
from asl_core.errors import DatasetError


def test_frame_folds_hold_out_each_block_of_consecutive_frames_once(drawn: Path) -> None:
    dataset = read_folder(drawn)
    folds = frame_folds(dataset)
    assert [fold.name for fold in folds] == ["frames"] * 5
    held_out = np.concatenate([fold.test for fold in folds])
    assert sorted(held_out) == list(range(60))
    for i, fold in enumerate(folds):
        assert sorted([*fold.train, *fold.test]) == list(range(60))
        assert dataset.counts(fold.test) == {"A": 4, "B": 4, "C": 4}
        frames = {frame_number(dataset.files[index]) for index in fold.test}
        assert frames == {4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3}


def test_validation_photos_of_a_split_by_frames_are_a_stretch_of_their_own(drawn: Path) -> None:
    dataset = read_folder(drawn)
    config = TrainConfig(validation_fraction=0.25)
    frames = make_split(dataset, "frames")
    learnt, aside = train_validation_split(dataset, frames, config)
    assert sorted([*learnt, *aside]) == sorted(frames.train)
    assert dataset.counts(aside) == {"A": 4, "B": 4, "C": 4}
    assert {frame_number(dataset.files[index]) for index in aside} == {12, 13, 14, 15}
    learnt, aside = train_validation_split(dataset, make_split(dataset, "random"), config)
    assert dataset.counts(aside) == {"A": 4, "B": 4, "C": 4}
    assert {frame_number(dataset.files[index]) for index in aside} != {12, 13, 14, 15}


def test_folds_are_the_same_each_time(drawn: Path) -> None:
    dataset = read_folder(drawn)
    for make in (frame_folds, random_folds):
        for one, two in zip(make(dataset, 3), make(dataset, 3), strict=True):
            np.testing.assert_array_equal(one.train, two.train)
            np.testing.assert_array_equal(one.test, two.test)


def test_random_folds_hold_out_each_photo_once_and_keep_the_balance(drawn: Path) -> None:
    dataset = read_folder(drawn)
    folds = random_folds(dataset, 4)
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(60))
    for fold in folds:
        assert not set(fold.train) & set(fold.test)
        assert dataset.counts(fold.test) == {"A": 5, "B": 5, "C": 5}
    frames = {frame_number(dataset.files[index]) for index in folds[0].test}
    assert frames != set(range(5))


def test_the_missions_photos_in_five_blocks(mission: Dataset) -> None:
    folds = frame_folds(mission)
    for i, fold in enumerate(folds):
        frames = [frame_number(mission.files[index]) for index in fold.test]
        assert (min(frames), max(frames)) == (200 * i + 1, 200 * i + 200)
        assert mission.counts(fold.test) == {"A": 200, "B": 200, "C": 200}


def test_too_few_photos_or_no_frame_numbers_are_told(drawn: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="A has 20 images, too few for 21 folds"):
        random_folds(read_folder(drawn), 21)
    with pytest.raises(DatasetError, match="At least 2 folds"):
        frame_folds(read_folder(drawn), 1)
    for letter in "AB":
        (tmp_path / letter).mkdir()
        for name in ("one", "two"):
            shutil.copy(drawn / "A/A0.png", tmp_path / letter / f"{name}.png")
    nameless = read_folder(tmp_path)
    assert not has_frames(nameless)
    with pytest.raises(DatasetError, match=r"one\.png has none"):
        frame_folds(nameless, 2)
