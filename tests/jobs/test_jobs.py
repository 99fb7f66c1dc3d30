"""Trainings on real workers: queued, failed, killed, orphaned."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from asl_core.config import TrainConfig
from asl_core.data import read_folder
from asl_core.errors import JobError, QueueFullError, RunNotFoundError
from asl_core.evaluation.blocked_cv import blocked_cv_task, load_blocked_cv
from asl_core.evaluation.label_check import label_check, load_label_issues
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.queue import place_in_queue, waiting_runs
from asl_core.runs.pending import PendingRun, Status, find_pending, list_pending, stage
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import MAX_ERRANDS, MAX_QUEUED, MAX_QUEUED_PER_VISITOR, ROOT

QUICK = TrainConfig(epochs=1, batch_size=8)
LONG = TrainConfig(epochs=100, filters=(16, 16), batch_size=1)
PATIENCE_SECONDS = 120

SUBMITTER = """
import sys, time
from asl_core.config import TrainConfig
from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
spec = RunSpec(TrainConfig(epochs=100, filters=(16, 16), batch_size=1), "random", sys.argv[2])
print(Jobs().submit(RunStore(sys.argv[1]), spec), flush=True)
time.sleep(300)
"""


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    """One set of workers for all tests. Closing it must leave no process behind."""
    before = {process.pid for process in children()}
    engine = Jobs()
    yield engine
    started = [process for process in children() if process.pid not in before]
    engine.close()
    wait_for(lambda: not any(map(alive, started)))
    assert started, "the tests did not start any worker"


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def children(pid: int | None = None) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    return found


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def status(store: RunStore, run_id: str) -> Status | None:
    """The state of a run on its way; None once it is finished."""
    try:
        return find_pending(store, run_id).status()
    except RunNotFoundError:
        return None


def wait_for_end(store: RunStore, run_id: str) -> Status | None:
    def ended() -> bool:
        told = status(store, run_id)
        return told is None or not told.active

    wait_for(ended)
    return status(store, run_id)


def wait_for_progress(store: RunStore, run_id: str) -> None:
    def under_way() -> bool:
        told = status(store, run_id)
        assert told is not None, "the run ended before anything could be seen"
        assert told.active, told
        return told.phase == "training"

    wait_for(under_way)


def holder(store: RunStore, run_id: str, among: list[psutil.Process]) -> psutil.Process:
    """The process that trains a run: it has the run's worker lock open."""
    lock = str(store.root / ".staging" / f"{run_id}.worker.lock")
    found = [p for p in among if any(file.path == lock for file in p.open_files())]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.slow
def test_two_submitted_trainings_are_done_one_after_the_other(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    spec = RunSpec(QUICK, "random", str(drawn))

    first, second = jobs.submit(store, spec), jobs.submit(store, spec)

    assert [staged.id for staged in list_pending(store)] == [first, second]
    at_work: list[int] = []
    phases: set[str] = set()

    def both_ended() -> bool:
        told = [state for run_id in (first, second) if (state := status(store, run_id))]
        at_work.append(sum(state.active and state.phase != "queued" for state in told))
        phases.update(state.phase for state in told)
        return not told

    wait_for(both_ended)
    assert max(at_work) == 1
    assert "queued" in phases
    assert phases <= {"queued", "starting", "training", "evaluating"}
    assert {run.id for run in store.list()} == {first, second}
    run = store.load(first)
    assert run.spec == spec
    assert run.results.n_train == 48
    assert run.results.stopped is False
    assert store.load(second).history() == run.history()


def test_a_search_for_wrong_labels_is_work_like_others(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    dataset = read_folder(drawn)
    assert jobs.check_labels(store, dataset)
    assert not jobs.check_labels(store, dataset)  # is under way already
    errand = label_check(store.root, dataset.fingerprint)
    phases: set[str] = set()

    def found() -> bool:
        phases.add(errand.state().phase)
        return "done" in phases

    wait_for(found)
    assert phases <= {"queued", "working", "done"}
    assert sorted(load_label_issues(errand.result).queue) == list(range(60))


def test_others_than_trainings_may_not_fill_the_workers_queue(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    dataset = read_folder(drawn)
    others = [replace(dataset, fingerprint=f"{i}" * 64) for i in range(MAX_ERRANDS)]
    assert all(jobs.check_labels(store, other) for other in others)
    with pytest.raises(QueueFullError, match="Ask again when one of them is done"):
        jobs.check_labels(store, dataset)
    for other in others:
        errand = label_check(store.root, other.fingerprint)
        wait_for(lambda errand=errand: errand.state().phase == "failed")  # type: ignore[misc]
    wait_for(lambda: asked(lambda: jobs.check_labels(store, dataset)))


def asked(ask: Callable[[], bool]) -> bool:
    """Whether there was a place for it."""
    try:
        return ask()
    except QueueFullError:
        return False


def test_training_whose_photos_vanished_fails_with_words(
    jobs: Jobs, store: RunStore, drawn: Path, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(drawn, photos)
    spec = RunSpec(QUICK, "random", str(photos))
    shutil.rmtree(photos)

    told = wait_for_end(store, jobs.submit(store, spec))

    assert told is not None
    assert told.phase == "failed"
    assert told.error is not None
    assert str(photos) in told.error
    assert store.list() == ()


def test_wish_to_stop_ends_a_training_with_the_weights_it_has(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    run_id = jobs.submit(store, RunSpec(LONG, "random", str(drawn)))
    wait_for_progress(store, run_id)

    find_pending(store, run_id).request_stop()

    assert wait_for_end(store, run_id) is None
    run = store.load(run_id)
    assert run.results.stopped
    assert len(run.history()["loss"]) < LONG.epochs


def test_training_whose_worker_is_killed_goes_on_by_itself(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    run_id = jobs.submit(store, RunSpec(LONG, "random", str(drawn)))
    wait_for(lambda: find_pending(store, run_id).checkpoint() is not None)
    done = status(store, run_id)

    holder(store, run_id, children()).send_signal(signal.SIGKILL)

    wait_for(lambda: (told := status(store, run_id)) is not None and told.phase == "starting")
    wait_for_progress(store, run_id)
    again = status(store, run_id)
    assert done
    assert again
    assert done.progress
    assert again.progress
    assert 0 < len(done.progress.history["loss"]) <= len(again.progress.history["loss"])
    find_pending(store, run_id).request_stop()
    assert wait_for_end(store, run_id) is None
    assert [run.id for run in store.list()] == [run_id]


def test_no_more_trainings_wait_than_may(jobs: Jobs, store: RunStore, drawn: Path) -> None:
    spec = RunSpec(LONG, "random", str(drawn))
    first = jobs.submit(store, spec, "somebody")
    wait_for_progress(store, first)
    for _ in range(MAX_QUEUED_PER_VISITOR):
        jobs.submit(store, spec, "somebody")
    with pytest.raises(QueueFullError, match="of yours"):
        jobs.submit(store, spec, "somebody")
    for visitor in range(MAX_QUEUED - MAX_QUEUED_PER_VISITOR):
        jobs.submit(store, spec, str(visitor))
    with pytest.raises(QueueFullError, match=f"{MAX_QUEUED} trainings wait"):
        jobs.submit(store, spec, "somebody else")
    left = stage(store, spec, "another")
    left.submitted.release()  # its process is gone; taking it up again counts like a start
    with pytest.raises(QueueFullError, match=f"{MAX_QUEUED} trainings wait"):
        jobs.resume(left)
    assert left.status().phase == "interrupted"
    left.cancel()
    waiting = waiting_runs(store)
    assert [place_in_queue(staged, waiting) for staged in waiting] == list(range(MAX_QUEUED))
    in_sweep = jobs.submit(store, replace(spec, sweep="s"))  # lets the others go first
    for staged in (*waiting[1:], find_pending(store, in_sweep), find_pending(store, first)):
        staged.cancel()
    waiting[0].request_stop()
    wait_for(lambda: not list_pending(store))


def test_a_worker_that_nobody_restarts_is_replaced(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    jobs._connect().retire_workers()
    wait_for_end(store, jobs.submit(store, RunSpec(QUICK, "random", str(drawn))))
    assert len(store.list()) == 1


def test_workers_end_with_their_submitter_and_others_resume(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    command = [sys.executable, "-c", SUBMITTER, str(store.root), str(drawn)]
    submitter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert submitter.stdout
    run_id = submitter.stdout.readline().strip()
    wait_for_progress(store, run_id)
    orphans = children(submitter.pid)
    assert holder(store, run_id, orphans) in orphans

    submitter.send_signal(signal.SIGKILL)
    submitter.wait()
    submitter.stdout.close()

    wait_for(lambda: not any(map(alive, orphans)))
    told = status(store, run_id)
    assert told is not None
    assert told.phase == "interrupted"

    left = find_pending(store, run_id)
    assert jobs.resume(left)
    assert not jobs.resume(PendingRun(store, run_id))
    wait_for_progress(store, run_id)
    left.request_stop()
    assert wait_for_end(store, run_id) is None
    assert [run.id for run in store.list()] == [run_id]


def test_scheduler_that_is_not_there_is_told(
    store: RunStore, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asl_core.jobs.cluster.CONNECT_SECONDS", 1)
    elsewhere = Jobs("tcp://127.0.0.1:9")

    with pytest.raises(JobError, match=r"tcp://127\.0\.0\.1:9"):
        elsewhere.submit(store, RunSpec(QUICK, "random", str(drawn)))

    assert list_pending(store) == []


def test_closing_what_was_never_used_starts_nothing() -> None:
    before = children()

    Jobs().close()

    assert [process.pid for process in children()] == [process.pid for process in before]


def test_a_worker_is_not_paused_for_its_memory(jobs: Jobs) -> None:
    workers = jobs._connect().scheduler_info()["workers"]
    assert [worker["memory_limit"] for worker in workers.values()] == [0]


def test_workers_give_way_as_told(jobs: Jobs) -> None:
    workers = jobs._connect().run(os.nice, 0).values()
    assert list(workers) == [os.nice(0) + 1]  # ASL_WORKER_NICENESS of the tests


def test_a_server_ends_though_its_workers_are_still_starting() -> None:
    program = "from asl_core.ui.shared.resources import jobs; jobs().warm_up(); input()"
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE) as server:
        wait_for(lambda: bool(children(server.pid)))
        (workers,) = children(server.pid)
        workers.suspend()
        try:
            server.communicate(b"\n", timeout=PATIENCE_SECONDS)
        finally:
            workers.resume()
    assert server.returncode == 0
    wait_for(lambda: not alive(workers))


def test_a_training_that_is_cancelled_in_the_queue_never_runs(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    spec = RunSpec(QUICK, "random", str(drawn))
    first, second, third = (jobs.submit(store, spec) for _ in range(3))
    find_pending(store, second).discard()
    for run_id in (first, third):
        wait_for_end(store, run_id)
    assert {run.id for run in store.list()} == {first, third}
    assert not list_pending(store)


def test_frame_blocks_are_found_by_a_worker_and_kept(
    jobs: Jobs, store: RunStore, drawn: Path, drawn_run: Run
) -> None:
    run = open_run(Path(shutil.copytree(drawn_run.folder, store.root / drawn_run.id)))
    errand = blocked_cv_task(run)
    assert jobs.run_blocked_cv(run, str(drawn))
    assert errand.state().active
    assert not jobs.run_blocked_cv(run, str(drawn))
    wait_for(lambda: not errand.state().active)
    assert errand.state().phase == "done"
    found = load_blocked_cv(run)
    assert found
    assert [fold.n for fold in found.folds] == [12] * 5


def test_frame_blocks_of_other_photos_fail_with_words(
    jobs: Jobs, store: RunStore, drawn_run: Run, tmp_path: Path
) -> None:
    run = open_run(Path(shutil.copytree(drawn_run.folder, store.root / drawn_run.id)))
    assert jobs.run_blocked_cv(run, str(tmp_path / "gone"))
    errand = blocked_cv_task(run)
    wait_for(lambda: not errand.state().active)
    assert errand.state().phase == "failed"
    assert "gone" in errand.state().error
