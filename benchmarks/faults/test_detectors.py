"""What the benchmark counts by is tried on what is broken: it must see that."""

import shutil
from pathlib import Path

import numpy as np

from asl_core.runs.pending import PendingRun
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT
from benchmarks.faults.kills import is_publishing
from benchmarks.faults.reader import Seen, look


def test_the_reader_sees_what_is_broken(tmp_path: Path) -> None:
    run = RunStore(ROOT / "models").list()[0]
    store, seen, whole = RunStore(tmp_path), Seen(), set[str]()
    place = tmp_path / run.id
    shutil.copytree(run.folder, place)
    look(store, seen, whole)
    assert whole == {run.id}
    assert not seen.half_read

    model = (place / "model.tflite").read_bytes()
    (place / "model.tflite").write_bytes(model[:-1] + bytes([model[-1] ^ 1]))
    look(store, seen, whole)
    assert seen.half_read == {run.id}
    assert not seen.lost

    place.rename(tmp_path / "elsewhere")
    look(store, seen, whole)
    assert seen.lost == {run.id}


def test_publishing_is_told_by_the_files(tmp_path: Path) -> None:
    pending = PendingRun(RunStore(tmp_path), "20260101-000000-000abcdef")
    pending.files.mkdir(parents=True)
    assert not is_publishing(pending)
    np.savez(pending.files / "predictions.npz", indices=np.zeros(1))
    assert is_publishing(pending)
    pending.files.rename(tmp_path / pending.id)
    assert is_publishing(pending)
    pending.discard()
    assert not is_publishing(pending)
