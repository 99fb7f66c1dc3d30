"""Trainings on real workers: queued, failed, killed, orphaned."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from asl_core.background_task import BackgroundTask
from asl_core.config import TrainConfig
from asl_core.data import SyntheticSpec, open_dataset, read_folder
from asl_core.data.synthetic_cache import CacheEntry
from asl_core.errors import JobError, QueueFullError
from asl_core.evaluation.generalization import load_external_test
from asl_core.evaluation.label_issues import load_label_issues
from asl_core.evaluation.robustness import load_robustness
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.queue import place_in_queue, waiting_tasks
from asl_core.jobs.tasks import (
    external_test_name,
    external_test_task,
    label_issues_task,
    rendering_task,
    robustness_task,
)
from asl_core.runs.pending import PendingRun, find_pending, list_pending, new_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import MAX_QUEUED, MAX_QUEUED_PER_OWNER, ROOT
from asl_core.task_state import TaskState
from tests.processes import PATIENCE_SECONDS, alive, children, hear, holder, kill, start, wait_for

QUICK = TrainConfig(epochs=1, batch_size=8)
LONG = TrainConfig(epochs=100, filters=(16, 16), batch_size=1)

SUBMITTER = """
import sys, time
from asl_core.config import TrainConfig
from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import RunSpec
from asl_core.runs.pending import new_pending
from asl_core.runs.store import RunStore
spec = RunSpec(TrainConfig(epochs=100, filters=(16, 16), batch_size=1), "random", sys.argv[2])
pending = new_pending(RunStore(sys.argv[1]), spec)
jobs = Jobs()
jobs.submit(pending)
print(pending.id, flush=True)
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


def state(store: RunStore, run_id: str) -> TaskState:
    return PendingRun(store, run_id).state()


def wait_for_end(store: RunStore, run_id: str) -> TaskState:
    wait_for(lambda: not state(store, run_id).active)
    return state(store, run_id)


def wait_for_progress(store: RunStore, run_id: str) -> None:
    def under_way() -> bool:
        told = state(store, run_id)
        assert told.active, told
        return told.step == "training"

    wait_for(under_way)


def wait_until(task: BackgroundTask, phase: str) -> None:
    wait_for(lambda: task.state().phase == phase)


def worker_of(store: RunStore, run_id: str, among: list[psutil.Process]) -> psutil.Process:
    """The one of these processes that trains a run."""
    found = holder(store, run_id, among)
    assert found
    return found


@pytest.mark.slow
def test_two_submitted_trainings_are_done_one_after_the_other(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    spec = RunSpec(QUICK, "random", str(drawn))

    first, second = jobs.train(store, spec), jobs.train(store, spec)

    assert [pending.id for pending in list_pending(store)] == [first, second]
    at_work: list[int] = []
    phases: set[str] = set()

    def both_ended() -> bool:
        told = [state(store, run_id) for run_id in (first, second)]
        at_work.append(sum(one.phase == "working" for one in told))
        phases.update(one.phase for one in told)
        return all(one.phase == "done" for one in told)

    wait_for(both_ended)
    assert max(at_work) == 1
    assert "queued" in phases
    assert phases <= {"queued", "working", "done"}
    assert {run.id for run in store.list()} == {first, second}
    run = store.load(first)
    assert run.spec == spec
    assert run.results.n_train == 48
    assert run.results.stopped is False
    assert store.load(second).history() == run.history()


def test_a_search_for_label_errors_is_work_like_others(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    task = label_issues_task(store, read_folder(drawn))
    assert jobs.submit(task)
    assert not jobs.submit(label_issues_task(store, read_folder(drawn)))  # is under way already
    phases: set[str] = set()

    def found() -> bool:
        phases.add(task.state().phase)
        return "done" in phases

    wait_for(found)
    assert phases <= {"queued", "working", "done"}
    assert sorted(load_label_issues(task.result).queue) == list(range(60))
    assert not jobs.submit(label_issues_task(store, read_folder(drawn)))  # is done


def test_images_that_have_changed_fail_with_words(jobs: Jobs, store: RunStore, drawn: Path) -> None:
    task = label_issues_task(store, replace(read_folder(drawn), fingerprint="1" * 64))
    assert jobs.submit(task)
    wait_until(task, "failed")
    assert "have changed" in task.state().error
    assert jobs.submit(task)  # it can be tried again
    wait_until(task, "failed")


def test_a_synthetic_dataset_is_rendered_by_a_worker(jobs: Jobs, store: RunStore) -> None:
    spec = SyntheticSpec("AB", 20, 3)
    task = rendering_task(store, spec)
    assert jobs.submit(task)
    assert not CacheEntry(spec).is_ready
    wait_until(task, "done")
    assert len(open_dataset(spec.text)) == 20


def test_rendering_can_be_stopped_and_leaves_nothing(jobs: Jobs, store: RunStore) -> None:
    spec = SyntheticSpec("ABC", 5_000, 4)
    task = rendering_task(store, spec)
    assert jobs.submit(task)
    wait_for(lambda: task.state().seconds_left is not None)
    task.cancel()
    wait_until(task, "none")
    assert not CacheEntry(spec).is_ready
    assert not [path for path in CacheEntry(spec).folder.parent.iterdir() if path.is_dir()
                and path.name.startswith(".")]  # fmt: skip


def test_training_whose_photos_vanished_fails_with_words(
    jobs: Jobs, store: RunStore, drawn: Path, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(drawn, photos)
    spec = RunSpec(QUICK, "random", str(photos))
    shutil.rmtree(photos)

    told = wait_for_end(store, jobs.train(store, spec))

    assert told.phase == "failed"
    assert told.error == "There is no folder photos."  # named, not told where it was
    assert store.list() == ()


def test_wish_to_stop_ends_a_training_with_the_weights_it_has(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    run_id = jobs.train(store, RunSpec(LONG, "random", str(drawn)))
    wait_for_progress(store, run_id)

    find_pending(store, run_id).request_stop()

    assert wait_for_end(store, run_id).phase == "done"
    run = store.load(run_id)
    assert run.results.stopped
    assert len(run.history()["loss"]) < LONG.epochs


def test_training_whose_worker_is_killed_goes_on_by_itself(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    run_id = jobs.train(store, RunSpec(LONG, "random", str(drawn)))
    wait_for(lambda: find_pending(store, run_id).checkpoint() is not None)
    done = state(store, run_id)

    worker_of(store, run_id, children()).send_signal(signal.SIGKILL)

    wait_for(lambda: state(store, run_id).step == "starting")
    wait_for_progress(store, run_id)
    again = state(store, run_id)
    assert done.progress
    assert again.progress
    assert 0 < len(done.progress.history["loss"]) <= len(again.progress.history["loss"])
    find_pending(store, run_id).request_stop()
    assert wait_for_end(store, run_id).phase == "done"
    assert [run.id for run in store.list()] == [run_id]


def test_what_waits_and_what_is_under_way_goes_on_after_the_scheduler_has_died(
    store: RunStore, drawn: Path
) -> None:
    jobs, spec = Jobs(), RunSpec(LONG, "random", str(drawn))
    try:
        first = jobs.train(store, spec)
        waits = jobs.train(store, RunSpec(QUICK, "random", str(drawn)))
        wait_for(lambda: find_pending(store, first).checkpoint() is not None)
        worker = worker_of(store, first, children())
        scheduler = worker.parents()[0]

        scheduler.kill()

        wait_for(lambda: not alive(worker))
        wait_for(lambda: holder(store, first, children()) not in (None, worker))
        wait_for_progress(store, first)
        assert state(store, waits).phase == "queued"
        find_pending(store, first).request_stop()
        assert wait_for_end(store, first).phase == "done"
        assert wait_for_end(store, waits).phase == "done"
    finally:
        jobs.close()


@pytest.mark.slow
def test_all_workers_get_ready_while_a_visitor_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASL_WORKER_COUNT", "2")  # the tests have one otherwise
    before = {process.pid for process in children()}
    jobs = Jobs()
    try:
        jobs.warm_up()
        wait_for(lambda: n_that_loaded("llvmlite", before) == 2)  # Numba's compiler
        assert n_that_loaded("tensorflow", before) == 0
    finally:
        jobs.close()


def n_that_loaded(library: str, before: set[int]) -> int:
    """Processes that were started since, and have a library in their memory."""
    started = [process for process in children() if process.pid not in before]
    maps = [Path(f"/proc/{process.pid}/maps") for process in started if alive(process)]
    return sum(library in each.read_text() for each in maps if each.exists())


@pytest.mark.slow
def test_two_workers_do_two_tasks_at_once(
    store: RunStore, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASL_WORKER_COUNT", "2")
    jobs, spec = Jobs(), RunSpec(LONG, "random", str(drawn))
    try:
        run_ids = [jobs.train(store, spec) for _ in range(2)]
        wait_for(lambda: all(state(store, i).step == "training" for i in run_ids))
        for run_id in run_ids:
            find_pending(store, run_id).request_stop()
            wait_for_end(store, run_id)
    finally:
        jobs.close()


def test_no_more_tasks_wait_than_may(jobs: Jobs, store: RunStore, drawn: Path) -> None:
    spec, dataset = RunSpec(LONG, "random", str(drawn)), read_folder(drawn)
    first = jobs.train(store, spec, "somebody")
    wait_for_progress(store, first)
    jobs.train(store, spec, "somebody")
    other_kind = label_issues_task(store, dataset, "somebody")
    assert jobs.submit(other_kind)  # all kinds are counted alike
    other_kind.cancel()
    other_kind = label_issues_task(store, dataset, "somebody")
    assert jobs.submit(other_kind), "what was canceled in the queue can't be asked for again"
    assert MAX_QUEUED_PER_OWNER == 2
    with pytest.raises(QueueFullError, match=f"You already have {MAX_QUEUED_PER_OWNER} tasks"):
        jobs.train(store, spec, "somebody")
    for owner in range(MAX_QUEUED - MAX_QUEUED_PER_OWNER):
        jobs.train(store, spec, str(owner))
    with pytest.raises(QueueFullError, match=rf"full \({MAX_QUEUED} tasks\)"):
        jobs.train(store, spec, "somebody else")
    another_server = Jobs()
    with pytest.raises(QueueFullError, match=rf"full \({MAX_QUEUED} tasks\)"):
        another_server.train(store, spec, "a visitor of another server")
    another_server.close()
    left = new_pending(store, spec, "another")
    left.claim()
    left.submitted.release()  # its process is gone; going on with it counts like a start
    with pytest.raises(QueueFullError, match=rf"full \({MAX_QUEUED} tasks\)"):
        jobs.submit(left)
    assert left.state().phase == "interrupted"
    left.cancel()
    waiting = waiting_tasks(store.root)
    assert other_kind.id in [task.id for task in waiting]
    assert [place_in_queue(task, waiting) for task in waiting] == list(range(MAX_QUEUED))
    in_sweep = jobs.train(store, replace(spec, sweep="s"))  # lets the others go first
    for task in (*waiting[1:], find_pending(store, in_sweep), find_pending(store, first)):
        task.cancel()
    waiting[0].request_stop()
    wait_for(lambda: not list_pending(store))


@pytest.mark.slow
def test_a_worker_that_nobody_restarts_is_replaced(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    jobs._connect().retire_workers()
    wait_for_end(store, jobs.train(store, RunSpec(QUICK, "random", str(drawn))))
    assert len(store.list()) == 1


@pytest.mark.slow
def test_workers_end_with_their_submitter_and_others_resume(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    submitter = start(SUBMITTER, store.root, drawn)
    run_id = hear(submitter)
    wait_for_progress(store, run_id)
    orphans = children(submitter.pid)
    assert worker_of(store, run_id, orphans) in orphans

    kill(submitter)

    wait_for(lambda: not any(map(alive, orphans)))
    assert state(store, run_id).phase == "interrupted"

    left = find_pending(store, run_id)
    assert jobs.submit(left)
    assert not jobs.submit(PendingRun(store, run_id))
    wait_for_progress(store, run_id)
    left.request_stop()
    assert wait_for_end(store, run_id).phase == "done"
    assert [run.id for run in store.list()] == [run_id]


def test_scheduler_that_is_not_there_is_told(
    store: RunStore, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asl_core.jobs.cluster.CONNECT_SECONDS", 1)
    elsewhere = Jobs("tcp://127.0.0.1:9")

    with pytest.raises(JobError, match=r"tcp://127\.0\.0\.1:9"):
        elsewhere.train(store, RunSpec(QUICK, "random", str(drawn)))

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
    first, second, third = (jobs.train(store, spec) for _ in range(3))
    find_pending(store, second).discard()
    for run_id in (first, third):
        wait_for_end(store, run_id)
    assert {run.id for run in store.list()} == {first, third}
    assert not list_pending(store)


def test_robustness_and_a_test_on_others_are_done_by_a_worker(
    jobs: Jobs, store: RunStore, drawn: Path, drawn_run: Run
) -> None:
    run = open_run(Path(shutil.copytree(drawn_run.folder, store.root / drawn_run.id)))
    robustness, others = robustness_task(run, read_folder(drawn)), external_test_task(run, drawn)
    assert jobs.submit(robustness)
    assert jobs.submit(others)
    wait_until(robustness, "done")
    wait_until(others, "done")
    assert load_robustness(run)
    found = load_external_test(run, external_test_name(drawn))
    assert found
    assert found.score.n == 60
