"""The checks of a run's accuracy: its settings trained again with other seeds and on blocks of
frames, and the external test sets. Each is a background task that steps aside for everything else.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from asl_core.background_task import BackgroundTask, task_ids
from asl_core.errors import DatasetError, QueueFullError, RunNotFoundError, TaskError
from asl_core.evaluation.generalization import load_external_tests
from asl_core.evaluation.repeats import kinds_of, load_repeats
from asl_core.jobs.queue import open_task
from asl_core.jobs.tasks import external_test_task, repeat_task
from asl_core.runs.owner import may_change_run
from asl_core.runs.run import Run
from asl_core.runs.store import end_tasks
from asl_core.settings import MAX_CHECKED_RUNS, settings
from asl_core.task_state import TaskState

ENDED_BY_FORCE = ("stop", "time limit")
"""Ends of a training after which nobody wants ten more of them."""

SOON_SECONDS = 3.0
"""Time after a training in which its checks begin."""


@dataclass(frozen=True)
class Checks:
    """How far the checks of a run are.

    Attributes:
        states: of each that was asked for and is not done.
        n_done: those whose result is kept with the run.
        complete: whether all trainings are done.
        expected: whether they will begin by themselves, since the run has just been trained.
    """

    states: Mapping[BackgroundTask, TaskState]
    n_done: int
    complete: bool
    expected: bool

    @classmethod
    def of(cls, run: Run) -> "Checks":
        """Of a run.

        Raises:
            RunNotFoundError, DamagedRunError: what is kept with it can't be read.
        """
        states = {task: task.state() for task in _tasks_of(run)}
        known = [load_repeats(run, kind) for kind in kinds_of(run)]
        return cls(
            {task: state for task, state in states.items() if state.active or state.resumable},
            sum(len(repeats.done) for repeats in known) + len(load_external_tests(run)),
            all(repeats.complete for repeats in known),
            wants_checks(run) and 0 <= _age(run) < SOON_SECONDS,
        )

    @property
    def n(self) -> int:
        """Checks that are done, or were asked for."""
        return self.n_done + len(self.states)

    @property
    def fraction_done(self) -> float:
        """Share of the whole work that is done, 0 to 1."""
        begun = sum(state.fraction_done for state in self.states.values())
        return (self.n_done + begun) / self.n if self.n else 0.0

    @property
    def active(self) -> bool:
        """Whether something is being done, or will be."""
        return self.expected or any(state.active for state in self.states.values())

    @property
    def waiting(self) -> bool:
        """Whether all of them wait for something else."""
        return bool(self.states) and {s.phase for s in self.states.values()} == {"queued"}

    def seconds_left(self, run: Run, n_workers: int) -> float:
        """What the rest takes, if each takes as long as the run's own training.

        Args:
            run: the run.
            n_workers: that do them at a time.
        """
        left = self.n * (1 - self.fraction_done)
        return left * run.results.seconds["fit"] / n_workers

    @property
    def failed(self) -> TaskState | None:
        """The first that came to nothing, if one did."""
        return next((state for state in self.states.values() if state.resumable), None)


def stop_checks(run: Run) -> None:
    """Call off the checks of a run that are not done yet; what is done stays.

    Raises:
        NotAllowedError: neither the run nor its checks are of whoever asks.
    """
    tasks = _tasks_of(run)
    if not may_change_run(run.id, run.owner):
        for task in tasks:
            task.check_owner()
    end_tasks(tasks)


def check_tasks(run: Run, source: str = "", owner: str = "") -> list[BackgroundTask]:
    """The checks of a run whose result is not there: the external test sets, which are quick, then
    a seed and a block in turn.

    Args:
        run: the run.
        source: text of where its images are (see `Source`); empty: where they were.
        owner: who asks for them; empty: nobody in particular.

    Raises:
        RunNotFoundError, DamagedRunError: what is kept with the run can't be read.
    """
    tasks: list[BackgroundTask] = []
    for folder in settings().elsewhere:
        with suppress(DatasetError):  # the page that offers it says why
            task = external_test_task(run, folder, owner, steps_aside=True)
            if shares_class(run, folder) and not task.result.exists():
                tasks.append(task)
    missing = sorted(
        (number, kind)
        for kind in kinds_of(run)
        for number, score in enumerate(load_repeats(run, kind).scores)
        if score is None
    )
    images = source or run.spec.data
    return tasks + [repeat_task(run, kind, number, images, owner) for number, kind in missing]


def shares_class(run: Run, folder: Path) -> bool:
    """Whether a folder of images has a class that a run knows."""
    return any((folder / name).is_dir() for name in run.results.classes)


def wants_checks(run: Run) -> bool:
    """Whether the accuracy of a run is to be checked by itself: not if its training was ended
    before its time, since the checks would take longer than it."""
    return run.spec.check_accuracy and run.results.stop_reason not in ENDED_BY_FORCE


def check_room(run: Run) -> None:
    """Refuse to check one more run when enough are being checked.

    Raises:
        QueueFullError: says how many, and what to do.
    """
    root = run.folder.parent
    tasks = [open_task(root, task_id) for task_id in task_ids(root)]
    under_way = {_checked_run(task) for task in tasks if task.state().active}
    if len(under_way - {"", run.id}) >= MAX_CHECKED_RUNS:
        raise QueueFullError(
            f"The accuracy of {MAX_CHECKED_RUNS} other runs is being checked, which is the limit. "
            "Try again when one is done."
        )


def _tasks_of(run: Run) -> list[BackgroundTask]:
    """What was asked for to check a run."""
    root = run.folder.parent
    tasks = [open_task(root, task_id) for task_id in task_ids(root)]
    return [task for task in tasks if _checked_run(task) == run.id]


def _checked_run(task: BackgroundTask) -> str:
    """Id of the run that a task checks; empty if it checks none, or has ended."""
    with suppress(TaskError):
        if task.request.steps_aside:
            return task.request.group
    return ""


def _age(run: Run) -> float:
    """Seconds since a run was published.

    Raises:
        RunNotFoundError: it was deleted meanwhile.
    """
    try:
        return time.time() - (run.folder / "results.json").stat().st_mtime
    except FileNotFoundError:
        raise RunNotFoundError(f"Run {run.id} has been deleted.") from None
