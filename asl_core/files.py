"""Files that are written whole or not at all, and read with care: whatever became of them on the
disk, a reader gets a value of the kind that it asked for, or an error of the project."""

import hashlib
import json
import os
import secrets
import shutil
import stat
import struct
import sys
import zlib
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from zipfile import BadZipFile, ZipFile

import numpy as np
from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from asl_core.errors import AslError, FileError, MissingFileError, StoppedError

T = TypeVar("T")

MAX_DOCUMENT_BYTES = 100 * 2**20
"""Largest file that is read as a whole."""

MAX_REREAD = 20_000
"""What `reread` remembers: some of each run, and of tasks."""

_DAMAGED_ARRAYS = (
    OSError,
    EOFError,
    KeyError,
    MemoryError,  # a shape that is not that of the content
    OverflowError,
    RuntimeError,  # encrypted, or of a method that Python does not know
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    BadZipFile,
    struct.error,
    zlib.error,
)
"""What NumPy and Python's zip reader raise on a file that is not whole."""

_adapters: dict[Any, TypeAdapter[Any]] = {}
"""By the kind of value; to build one takes milliseconds."""


def read_bytes(path: Path) -> bytes:
    """A whole file.

    Raises:
        MissingFileError: it is not there.
        FileError: it is no file, is too large, or can't be read.
    """
    try:
        entry = path.stat()
        if not stat.S_ISREG(entry.st_mode):  # to open a pipe would wait for ever
            raise FileError(f"{path.name} is not a file.", path)
        if entry.st_size > MAX_DOCUMENT_BYTES:
            raise FileError(f"{path.name} is too large: {entry.st_size:,} bytes.", path)
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingFileError(f"{path.name} is not there.", path) from error
    except OSError as error:
        raise FileError(f"{path.name} can't be read: {error.strerror}.", path) from error


def read_json(path: Path, kind: type[T]) -> T:
    """A JSON document as a value whose fields are all of the right type. The one way to read one.

    Args:
        path: of the file.
        kind: what it holds: a dataclass, or such as `dict[str, float]`. Old names of a field are
            its aliases (`Annotated[int, Field(validation_alias=AliasChoices("new", "old"))]`).

    Raises:
        MissingFileError: it is not there.
        FileError: it can't be read, is not JSON, or holds something else. Names what is wrong.
    """
    try:
        return from_json(read_bytes(path), kind)
    except (ValueError, AslError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"{path.name} is damaged: {error}.", path) from error


def reread_json(path: Path, kind: type[T]) -> T:
    """As `read_json`, of a file that many look at again and again, and that is never changed in its
    place but replaced (see `write_json`): it is read once. Nobody may change what is returned.

    Args:
        path: of the file.
        kind: what it holds, a frozen dataclass.

    Raises:
        FileError: as `read_json`.
    """
    value: T = reread(read_json, path, kind)  # type: ignore[arg-type]  # mypy: no type is hashable
    return value


def reread(read: Callable[..., T], path: Path, *arguments: Hashable) -> T:
    """What is read of a file that many look at again and again: it is read once, and anew when the
    file has changed. Nobody may change what is returned, which is kept: it should be small.

    Args:
        read: a function that reads it; what it raises is not kept.
        path: of the file, its first argument.
        *arguments: its further ones.
    """
    try:
        seen = path.stat()
    except OSError:
        return read(path, *arguments)  # which says why
    state = (seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size)
    value: T = _read_once(read, path, arguments, state)
    return value


@lru_cache(MAX_REREAD)
def _read_once(
    read: Callable[..., Any], path: Path, arguments: tuple[Hashable, ...], state: tuple[int, ...]
) -> Any:
    return read(path, *arguments)


def from_json(content: bytes | str, kind: type[T]) -> T:
    """The value of a JSON text (see `read_json`).

    Raises:
        ValueError: it is not JSON, or holds something else. Names the first thing that is wrong.
        AslError: of the value itself, such as a setting that is out of its range.
    """
    try:
        value: T = _adapter(kind).validate_json(content, strict=True)
        return value
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        said = first["msg"][:1].lower() + first["msg"][1:]
        raise ValueError(f"{place}: {said}" if place else said) from error


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz file, by name. No objects are unpacked.

    Raises:
        MissingFileError: it is not there.
        FileError: it can't be read, is too large when unpacked, or is damaged.
    """
    content = BytesIO(read_bytes(path))
    try:
        with ZipFile(content) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_DOCUMENT_BYTES:
                raise FileError(f"{path.name} is too large when it is unpacked.", path)
        with np.load(content, allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in arrays.files}
    except _DAMAGED_ARRAYS as error:
        raise FileError(f"{path.name} is damaged: {error}.", path) from error


@contextmanager
def disk_errors_as(kind: type[AslError], text: str, path: Path) -> Iterator[None]:
    """Make what the disk says no to an error of the project: no right to write, a folder that is
    gone, a full disk, a lock that others hold too long.

    Args:
        kind: of the error.
        text: what can't be done, as a sentence begins.
        path: of the file or folder, for the operator alone.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or ("it is in use" if isinstance(error, Timeout) else "it failed")
        raise kind(f"{text}: {reason}.", path) from error


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
    """Whether a living process holds a lock of `filelock`. Several may look at once."""
    if sys.platform == "win32":
        try:
            with FileLock(lock, timeout=0):
                return False
        except Timeout:
            return True
    import fcntl

    try:
        handle = os.open(lock, os.O_RDONLY)  # on a read-only disk, too
    except OSError:  # nobody holds what is not there
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)  # which lets go of it


@contextmanager
def held(lock: Path, should_stop: Callable[[], bool] | None, stopped: str) -> Iterator[None]:
    """A lock, once others have let go of it.

    Args:
        lock: file of the lock, in a folder that is there.
        should_stop: asked while it is waited for; None: it is waited for without end.
        stopped: what the error says.

    Raises:
        StoppedError: it is not waited for any longer.
    """
    waited = FileLock(lock)
    try:
        waited.acquire(cancel_check=should_stop)
    except Timeout as error:  # only a stop ends the wait
        raise StoppedError(stopped) from error
    try:
        yield
    finally:
        waited.release()


def sha256(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
