"""A full disk, and one that can only be read: every write ends with an error of the project."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from asl_core.data import read_folder
from asl_core.data.dataset import Source
from asl_core.data.label_corrections import decide, decision, load_label_corrections
from asl_core.errors import RunError
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.sweeps.search import Search, prepare

SIZE = "size=1m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB, which is gone after the test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount a disk in memory")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "rest").open("wb") as file:
        for _ in range(2**20 // 4096):
            file.write(bytes(4096))
            file.flush()


def make_read_only(disk: Path) -> None:
    subprocess.run(["mount", "-o", f"remount,ro,{SIZE}", str(disk)], check=True)


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a disk."""

    make: Callable[[Path], None]
    told: str


TROUBLES = [Trouble(fill, "No space left"), Trouble(make_read_only, "Read-only file system")]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.told)
def test_every_write_is_refused_in_words_and_changes_nothing(
    trouble: Trouble, disk: Path, drawn_run: Run, drawn: Path
) -> None:
    store, dataset = RunStore(disk / "runs"), read_folder(drawn)
    shutil.copytree(drawn_run.folder, store.root / drawn_run.id)
    run = store.load(drawn_run.id)
    run.rename("before")
    taken = decide(store.root, decision(dataset, 0, "exclude"))
    store.check_writable()
    trouble.make(disk)
    writes: tuple[Callable[[], object], ...] = (
        store.check_writable,
        lambda: run.rename("a title"),
        lambda: run.save_artifact("found", {"values": list(range(10_000))}),
        lambda: decide(store.root, *(decision(dataset, i, "keep") for i in range(60))),
        lambda: prepare(store, Search(), "random", Source(str(drawn))),
    )
    for write in writes:
        with pytest.raises(RunError, match=trouble.told) as raised:
            write()
        assert str(disk) not in str(raised.value)
    assert run.title == "before"
    assert load_label_corrections(store.root) == taken
    assert store.load(run.id) == run


def test_a_run_can_be_deleted_from_a_full_disk(disk: Path, drawn_run: Run) -> None:
    store = RunStore(disk / "runs")
    shutil.copytree(drawn_run.folder, store.root / drawn_run.id)
    fill(disk)
    store.delete(drawn_run.id)
    assert store.list() == ()


def test_a_run_on_a_disk_that_can_only_be_read_stays(disk: Path, drawn_run: Run) -> None:
    store = RunStore(disk / "runs")
    shutil.copytree(drawn_run.folder, store.root / drawn_run.id)
    make_read_only(disk)
    with pytest.raises(RunError, match="can't be deleted: Read-only"):
        store.delete(drawn_run.id)
    assert len(store.list()) == 1
