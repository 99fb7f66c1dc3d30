"""Runs that are not finished: what state each is in, and how it becomes a run.

`<root>/.staging/<run-id>/` holds `config.json` (what was asked for), `status.json` (how far it
is), `checkpoint.npz` (the state to go on from), `run/` (the files so far), `decisions.json` (those
that were there when it was asked for), `stop` (if somebody asked for it) and `error.log` (if it
failed).
Beside it are two locks: whoever asked for a run holds `<run-id>.submitted.lock`, the process that
trains it holds `<run-id>.worker.lock`, and the system drops a lock when its process ends, however
it ends. So a run that is at work without the second lock waits for another worker, and one that
nobody holds at all is interrupted.
"""

import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from asl_core.data.label_corrections import (
    LabelCorrections,
    load_label_corrections,
    save_label_corrections,
)
from asl_core.errors import FileError, RunError, RunNotFoundError
from asl_core.files import flush, is_held, read_json, remove_at_once, write_json
from asl_core.progress import Progress
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import STAGING, RunStore, new_run_id, open_run, seal
from asl_core.training.checkpoint import Checkpoint

Phase = Literal["queued", "starting", "training", "evaluating", "failed", "interrupted"]

CHECKPOINT = "checkpoint.npz"
ACTIVE: tuple[Phase, ...] = ("queued", "starting", "training", "evaluating")


@dataclass(frozen=True)
class Status:
    """How far an unfinished run is.

    Attributes:
        phase: `queued` (waits for a worker), `starting` (loads), `training`, `evaluating`,
            `failed` (see `error`), `interrupted` (its process is gone).
        progress: of the fit, once it has begun.
        error: why it failed, in words.
    """

    phase: Phase
    progress: Progress | None = None
    error: str | None = None

    @property
    def active(self) -> bool:
        """Whether something is being done for this run, or will be."""
        return self.phase in ACTIVE


class PendingRun:
    """A run on its way. Made by `stage`, found again by `list_pending`.

    Args:
        store: where the finished run will be.
        run_id: its id.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self.store, self.id = store, run_id
        self.folder = store.root / STAGING / run_id
        self.files = self.folder / "run"
        self.submitted = FileLock(f"{self.folder}.submitted.lock", thread_local=False)
        self.worker = FileLock(f"{self.folder}.worker.lock", timeout=10)

    @property
    def spec(self) -> RunSpec:
        """What was asked for.

        Raises:
            RunError: it can't be read (any more).
        """
        try:
            return read_json(self.folder / "config.json", RunSpec)
        except FileError as error:
            raise RunError(f"What run {self.id} was to do can't be read: {error}") from error

    @property
    def decisions(self) -> LabelCorrections:
        """About doubtful photos, as they were when the run was asked for: whatever is decided
        while it waits or is interrupted, it goes on with the photos that it began with."""
        return load_label_corrections(self.folder)

    def status(self) -> Status:
        """The true state, also when the process that wrote the last one is gone.

        Raises:
            RunNotFoundError: it has been published or discarded meanwhile.
        """
        try:
            phase, values = self._read()
            while phase in ACTIVE and (held := self._held_phase(phase)) != phase:
                before = phase
                phase, values = self._read()
                if phase == before:  # else it went on between the look at both
                    phase = held
                    break
        except (FileNotFoundError, FileExistsError):  # the latter is the lock's word for it
            raise RunNotFoundError(f"Run {self.id} is no longer under way.") from None
        progress = values["progress"] and Progress.from_json(values["progress"])
        return Status(phase, progress, values["error"])

    def write_status(self, phase: Phase, progress: Progress | None = None) -> None:
        """Tell everybody who watches how far the run is."""
        self._write(Status(phase, progress))

    @property
    def visitor(self) -> str:
        """Who asked for it, or an empty text."""
        try:
            return (self.folder / "visitor").read_text()
        except FileNotFoundError:
            return ""

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold the run while it is trained. A failure is recorded with it, and raised.

        Raises:
            RunNotFoundError: it has been cancelled meanwhile.
        """
        with self.worker:
            if not self.folder.exists():
                raise RunNotFoundError(f"Run {self.id} was cancelled.")
            remove_at_once(self.files, self.store.root / STAGING)  # of a process that was killed
            self.files.mkdir()
            self.write_status("starting")
            try:
                yield
            except Exception as error:
                self._fail(error)
                raise
        self.discard()  # all that matters has been published

    def claim(self) -> bool:
        """Hold a run that is interrupted or has failed, to go on with it from its checkpoint.

        Returns:
            False if somebody else has taken it up.

        Raises:
            RunNotFoundError: it has been discarded.
        """
        try:
            self.submitted.acquire(timeout=0)
            if self.status().phase not in ("interrupted", "failed", "queued"):
                self.submitted.release()
                return False
        except Timeout:
            return False
        for left in ("stop", "error.log"):
            (self.folder / left).unlink(missing_ok=True)
        self.write_status("queued")
        return True

    def request_stop(self) -> None:
        """Ask the training to end with the weights it has. One that has just ended stays as is."""
        with suppress(FileNotFoundError):
            (self.folder / "stop").touch()

    def cancel(self) -> None:
        """Give up a run that nobody is at work on; end one that is, with the weights it has."""
        try:
            with self.worker.acquire(timeout=0):
                self.discard()
        except Timeout:
            self.request_stop()

    def stop_requested(self) -> bool:
        """Whether somebody asked for an end."""
        return (self.folder / "stop").exists()

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep how far the training is, to go on from there after a crash."""
        checkpoint.save(self.folder / CHECKPOINT)

    def checkpoint(self) -> Checkpoint | None:
        """The last checkpoint, or None."""
        return Checkpoint.load(self.folder / CHECKPOINT)

    def publish(self) -> Run:
        """Turn the files in `run/` into a finished run, in one step.

        Returns:
            The run, in its final place.
        """
        seal(self.files)
        target = self.store.root / self.id
        self.files.rename(target)
        flush(self.store.root)
        return open_run(target)

    def discard(self) -> None:
        """Remove what is left of an unfinished run, if anything is."""
        remove_at_once(self.folder, self.store.root / STAGING)
        for lock in (self.submitted, self.worker):
            with suppress(PermissionError):  # Windows, while somebody holds it
                Path(lock.lock_file).unlink(missing_ok=True)

    def log(self) -> str:
        """What the program said when it failed; empty if it did not."""
        try:
            return (self.folder / "error.log").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _fail(self, error: Exception) -> None:
        (self.folder / "error.log").write_text(
            "".join(traceback.format_exception(error)), encoding="utf-8"
        )
        self._write(Status("failed", error=str(error) or type(error).__name__))

    def _read(self) -> tuple[Phase, dict[str, Any]]:
        if (self.store.root / self.id).exists():
            raise FileNotFoundError(f"{self.id} is published, and about to be cleared here")
        try:
            values = json.loads((self.folder / "status.json").read_text())
            return values["phase"], values
        except (KeyError, TypeError, ValueError):  # the power went while it was written
            return "interrupted", {"progress": None, "error": None}

    def _held_phase(self, phase: Phase) -> Phase:
        """The phase that the locks allow: the one that was written, or what came after it."""
        if phase != "queued" and is_held(Path(self.worker.lock_file)):
            return phase
        return "queued" if is_held(Path(self.submitted.lock_file)) else "interrupted"

    def _write(self, status: Status) -> None:
        write_json(
            self.folder / "status.json",
            {
                "phase": status.phase,
                "progress": status.progress and status.progress.to_json(),
                "error": status.error,
            },
        )


def stage(store: RunStore, spec: RunSpec, visitor: str | None = None) -> PendingRun:
    """Make a place for a new run. The caller holds it by its `submitted` lock.

    Args:
        store: where the finished run will be.
        spec: what to train.
        visitor: who asked for it, if that matters.

    Raises:
        RunError: the folder of the runs can't be written.
        DatasetError: the decisions about photos can't be read.
    """
    decisions = load_label_corrections(store.root) if spec.use_corrections else LabelCorrections()
    staged = PendingRun(store, new_run_id())
    try:
        staged.files.mkdir(parents=True)
        staged.submitted.acquire()
        write_json(staged.folder / "config.json", spec.to_json())
        save_label_corrections(decisions, staged.folder)
        (staged.folder / "visitor").write_text(visitor or "")
        staged.write_status("queued")
    except OSError as error:  # the disk may be full, so that only a part of it was written
        staged.submitted.release()
        with suppress(OSError):
            staged.discard()
        raise RunError(f"Runs can't be kept in {store.root}: {error.strerror}.") from error
    return staged


def list_pending(store: RunStore) -> list[PendingRun]:
    """Unfinished runs, oldest first."""
    folders = (store.root / STAGING).glob("*/status.json")
    ids = sorted(path.parent.name for path in folders)
    return [PendingRun(store, run_id) for run_id in ids if not (store.root / run_id).exists()]


def find_pending(store: RunStore, run_id: str) -> PendingRun:
    """An unfinished run by its id.

    Raises:
        RunNotFoundError: there is none.
    """
    for staged in list_pending(store):
        if staged.id == run_id:
            return staged
    raise RunNotFoundError(f"There is no unfinished run {run_id} in {store.root}.")
