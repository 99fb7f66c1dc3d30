"""Runs that were put out of the way together, such as those of a lesson, and can be brought back.

An archive is `<runs>/.archived/<archive-id>/`, and each run in it is the folder that it was, moved
in one step, as in `asl_core.runs.deleted`; but nothing here is ever removed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from asl_core.errors import NotAllowedError, RunError, RunNotFoundError
from asl_core.files import disk_errors_as, flush
from asl_core.permissions import check_may_change, requester
from asl_core.runs.owner import may_change_run, owner_mark
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, end_tasks_about, new_run_id

ARCHIVED = ".archived"
"""Folder of what was archived, below that of the runs; in no list of runs."""


def may_archive(run: Run) -> bool:
    """Whether whoever asks may put a run away, or bring it back: it is theirs, or of a lesson that
    they have made."""
    lesson, asks = run.spec.lesson, requester()
    taught = lesson and lesson.teacher and lesson.teacher == owner_mark(lesson.id, asks.owner)
    return may_change_run(run.id, run.owner) or (asks.may_change and bool(taught))


def _check_may_archive(runs: Sequence[Run]) -> None:
    check_may_change()
    if not all(map(may_archive, runs)):
        raise NotAllowedError(
            "Only whoever has made a lesson, in the same browser or signed in as the same person, "
            "can put its runs away or bring them back."
        )


@dataclass(frozen=True)
class Archive:
    """Runs that were archived at once.

    Attributes:
        id: of the archive.
        runs: those in it that can be read, newest first.
    """

    id: str
    runs: tuple[Run, ...]


def archive(store: RunStore, runs: Sequence[Run]) -> str:
    """Put runs out of the way, and end what is being found out about them; those that are gone
    already are left out.

    Returns:
        Id of the archive.

    Raises:
        NotAllowedError: one of them is another's, and of no lesson of whoever asks.
        RunNotFoundError: none of them is there.
        RunError: the disk does not let it.
    """
    _check_may_archive(runs)
    archive_id = new_run_id()
    end_tasks_about(store.root, [run.folder for run in runs])
    folder, moved = store.root / ARCHIVED / archive_id, 0
    with disk_errors_as(RunError, "The runs can't be archived", store.root):
        folder.mkdir(parents=True)
        for run in runs:
            with suppress(FileNotFoundError):  # somebody else was faster
                run.folder.rename(folder / run.id)
                moved += 1
        if not moved:
            folder.rmdir()
            raise RunNotFoundError("These runs are gone.", store.root)
        for changed in (folder, folder.parent, store.root):
            flush(changed)
    return archive_id


def list_archives(store: RunStore) -> tuple[Archive, ...]:
    """All archives with a run that can be read, newest first.

    Raises:
        RunError: the disk does not let it.
    """
    folder = store.root / ARCHIVED
    with disk_errors_as(RunError, "The archived runs can't be read", folder):
        try:
            ids = sorted((path.name for path in folder.iterdir()), reverse=True)
        except (FileNotFoundError, NotADirectoryError):  # nothing was archived
            return ()
    found = (Archive(each, RunStore(store.root / ARCHIVED / each).list()) for each in ids)
    return tuple(archived for archived in found if archived.runs)


def unarchive(store: RunStore, archive_id: str) -> None:
    """Bring the runs of an archive back.

    Raises:
        NotAllowedError: as of `archive`.
        RunNotFoundError: it is gone.
        RunError: not all came back: another run has the id, or the disk does not let it.
    """
    known = {archived.id: archived for archived in list_archives(store)}
    if archive_id not in known:
        raise RunNotFoundError("These runs are gone, or back already.", store.root)
    _check_may_archive(known[archive_id].runs)
    folder, taken = store.root / ARCHIVED / archive_id, []
    with disk_errors_as(RunError, "The runs can't be brought back", store.root):
        for run in known[archive_id].runs:
            if (store.root / run.id).exists():
                taken.append(run.id)
                continue
            with suppress(FileNotFoundError):
                (folder / run.id).rename(store.root / run.id)
        flush(store.root)
        with suppress(OSError):  # what stays there can be brought back later
            folder.rmdir()
    if taken:
        raise RunError(f"There is another run {' and '.join(taken)}: delete it first.", store.root)
