"""A background task as a folder on disk: what is asked for, how far it is, how it ended.

`<root>/.staging/<task-id>/` holds `task.json` (what is asked for, and by whom), `state.json` (how
far it is), `stop` (if somebody asked for an end) and `error.log` (if it failed); a kind of task may
add files of its own. Beside it are two locks: whoever asked for it holds
`<task-id>.submitted.lock`, the process that does it `<task-id>.worker.lock`, and the system drops a
lock when its process ends, however it ends. So a task that is worked on without the second lock
waits for another worker, and one that nobody holds at all is interrupted.

The result is a file or a folder elsewhere, which appears whole: when it is there, the task is done,
and its folder is cleared.
"""

import os
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

from filelock import Timeout

from asl_core.errors import (
    AslError,
    FileError,
    MissingFileError,
    SteppedAsideError,
    StoppedError,
    TaskError,
    TaskGoneError,
    in_words,
)
from asl_core.files import remove_at_once, reread_json, write_json
from asl_core.permissions import check_owner
from asl_core.progress import Progress
from asl_core.task_locks import ASK_SECONDS, TaskLocks
from asl_core.task_state import TaskRequest, TaskState

STAGING = ".staging"
"""Folder of all tasks, below that of the runs, so that every process and machine sees the same."""

STATE, REQUEST = "state.json", "task.json"
OLD_STATE = "status.json"
"""The state of a training by a version before background tasks, whose process is gone."""

TELL_SECONDS = 0.3
"""Least time between two notes of how far a task is."""


class BackgroundTask(TaskLocks):
    """A task, as every process sees it.

    Args:
        root: folder of the runs.
        task_id: names it; the same work has the same id, so that it is never done twice at once.
        request: what is asked for; None reads what is on the disk.
    """

    keeps_locks = True
    """Whether its locks outlive it when it came to nothing: the same id may be asked for again."""

    def __init__(self, root: Path, task_id: str, request: TaskRequest | None = None) -> None:
        self.root, self.id = root, task_id
        self.folder = root / STAGING / task_id
        super().__init__(self.folder)
        self._request, self._asked_here = request, request is not None
        self._started = self._told = 0.0

    @property
    def request(self) -> TaskRequest:
        """What is asked for. Raises `TaskError` if it can't be read (any more)."""
        if self._request is None:
            try:
                self._request = reread_json(self.folder / REQUEST, TaskRequest)
            except FileError as error:
                raise TaskError(f"The request of task {self.id} can't be read.") from error
        return self._request

    @property
    def result(self) -> Path:
        """The file or folder that is there when it is done.

        Raises:
            TaskError: it can't be read which.
        """
        return Path(self.request.result)

    def state(self) -> TaskState:
        """The true state, also when the process that wrote the last one is gone."""
        try:
            told = self._read()
            while told.active and (held := self.held_phase(told.phase)) != told.phase:
                before, told = told.phase, self._read()
                if told.phase == before:  # else it went on between the look at both
                    return replace(told, phase=held, step="")
        except (FileNotFoundError, FileExistsError):  # the latter is the lock's word for it
            return TaskState("none")
        return told

    def claim(self) -> bool:
        """Ask for it, and hold it by `submitted` until it has ended.

        What is left of one that failed or was interrupted is gone on with.

        Returns:
            False if it is done, or somebody has asked for it already.

        Raises:
            TaskError: it can't be put down.
        """
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.submitted.acquire()
        except Timeout:
            return False
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        if self.state().phase in ("working", "done"):
            self.submitted.release()
            return False
        fresh = not self.folder.exists()
        try:
            if fresh:
                self._lay_down()
            elif self._asked_here:  # whoever asks again is its owner now, and waits from now on
                write_json(self.folder / REQUEST, asdict(self.request))
            for left in ("stop", "error.log"):
                (self.folder / left).unlink(missing_ok=True)
            self._write(TaskState("queued"))
        except OSError as error:  # the disk may be full, so that only a part of it was written
            if fresh:
                with suppress(OSError):
                    self.discard()
            self.submitted.release()
            raise _unwritable(self.folder, error) from error
        return True

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold it while it is done, and clear it afterwards. A failure is recorded, and raised; one
        that follows a wish to stop is the end asked for. One that steps aside waits again.

        Raises:
            TaskGoneError: it was canceled, is done, or somebody else is at it.
        """
        try:
            self.worker.acquire()
        except Timeout:
            raise TaskGoneError(f"Another process is already working on {self.id}.") from None
        try:
            if self.state().phase in ("none", "done"):
                self.discard()
                raise TaskGoneError(f"{self.id} was canceled, or is done.")
            self._begin()
            self._started = time.monotonic()
            self.write_state("starting")
            try:
                yield
            except SteppedAsideError:
                self._write(replace(self._read(), phase="queued", step=""))
                return
            except Exception as error:
                if not (isinstance(error, AslError) and self.stop_requested()):
                    self._fail(error)
                    raise
            self.discard()  # what matters is in its place
        finally:
            self.worker.release()

    def tell(self, fraction_done: float, step: str = "") -> None:
        """Tell everybody who watches how far it is, 0 to 1, or a step of it (see `write_state`);
        noted a few times a second at most.

        Raises:
            StoppedError: somebody asked for an end.
        """
        if (now := time.monotonic()) - self._told < TELL_SECONDS:
            return
        if self.stop_requested():
            raise StoppedError(f"{self.id} was stopped.")
        self._told = now
        passed = now - self._started
        left = passed / fraction_done - passed if fraction_done > 0.01 else None  # else a guess
        self._write(TaskState("working", step, fraction_done, left))

    def write_state(self, step: str, progress: Progress | None = None) -> None:
        """Tell everybody who watches what the worker is at.

        Args:
            step: in a word.
            progress: of a training.
        """
        share, left = (progress.fraction_done, progress.seconds_left) if progress else (0.0, None)
        self._write(TaskState("working", step, share, left, progress))

    def request_stop(self) -> None:
        """Ask whoever works on it for an end, unless it has just ended, or is another's."""
        self.check_owner()
        with suppress(FileNotFoundError):
            (self.folder / "stop").touch()

    def stop_requested(self) -> bool:
        """Whether somebody asked for an end."""
        return (self.folder / "stop").exists()

    def cancel(self) -> None:
        """Drop it, if nobody is at work on it; else ask for an end."""
        self.check_owner()
        try:
            with self.worker.acquire(timeout=ASK_SECONDS):
                self.discard()
        except Timeout:
            self.request_stop()

    def dismiss(self) -> None:
        """Drop it if it came to nothing; not if somebody has asked for it again meanwhile."""
        self.check_owner()
        with suppress(Timeout), self.submitted, self.worker.acquire(timeout=ASK_SECONDS):
            self.discard()

    @property
    def begun(self) -> bool:
        """Whether a worker has been at it, be it there or gone."""
        return self._read().phase == "working"

    def discard(self) -> None:
        """Remove what is left of it, if anything is."""
        keeps = self.keeps_locks and self._read().phase != "done"
        remove_at_once(self.folder, self.folder.parent)
        if not keeps:
            self.remove_locks()

    def log(self) -> str:
        """What the program said when it failed, for the operator; empty if it did not."""
        with suppress(FileNotFoundError):
            return (self.folder / "error.log").read_text(encoding="utf-8")
        return ""

    def check_owner(self) -> None:
        """Raise `NotAllowedError` if it is another's than whoever asks, by what is on the disk."""
        owner = ""
        with suppress(TaskError):  # it has ended, or is damaged
            there = (self.folder / REQUEST).exists()
            owner = (BackgroundTask(self.root, self.id) if there else self).request.owner
        check_owner(owner, "this task")

    def _lay_down(self) -> None:
        """Make the folder, with what is asked for in it."""
        self.folder.mkdir()
        write_json(self.folder / REQUEST, asdict(self.request))

    def _begin(self) -> None:
        """Clear what a process that was killed has left, if it would be in the way."""

    def _fail(self, error: Exception) -> None:
        (self.folder / "error.log").write_text(
            "".join(traceback.format_exception(error)), encoding="utf-8"
        )
        self._write(TaskState("failed", error=in_words(error)))

    def _read(self) -> TaskState:
        with suppress(TaskError):  # nobody has asked yet, or what was asked for is damaged
            if self.result.exists():
                return TaskState("done", fraction_done=1.0)
        try:
            return reread_json(self.folder / STATE, TaskState)
        except MissingFileError:
            return TaskState("interrupted" if (self.folder / OLD_STATE).exists() else "none")
        except FileError:  # the power went while it was written
            return TaskState("interrupted")

    def _write(self, state: TaskState) -> None:
        write_json(self.folder / STATE, asdict(state))


def task_ids(root: Path) -> list[str]:
    """Ids of all tasks that are not done, by name: of trainings, the oldest first."""
    staging, names = root / STAGING, list[str]()
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        names = os.listdir(staging)  # one listing, no globs: all pages look
    return sorted(name for name in names if _is_task(staging / name))


def _is_task(folder: Path) -> bool:
    """Whether a folder holds a task; that of another user of the machine can't be read."""
    return os.path.exists(folder / STATE) or os.path.exists(folder / OLD_STATE)


def _unwritable(folder: Path, error: OSError) -> TaskError:
    text = f"The runs folder can't be written: {in_words(error)}."
    return TaskError(f"{text} Free disk space, or make it writable.", folder)
