"""Reads a zip archive that may lie about itself.

Python's own reader takes in the whole list of entries, however long; lets entries lie over each
other, of which a few kilobytes unpack to petabytes; and unpacks some methods in chunks of any
size. This one looks at the list as it stands on the disk, sees that no two entries share a byte,
and reads the two methods that zip programs use.
"""

import os
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from asl_core.data.archive_entry import CHUNK_BYTES, ArchiveEntry, EntryKind, shown, text_of
from asl_core.errors import ArchiveError

_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LISTED = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_EXTRA = struct.Struct("<2H")

_LONGEST_COMMENT = 2**16
_LARGEST_LIST_BYTES = 16 * 2**20
"""Of a list of entries: 50,000 with names of 250 letters."""

_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x2041
"""Flags: the content, the content in a newer way, or also the list is encrypted."""

_IN_64_BITS, _SPLIT = 0xFFFFFFFF, 0xFFFF
_ZIP64_EXTRA = 1
_FOLDER_ATTRIBUTE = 0x10

_DAMAGED = "The zip archive is damaged: {}. Make it again."


@dataclass(frozen=True)
class _Listed:
    """An entry, as the list at the end of the archive has it."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    attributes: int
    start: int

    @property
    def name(self) -> str:
        return text_of(self.raw_name)

    @property
    def kind(self) -> EntryKind:
        mode = stat.S_IFMT(self.attributes >> 16)
        if mode == stat.S_IFLNK:
            return "link"
        if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
            return "device"
        if self.raw_name.endswith((b"/", b"\\")) or self.attributes & _FOLDER_ATTRIBUTE:
            return "folder"
        return "folder" if mode == stat.S_IFDIR else "file"


@dataclass(frozen=True)
class _List:
    """Where the list of entries is, and what is to be added to the places that it tells."""

    start: int
    end: int
    shift: int


def zip_entries(file: BinaryIO, most: int) -> Iterator[ArchiveEntry]:
    """The entries of a zip archive, in the order of its list.

    Args:
        file: the archive, which can be sought in.
        most: entries that it may have.

    Raises:
        ArchiveError: it is damaged, encrypted, has too many entries, or they lie over each other.
    """
    where = _find_list(file)
    _check_places(file, where, most)
    for listed in _walk(file, where, most):
        kind = listed.kind
        chunks = _content(file, listed, where.shift) if kind == "file" else iter(())
        yield ArchiveEntry(listed.name, kind, chunks, listed.start + where.shift + listed.packed)


def _find_list(file: BinaryIO) -> _List:
    size = file.seek(0, os.SEEK_END)
    tail_at = max(0, size - _END.size - _LONGEST_COMMENT)
    file.seek(tail_at)
    tail = file.read(_END.size + _LONGEST_COMMENT)
    at = tail.rfind(b"PK\5\6", 0, len(tail) - _END.size + 4)
    if at < 0:
        raise ArchiveError(_DAMAGED.format("its end is missing"))
    end_at = tail_at + at
    _, disk, _, _, n_entries, n_bytes, start, _ = _END.unpack_from(tail, at)
    if _IN_64_BITS in (n_bytes, start) or n_entries == _SPLIT:
        end_at, n_bytes, start = _find_list_64(file, end_at, (n_bytes, start))
    elif disk:
        raise ArchiveError("The zip archive is one part of several. Put them together first.")
    if n_bytes > _LARGEST_LIST_BYTES:
        raise ArchiveError("The zip archive has a list of entries that is too long to be true.")
    shift = end_at - n_bytes - start  # something may stand before the archive
    if shift < 0:
        raise ArchiveError(_DAMAGED.format("its list of entries is not where it should be"))
    return _List(start + shift, end_at, shift)


def _find_list_64(file: BinaryIO, end_at: int, small: tuple[int, int]) -> tuple[int, int, int]:
    """Where the end of a large archive is, the bytes of its list, and where that starts."""
    at = end_at - _END_64_LOCATOR.size
    if at < _END_64.size:
        return end_at, *small
    locator, _, _, _ = _END_64_LOCATOR.unpack(_read_at(file, at, _END_64_LOCATOR.size))
    if locator != b"PK\6\7":  # so many entries, and yet a small archive
        return end_at, *small
    end_at = at - _END_64.size
    signature, _, _, _, disk, _, _, _, n_bytes, start = _END_64.unpack(
        _read_at(file, end_at, _END_64.size)
    )
    if signature != b"PK\6\6" or disk:
        raise ArchiveError(_DAMAGED.format("its end is not where it should be"))
    return end_at, n_bytes, start


def _walk(file: BinaryIO, where: _List, most: int) -> Iterator[_Listed]:
    at, count = where.start, 0
    while at < where.end:
        count += 1
        if count > most:
            raise ArchiveError(f"The archive has more than {most:,} entries. Make it smaller.")
        fields = _LISTED.unpack(_read_at(file, at, _LISTED.size))
        n_name, n_extra, n_comment = fields[10:13]
        if fields[0] != b"PK\1\2" or at + _LISTED.size + n_name + n_extra + n_comment > where.end:
            raise ArchiveError(_DAMAGED.format("its list of entries is broken"))
        name = _read_at(file, at + _LISTED.size, n_name)
        extra = _read_at(file, at + _LISTED.size + n_name, n_extra)
        packed, start = _sizes(fields[9], fields[8], fields[16], extra)
        yield _Listed(name, fields[3], fields[4], fields[7], packed, fields[15], start)
        at += _LISTED.size + n_name + n_extra + n_comment


def _sizes(unpacked: int, packed: int, start: int, extra: bytes) -> tuple[int, int]:
    """Packed size and place of an entry, from the field for large ones where the list says so."""
    at = 0
    while at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if kind == _ZIP64_EXTRA:
            field = extra[at : at + length]
            large = [value == _IN_64_BITS for value in (unpacked, packed, start)]
            numbers = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            values = [
                next(numbers, -1) if is_large else value
                for value, is_large in zip((unpacked, packed, start), large, strict=True)
            ]
            if -1 in values:
                raise ArchiveError(_DAMAGED.format("the size of an entry is missing"))
            return values[1], values[2]
        at += length
    return packed, start


def _check_places(file: BinaryIO, where: _List, most: int) -> None:
    """See that no entry lies over another one, or over the list."""
    places = []
    for listed in _walk(file, where, most):
        if listed.flags & _ENCRYPTED:
            raise ArchiveError(
                f"{shown(listed.name)} is encrypted. Make the archive again, without a password."
            )
        start = listed.start + where.shift
        places.append((start, _data_at(file, listed, where.shift) + listed.packed))
    places.sort()
    ends = [end for _, end in places]
    starts = [start for start, _ in places[1:]] + [where.start]
    if any(end > start for end, start in zip(ends, starts, strict=bool(places))):
        raise ArchiveError("The entries of the zip archive lie over each other, as in a zip bomb.")


def _data_at(file: BinaryIO, listed: _Listed, shift: int) -> int:
    """Where the content of an entry starts."""
    at = listed.start + shift
    fields = _LOCAL.unpack(_read_at(file, at, _LOCAL.size))
    if fields[0] != b"PK\3\4":
        raise ArchiveError(_DAMAGED.format(f"{shown(listed.name)} is not where it should be"))
    return int(at + _LOCAL.size + fields[9] + fields[10])


def _read_at(file: BinaryIO, at: int, n_bytes: int) -> bytes:
    try:
        file.seek(at)
    except (OSError, OverflowError, ValueError):  # beyond all files
        raise ArchiveError(_DAMAGED.format("an entry is beyond its end")) from None
    content = file.read(n_bytes)
    if len(content) < n_bytes:
        raise ArchiveError(_DAMAGED.format("an entry is beyond its end"))
    return content


def _content(file: BinaryIO, listed: _Listed, shift: int) -> Iterator[bytes]:
    if listed.method not in (_STORED, _DEFLATED):
        raise ArchiveError(
            f"{shown(listed.name)} is packed by a method that is not read ({listed.method}). Make "
            "the archive again as an ordinary zip file."
        )
    at, crc = _data_at(file, listed, shift), 0
    packed = _packed(file, at, listed.packed)
    for chunk in packed if listed.method == _STORED else _inflated(packed):
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if crc != listed.crc:
        raise zlib.error("its checksum is wrong")


def _packed(file: BinaryIO, at: int, left: int) -> Iterator[bytes]:
    while left:
        chunk = _read_at(file, at, min(CHUNK_BYTES, left))
        yield chunk
        at, left = at + len(chunk), left - len(chunk)


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for chunk in packed:
        rest = chunk
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, CHUNK_BYTES)
            rest = unpacker.unconsumed_tail
    while not unpacker.eof and (more := unpacker.decompress(b"", CHUNK_BYTES)):
        yield more
    if not unpacker.eof:
        raise zlib.error("its end is missing")
