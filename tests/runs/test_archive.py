"""Runs that are archived together are out of the way, and come back as they were."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from asl_core.errors import RunError, RunNotFoundError
from asl_core.files import read_json, write_json
from asl_core.runs.archive import ARCHIVED, archive, list_archives, unarchive
from asl_core.runs.lesson import LessonMark
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore

IDS = ("20250101-000000-aaaaaa", "20250202-000000-bbbbbb", "20250303-000000-cccccc")


@pytest.fixture
def store(drawn_run: Run, tmp_path: Path) -> RunStore:
    for run_id in IDS:
        shutil.copytree(drawn_run.folder, tmp_path / run_id)
    return RunStore(tmp_path)


def test_archived_runs_are_in_no_list_and_come_back(store: RunStore) -> None:
    newest, *others = store.list()
    archive_id = archive(store, others)
    assert store.list() == (newest,)
    with pytest.raises(RunNotFoundError):
        store.load(others[0].id)
    (archived,) = list_archives(store)
    assert archived.id == archive_id
    assert [run.id for run in archived.runs] == [run.id for run in others]
    unarchive(store, archive_id)
    assert [run.id for run in store.list()] == sorted(IDS, reverse=True)
    assert store.load(others[0].id) == others[0]
    assert list_archives(store) == ()
    assert list((store.root / ARCHIVED).iterdir()) == []


def test_what_is_gone_meanwhile_is_left_out(store: RunStore) -> None:
    first, second, third = store.list()
    store.delete(first.id)
    archive_id = archive(store, [first, second])
    assert [run.id for run in list_archives(store)[0].runs] == [second.id]
    with pytest.raises(RunNotFoundError):
        archive(store, [first, second])
    assert len(list((store.root / ARCHIVED).iterdir())) == 1
    shutil.copytree(third.folder, store.root / second.id)  # somebody took the id
    with pytest.raises(RunError, match=second.id):
        unarchive(store, archive_id)
    assert len(list_archives(store)) == 1
    for wrong in ("../..", "20990101-000000-aaaaaa", ""):
        with pytest.raises(RunNotFoundError):
            unarchive(store, wrong)


def test_a_run_keeps_the_mark_of_its_lesson(drawn_run: Run, tmp_path: Path) -> None:
    mark = LessonMark.of("0123abcd", "First\nlesson\x00 " + "x" * 100, " Ada\u202e Lovelace " * 9)
    assert mark.name.startswith("First lesson xxx")
    assert len(mark.name) == 80
    assert len(mark.pupil) == 40
    spec = replace(drawn_run.spec, lesson=mark)
    write_json(tmp_path / "config.json", spec.to_json())
    assert read_json(tmp_path / "config.json", RunSpec) == spec
    write_json(tmp_path / "config.json", drawn_run.spec.to_json())
    assert read_json(tmp_path / "config.json", RunSpec).lesson is None
