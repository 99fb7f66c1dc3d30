"""What is under way, as every page and every visitor sees it: read from the disk."""

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from asl_core.background_task import BackgroundTask, task_ids
from asl_core.errors import TaskError
from asl_core.evaluation.generalization import EXTERNAL_TEST
from asl_core.evaluation.robustness import ROBUSTNESS
from asl_core.jobs import tasks
from asl_core.jobs.queue import open_task
from asl_core.runs.pending import PendingRun, list_pending
from asl_core.runs.run import Run
from asl_core.sweeps.sweep import Sweep, read_sweeps
from asl_core.task_state import TaskState
from asl_core.ui.shared.choose_run import follow
from asl_core.ui.shared.resources import is_mine, run_store
from asl_core.ui.shared.tasks import headline, show_progress
from asl_core.ui.shared.watch import watch
from asl_core.ui.shared.words import percent

NOTICE_SECONDS = 2.0
_SEEN = "trainings_seen"
_FINISHED = "trainings_finished"


@dataclass(frozen=True)
class _Kind:
    """How the notice speaks of a kind of task.

    Attributes:
        words: what is being done.
        page: on which it can be watched.
        icon: Material icon.
    """

    words: str
    page: str
    icon: str


_TRAINING = _Kind("Training a network", "train", "model_training")
_KINDS = {  # a dataset is told of by the pages that wait for it
    tasks.LABEL_ISSUES: _Kind("Finding label errors", "data", "search"),
    tasks.LEAKAGE: _Kind("Finding near-duplicates in training", "data", "search"),
    tasks.QUALITY: _Kind("Checking the images", "data", "image_search"),
    EXTERNAL_TEST: _Kind("Testing on an external test set", "evaluate", "groups"),
    ROBUSTNESS: _Kind("Measuring robustness", "evaluate", "science"),
    tasks.TIMING: _Kind("Timing one run", "sweep", "timer"),
}


def unfinished() -> dict[PendingRun, TaskState]:
    """Runs that are not finished, oldest first; without those of sweeps."""
    alone = [pending for pending in list_pending(run_store()) if not pending.in_sweep]
    states = {pending: pending.state() for pending in alone}
    return {pending: state for pending, state in states.items() if state.active or state.resumable}


def active_ids(trainings: dict[PendingRun, TaskState]) -> set[str]:
    """Ids of those that something is being done for."""
    return {pending.id for pending, state in trainings.items() if state.active}


def just_finished(active: set[str]) -> list[Run]:
    """Runs that this visitor saw under way and that are finished now, but for those of others; each
    is told once."""
    seen: set[str] = st.session_state.get(_SEEN, set())
    st.session_state[_SEEN] = active
    if not seen - active:
        return []
    ended = [run for run in run_store().list() if run.id in seen - active]
    runs = [run for run in ended if is_mine(run) is not False]
    finished_here().extend(runs)
    for run in runs:
        follow(run)
    return runs


def finished_here() -> list[Run]:
    """Runs that finished while this visitor was here, the oldest first."""
    finished: list[Run] = st.session_state.setdefault(_FINISHED, [])
    finished[:] = [run for run in finished if run.folder.is_dir()]  # not deleted meanwhile
    return finished


def task_notice(page: str) -> None:
    """One line above a page while something is under way elsewhere; a toast when a training ends.

    Args:
        page: the one that is shown, on which its own tasks are told anyway.
    """
    watch(_look, lambda seen: _draw(seen, page), seconds=NOTICE_SECONDS)


def _look() -> list[tuple[BackgroundTask, TaskState]]:
    root = run_store().root
    found = [open_task(root, task_id) for task_id in task_ids(root)]
    for task in found:  # what a task is can be read no more when it ends after its state was seen
        with suppress(TaskError):
            _ = task.request
    states = [(task, task.state()) for task in found]
    return [(task, state) for task, state in states if state.active and not _is_check(task)]


def _is_check(task: BackgroundTask) -> bool:
    """Whether it checks the accuracy of a run, which is told beside its figures."""
    with suppress(TaskError):
        return task.request.steps_aside
    return False


def _draw(active: list[tuple[BackgroundTask, TaskState]], page: str) -> None:
    trainings = {t.id for t, _ in active if isinstance(t, PendingRun) and not t.in_sweep}
    for run in just_finished(trainings):
        if page != _TRAINING.page:  # there its result takes the place of its progress
            st.toast(
                f"Training finished: test accuracy {percent(run.results.test_accuracy)}.",
                icon=":material/check_circle:",
            )
    for task, state in active:
        kind = _TRAINING if isinstance(task, PendingRun) else _KINDS.get(task.request.kind)
        if kind is None or (isinstance(task, PendingRun) and task.in_sweep):
            continue
        if kind.page != page:
            show_progress(
                state.fraction_done, f":material/{kind.icon}: {kind.words}: {headline(state)}"
            )
            _link(kind.page)
            return
    if any(isinstance(task, PendingRun) and task.in_sweep for task, _ in active):
        _sweep_notice(page)


def _sweep_notice(page: str) -> None:
    """The same for the newest sweep under way."""
    for sweep in read_sweeps(run_store()):
        if sweep.active and page != "sweep":
            done = f"{len(sweep.runs)} of {len(sweep)} runs are done"
            show_progress(
                len(sweep.runs) / len(sweep), f":material/tune: A sweep is under way: {done}"
            )
            _link("sweep", sweep)
            return


def _link(page: str, sweep: Sweep | None = None) -> None:
    st.page_link(
        f"pages/{page}.py",
        label="Show progress",
        icon=":material/visibility:",
        query_params={"sweep": sweep.id} if sweep else None,
    )
