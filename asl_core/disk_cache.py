"""Folders that only save time, and are removed when they take too much room, the longest unused
first.

An entry is a folder in a cache folder, which appears whole (a rename) and is removed whole. When it
was used is the time of the folder itself, so every process that shares the disk knows.
"""

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from asl_core.files import remove_at_once

RECENT_SECONDS = 3_600.0
"""What was used since then is in use: it stays, even if there is more than there should be."""

MOST_TIMES = 2
"""Times as much as there should be; above that, what is in use goes, too: links to ever other parts
of a dataset would fill the disk."""

BUSY_SECONDS = 60.0
"""What was used since then is being opened: it stays in any case."""

ABANDONED_SECONDS = 86_400.0
"""What is unfinished (its name begins with a dot) for as long was left by a process that died."""

_REMOVED = ".removed"


@dataclass(frozen=True)
class _Entry:
    path: Path
    used: float
    n_bytes: int


def touch(entry: Path) -> None:
    """Note that an entry is used now. Where the cache can't be written nothing is ever removed
    either, so nothing needs to be noted."""
    with suppress(OSError):
        os.utime(entry)


def prune(folders: Iterable[Path], max_bytes: int) -> list[Path]:
    """Remove what was not used for longest, until what is left takes no more than it may.

    Entries that were used within `RECENT_SECONDS` stay, as long as all take no more than
    `MOST_TIMES` of that; those used within `BUSY_SECONDS` stay in any case. Memory maps
    of a removed file that are open stay good until they are closed (not on Windows, where such an
    entry stays). What can't be removed, such as another user's, is passed over. Files, such as
    locks, are left alone.

    Args:
        folders: cache folders, whose entries count together; they may be missing.
        max_bytes: what all entries may take.

    Returns:
        The entries that were removed.
    """
    folders = list(folders)
    now = time.time()
    for folder in folders:
        _remove_abandoned(folder, now - ABANDONED_SECONDS)
    entries = sorted(_entries(folders), key=lambda entry: entry.used)
    total = sum(entry.n_bytes for entry in entries)
    removed = []
    for entry in entries:
        stays = RECENT_SECONDS if total <= MOST_TIMES * max_bytes else BUSY_SECONDS
        if total <= max_bytes or entry.used > now - stays:
            break
        with suppress(OSError):  # in use on Windows, or another user's: the next one, then
            remove_at_once(entry.path, entry.path.parent / _REMOVED)
            removed.append(entry.path)
            total -= entry.n_bytes
    return removed


def _entries(folders: list[Path]) -> list[_Entry]:
    found = []
    for path in (path for folder in folders for path in _subfolders(folder)):
        if path.name.startswith("."):
            continue
        with suppress(FileNotFoundError):  # another process removes it
            sizes = [file.stat().st_size for file in path.rglob("*")]
            found.append(_Entry(path, path.stat().st_mtime, sum(sizes)))
    return found


def _remove_abandoned(folder: Path, before: float) -> None:
    for path in _subfolders(folder):
        with suppress(FileNotFoundError):
            if path.name.startswith(".") and path.stat().st_mtime < before:
                shutil.rmtree(path, ignore_errors=True)


def _subfolders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
