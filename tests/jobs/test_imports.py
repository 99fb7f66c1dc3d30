"""Datasets that visitors drop on a page, as background tasks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core import TrainConfig, train
from asl_core.data import open_dataset
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.own_dataset import SETS
from asl_core.errors import ArchiveError, StoreError
from asl_core.jobs import imports
from asl_core.jobs.imports import imports_under_way, new_import
from asl_core.jobs.worker import dispatch
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from tests.background_tasks import done_here
from tests.data.raw_archives import Raw, picture, raw_zip, zip_with


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """A folder of runs of this test's own."""
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    settings.cache_clear()
    yield RunStore(tmp_path / "runs")
    monkeypatch.undo()
    settings.cache_clear()


def left(store: RunStore) -> list[str]:
    """What is in the folders of datasets and of tasks, but for locks."""
    folders = (store.root / ".staging", store.root / SETS)
    return [path.name for folder in folders for path in folder.glob("*/")]


def test_what_is_dropped_becomes_a_dataset(store: RunStore) -> None:
    content = zip_with()
    task = new_import(store, "hands.zip", (content[:100], content[100:]), "Hands", "ann")
    assert task.request.owner == "ann"
    done_here(task)
    (card,) = DatasetStore(store.root).list("ann")
    assert (card.name, card.counts) == ("Hands", {"A": 2, "B": 2})
    assert left(store) == [card.id]


@pytest.mark.parametrize("name", ["../../x.zip", "/etc/passwd", "", "..", "x" * 999, "a\0b.zip"])
def test_the_name_of_what_is_dropped_leads_nowhere(name: str, store: RunStore) -> None:
    task = new_import(store, name, [zip_with()], "Hands", "ann")
    (file,) = (path for path in store.root.parent.rglob("*") if path.is_file())
    assert file.parent == task.folder / imports.DROPPED
    done_here(task)


def test_a_failure_is_told_and_leaves_no_archive(store: RunStore) -> None:
    task = new_import(store, "evil.zip", [zip_with(Raw(b"../x.png"))], "Evil", "ann")
    assert task.claim()
    assert imports_under_way(store, "ann")[0].id == task.id
    assert imports_under_way(store, "bob") == []
    with pytest.raises(ArchiveError):
        dispatch(str(store.root), task.id)
    task.submitted.release()
    assert task.state().phase == "failed"
    assert "leads out of it" in task.state().error
    assert not any(path.suffix == ".zip" for path in store.root.rglob("*"))
    task.dismiss()
    assert left(store) == []


def test_a_stopped_import_leaves_nothing(store: RunStore) -> None:
    many = (Raw(b"%s/%d.png" % (name, i), picture(i)) for name in (b"A", b"B") for i in range(200))
    task = new_import(store, "hands.zip", [raw_zip(many)], "Hands", "ann")
    assert task.claim()
    task.request_stop()
    dispatch(str(store.root), task.id)
    task.submitted.release()
    assert left(store) == []
    assert DatasetStore(store.root).list() == ()


def test_an_import_whose_worker_died_begins_again(store: RunStore) -> None:
    task = new_import(store, "hands.zip", [zip_with()], "Hands", "ann")
    for trash in (task.folder / "work" / "set", store.root / SETS / task.request.arguments["set"]):
        (trash / "images" / "A").mkdir(parents=True)
        (trash / "images" / "A" / "half.png").write_bytes(b"half")
    done_here(task)
    (card,) = DatasetStore(store.root).list()
    assert card.n_images == 4
    assert len(open_dataset(card.text)) == 4


def test_too_much_is_refused_before_it_is_asked_for(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MAX_DROPPED_BYTES", 2**20)
    with pytest.raises(StoreError, match="At most 1 MB"):
        new_import(store, "x.zip", (bytes(2**19) for _ in range(9)), "Hands", "ann")
    with pytest.raises(StoreError, match="needs a name"):
        new_import(store, "x.zip", [b""], "", "ann")
    assert left(store) == []


def test_a_run_outlives_the_dataset_that_it_was_trained_on(store: RunStore, drawn: Path) -> None:
    from asl_core.data.import_dataset import Import, import_dataset

    card = import_dataset(Import(drawn, "Mine", root=store.root))
    trained = train(card.text, TrainConfig(epochs=1, batch_size=8), "random", store.root)
    assert trained.spec.data == card.text
    assert trained.spec.source.name == "Mine"
    DatasetStore(store.root).delete(card.id)
    (run,) = store.list()
    assert run.id == trained.id
    assert run.spec.source.name == "a deleted dataset"
    with pytest.raises(StoreError, match="has been deleted"):
        open_dataset(run.spec.source)
