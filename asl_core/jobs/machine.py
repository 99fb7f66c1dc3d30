"""How many background tasks one machine does at a time, whichever servers and clusters asked.

All workers of one user on a machine share places, which are locks in a folder of their own. The
process that does a task holds one; the system drops it when that process ends, however it ends. One
waits at the head for all others, so that no server which has many tasks goes before one with few.
"""

import os
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from pathlib import Path

from filelock import FileLock, Timeout

from asl_core.background_task import STATE, BackgroundTask
from asl_core.errors import JobError, SteppedAsideError, TaskGoneError
from asl_core.files import disk_errors_as, is_held, write_json
from asl_core.private import is_private
from asl_core.settings import settings

WAIT_SECONDS = 0.25
"""Time between two looks for a free place."""

WAITS_FOR_MACHINE = "waiting for the machine"
"""Step of a task that is queued, and that a worker has."""

_HEAD = "head.lock"
_REFUSAL = "The folder for the locks of this machine (ASL_LOCKS_DIR) can't be used"


def places() -> list[Path]:
    """The locks of which a worker of this process takes one.

    As many as `ASL_WORKER_COUNT`. Where nothing says so, which is in a worker that an operator has
    started for a cluster, as many as there are processors.

    Raises:
        JobError: their folder can't be made, or others may write in it.
    """
    told = settings()
    known = "worker_count" in told.model_fields_set
    folder = own_folder()
    n = told.worker_count if known else os.cpu_count() or 1
    return [folder / f"place-{i}.lock" for i in range(n)]


def somebody_waits() -> bool:
    """Whether a task on this machine waits for a place, of whichever server.

    Raises:
        JobError: as `places`.
    """
    return is_held(own_folder() / _HEAD)


def take_place(task: BackgroundTask) -> ExitStack:
    """A place on this machine, once there is one; leaving it gives it back. While the task waits
    for one, its state says so.

    Args:
        task: that is queued.

    Raises:
        TaskGoneError: it was canceled while it waited.
        SteppedAsideError: it steps aside, and there is no place.
        JobError: as `places`.
    """
    locks = [FileLock(path) for path in places()]
    if task.request.steps_aside:
        taken = None if somebody_waits() else _first_free(locks)
        if taken is None:
            _tell(task)
            raise SteppedAsideError(f"{task.id} waits for others on this machine.")
    else:
        taken = _wait(task, locks)
    place = ExitStack()
    place.callback(taken.release)
    return place


def _wait(task: BackgroundTask, locks: list[FileLock]) -> FileLock:
    head = FileLock(own_folder() / _HEAD)
    told = False
    try:
        while True:
            if _takes(head) and (taken := _first_free(locks)):
                return taken
            if not told:
                _tell(task)
                told = True
            time.sleep(WAIT_SECONDS)
            if not task.folder.exists():
                raise TaskGoneError(f"{task.id} was canceled.")
    finally:
        head.release()


def _tell(task: BackgroundTask) -> None:
    """Everybody who watches a task that it waits, if it is not canceled at this moment."""
    with suppress(FileNotFoundError):
        if (told := task.state()).phase == "queued":
            write_json(task.folder / STATE, asdict(replace(told, step=WAITS_FOR_MACHINE)))


def _first_free(locks: list[FileLock]) -> FileLock | None:
    return next((lock for lock in locks if _takes(lock)), None)


def _takes(lock: FileLock) -> bool:
    """Take a lock that is free; one that is held here stays so."""
    if lock.is_locked:
        return True
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True


def own_folder() -> Path:
    """Where the locks are. Another user who could write there, or who has put a link in its place,
    could have files of this user overwritten, or keep all tasks waiting.

    Raises:
        JobError: it can't be made, or is not this user's alone.
    """
    folder = settings().locks_dir or _default_folder()
    with disk_errors_as(JobError, _REFUSAL, folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = is_private(folder)
    if not private:
        raise JobError(f"{_REFUSAL}: it must be this user's alone. Name another.", folder)
    return folder


def _default_folder() -> Path:
    name = f"asl-explorer-{os.getuid()}" if hasattr(os, "getuid") else "asl-explorer"
    return Path(tempfile.gettempdir()) / name
