"""Processes killed at random moments: the benchmark of it, with few kills."""

from pathlib import Path

import numpy as np
import pytest

from asl_core.runs.pending import PendingRun
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from benchmarks.faults.__main__ import Plan, measure
from benchmarks.faults.kills import is_publishing
from benchmarks.faults.reader import Seen, look


@pytest.mark.slow
def test_nothing_is_lost_by_kills(drawn: Path, tmp_path: Path) -> None:
    plan = Plan(workers=1, apps=1, servers=0, controls=1, lanes=1, epochs=5)

    report = measure(tmp_path, drawn, plan)

    assert sum(report["kills"].values()) == 2
    assert report["kills"]["worker"] == 1
    assert report["lost"] == report["half_read"] == report["stuck"] == 0
    assert report["resumed"] == report["interrupted"]
    assert report["largest_difference"] < 1e-6
    assert report["reader_loads"] > 0
    assert report["control_half_written"] > 0


def test_the_reader_sees_what_is_broken(drawn_run: Run, tmp_path: Path) -> None:
    store, seen, whole = RunStore(tmp_path), Seen(), set[str]()
    place = tmp_path / drawn_run.id
    place.mkdir()
    for file in drawn_run.folder.iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    look(store, seen, whole)
    assert whole == {drawn_run.id}
    assert not seen.half_read

    model = (place / "model.tflite").read_bytes()
    (place / "model.tflite").write_bytes(model[:-1] + bytes([model[-1] ^ 1]))
    look(store, seen, whole)
    assert seen.half_read == {drawn_run.id}
    assert not seen.lost

    place.rename(tmp_path / "elsewhere")
    look(store, seen, whole)
    assert seen.lost == {drawn_run.id}


def test_publishing_is_told_by_the_files(tmp_path: Path) -> None:
    staged = PendingRun(RunStore(tmp_path), "20260101-000000-000abcdef")
    staged.files.mkdir(parents=True)
    assert not is_publishing(staged)
    np.savez(staged.files / "predictions.npz", indices=np.zeros(1))
    assert is_publishing(staged)
    staged.files.rename(tmp_path / staged.id)
    assert is_publishing(staged)
    staged.discard()
    assert not is_publishing(staged)
