"""Unpacks what somebody brings into a folder: the images and tables alone, within limits, and
nothing anywhere else."""

import lzma
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import BinaryIO, TypeVar

from asl_core.data.archive_entry import ArchiveEntry, shown
from asl_core.data.folder_tree import JUNK, JUNK_PREFIX, TABLE
from asl_core.data.safe_names import Places, safe_parts
from asl_core.data.tar_entries import BZIP2, GZIP, XZ, tar_entries
from asl_core.data.zip_entries import zip_entries
from asl_core.errors import ArchiveError, ImageError, StoreError
from asl_core.files import disk_errors_as
from asl_core.images import SUFFIXES
from asl_core.progress import OnShare
from asl_core.settings import (
    MAX_ARCHIVE_ENTRIES,
    MAX_IMPORT_BYTES,
    MAX_SET_BYTES,
    MAX_TABLE_BYTES,
    MAX_UNPACKED_RATIO,
    MAX_UPLOAD_BYTES,
)
from asl_core.synthetic.folder import MARKER

T = TypeVar("T")

MAX_REASONS = 20
"""Reasons why a file was left out that are kept; of the others the number."""

_ZIP_STARTS = (b"PK\3\4", b"PK\5\6")
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
_KEPT = (MARKER, "labels.txt")
"""Files that say something of the images: that they are rendered, and what classes are called."""

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")

_READING_ERRORS = (
    *(tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError),
    *(RecursionError, OverflowError),
)
"""What Python's unpackers raise on archives that are damaged."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold.

    Attributes:
        packed_bytes: of the archive.
        entries: files and folders in it.
        image_bytes: of one image.
        table_bytes: of one CSV file.
        unpacked_bytes: of all that is unpacked, whether it is kept or not.
        ratio: times the size of the archive that it may come to.
    """

    packed_bytes: int = MAX_IMPORT_BYTES
    entries: int = MAX_ARCHIVE_ENTRIES
    image_bytes: int = MAX_UPLOAD_BYTES
    table_bytes: int = MAX_TABLE_BYTES
    unpacked_bytes: int = MAX_SET_BYTES
    ratio: int = MAX_UNPACKED_RATIO


@dataclass
class LeftOut:
    """What was not taken in, and why: nothing is left out silently, but for what systems leave.

    Attributes:
        ignored: files of other kinds, by suffix.
        links: entries that lead elsewhere instead of being something.
        devices: pipes and the like.
        n_files: images and tables that could not be taken.
        reasons: why, of the first of them.
    """

    ignored: Counter[str] = field(default_factory=Counter)
    links: int = 0
    devices: int = 0
    n_files: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, reason: str) -> None:
        """One more file that could not be taken."""
        self.n_files += 1
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(reason)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, a sentence each; empty if there is nothing to say."""
        told = [f"Left out: {reason}" for reason in self.reasons]
        if more := self.n_files - len(self.reasons):
            told.append(f"Left out: {more:,} more.")
        kinds = self.ignored.most_common(MAX_REASONS)
        nested = sum(n for suffix, n in self.ignored.items() if suffix in _ARCHIVES)
        if nested:
            told.append(f"Archives within it, which are not opened: {nested:,}.")
        if others := [(suffix, n) for suffix, n in kinds if suffix not in _ARCHIVES]:
            named = ", ".join(f"{n:,} {suffix or 'without suffix'}" for suffix, n in others)
            told.append(f"Files that are no images: {named}.")
        if self.links:
            told.append(f"Links, which are not followed: {self.links:,}.")
        if self.devices:
            told.append(f"Entries that are neither files nor folders: {self.devices:,}.")
        return tuple(told)


def unpack(archive: Path, into: Path, on_progress: OnShare, limits: Limits) -> LeftOut:
    """Unpack the images and tables of an archive.

    Args:
        archive: a zip, or a tar that may be packed by gzip, bzip2 or xz: told by its content.
        into: an empty folder; nothing is written elsewhere.
        on_progress: told the share that is done, often; what it raises ends it.
        limits: of what it may hold. Bytes are counted as they come out, not as it says.

    Returns:
        What was left out.

    Raises:
        ArchiveError: it is none of these, is damaged, or holds too much, or what leads elsewhere.
        StoreError: the disk can't be written.
    """
    n_bytes = archive.stat().st_size
    if n_bytes > limits.packed_bytes:
        raise ArchiveError(
            f"The archive has {n_bytes / 2**20:,.0f} MB; at most {limits.packed_bytes >> 20:,} MB "
            "are taken."
        )
    with archive.open("rb") as file:
        unpacking = _Unpacking(into, limits, n_bytes)
        for entry in _told(_entries(file, archive.name, limits)):
            unpacking.take(entry)
            on_progress(min(1.0, entry.place / n_bytes))
    return unpacking.left_out


def _entries(file: BinaryIO, name: str, limits: Limits) -> Iterator[ArchiveEntry]:
    start = file.read(_TAR_MARK_AT + len(_TAR_MARK))
    file.seek(0)
    if start.startswith(_ZIP_STARTS):
        return zip_entries(file, limits.entries)
    if start.startswith((GZIP, BZIP2, XZ)) or start.endswith(_TAR_MARK):
        return tar_entries(file, limits.entries, limits.unpacked_bytes, limits.ratio)
    raise ArchiveError(
        f"{shown(name)} is no archive that is read: make it a .zip, .tar, .tar.gz, .tar.bz2 or "
        ".tar.xz file."
    )


def _told(steps: Iterable[T]) -> Iterator[T]:
    """Each step of reading an archive, with what it raises as an error of the project."""
    iterator = iter(steps)
    while True:
        try:
            step = next(iterator)
        except StopIteration:
            return
        except _READING_ERRORS as error:
            raise ArchiveError(
                f"The archive is damaged and can't be unpacked ({shown(str(error))}). Make "
                "it again."
            ) from error
        yield step


class _Unpacking:
    """The state of unpacking one archive."""

    FREE_BYTES = 10 * 2**20
    """What may come out whatever the ratio."""

    def __init__(self, into: Path, limits: Limits, packed_bytes: int) -> None:
        self.left_out = LeftOut()
        self._into, self._limits = into, limits
        self._most = min(limits.unpacked_bytes, max(self.FREE_BYTES, limits.ratio * packed_bytes))
        self._places, self._n_bytes = Places(), 0

    def take(self, entry: ArchiveEntry) -> None:
        """Write an entry, if it is an image or a table; account for it otherwise."""
        try:
            parts = safe_parts(entry.name)
            if entry.kind == "link":
                self.left_out.links += 1
            elif entry.kind == "device":
                self.left_out.devices += 1
            elif entry.kind == "file" and not _is_junk(parts):
                self._take_file(entry, parts)
        except ImageError as error:
            if entry.kind == "file":
                self.left_out.add(str(error))

    def _take_file(self, entry: ArchiveEntry, parts: tuple[str, ...]) -> None:
        suffix = PurePath(parts[-1]).suffix.lower()
        if suffix not in (*SUFFIXES, TABLE) and parts[-1] not in _KEPT:
            self.left_out.ignored[suffix[:MAX_REASONS]] += 1
            return
        limits = self._limits
        most = limits.table_bytes if suffix == TABLE else limits.image_bytes
        path = self._into / self._places.place(parts)
        try:
            with disk_errors_as(StoreError, "The images can't be saved", self._into):
                path.parent.mkdir(parents=True, exist_ok=True)
                self._write(entry, path, most)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _write(self, entry: ArchiveEntry, path: Path, most: int) -> None:
        n_bytes = 0
        with path.open("xb") as file:
            for chunk in self._counted(entry):
                n_bytes += len(chunk)
                if n_bytes > most:
                    raise ImageError(shown(entry.name), f"has over {most >> 20} MB.")
                file.write(chunk)

    def _counted(self, entry: ArchiveEntry) -> Iterator[bytes]:
        """The content of an entry; damage to it alone leaves it out.

        Raises:
            ArchiveError: the archive comes to too much.
            ImageError: this entry is damaged.
        """
        try:
            for chunk in _told(entry.chunks):
                self._n_bytes += len(chunk)
                if self._n_bytes > self._most:
                    raise ArchiveError(
                        f"The archive comes to over {self._most >> 20:,} MB when it is unpacked: "
                        "refused."
                    )
                yield chunk
        except ArchiveError as error:
            if isinstance(error.__cause__, zlib.error):
                raise ImageError(shown(entry.name), "is damaged in the archive.") from error
            raise


def _is_junk(parts: tuple[str, ...]) -> bool:
    """Whether it is what systems leave beside images, of which nobody wants to be told."""
    lower = {part.lower() for part in parts}
    return parts[-1].startswith(JUNK_PREFIX) or not lower.isdisjoint(JUNK)
