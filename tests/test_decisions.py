"""Decisions about photos: kept beside the runs, undone, and applied before a training."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from asl_core import make_split, read_folder
from asl_core.decisions import (
    FILE,
    Decisions,
    apply_decisions,
    decide,
    decision,
    read_decisions,
    undo,
)
from asl_core.errors import DatasetError
from asl_core.runs import RunStore


def test_what_was_decided_is_there_again_and_can_be_undone(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    assert read_decisions(tmp_path) == Decisions()
    assert undo(tmp_path) == Decisions()
    kept = decision(dataset, 0, "keep")
    moved = decision(dataset, 0, "relabel", "B")
    dropped = decision(dataset, 5, "exclude")
    decide(tmp_path, kept)
    assert decide(tmp_path, moved, dropped).history == (kept, moved, dropped)
    assert read_decisions(tmp_path).about(dataset) == {0: moved, 5: dropped}
    assert undo(tmp_path).about(dataset) == {0: moved}
    assert undo(tmp_path).about(dataset) == {0: kept}
    assert read_decisions(tmp_path).history == (kept,)
    assert RunStore(tmp_path).list() == ()
    assert RunStore(tmp_path).damaged() == ()


def test_they_change_labels_and_take_photos_out_of_the_split(drawn: Path) -> None:
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    out, tested, moved = int(split.train[0]), int(split.test[0]), int(split.train[1])
    wanted = next(name for name in dataset.classes if name != dataset.letter(moved))
    decisions = Decisions(
        (
            decision(dataset, out, "exclude"),
            decision(dataset, tested, "exclude"),
            decision(dataset, moved, "relabel", wanted),
        )
    )
    changed, left = apply_decisions(decisions, dataset, split)
    assert changed.letter(moved) == wanted
    assert np.flatnonzero(changed.labels != dataset.labels).tolist() == [moved]
    np.testing.assert_array_equal(left.train, split.train[1:])
    np.testing.assert_array_equal(left.test, split.test[1:])
    assert changed.files == dataset.files
    assert changed.fingerprint == dataset.fingerprint
    same, whole = apply_decisions(Decisions(), dataset, split)
    np.testing.assert_array_equal(same.labels, dataset.labels)
    np.testing.assert_array_equal(whole.train, split.train)


def test_another_photo_of_the_same_name_is_not_meant(drawn: Path, tmp_path: Path) -> None:
    taken = Decisions((decision(read_folder(drawn), 0, "exclude"),))
    other = tmp_path / "other"
    shutil.copytree(drawn, other)
    assert set(taken.about(read_folder(other))) == {0}
    shutil.copy(drawn / "B/B0.png", other / "A/A0.png")
    assert taken.about(read_folder(other)) == {}


def test_nonsense_is_refused(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    with pytest.raises(DatasetError, match="one of A, B, C"):
        decision(dataset, 0, "relabel", "Q")
    with pytest.raises(DatasetError, match="only then"):
        decision(dataset, 0, "exclude", "A")
    with pytest.raises(DatasetError, match="only then"):
        decision(dataset, 0, "relabel")
    everything = Decisions(tuple(decision(dataset, index, "exclude") for index in range(60)))
    with pytest.raises(DatasetError, match="Undo"):
        apply_decisions(everything, dataset, make_split(dataset, "random"))
    for broken in ("{", json.dumps({"schema": 2, "history": []}), json.dumps({"schema": 1})):
        (tmp_path / FILE).write_text(broken)
        with pytest.raises(DatasetError, match=FILE):
            read_decisions(tmp_path)


def test_two_visitors_at_once_lose_nothing(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: decide(tmp_path, decision(dataset, i, "keep")), range(40)))
    assert set(read_decisions(tmp_path).about(dataset)) == set(range(40))
