"""A machine does as many tasks at a time as one server may, however many servers ask."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asl_core.background_task import BackgroundTask
from asl_core.config import TrainConfig
from asl_core.data import read_folder
from asl_core.errors import JobError
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.machine import WAITS_FOR_MACHINE, places, somebody_waits
from asl_core.jobs.tasks import quality_task
from asl_core.jobs.worker import dispatch
from asl_core.runs.pending import PendingRun
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.task_state import TaskState, new_request
from asl_core.ui.shared.tasks import headline
from tests.background_tasks import done_here
from tests.jobs.dask_cluster import cluster
from tests.processes import hear, kill, start, wait_for

LONG = TrainConfig(epochs=100, batch_size=1)
HOLDS = """
import sys, time
from filelock import FileLock
from pathlib import Path
Path(sys.argv[1]).parent.mkdir(mode=0o700, exist_ok=True)
lock = FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
time.sleep(600)
"""
WAITS = TaskState("queued", WAITS_FOR_MACHINE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The locks of a machine that does one task at a time, for this process and those below."""
    monkeypatch.setenv("ASL_LOCKS_DIR", str(tmp_path / "locks"))
    settings.cache_clear()
    yield tmp_path / "locks"
    settings.cache_clear()


@pytest.fixture
def end_other(folder: Path) -> Iterator[Callable[[], None]]:
    """Another program has the only place, until it is killed by this."""
    other = start(HOLDS, folder / "place-0.lock")
    assert hear(other) == "held"
    yield lambda: kill(other)
    if other.poll() is None:
        kill(other)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def begun(task: BackgroundTask) -> threading.Thread:
    """A task that is asked for, and that a worker has."""
    assert task.claim()
    thread = threading.Thread(target=dispatch, args=(str(task.root), task.id))
    thread.start()
    return thread


def test_a_task_waits_until_another_program_is_killed(
    store: RunStore, drawn: Path, end_other: Callable[[], None]
) -> None:
    task = quality_task(store, read_folder(drawn))
    worker = begun(task)
    wait_for(lambda: task.state() == WAITS)
    assert somebody_waits()
    assert headline(task.state()) == "waits for another program's task on this machine"

    end_other()
    worker.join(timeout=60)

    assert task.state().phase == "done"
    assert not somebody_waits()


def test_what_waits_for_the_machine_can_be_canceled(
    store: RunStore, drawn: Path, end_other: Callable[[], None]
) -> None:
    task = quality_task(store, read_folder(drawn))
    worker = begun(task)
    wait_for(lambda: task.state() == WAITS)

    task.cancel()
    worker.join(timeout=60)

    assert not worker.is_alive()
    assert task.state().phase == "none"
    assert not somebody_waits()


def test_a_check_gives_its_worker_back_rather_than_wait(
    store: RunStore, tmp_path: Path, end_other: Callable[[], None]
) -> None:
    result = tmp_path / "result" / "x.json"
    result.parent.mkdir()
    check = BackgroundTask(
        store.root, "check", new_request("repeat", result, group="run", steps_aside=True)
    )
    assert check.claim()
    dispatch(str(store.root), check.id)
    assert check.state() == WAITS


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has no such rights")
def test_a_folder_that_others_may_write_is_refused(
    store: RunStore, drawn: Path, folder: Path
) -> None:
    task = quality_task(store, read_folder(drawn))

    def refused() -> None:
        assert task.claim()
        with pytest.raises(JobError, match="ASL_LOCKS_DIR"):
            dispatch(str(task.root), task.id)
        assert task.state().phase == "failed"
        assert str(folder) not in task.state().error
        task.submitted.release()

    folder.mkdir()
    folder.chmod(0o777)
    refused()
    folder.rmdir()
    folder.symlink_to(store.root)
    refused()
    folder.unlink()
    done_here(task)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_worker_of_a_cluster_has_a_place_for_each_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ASL_WORKER_COUNT")
    settings.cache_clear()
    assert len(places()) == os.cpu_count()


@pytest.mark.slow
def test_two_servers_and_a_cluster_train_one_after_the_other(
    store: RunStore, tmp_path: Path, drawn: Path
) -> None:
    """Each has a folder of runs of its own."""
    spec = RunSpec(LONG, "random", str(drawn))
    stores = [RunStore(tmp_path / name) for name in ("one", "two", "cluster")]
    with cluster(tmp_path) as running:
        running.add_worker(ASL_WORKER_COUNT="1")
        servers = [Jobs(None), Jobs(None), Jobs(running.address)]
        each = zip(stores, servers, strict=True)
        runs = [PendingRun(own, jobs.train(own, spec)) for own, jobs in each]

        def phases() -> list[str]:
            return sorted(run.state().step or run.state().phase for run in runs)

        for left in (3, 2, 1):
            expected = ["training"] + [WAITS_FOR_MACHINE] * (left - 1)
            wait_for(lambda expected=expected: phases() == expected)  # type: ignore[misc]
            (at_work,) = (run for run in runs if run.state().phase == "working")
            runs.remove(at_work)
            at_work.request_stop()
            wait_for(at_work.result.exists)
        for jobs in servers:
            jobs.close()
