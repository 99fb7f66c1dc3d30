"""The checks of a run's accuracy on real workers: after a training, aside, stopped, deleted."""

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from asl_core.background_task import STAGING, BackgroundTask, task_ids
from asl_core.config import TrainConfig
from asl_core.errors import QueueFullError
from asl_core.evaluation.accuracy_summary import AccuracySummary
from asl_core.evaluation.generalization import load_external_tests
from asl_core.evaluation.repeats import load_repeats
from asl_core.jobs.checks import Checks, check_tasks, stop_checks
from asl_core.jobs.jobs import Jobs
from asl_core.runs.pending import CHECKPOINT, PendingRun
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import MAX_CHECKED_RUNS, settings
from asl_core.training.checkpoint import Checkpoint
from tests.processes import alive, children, holder, wait_for

QUICK = TrainConfig(epochs=1, batch_size=8)
LONG = TrainConfig(epochs=100, filters=(16, 16), batch_size=1)


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    engine = Jobs()
    yield engine
    engine.close()


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def long_run(store: RunStore, drawn_run: Run) -> Run:
    """A run whose settings take long to train again."""
    run = open_run(Path(shutil.copytree(drawn_run.folder, store.root / drawn_run.id)))
    return replace(run, spec=replace(run.spec, config=LONG))


@pytest.fixture
def checked(jobs: Jobs, long_run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same while it is being checked: workers read its settings from the disk."""
    from asl_core.files import write_json
    from asl_core.runs.manifest import seal

    write_json(long_run.folder / "config.json", long_run.spec.to_json())
    seal(long_run.folder)
    run = open_run(long_run.folder)
    jobs.check(run)
    return run


def under_way(run: Run) -> BackgroundTask | None:
    """The check that is being worked on, once it has a checkpoint."""
    for task, state in Checks.of(run).states.items():
        if state.phase == "working" and (task.folder / CHECKPOINT).exists():
            return task
    return None


def wait_for_a_check(run: Run) -> BackgroundTask:
    wait_for(lambda: under_way(run) is not None)
    task = under_way(run)
    assert task
    return task


def test_the_accuracy_is_checked_after_a_training_that_asks_for_it(
    jobs: Jobs, store: RunStore, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_other_classes = shutil.copytree(drawn / "A", tmp_path / "others" / "Z").parent
    folders = [str(drawn), "/nowhere", str(of_other_classes)]
    monkeypatch.setenv("ASL_ALSO_DIRS", os.pathsep.join(folders))
    settings.cache_clear()
    plain = jobs.train(store, RunSpec(QUICK, "random", str(drawn)))
    run_id = jobs.train(store, RunSpec(QUICK, "random", str(drawn), check_accuracy=True))
    wait_for(lambda: any(run.id == run_id for run in store.list()))
    run = store.load(run_id)
    wait_for(lambda: not Checks.of(run).active)
    settings.cache_clear()
    checks, summary = Checks.of(run), AccuracySummary.of(run)
    assert checks.complete
    assert (checks.n_done, checks.n, checks.failed) == (11, 11, None)
    assert [score.n for score in summary.seeds.done] == [12] * 5
    assert summary.blocks
    assert [score.n for score in summary.blocks.done] == [12] * 5
    assert [(test.folder, test.score.n) for test in summary.external_tests] == [(str(drawn), 60)]
    assert task_ids(store.root) == []
    assert not list((store.root / STAGING).glob("repeat-*")), "its locks are left"
    assert load_repeats(store.load(plain), "seeds").done == ()
    assert check_tasks(run) == []


def test_checks_begin_though_nobody_tells_that_the_training_has_ended(
    jobs: Jobs, store: RunStore, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_note_end", lambda held, future: None)  # the watch sees it first
    run_id = jobs.train(store, RunSpec(QUICK, "random", str(drawn), check_accuracy=True))
    wait_for(lambda: any(run.id == run_id for run in store.list()))
    run = store.load(run_id)
    wait_for(lambda: Checks.of(run).complete)


def test_a_training_that_was_stopped_is_not_checked(
    jobs: Jobs, store: RunStore, drawn: Path
) -> None:
    run_id = jobs.train(store, RunSpec(LONG, "random", str(drawn), check_accuracy=True))
    wait_for(lambda: PendingRun(store, run_id).state().step == "training")
    PendingRun(store, run_id).request_stop()
    wait_for(lambda: any(run.id == run_id for run in store.list()))
    assert not Checks.of(store.load(run_id)).active
    after = jobs.train(store, RunSpec(QUICK, "random", str(drawn)))
    wait_for(lambda: any(run.id == after for run in store.list()))
    wait_for(lambda: task_ids(store.root) == [])  # a task is cleared after its run is there
    assert Checks.of(store.load(run_id)).n_done == 0


def test_a_training_goes_before_checks_that_are_under_way(
    jobs: Jobs, store: RunStore, drawn: Path, checked: Run
) -> None:
    task = wait_for_a_check(checked)
    run_id = jobs.train(store, RunSpec(QUICK, "random", str(drawn)), "somebody else")
    wait_for(lambda: any(run.id == run_id for run in store.list()))
    assert not AccuracySummary.of(checked).seeds.done, "the training has waited"
    kept = Checkpoint.load(task.folder / CHECKPOINT)
    assert kept
    assert kept.progress.epoch > 0
    wait_for_a_check(checked)  # they go on by themselves
    stop_checks(checked)
    wait_for(lambda: task_ids(store.root) == [])


def test_a_check_whose_worker_is_killed_goes_on(jobs: Jobs, store: RunStore, checked: Run) -> None:
    task = wait_for_a_check(checked)
    worker = holder(store, task.id, children())
    assert worker
    worker.send_signal(signal.SIGKILL)
    wait_for(lambda: not alive(worker))
    wait_for_a_check(checked)
    stop_checks(checked)
    wait_for(lambda: not Checks.of(checked).active)


def test_checks_end_with_their_run(jobs: Jobs, store: RunStore, drawn: Path, checked: Run) -> None:
    wait_for_a_check(checked)
    store.delete(checked.id)
    assert not checked.folder.exists()
    wait_for(lambda: task_ids(store.root) == [])
    run_id = jobs.train(store, RunSpec(QUICK, "random", str(drawn)))  # the worker is free
    wait_for(lambda: any(run.id == run_id for run in store.list()))


def test_checks_of_a_server_that_is_gone_are_told_and_go_on(
    jobs: Jobs, store: RunStore, checked: Run
) -> None:
    wait_for_a_check(checked)
    stop_checks(checked)
    wait_for(lambda: task_ids(store.root) == [])
    (left, *_) = check_tasks(checked)
    assert left.claim()
    left.submitted.release()
    checks = Checks.of(checked)
    assert not checks.active
    assert checks.failed
    assert checks.failed.phase == "interrupted"
    jobs.check(checked)
    assert Checks.of(checked).active
    stop_checks(checked)
    wait_for(lambda: task_ids(store.root) == [])


def test_only_some_runs_are_checked_at_a_time(jobs: Jobs, store: RunStore, drawn_run: Run) -> None:
    runs = []
    for number in range(MAX_CHECKED_RUNS + 1):
        folder = store.root / f"20250101-00000{number}-aaaaaa"
        runs.append(open_run(Path(shutil.copytree(drawn_run.folder, folder))))
    claimed = [check_tasks(run)[0] for run in runs[:-1]]
    for task in claimed:
        assert task.claim()
    with pytest.raises(QueueFullError, match=f"{MAX_CHECKED_RUNS} other runs"):
        jobs.check(runs[-1])
    for task in claimed:
        task.submitted.release()
        task.cancel()
    assert load_external_tests(runs[-1]) == ()
