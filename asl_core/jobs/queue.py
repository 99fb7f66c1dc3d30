"""How many tasks may wait, which is next, and which give way: read from the disk, so that it holds
for all servers that share the folder of runs."""

from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock

from asl_core.background_task import STAGING, BackgroundTask, task_ids
from asl_core.errors import QueueFullError, TaskError
from asl_core.files import disk_errors_as
from asl_core.runs.pending import PendingRun
from asl_core.runs.store import RunStore, is_run_id
from asl_core.settings import MAX_QUEUED, MAX_QUEUED_PER_OWNER


def open_task(root: Path, task_id: str) -> BackgroundTask:
    """A task by its id: a training knows more than others."""
    if is_run_id(task_id):
        return PendingRun(RunStore(root), task_id)
    return BackgroundTask(root, task_id)


def queue_lock(root: Path, name: str = "queue") -> FileLock:
    """Held while a task is counted and queued, so that no two are counted as one.

    Args:
        root: folder of the runs.
        name: of the lock: sweeps have one of their own, around those of their runs.

    Raises:
        TaskError: the folder can't be written.
    """
    staging = root / STAGING
    with disk_errors_as(TaskError, "The runs folder can't be written", staging):
        staging.mkdir(parents=True, exist_ok=True)
        (staging / f"{name}.lock").touch()
    return FileLock(staging / f"{name}.lock")


def check_queue(root: Path, owner: str) -> None:
    """Refuse a task when too many wait. The caller holds `queue_lock`.

    Args:
        root: folder of the runs.
        owner: who asks; empty: nobody in particular, and only all are counted.

    Raises:
        QueueFullError: says why, and what to do.
    """
    waiting = waiting_tasks(root)
    if owner and sum(_owner(task) == owner for task in waiting) >= MAX_QUEUED_PER_OWNER:
        raise QueueFullError(
            f"You already have {MAX_QUEUED_PER_OWNER} tasks in the queue. Cancel one, or try again "
            "when one has started."
        )
    if len(waiting) >= MAX_QUEUED:
        raise QueueFullError(
            f"The queue is full ({len(waiting)} tasks). Try again when one has started."
        )


def waiting_tasks(root: Path) -> list[BackgroundTask]:
    """Tasks that wait for a worker, the next one first; without those of sweeps."""
    tasks = [open_task(root, task_id) for task_id in task_ids(root)]
    return sorted(filter(_waits, tasks), key=lambda task: task.request.asked)


def others_under_way(root: Path) -> bool:
    """Whether anything is queued or worked on that a task which steps aside gives way to."""
    return any(map(_goes_first, (open_task(root, task_id) for task_id in task_ids(root))))


def has_stepped_aside(task: BackgroundTask) -> bool:
    """Whether a task waits since it has given its worker back."""
    try:
        return task.request.steps_aside and task.state().phase == "queued"
    except (TaskError, OSError):  # it can't be read, so nobody can go on with it
        return False


def place_in_queue(task: BackgroundTask, waiting: Iterable[BackgroundTask]) -> int:
    """How many tasks begin before a waiting one.

    Args:
        task: the one.
        waiting: from `waiting_tasks`.
    """
    before = [other.id for other in waiting]
    return before.index(task.id) if task.id in before else 0


def _waits(task: BackgroundTask) -> bool:
    try:
        return not task.request.group and task.state().phase == "queued"
    except TaskError:  # it is done, or was called off
        return False


def _goes_first(task: BackgroundTask) -> bool:
    try:
        return not task.request.steps_aside and task.state().active
    except TaskError:  # it is done, or was called off
        return False


def _owner(task: BackgroundTask) -> str:
    try:
        return task.request.owner
    except TaskError:
        return ""
