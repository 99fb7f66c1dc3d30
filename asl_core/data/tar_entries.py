"""Reads a tar archive, packed or not, that may lie about itself: from front to back, and never more
than a little at once, whatever its headers say."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from asl_core.data.archive_entry import CHUNK_BYTES, ArchiveEntry, EntryKind, text_of
from asl_core.errors import ArchiveError

_MAX_READ = 2**20
"""Most that is read at once: the longest header (of a name, say) that is believed."""

_XZ_MEMORY = 70 * 2**20
"""What unpacking an .xz file may take: enough for `xz -9`."""

_XZ_TOO_HUNGRY = "it takes too much memory to unpack: pack it with `xz -6`, or as .tar.gz"

GZIP, BZIP2, XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
"""What packed files begin with."""


class _Readable(Protocol):
    def read(self, n_bytes: int, /) -> bytes: ...


def tar_entries(file: BinaryIO, most: int, most_bytes: int, ratio: int) -> Iterator[ArchiveEntry]:
    """The entries of a tar archive, as they stand in it.

    Args:
        file: the archive; packed by gzip, bzip2 or xz, or not at all.
        most: entries that it may have.
        most_bytes: what it may come to when it is unpacked, all of it.
        ratio: times its size that it may come to.

    Raises:
        ArchiveError: it has too many entries, comes to too much, or leads backwards.
        tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError, RecursionError, ValueError:
            it is damaged.
    """
    stream = _Forward(_unpacked(file), file, most_bytes, ratio)
    with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8") as archive:
        count = 0
        while member := archive.next():
            count += 1
            if count > most:
                raise ArchiveError(f"The archive has more than {most:,} entries. Make it smaller.")
            archive.members.clear()  # type: ignore[attr-defined]  # else it remembers them all
            kind = _kind(member)
            chunks = _content(archive, member) if kind == "file" else iter(())
            yield ArchiveEntry(_name(member), kind, chunks, file.tell())


def _kind(member: tarfile.TarInfo) -> EntryKind:
    if member.isdir():
        return "folder"
    if member.issym() or member.islnk():
        return "link"
    return "file" if member.isreg() and not member.issparse() else "device"


def _name(member: tarfile.TarInfo) -> str:
    try:
        return text_of(member.name.encode(errors="surrogateescape"))
    except UnicodeEncodeError:
        return member.name.encode(errors="replace").decode()


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    opened = archive.extractfile(member)
    if opened is None:
        return
    left = member.size
    while left > 0:
        chunk = opened.read(min(CHUNK_BYTES, left))
        if not chunk:
            raise EOFError("its end is missing")
        yield chunk
        left -= len(chunk)


def _unpacked(file: BinaryIO) -> _Readable:
    start = file.read(len(XZ))
    file.seek(0)
    if start.startswith(GZIP):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(BZIP2):
        return bz2.BZ2File(file)
    return _Xz(file) if start == XZ else file


class _Xz:
    """The content of an .xz file; Python's own reader has no limit on its memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacker: lzma.LZMADecompressor | None = None
        self._rest = b""

    def read(self, n_bytes: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        while True:
            unpacker = self._next()
            more = b""
            if unpacker.needs_input:
                more = self._rest or self._file.read(CHUNK_BYTES)
                self._rest = b""
                if not more:
                    return b""
            try:
                content = unpacker.decompress(more, n_bytes)
            except lzma.LZMAError as error:
                if "memory" in str(error).lower():
                    raise lzma.LZMAError(_XZ_TOO_HUNGRY) from error
                raise
            if content:
                return content

    def _next(self) -> lzma.LZMADecompressor:
        """The one at work, or that of the next stream: there may be several in a file."""
        if self._unpacker is None or self._unpacker.eof:
            self._rest = self._unpacker.unused_data if self._unpacker else b""
            self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        return self._unpacker


class _Forward(io.RawIOBase):
    """What tar reads from: forward only (and back by the one byte that it looks at again).

    Args:
        stream: unpacked.
        packed: file that it is unpacked from.
        most: bytes that may come out.
        ratio: times the bytes of `packed` that may come out.
    """

    FREE_BYTES = 10 * 2**20
    """What may come out whatever the ratio."""

    def __init__(self, stream: _Readable, packed: BinaryIO, most: int, ratio: int) -> None:
        self._stream, self._packed, self._most, self._ratio = stream, packed, most, ratio
        self._at, self._last, self._again = 0, b"", b""

    def tell(self) -> int:
        """Bytes that were read."""
        return self._at

    def seekable(self) -> bool:
        """So tar asks."""
        return True

    def seek(self, at: int, whence: int = io.SEEK_SET, /) -> int:
        """Pass over what comes before a place.

        Raises:
            ArchiveError: it is behind.
        """
        if whence == io.SEEK_SET and at == self._at - 1 and self._last:
            self._again, self._at = self._last, at
        elif whence != io.SEEK_SET or at < self._at:
            raise ArchiveError("The tar archive leads back into itself. Make it again.")
        while self._at < at and self.read(min(CHUNK_BYTES, at - self._at)):
            pass
        return self._at

    def read(self, n_bytes: int = -1, /) -> bytes:
        """So many bytes; fewer at the end.

        Raises:
            ArchiveError: it is too much, at once or in all.
        """
        if not 0 <= n_bytes <= _MAX_READ:
            raise ArchiveError("The tar archive has a header that is too long to be true.")
        content, self._again = self._again[:n_bytes], self._again[n_bytes:]
        parts = [content]
        left = n_bytes - len(content)
        while left and (more := self._stream.read(left)):
            parts.append(more)
            left -= len(more)
        content = b"".join(parts)
        self._at += len(content)
        self._last = content[-1:] or self._last
        limit = max(self.FREE_BYTES, self._ratio * self._packed.tell())
        if self._at > min(self._most, limit):
            raise ArchiveError(
                f"The archive comes to over {self._at >> 20} MB when it is unpacked: refused."
            )
        return content
