"""Deleted runs, which can be brought back for a while.

A deletion is `<runs>/.deleted/<deletion-id>/`, and each run in it is the folder that it was, moved
in one step: whenever the process ends, a run is in its place or here. The id tells when it was, so
that nothing has to be written, not even on a full disk.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asl_core.background_task import STAGING
from asl_core.errors import RunError, RunNotFoundError
from asl_core.files import disk_errors_as, flush, remove_at_once
from asl_core.permissions import A_PROGRAM, acting_as
from asl_core.runs.manifest import mark_of
from asl_core.runs.owner import check_may_change_run, may_change_run

DELETED = ".deleted"
"""Folder of what was deleted, below that of the runs; in no list of runs."""

KEEP_HOURS = 24
"""Time in which a deletion can be undone, in hours."""


@dataclass(frozen=True)
class Deletion:
    """Runs that were deleted at once.

    Attributes:
        id: of the deletion.
        run_ids: the runs, newest first; at least one.
        folder: where they are.
    """

    id: str
    run_ids: tuple[str, ...]
    folder: Path

    @property
    def made(self) -> datetime:
        """When it was (UTC)."""
        return _made(self.id)

    @property
    def ends(self) -> datetime:
        """Until when it can be undone (UTC)."""
        return self.made + timedelta(hours=KEEP_HOURS)


def move_away(root: Path, run_ids: Sequence[str], deletion_id: str) -> Deletion:
    """Delete runs, so that they can be brought back.

    Args:
        root: folder of the runs.
        run_ids: of the runs.
        deletion_id: a new id, as of a run.

    Raises:
        RunNotFoundError: none of them is there (any more).
        OSError: the disk does not let it.
    """
    folder = root / DELETED / deletion_id
    folder.mkdir(parents=True)
    moved = []
    try:
        for run_id in run_ids:
            with suppress(FileNotFoundError):  # somebody else was faster
                (root / run_id).rename(folder / run_id)
                moved.append(run_id)
    finally:
        if not moved:
            folder.rmdir()
    if not moved:
        raise RunNotFoundError(f"There is no run {' or '.join(run_ids)}.", root)
    for changed in (folder, folder.parent, root):
        flush(changed)
    return Deletion(deletion_id, tuple(sorted(moved, reverse=True)), folder)


def read_deletions(root: Path) -> tuple[Deletion, ...]:
    """What can be brought back, newest first."""
    now = datetime.now(UTC)
    found = (
        Deletion(folder.name, tuple(sorted((run.name for run in runs), reverse=True)), folder)
        for folder in _folders(root)
        if (runs := [path for path in _listed(folder) if path.is_dir()])
    )
    return tuple(deletion for deletion in found if deletion.ends > now)


def bring_back(root: Path, deletion_id: str) -> tuple[str, ...]:
    """Undo a deletion. A run whose id was taken meanwhile stays deleted; the others come back.

    Args:
        root: folder of the runs.
        deletion_id: of the deletion.

    Returns:
        Ids of the runs that are back.

    Raises:
        NotAllowedError: one of them is another's.
        RunNotFoundError: there is nothing to bring back (any more).
        RunError: not all came back. Names those.
    """
    deletion = next((each for each in read_deletions(root) if each.id == deletion_id), None)
    if deletion is None:
        raise RunNotFoundError("That can't be undone any more.", root / DELETED)
    _check_may_change(deletion.folder)
    back, taken = [], []
    with disk_errors_as(RunError, "The runs can't be brought back", root):
        for run_id in deletion.run_ids:
            if (root / run_id).exists():
                taken.append(run_id)
                continue
            with suppress(FileNotFoundError):  # somebody else was faster
                (deletion.folder / run_id).rename(root / run_id)
                back.append(run_id)
        flush(root)
        with suppress(OSError):  # what stays there can be brought back later
            deletion.folder.rmdir()
    if taken:
        raise RunError(f"There is another run {' and '.join(taken)}: delete it first.", root)
    return tuple(back)


def remove_for_good(root: Path, deletion_id: str) -> None:
    """Give up what was deleted, and free its disk space. One that is gone stays so.

    Raises:
        NotAllowedError: one of them is another's.
        RunError: the disk does not let it.
    """
    for folder in _folders(root):
        if folder.name == deletion_id:
            _check_may_change(folder)
            with disk_errors_as(RunError, "The deleted runs can't be removed", folder):
                remove_at_once(folder, root / STAGING)


def remove_expired(root: Path) -> None:
    """Remove for good what can be undone no more.

    Raises:
        RunError: the disk does not let it.
    """
    now = datetime.now(UTC)
    for folder in _folders(root):
        if _made(folder.name) + timedelta(hours=KEEP_HOURS) <= now:
            with acting_as(A_PROGRAM):
                remove_for_good(root, folder.name)


def may_undo(deletion: Deletion) -> bool:
    """Whether whoever asks may bring these runs back, or remove them for good."""
    return all(may_change_run(run.name, mark_of(run)) for run in _listed(deletion.folder))


def _check_may_change(folder: Path) -> None:
    for run in _listed(folder):
        check_may_change_run(run.name, mark_of(run))


def _folders(root: Path) -> Iterator[Path]:
    """Those of all deletions, newest first; what has no time in its name is none of ours."""
    for path in sorted(_listed(root / DELETED), reverse=True):
        with suppress(ValueError):
            _made(path.name)
            yield path


def _listed(folder: Path) -> list[Path]:
    with disk_errors_as(RunError, "The deleted runs can't be read", folder):
        try:
            return list(folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):  # nothing was deleted, or it is gone again
            return []


def _made(deletion_id: str) -> datetime:
    return datetime.strptime(deletion_id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
