"""Datasets that visitors bring: what was dropped is put on the disk, and a worker takes it in."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from asl_core.background_task import BackgroundTask, task_ids
from asl_core.data.dataset_store import DatasetStore, checked_title
from asl_core.data.import_dataset import STAGED, clear_abandoned
from asl_core.data.own_dataset import new_set_id
from asl_core.data.safe_names import safe_parts
from asl_core.errors import ArchiveError, ImageError, StoreError, TaskError
from asl_core.files import disk_errors_as
from asl_core.jobs.tasks import import_task
from asl_core.permissions import check_owner
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_DROPPED_BYTES

DROPPED = "dropped"
"""Folder in that of the task, with the file that was dropped."""


def new_import(
    store: RunStore, file_name: str, content: Iterable[bytes], name: str, owner: str
) -> BackgroundTask:
    """Put on the disk what was dropped. The task is then to be submitted, or discarded.

    Args:
        store: of the runs.
        file_name: as the visitor calls the file; may be any text.
        content: of the file, piece by piece.
        name: of the dataset.
        owner: who brings it.

    Raises:
        StoreError: no more are kept, it is too large, or the disk can't be written.
    """
    check_owner(owner, "this dataset")
    datasets = DatasetStore(store.root)
    title = checked_title(name)
    clear_abandoned(datasets)
    datasets.room(owner)
    file = _safe(file_name)
    task = import_task(store, new_set_id(), file, title, owner)
    try:
        with disk_errors_as(StoreError, "What was dropped can't be saved", task.folder):
            (task.folder / DROPPED).mkdir(parents=True)
            _write(content, task.folder / DROPPED / file)
    except BaseException:
        with suppress(OSError):
            task.discard()
        raise
    return task


def imports_under_way(store: RunStore, owner: str) -> list[BackgroundTask]:
    """Imports of somebody that are not done: waiting, worked on, or ended without a dataset."""
    ids = [task_id for task_id in task_ids(store.root) if task_id.startswith(STAGED)]
    tasks = [BackgroundTask(store.root, task_id) for task_id in ids]
    return [task for task in tasks if _is_of(task, owner)]


def _is_of(task: BackgroundTask, owner: str) -> bool:
    with suppress(TaskError):  # it has ended
        return task.request.owner == owner
    return False


def _safe(file_name: str) -> str:
    """A name for the file, which keeps its suffix: a CSV file is known by it."""
    try:
        return safe_parts(file_name)[-1]
    except (ArchiveError, ImageError):
        return "archive"


def _write(content: Iterable[bytes], path: Path) -> None:
    n_bytes = 0
    with path.open("xb") as file:
        for piece in content:
            n_bytes += len(piece)
            if n_bytes > MAX_DROPPED_BYTES:
                raise StoreError(
                    f"At most {MAX_DROPPED_BYTES >> 20} MB can be dropped on a page. Whoever runs "
                    "the server can import more: python -m asl_core import."
                )
            file.write(piece)
