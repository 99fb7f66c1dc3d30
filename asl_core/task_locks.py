"""The two locks of a background task, made when somebody takes them: whoever only looks at a task,
as pages do again and again, needs none."""

from contextlib import suppress
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from asl_core.files import is_held
from asl_core.task_state import Phase

ASK_SECONDS = 1.0
"""Longest wait for a lock that others only look at."""

WORKER_SECONDS = 60.0
"""Longest wait for a worker that has lost its scheduler, and whose task was given to another: Dask
lets it go on for 30 s (`distributed.Worker.close`)."""


class TaskLocks:
    """Who has asked for a task, and who works on it.

    Args:
        folder: of the task, beside which they are.
    """

    def __init__(self, folder: Path) -> None:
        self._submitted = Path(f"{folder}.submitted.lock")
        self._worker = Path(f"{folder}.worker.lock")

    @cached_property
    def submitted(self) -> FileLock:
        """Held by the process that asked for it, to its end."""
        return FileLock(self._submitted, timeout=ASK_SECONDS, thread_local=False)

    @cached_property
    def worker(self) -> FileLock:
        """Held by the process that works on it."""
        return FileLock(self._worker, timeout=WORKER_SECONDS)

    def held_phase(self, phase: Phase) -> Phase:
        """The phase that the locks allow: the one that was written, or what came after it."""
        if phase != "queued" and is_held(self._worker):
            return phase
        return "queued" if is_held(self._submitted) else "interrupted"

    def remove_locks(self) -> None:
        """Remove their files."""
        for lock in (self._submitted, self._worker):
            with suppress(PermissionError):  # Windows, while somebody holds it
                lock.unlink(missing_ok=True)
