"""Images that are made to cost whoever reads them far more than they weigh."""

import io
import struct
import zlib

from PIL import Image


def many_scans(n: int, side: int) -> bytes:
    """A progressive JPEG of one color that draws itself anew, in a few bytes each time.

    Args:
        n: how often, beyond what it needs.
        side: in pixels.
    """
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "gray").save(buffer, "JPEG", progressive=True)
    photo = buffer.getvalue()
    last = photo.rindex(b"\xff\xda")  # the last scan refines what is there, and may come again
    return photo[:-2] + photo[last:-2] * n + photo[-2:]


def webp(side: int = 4_000) -> bytes:
    """An image of one color: some hundred bytes, and as many pixels as may be.

    Args:
        side: in pixels.
    """
    buffer = io.BytesIO()
    Image.new("RGBA", (side, side), (9, 9, 9, 9)).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def png(kind: bytes, data: bytes) -> bytes:
    """A small PNG with a chunk of one's own.

    Args:
        kind: of the chunk, such as `zTXt`.
        data: in it.
    """
    buffer = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(buffer, "PNG")
    content = buffer.getvalue()
    checked = kind + data
    chunk = struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))
    end = content.index(b"IDAT") - 4
    return content[:end] + chunk + content[end:]


def ztxt(megabytes: int = 500) -> bytes:
    """A PNG with a text that is a thousand times as long when it is unpacked."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()
    return png(b"zTXt", b"note\0\0" + packed)


def warns() -> bytes:
    """A JPEG with broken metadata, of which Pillow warns entry by entry."""
    entry = struct.pack("<HHII", 0x010E, 2, 50_000, 60_000)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 5_000) + entry * 5_000
    buffer = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(buffer, "JPEG", exif=b"Exif\0\0" + tiff)
    return buffer.getvalue()


def pixels(side: int = 60_000) -> bytes:
    """A PNG of a few bytes that says it has thousands of megapixels.

    Args:
        side: in pixels.
    """
    buffer = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(buffer, "PNG")
    content = bytearray(buffer.getvalue())
    start = content.index(b"IHDR")
    content[start + 4 : start + 12] = struct.pack(">II", side, side)
    content[start + 17 : start + 21] = struct.pack(">I", zlib.crc32(content[start : start + 17]))
    return bytes(content)


def all_bombs() -> list[tuple[str, bytes]]:
    """One of each: name and content."""
    return [
        ("scans.jpg", many_scans(3_000, 3_900)),
        ("dear-scans.jpg", many_scans(80, 3_900)),
        ("few-bytes.webp", webp()),
        ("text.png", ztxt()),
        ("warns.jpg", warns()),
        ("pixels.png", pixels()),
    ]
