"""Odd files in the folder of runs: a damaged run is one line, and hides no other."""

import json
import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from asl_core.errors import AslError, DamagedRunError, RunError
from asl_core.runs.manifest import MANIFEST, RUN_FILES, seal
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import ROOT

SHIPPED = ("20261123-145555-1391ec5ed", "20261129-004116-580595fb7")

ODD_CONTENTS = [b"", b"[" * 100_000, b"\xff\x00\xfe", b"{}", b"null", b"[1]", b"PK\x03\x04 garbage"]


@pytest.fixture
def saved(tmp_path: Path, drawn_run: Run) -> Run:
    """A run that is free to be damaged."""
    shutil.copytree(drawn_run.folder, tmp_path / "runs" / drawn_run.id)
    return open_run(tmp_path / "runs" / drawn_run.id)


def rewrite(run: Run, name: str, **changes: object) -> None:
    """Change values of a document, and seal the run again."""
    path = run.folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    seal(run.folder)


def assert_damaged(run: Run) -> None:
    store = RunStore(run.folder.parent)
    assert store.list() == ()
    assert store.damaged() == (run.id,)
    with pytest.raises(DamagedRunError, match=run.id) as raised:
        store.load(run.id)
    assert str(run.folder) not in str(raised.value)


@pytest.mark.parametrize("name", [MANIFEST, "config.json", "results.json", "history.csv"])
@pytest.mark.parametrize("content", ODD_CONTENTS, ids=lambda content: content[:8])
def test_a_document_with_odd_content_damages_its_run(name: str, content: bytes, saved: Run) -> None:
    (saved.folder / name).write_bytes(content)
    if name != MANIFEST:
        seal(saved.folder)
    assert_damaged(saved)


@pytest.mark.parametrize("name", [MANIFEST, *RUN_FILES])
def test_a_folder_or_a_pipe_in_place_of_a_file_damages_its_run(name: str, saved: Run) -> None:
    (saved.folder / name).unlink()
    (saved.folder / name).mkdir()
    assert_damaged(saved)
    (saved.folder / name).rmdir()
    os.mkfifo(saved.folder / name)
    assert_damaged(saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"test": {}},
        {"test": {"A": 4, "B": 4, "C": "4"}},
        {"test": {"A": 4, "B": 4}},
        {"train": {"A": -4, "B": 40, "C": 4}},
        {"classes": []},
        {"classes": ["A", "A", "B"]},
        {"classes": ["A", ["B"], "C"]},
        {"epochs": "many"},
        {"epochs": 10**9},
        {"best_epoch": 0},
        {"test_correct": 10**6},
        {"train_correct": 1.5},
        {"stop_reason": "weather"},
        {"seconds": {}},
        {"seconds": {"load": 1, "fit": -1, "evaluate": 1, "total": 1}},
        {"seconds": {"load": 1, "fit": float("nan"), "evaluate": 1, "total": 1}},
        {"corrections": {"history": [[]]}},
        {"fingerprint": None},
    ],
    ids=str,
)
def test_results_that_can_not_be_damage_a_run(changes: dict[str, object], saved: Run) -> None:
    rewrite(saved, "results.json", **changes)
    assert_damaged(saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"config": {"epochs": "many"}},
        {"config": {"epochs": 1, "filters": [5]}},
        {"config": {"augmentation": 3}},
        {"config": None},
        {"split": "none"},
        {"split": ["random"]},
        {"data": 5},
        {"sweep": {}},
    ],
    ids=str,
)
def test_settings_that_can_not_be_damage_a_run(changes: dict[str, object], saved: Run) -> None:
    rewrite(saved, "config.json", **changes)
    assert_damaged(saved)


def test_a_manifest_that_names_no_file_damages_a_run(saved: Run) -> None:
    odd: tuple[dict[str, object], ...] = (
        {},
        {name: {} for name in RUN_FILES},
        dict.fromkeys(RUN_FILES, 5),
    )
    for files in odd:
        (saved.folder / MANIFEST).write_text(json.dumps({"schema": 3, "files": files}))
        assert_damaged(saved)


HISTORIES = [
    "epoch,loss,accuracy\n",
    "epoch,loss\n1,0.5\n2,0.4\n",
    "epoch,loss,accuracy\n1,0.5\n",
    "epoch,loss,accuracy\n1,0.5,0.5\n",
    "epoch,loss,accuracy\n1,0.5,x\n2,0.5,0.5\n",
    "loss,accuracy\n0.5,0.5\n0.4,0.6\n",
    "epoch,loss,accuracy\n" + "1,0.5,0.5,0.5\n" * 2,
    '"' * 300_000,
]


@pytest.mark.parametrize("text", HISTORIES, ids=lambda text: text[:40])
def test_a_history_that_can_not_be_damages_a_run(text: str, saved: Run) -> None:
    (saved.folder / "history.csv").write_text(text)
    seal(saved.folder)
    assert_damaged(saved)


def arrays_of(run: Run) -> dict[str, np.ndarray]:
    with np.load(run.folder / "predictions.npz") as arrays:
        return dict(arrays)


@dataclass(frozen=True)
class Change:
    """What becomes of one array of the predictions."""

    name: str
    of: Callable[[np.ndarray], np.ndarray | None]


CHANGES = [
    Change("probabilities", lambda p: p * 2),
    Change("probabilities", lambda p: p[:, :2]),
    Change("probabilities", lambda p: p[1:]),
    Change("probabilities", lambda p: p * float("nan")),
    Change("probabilities", lambda p: p.astype(str)),
    Change("probabilities", lambda p: np.array({}, object)),
    Change("labels", lambda labels: labels + 3),
    Change("labels", lambda labels: labels - 1),
    Change("labels", lambda labels: labels[None]),
    Change("labels", lambda labels: labels.astype(float)),
    Change("indices", lambda indices: indices * 0),
    Change("indices", lambda indices: -1 - indices),
    Change("files", lambda files: files[1:]),
    Change("files", lambda files: None),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_predictions_that_can_not_be_are_told_when_the_run_is_opened(
    change: Change, saved: Run
) -> None:
    arrays = arrays_of(saved)
    changed = change.of(arrays.pop(change.name))
    if changed is not None:
        arrays[change.name] = changed
    np.savez_compressed(saved.folder / "predictions.npz", allow_pickle=True, **arrays)
    seal(saved.folder)
    with pytest.raises(DamagedRunError, match=saved.id):
        saved.predictions()
    with pytest.raises(DamagedRunError, match=saved.id):
        open_run(saved.folder)


@pytest.mark.parametrize("seed", range(40))
def test_predictions_with_any_bytes_changed_are_read_or_told(seed: int, saved: Run) -> None:
    rng = random.Random(seed)
    path = saved.folder / "predictions.npz"
    content = bytearray(path.read_bytes())
    for _ in range(20):
        content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(content[: rng.choice([len(content), rng.randrange(len(content))])])
    with suppress(DamagedRunError):  # the one way in which it may fail
        saved.predictions()


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(saved: Run) -> None:
    huge = BytesIO()
    np.savez_compressed(huge, indices=np.zeros(20_000_000, np.int64))
    (saved.folder / "predictions.npz").write_bytes(huge.getvalue())
    with pytest.raises(DamagedRunError, match="too large"):
        saved.predictions()


def test_an_odd_title_is_no_title(saved: Run) -> None:
    (saved.folder / "title.txt").mkdir()
    (run,) = RunStore(saved.folder.parent).list()
    assert run.title == ""
    with pytest.raises(RunError, match="can't be renamed"):
        run.rename("new")


@pytest.mark.parametrize("content", ODD_CONTENTS, ids=lambda content: content[:8])
def test_what_was_found_and_is_damaged_is_told(content: bytes, saved: Run) -> None:
    saved.save_artifact("found", {"n": 3})
    assert saved.load_artifact("found", dict[str, int]) == {"n": 3}
    assert saved.load_artifact("new", dict[str, int], "found") == {"n": 3}
    assert saved.load_artifact("new", dict[str, int]) is None
    saved.artifact_file("found").write_bytes(content)
    if content != b"{}":
        with pytest.raises(DamagedRunError, match=r"found\.json"):
            saved.load_artifact("found", dict[str, int])
    saved.artifact_file("other").mkdir()
    with pytest.raises(RunError, match="can't be saved"):
        saved.save_artifact("other", {})


def test_one_damaged_run_hides_no_other(saved: Run) -> None:
    odd = saved.folder.with_name("20200101-000000-aaaaaa")
    for name in (*RUN_FILES, MANIFEST):
        shutil.copytree(saved.folder, odd)
        (odd / name).write_bytes(b"[" * 100_000)
        store = RunStore(saved.folder.parent)
        assert saved in store.list()
        assert {run.id for run in store.list()} | {*store.damaged()} == {saved.id, odd.name}
        shutil.rmtree(odd)
    odd.touch()
    assert RunStore(saved.folder.parent).damaged() == (odd.name,)


@pytest.mark.parametrize("run_id", SHIPPED)
def test_the_shipped_runs_of_schema_2_are_read(run_id: str) -> None:
    run = RunStore(ROOT / "models").load(run_id)
    assert run.results.best_epoch == run.results.epochs == run.spec.config.epochs
    assert run.results.stop_reason == "all epochs"
    assert run.spec.split == {SHIPPED[0]: "original", SHIPPED[1]: "rendered"}[run_id]
    assert run.spec.config.validation_fraction == 0
    assert run.title


def test_a_run_with_all_old_names_is_read(saved: Run) -> None:
    """As the version before wrote it: schema 2, its names of settings, splits and results."""
    old_config = json.loads((saved.folder / "config.json").read_text())
    old_config["config"]["validation_share"] = old_config["config"].pop("validation_fraction")
    old_config |= {"decided": False, "split": "mission"}
    del old_config["use_corrections"]
    old = json.loads((saved.folder / "results.json").read_text())
    entry = {"file": "A/A0.png", "sha256": "0" * 64, "action": "exclude", "label": None}
    old["ended"], old["kept_epoch"] = "early stopping", old.pop("best_epoch")
    old["decisions"] = {"history": [entry]}
    del old["stop_reason"], old["corrections"]
    (saved.folder / "config.json").write_text(json.dumps(old_config))
    (saved.folder / "results.json").write_text(json.dumps(old))
    seal(saved.folder)
    manifest = json.loads((saved.folder / MANIFEST).read_text())
    (saved.folder / MANIFEST).write_text(json.dumps({**manifest, "schema": 2}))
    run = open_run(saved.folder)
    assert run.spec.split == "original"
    assert not run.spec.use_corrections
    assert run.results.stop_reason == "early stopping"
    assert run.results.best_epoch == saved.results.best_epoch
    assert [taken.action for taken in run.results.corrections.history] == ["exclude"]


def test_a_folder_of_runs_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="Runs can't be saved") as raised:
        RunStore(tmp_path / "file" / "runs").check_writable()
    assert isinstance(raised.value, AslError)
    assert str(tmp_path) not in str(raised.value)
    RunStore(tmp_path / "runs").check_writable()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
