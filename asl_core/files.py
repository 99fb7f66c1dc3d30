"""Files that are written whole or not at all."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` in one step, once it is written: a reader sees the old
    one or the new one."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(3)}")
    try:
        with fresh.open("wb") as file:
            yield file
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Replace a JSON file in one step."""
    write_text(path, json.dumps(values))


def write_text(path: Path, text: str) -> None:
    """Replace a text file (UTF-8) in one step."""
    with replacing(path) as file:
        file.write(text.encode())


def remove_at_once(folder: Path, staging: Path) -> None:
    """Remove a folder, if it is there, so that no reader ever sees a part of it.

    Args:
        folder: to be removed.
        staging: a folder on the same disk, for the time that it takes.
    """
    doomed = staging / f"removed-{secrets.token_hex(6)}" / "folder"  # too deep for a listing
    doomed.parent.mkdir(parents=True)
    with suppress(FileNotFoundError):
        folder.rename(doomed)
    shutil.rmtree(doomed.parent)


def flush_folder(folder: Path) -> None:
    """Make sure that the files of a folder, and the folder itself, are on the disk."""
    for path in (*folder.iterdir(), folder):
        flush(path)


def flush(path: Path) -> None:
    """Make sure that a file or folder is on the disk. Windows flushes no folders."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_held(lock: Path) -> bool:
    """Whether a living process holds a lock of `filelock`."""
    if not lock.exists():  # to try it would make a folder that has been removed meanwhile
        return False
    probe = FileLock(lock)
    try:
        probe.acquire(timeout=0)
    except Timeout:
        return True
    probe.release()
    return False


def sha256(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
