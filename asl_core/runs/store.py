"""Trained runs on disk. A run is there whole or not at all; its manifest tells if it changed."""

import re
import secrets
import stat
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asl_core.background_task import STAGING, BackgroundTask, task_ids
from asl_core.errors import DamagedRunError, FileError, RunError, RunNotFoundError, TaskError
from asl_core.files import (
    disk_errors_as,
    remove_at_once,
    reread,
    reread_json,
    sha256,
)
from asl_core.permissions import A_PROGRAM, acting_as, check_may_change
from asl_core.runs.deleted import Deletion, move_away, remove_expired
from asl_core.runs.manifest import (
    MANIFEST,
    READABLE_SCHEMAS,
    RUN_FILES,
    SCHEMA,
    Manifest,
    SealedFile,
    mark_of,
)
from asl_core.runs.owner import check_may_change_run
from asl_core.runs.predictions import check_predictions
from asl_core.runs.run import Run, RunResults, RunSpec

DATASETS = ".datasets"
"""Folder of what is found about datasets, below that of the runs."""

SMALLEST_ROOM = 256 * 1024
"""Bytes without which no run can be kept: a run takes about as much."""

_RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6,9}")


@dataclass(frozen=True)
class Scan:
    """What there is in a folder of runs.

    Attributes:
        runs: the finished ones, newest first.
        damaged: ids of those whose files are not what the manifest lists, newest first.
    """

    runs: tuple[Run, ...]
    damaged: tuple[str, ...]


def new_run_id() -> str:
    """An id that sorts by the time it was made (UTC), and after all that this process has made
    before; never a user's text."""
    now = _clock.next()
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond:06}{secrets.token_hex(2)[:3]}"


class _Clock:
    """Times of which each is later than the one before, however fast they are asked for."""

    def __init__(self) -> None:
        self._lock, self._last = threading.Lock(), datetime.min.replace(tzinfo=UTC)

    def next(self) -> datetime:
        with self._lock:
            self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
            return self._last


_clock = _Clock()


def is_run_id(name: str) -> bool:
    """Whether a name is one that `new_run_id` gives."""
    return _RUN_ID.fullmatch(name) is not None


class RunStore:
    """The folder of runs: `<root>/<run-id>/`.

    Args:
        root: made on first use.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).resolve()

    def scan(self) -> "Scan":
        """All finished runs, and those that can't be used, by one look at the folder."""
        found = [(run_id, _readable(self.root / run_id)) for run_id in self._ids()]
        return Scan(
            runs=tuple(run for _, run in found if run),
            damaged=tuple(run_id for run_id, run in found if not run),
        )

    def list(self) -> tuple[Run, ...]:
        """Finished runs, newest first. Damaged ones are left out (see `scan`)."""
        return self.scan().runs

    def damaged(self) -> tuple[str, ...]:
        """Ids of runs that can't be used, newest first (see `scan`)."""
        return self.scan().damaged

    def load(self, run_id: str) -> Run:
        """One run, every byte checked against its manifest (once for each state of its files).

        Raises:
            RunNotFoundError: there is no such run.
            DamagedRunError: a file is missing or has changed.
        """
        return open_run(self._folder(run_id))

    def delete(self, *run_ids: str) -> Deletion:
        """Delete runs, damaged or not, and end what is being found out about them. They can be
        brought back for a while (see `asl_core.runs.deleted`).

        Args:
            *run_ids: of the runs; those that are gone already are left out.

        Raises:
            NotAllowedError: one of them is another's; then none is deleted.
            RunNotFoundError: none of them is there.
            RunError: the disk does not let it.
        """
        check_may_change()
        remove_expired(self.root)
        folders = [self.root / run_id for run_id in run_ids if self._is_there(run_id)]
        if not folders:
            raise RunNotFoundError(f"There is no run {' or '.join(run_ids)}.", self.root)
        for folder in folders:
            check_may_change_run(folder.name, mark_of(folder))
        end_tasks_about(self.root, folders)
        ids, staging = [folder.name for folder in folders], self.root / STAGING
        with disk_errors_as(RunError, f"{_named(ids)} can't be deleted", self.root):
            for run_id in ids:
                remove_at_once(staging / run_id, staging)  # left by who died while publishing
            return move_away(self.root, ids, new_run_id())

    def check_writable(self) -> None:
        """See that a run could be kept now, by a file that is removed at once. Makes no folder.

        Raises:
            RunError: the folder of the runs can't be written or made, or its disk is full.
        """
        wanted = self.root / STAGING
        with disk_errors_as(RunError, "Runs can't be saved in the runs folder", self.root):
            place = next(path for path in (wanted, *wanted.parents) if path.exists())
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(bytes(SMALLEST_ROOM))

    def found_in(self, fingerprint: str, name: str) -> Path:
        """Where something is kept that was found about a dataset, whichever run it serves.

        Args:
            fingerprint: of the dataset, which another state of its images does not have.
            name: of the file.
        """
        return self.root / DATASETS / fingerprint[:32] / name

    def _folder(self, run_id: str) -> Path:
        if not self._is_there(run_id):
            raise RunNotFoundError(f"There is no run {run_id}.", self.root)
        return self.root / run_id

    def _is_there(self, run_id: str) -> bool:
        return is_run_id(run_id) and (self.root / run_id).is_dir()

    def _ids(self) -> tuple[str, ...]:
        if not self.root.is_dir():
            return ()
        with disk_errors_as(RunError, "The runs folder can't be read", self.root):
            names = [path.name for path in self.root.iterdir()]
        return tuple(sorted(filter(_RUN_ID.fullmatch, names), reverse=True))


def open_run(folder: Path) -> Run:
    """A run by its folder, every byte checked against its manifest, once for each state of its
    files (size, times, inode).

    Raises:
        DamagedRunError: a file is missing or has changed.
    """
    return _read(folder, check_content=True)


def _named(run_ids: Sequence[str]) -> str:
    return f"Run {run_ids[0]}" if len(run_ids) == 1 else f"{len(run_ids)} runs"


def end_tasks(tasks: Sequence[BackgroundTask]) -> None:
    """Drop tasks, whoever owns them: whoever calls this has seen that it may be. Those that are
    worked on are asked for an end first, all at once."""
    with acting_as(A_PROGRAM):
        for task in tasks:
            task.request_stop()
        for task in tasks:
            task.cancel()


def end_tasks_about(root: Path, folders: Sequence[Path]) -> None:
    """End what is being found out about runs.

    Args:
        root: folder of the runs.
        folders: of these runs.
    """
    tasks = [BackgroundTask(root, task_id) for task_id in task_ids(root)]
    end_tasks([task for task in tasks if any(_is_about(task, folder) for folder in folders)])


def _is_about(task: BackgroundTask, run: Path) -> bool:
    """Whether the result of a task will be kept with a run."""
    with suppress(TaskError):  # it has ended, or is damaged
        return task.result.parent == run
    return False


def _readable(folder: Path) -> Run | None:
    try:
        return _read(folder, check_content=False)
    except DamagedRunError:
        return None


def _read(folder: Path, check_content: bool) -> Run:
    """A run whose files fit its manifest, and whose documents are whole."""
    try:
        manifest = reread_json(folder / MANIFEST, Manifest)
        if manifest.schema not in READABLE_SCHEMAS:
            raise ValueError(f"it has schema {manifest.schema}, not {SCHEMA}")
        for name in RUN_FILES:
            _check_file(folder / name, manifest.files.get(name), check_content)
        run = Run(
            id=folder.name,
            folder=folder,
            spec=reread_json(folder / "config.json", RunSpec),
            results=reread_json(folder / "results.json", RunResults),
            owner=manifest.owner,
        )
        run.results.check()
        _ = run.created  # an id that names no time is none of ours
        run.history()
        if check_content:
            answers, results = folder / "predictions.npz", run.results
            reread(check_predictions, answers, results.n_test, len(results.classes))
        return run
    except (RunNotFoundError, DamagedRunError) as error:
        raise DamagedRunError(str(error), folder) from error
    except (FileError, OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
        raise DamagedRunError(
            f"Run {folder.name} is damaged: {said}. Delete it and train again.", folder
        ) from error


def _check_file(path: Path, listed: SealedFile | None, check_content: bool) -> None:
    entry = path.stat()
    same = listed and stat.S_ISREG(entry.st_mode) and entry.st_size == listed.size
    if same and check_content:
        same = listed is not None and reread(sha256, path) == listed.sha256
    if not same:
        raise ValueError(f"{path.name} is not what was saved")
