"""What was decoded once, kept on the disk, and mapped into memory afterwards.

An entry is a folder with the images as one array, and an index that says which is which. It appears
whole (a rename), and is made again if it is not whole.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from asl_core.data.dataset import Part
from asl_core.data.folder_account import FolderAccount
from asl_core.disk_cache import prune, touch
from asl_core.files import flush_folder
from asl_core.settings import settings

CACHE_SCHEMA = 3

IMAGES, PIXELS, DIGESTS, INDEX = "images.npy", "pixels.npy", "digests.npy", "index.json"

Fill: TypeAlias = Callable[[Path], None]
"""Writes an entry into a folder, which is empty and is not seen by others yet."""


@dataclass(frozen=True)
class Index:
    """Which image is which.

    Attributes:
        files: path of each image (n,).
        labels: class of each, as a number (n,).
        classes: names of the classes, sorted.
        fingerprint: see `Dataset.fingerprint`.
        parts: see `Dataset.parts`.
        groups: see `Dataset.groups`.
        skipped: see `Dataset.skipped`.
        account: of what was seen in decoding; of a folder that is all it has of it.
    """

    files: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    fingerprint: str
    parts: tuple[Part, ...] = ()
    groups: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    account: FolderAccount = field(default_factory=FolderAccount)

    def save(self, folder: Path) -> None:
        """Write it, after the arrays: an entry is whole with it."""
        (folder / INDEX).write_text(json.dumps(asdict(self)))
        flush_folder(folder)

    @classmethod
    def load(cls, folder: Path) -> "Index":
        """Read it.

        Raises:
            OSError, ValueError, TypeError, KeyError: it is not there, or not whole.
        """
        values: dict[str, Any] = json.loads((folder / INDEX).read_text())
        account = FolderAccount(**_tuples(values.pop("account")))
        return cls(**_tuples(values), account=account)


@dataclass(frozen=True, eq=False)
class Entry:
    """An entry, mapped into memory.

    Attributes:
        index: which image is which.
        images: uint8 (n, size, size, 3), read only.
        digests: uint8 (n, 32), the SHA-256 of each image's content.
        pixels: uint8 (n, height, width[, 3]), the images of a table as they are there; None for
            images that are files.
    """

    index: Index
    images: np.ndarray
    digests: np.ndarray
    pixels: np.ndarray | None


def entry_of(key: str, fill: Fill) -> Entry:
    """An entry of the cache, made if it is not there.

    Args:
        key: what it is called; another content has another key.
        fill: makes it.

    Raises:
        OSError: it can't be written anywhere.
    """
    try:
        return _read_through(fill, settings().decoded_dir / key)
    except OSError:  # the cache can't be written: that costs time, and no more
        return _read_through(fill, Path(_own_cache().name) / key)


@cache
def _own_cache() -> tempfile.TemporaryDirectory:
    """A cache of this process alone, removed when it ends."""
    return tempfile.TemporaryDirectory(prefix="asl-explorer-")


def _read_through(fill: Fill, cached: Path) -> Entry:
    try:
        entry = _map(cached)
    except (OSError, EOFError, ValueError, KeyError, TypeError):  # not there, or not whole: again
        shutil.rmtree(cached, ignore_errors=True)
        _fill(fill, cached)
        entry = _map(cached)
        prune(settings().cached_dirs, settings().cache_max_bytes)
    else:
        touch(cached)
    return entry


def _map(cached: Path) -> Entry:
    index = Index.load(cached)
    images, digests = (np.load(cached / name, mmap_mode="r") for name in (IMAGES, DIGESTS))
    as_is = cached / PIXELS
    pixels = np.load(as_is, mmap_mode="r") if as_is.exists() else None
    if not len(images) == len(digests) == len(index.files):
        raise ValueError(f"{cached} is not whole.")
    return Entry(index, images, digests, pixels)


def _fill(fill: Fill, cached: Path) -> None:
    """Make `cached`, which appears whole or not at all."""
    cached.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".filling-", dir=cached.parent))
    try:
        fill(staging)
        try:
            staging.rename(cached)
        except OSError:
            if not cached.exists():  # else: another process was faster, with the same content
                raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


class ArrayFile:
    """A .npy file that is written row by row, since all may not fit in memory.

    Args:
        file: open for writing, in binary; at its start.
        row: shape of a row.
    """

    def __init__(self, file: BinaryIO, row: tuple[int, ...]) -> None:
        self._file, self._row, self._n = file, row, 0
        self._write_header()

    def add(self, rows: np.ndarray) -> None:
        """Add uint8 rows (n, ...), or one of the shape of a row."""
        self._file.write(np.ascontiguousarray(rows, np.uint8).tobytes())
        self._n += rows.size // int(np.prod(self._row))

    def finish(self) -> None:
        """Say how many rows there are."""
        self._file.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        """It takes the same room for any number of rows."""
        shape = (self._n, *self._row)
        layout = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, layout)


def save_digests(folder: Path, digests: Iterable[str]) -> None:
    """Write the SHA-256 (hex) of each image's content."""
    joined = bytes.fromhex("".join(digests))
    np.save(folder / DIGESTS, np.frombuffer(joined, np.uint8).reshape(-1, 32))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
