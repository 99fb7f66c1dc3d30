"""What a folder of runs has no use for any more: what dead processes have left, and what was
deleted so long ago that it can't be brought back. Its hidden folders become this user's alone."""

import os
from pathlib import Path

from asl_core.background_task import STAGING
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.import_dataset import clear_abandoned
from asl_core.data.own_dataset import SETS
from asl_core.errors import RunError
from asl_core.files import disk_errors_as
from asl_core.private import OTHERS
from asl_core.runs.deleted import DELETED, remove_expired


def tidy(root: Path) -> None:
    """Clear what nobody uses; may be done at any time, by any number of processes.

    Args:
        root: folder of the runs.

    Raises:
        RunError, StoreError: the disk does not let it.
    """
    _close(root)
    clear_abandoned(DatasetStore(root))
    remove_expired(root)


def _close(root: Path) -> None:
    """Images of visitors and locks, made by an earlier version, could be read by all users of the
    machine."""
    for folder in (root / STAGING, root / SETS, root / DELETED):
        with disk_errors_as(RunError, "The runs folder can't be made private", folder):
            if hasattr(os, "getuid") and folder.is_dir():
                found = folder.stat()
                if found.st_uid == os.getuid() and found.st_mode & OTHERS:
                    folder.chmod(found.st_mode & ~OTHERS)
