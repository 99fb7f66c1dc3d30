"""Deleting runs and bringing them back, in real folders, also when the process is killed."""

import random
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asl_core.background_task import STAGING
from asl_core.errors import RunError, RunNotFoundError
from asl_core.runs.deleted import (
    DELETED,
    KEEP_HOURS,
    bring_back,
    read_deletions,
    remove_for_good,
)
from asl_core.runs.pending import list_pending
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, new_run_id
from tests.processes import hear, kill, start

DELETER = """
import sys
from asl_core.runs.deleted import bring_back
from asl_core.runs.store import RunStore
store, ids = RunStore(sys.argv[1]), sys.argv[2:]
while True:
    deletion = store.delete(*ids)
    print(deletion.id, flush=True)
    bring_back(store.root, deletion.id)
"""


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def ids(store: RunStore, drawn_run: Run) -> tuple[str, ...]:
    """Three runs, the newest first."""
    made = [new_run_id() for _ in range(3)]
    for run_id in made:
        shutil.copytree(drawn_run.folder, store.root / run_id)
    return tuple(reversed(made))


def listed(store: RunStore) -> tuple[str, ...]:
    return tuple(run.id for run in store.list())


def age(store: RunStore, deletion_id: str, hours: float) -> str:
    """Move a deletion into the past. Returns its new id."""
    then = datetime.now(UTC) - timedelta(hours=hours)
    aged = f"{then:%Y%m%d-%H%M%S}{deletion_id[15:]}"
    (store.root / DELETED / deletion_id).rename(store.root / DELETED / aged)
    return aged


def test_a_deleted_run_is_nowhere_and_comes_back_whole(
    store: RunStore, ids: tuple[str, ...]
) -> None:
    newest, *others = ids
    run = store.load(newest)
    run.rename("The best")
    deletion = store.delete(newest)
    assert listed(store) == tuple(others)
    assert store.damaged() == ()
    assert list_pending(store) == []
    with pytest.raises(RunNotFoundError):
        store.load(newest)
    assert read_deletions(store.root) == (deletion,)
    assert deletion.ends - deletion.made == timedelta(hours=KEEP_HOURS)
    assert bring_back(store.root, deletion.id) == (newest,)
    assert store.load(newest) == run
    assert store.load(newest).title == "The best"
    assert read_deletions(store.root) == ()
    assert list((store.root / DELETED).iterdir()) == []


def test_runs_that_are_deleted_at_once_come_back_at_once(
    store: RunStore, ids: tuple[str, ...]
) -> None:
    deletion = store.delete(*ids, "20200101-000000-abcdef")
    assert deletion.run_ids == ids
    assert listed(store) == ()
    assert bring_back(store.root, deletion.id) == ids
    assert listed(store) == ids


def test_a_damaged_run_comes_back_as_it_was(store: RunStore, ids: tuple[str, ...]) -> None:
    (store.root / ids[0] / "manifest.json").unlink()
    deletion = store.delete(ids[0])
    assert store.damaged() == ()
    bring_back(store.root, deletion.id)
    assert store.damaged() == (ids[0],)


def test_the_same_id_is_deleted_twice_and_one_stays_deleted(
    store: RunStore, ids: tuple[str, ...], drawn_run: Run
) -> None:
    run_id, other, _ = ids
    first = store.delete(run_id, other)
    with pytest.raises(RunNotFoundError):
        store.delete(run_id)
    shutil.copytree(drawn_run.folder, store.root / run_id)
    (store.root / run_id / "title.txt").write_text("Taken")
    with pytest.raises(RunError, match=f"another run {run_id}"):
        bring_back(store.root, first.id)
    assert store.load(run_id).title == "Taken"  # what is there is never written over
    assert other in listed(store)  # what can come back does
    second = store.delete(run_id)
    assert [each.id for each in read_deletions(store.root)] == [second.id, first.id]
    assert bring_back(store.root, first.id) == (run_id,)
    assert store.load(run_id).title == ""
    with pytest.raises(RunNotFoundError, match="can't be undone any more"):
        bring_back(store.root, first.id)


def test_what_was_deleted_long_ago_is_removed_by_the_next_deletion(
    store: RunStore, ids: tuple[str, ...]
) -> None:
    old, recent = store.delete(ids[0]), store.delete(ids[1])
    expired = age(store, old.id, KEEP_HOURS + 1)
    still = age(store, recent.id, KEEP_HOURS - 1)
    assert [each.id for each in read_deletions(store.root)] == [still]
    with pytest.raises(RunNotFoundError):
        bring_back(store.root, expired)
    assert (store.root / DELETED / expired).is_dir()  # nothing is removed by looking
    newest = store.delete(ids[2])
    left = {path.name for path in (store.root / DELETED).iterdir()}
    assert left == {still, newest.id}
    assert list((store.root / STAGING).iterdir()) == []


def test_what_is_removed_for_good_frees_the_disk_alone(
    store: RunStore, ids: tuple[str, ...]
) -> None:
    one, other = store.delete(ids[0]), store.delete(ids[1])
    for _ in range(2):  # the second click finds it gone, which is what was asked for
        remove_for_good(store.root, one.id)
    assert read_deletions(store.root) == (other,)
    assert not list(store.root.rglob(f"{ids[0]}/*"))


def test_what_is_not_ours_is_left_alone(store: RunStore, ids: tuple[str, ...]) -> None:
    for name in ("notes", "20250230-000000-abcdef"):
        (store.root / DELETED / name / ids[1]).mkdir(parents=True)
    (store.root / DELETED / "file").write_text("")
    assert read_deletions(store.root) == ()
    deletion = store.delete(ids[0])
    assert read_deletions(store.root) == (deletion,)
    assert (store.root / DELETED / "notes" / ids[1]).is_dir()


@pytest.mark.parametrize("seed", range(4))
def test_a_process_that_is_killed_leaves_every_run_in_its_place_or_deleted(
    store: RunStore, ids: tuple[str, ...], seed: int
) -> None:
    deleter = start(DELETER, store.root, *ids)
    hear(deleter)
    time.sleep(random.Random(seed).uniform(0, 0.1))
    kill(deleter)
    there, deletions = listed(store), read_deletions(store.root)
    gone = [run_id for deletion in deletions for run_id in deletion.run_ids]
    assert store.damaged() == ()
    assert sorted([*there, *gone]) == sorted(ids)
    for deletion in deletions:
        bring_back(store.root, deletion.id)
    assert listed(store) == ids
    assert all(store.load(run_id) for run_id in ids)
