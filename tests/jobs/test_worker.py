"""What a worker does for a task, in the process of the test: every kind can be stopped."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from asl_core.background_task import BackgroundTask
from asl_core.data import Dataset, read_folder
from asl_core.jobs.tasks import (
    export_check_task,
    external_test_task,
    label_issues_task,
    leakage_task,
    load_timing,
    quality_task,
    robustness_task,
    run_leakage_task,
    timing_task,
)
from asl_core.jobs.worker import dispatch
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, open_run
from tests.background_tasks import done_here

Make = Callable[[RunStore, Run, Dataset], BackgroundTask]

TASKS: dict[str, Make] = {
    "external test": lambda store, run, dataset: external_test_task(run, dataset.folder),
    "timing": lambda store, run, dataset: timing_task(store, dataset, "random"),
    "robustness": lambda store, run, dataset: robustness_task(run, dataset),
    "export check": lambda store, run, dataset: export_check_task(run, dataset),
    "label issues": lambda store, run, dataset: label_issues_task(store, dataset),
    "quality": lambda store, run, dataset: quality_task(store, dataset),
    "leakage": lambda store, run, dataset: leakage_task(store, dataset, "random"),
    "leakage of a run": lambda store, run, dataset: run_leakage_task(run, dataset),
}


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def run(store: RunStore, drawn_run: Run) -> Run:
    return open_run(Path(shutil.copytree(drawn_run.folder, store.root / drawn_run.id)))


SLOW = ("export check",)
"""Loads TensorFlow in a process of its own."""


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(make, marks=pytest.mark.slow if name in SLOW else (), id=name)
        for name, make in TASKS.items()
    ],
)
def test_every_task_can_be_stopped_and_asked_for_again(
    store: RunStore, run: Run, drawn: Path, make: Make
) -> None:
    task = make(store, run, read_folder(drawn))
    assert task.claim()
    task.request_stop()

    dispatch(str(task.root), task.id)

    task.submitted.release()
    assert task.state().phase == "none"
    assert not task.result.exists()
    done_here(task)
    assert task.result.exists()


def test_a_timing_has_the_times_of_a_run_that_is_not_kept(
    store: RunStore, run: Run, drawn: Path
) -> None:
    task = timing_task(store, read_folder(drawn), "random")
    done_here(task)
    assert load_timing(task).seconds["fit"] > 0
    assert [kept.id for kept in store.list()] == [run.id]
