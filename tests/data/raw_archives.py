"""Archives written byte by byte, so that they can lie; all that is in them is harmless."""

import io
import struct
import tarfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image


def picture(level: int, size: int = 16, image_format: str = "PNG") -> bytes:
    """A small image of one gray."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((size, size, 3), level, np.uint8)).save(buffer, image_format)
    return buffer.getvalue()


@dataclass(frozen=True)
class Raw:
    """An entry of a zip archive; what is None is what is true.

    `at` puts it on the local header of another entry, by its number.
    """

    name: bytes
    content: bytes = b""
    method: int = 0
    flags: int = 0
    mode: int = 0o100644
    crc: int | None = None
    packed: int | None = None
    unpacked: int | None = None
    offset: int | None = None
    at: int | None = None
    extra: bytes = b""
    local: bool = True


def good(prefix: bytes = b"") -> list[Raw]:
    """Two classes of two images."""
    return [
        Raw(prefix + name, picture(level))
        for name, level in (
            (b"A/1.png", 30),
            (b"A/2.png", 60),
            (b"B/1.png", 200),
            (b"B/2.png", 230),
        )
    ]


def raw_zip(
    entries: Iterable[Raw],
    count: int | None = None,
    list_bytes: int | None = None,
    list_at: int | None = None,
    comment: bytes = b"",
    before: bytes = b"",
    end_64: tuple[int, int, int] | None = None,
) -> bytes:
    """A zip archive.

    Args:
        entries: in it.
        count: of entries, as its end tells.
        list_bytes: size of the list, as its end tells.
        list_at: place of the list, as its end tells.
        comment: after its end.
        before: bytes before all.
        end_64: count, size and place of the list, as the end of a large archive tells.
    """
    out, listed, places = bytearray(before), bytearray(), list[int]()
    for entry in entries:
        data = entry.content
        if entry.method == 8:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            data = packer.compress(entry.content) + packer.flush()
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        packed = len(data) if entry.packed is None else entry.packed
        unpacked = len(entry.content) if entry.unpacked is None else entry.unpacked
        place = places[entry.at] if entry.at is not None else len(out) - len(before)
        places.append(place)
        sizes = (crc, packed & 0xFFFFFFFF, unpacked & 0xFFFFFFFF)
        if entry.at is None and entry.local:
            out += struct.pack(
                "<4s5H3L2H", b"PK\3\4", 20, entry.flags, entry.method, 0, 0x21, *sizes,
                len(entry.name), 0,
            )  # fmt: skip
            out += entry.name + data
        start = place if entry.offset is None else entry.offset
        listed += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 0x314, 20, entry.flags, entry.method, 0, 0x21, *sizes,
            len(entry.name), len(entry.extra), 0, 0, 0, entry.mode << 16, start & 0xFFFFFFFF,
        )  # fmt: skip
        listed += entry.name + entry.extra
    where = len(out) - len(before)
    out += listed
    n = len(places) if count is None else count
    size = len(listed) if list_bytes is None else list_bytes
    at = where if list_at is None else list_at
    if end_64 is not None:
        end = len(out) - len(before)
        n_64, size_64, at_64 = end_64
        out += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, n_64, n_64, size_64, at_64)
        out += struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
        n, size, at = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
    out += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, n & 0xFFFF, n & 0xFFFF, size & 0xFFFFFFFF,
                       at & 0xFFFFFFFF, len(comment)) + comment  # fmt: skip
    return bytes(out)


def named(name: str | bytes) -> bytes:
    """A name as bytes."""
    return name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name


def zip_with(*more: Raw) -> bytes:
    """A good archive with more in it, at its end."""
    return raw_zip([*good(), *more])


def tar_with(*more: tarfile.TarInfo | tuple[tarfile.TarInfo, bytes], kind: str = "") -> bytes:
    """A good archive with more in it, at its front."""
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode=f"w:{kind}", format=tarfile.GNU_FORMAT, errors="surrogateescape"
    ) as archive:  # type: ignore[call-overload]
        for item in more:
            info, content = item if isinstance(item, tuple) else (item, b"")
            if content:
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for entry in good():
            info = tarfile.TarInfo(entry.name.decode())
            info.size = len(entry.content)
            archive.addfile(info, io.BytesIO(entry.content))
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """An entry of a tar archive."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def header(name: bytes, size: bytes, kind: bytes = b"0") -> bytes:
    """A header of a tar archive with any size: 12 bytes as they stand there."""
    block = bytearray(512)
    block[:100] = name[:100].ljust(100, b"\0")
    block[100:124] = b"0000644\x000000000\x000000000\x00"
    block[124:136] = size
    block[136:148] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(content: bytes) -> bytes:
    """Content as it stands in a tar archive."""
    return content + bytes(-len(content) % 512)


def lying(entry: Raw, **lies: object) -> Raw:
    """An entry that tells something else of itself."""
    return replace(entry, **lies)  # type: ignore[arg-type]
