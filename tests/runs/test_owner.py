"""Who asked for a run is known to them, and to nobody who reads its folder."""

import json
import shutil

import pytest

from asl_core.runs.manifest import MANIFEST, RUN_FILES
from asl_core.runs.owner import asked_by
from asl_core.runs.pending import new_pending
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore

ANNA, BEN = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("runs"))


def published(store: RunStore, run: Run, owner: str) -> Run:
    """A run that somebody has asked for."""
    pending = new_pending(store, run.spec, owner)
    pending.claim()
    with pending.working():
        for name in RUN_FILES:
            shutil.copyfile(run.folder / name, pending.files / name)
        return pending.publish()


def test_who_asked_is_known_to_them_alone(store: RunStore, drawn_run: Run) -> None:
    first, second = (published(store, drawn_run, ANNA) for _ in range(2))
    for run in (first, second):
        assert asked_by(run.id, store.load(run.id).owner, ANNA) is True
        assert asked_by(run.id, store.load(run.id).owner, BEN) is False
    assert first.owner != second.owner  # nobody sees that both are of the same
    assert not [
        path
        for path in store.root.rglob("*")
        if path.is_file() and ANNA.encode() in path.read_bytes()
    ]


def test_of_nobody_in_particular_and_of_an_old_run_it_is_not_known(
    store: RunStore, drawn_run: Run
) -> None:
    run = published(store, drawn_run, "")
    assert asked_by(run.id, store.load(run.id).owner, ANNA) is None
    manifest = json.loads((run.folder / MANIFEST).read_text())
    del manifest["owner"]  # as earlier versions wrote it
    (run.folder / MANIFEST).write_text(json.dumps(manifest))
    assert asked_by(run.id, store.load(run.id).owner, ANNA) is None
    assert store.damaged() == ()
