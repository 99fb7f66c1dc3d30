"""Images that are broken in many ways, the same ones each time."""

import io
import random
from collections.abc import Callable, Iterator

import numpy as np
import pillow_heif
from PIL import Image

SIDE = 160
"""Of the images before they are broken, in pixels."""


def images() -> dict[str, bytes]:
    """A whole image in each format, by the ending of its name."""
    grid = np.add.outer(np.arange(SIDE), np.arange(SIDE)) % 256
    noise = np.random.default_rng(0).integers(0, 40, (SIDE, SIDE, 3))
    picture = Image.fromarray((grid[..., None] * 0.8 + noise).astype(np.uint8))
    pillow_heif.register_heif_opener()
    how: dict[str, tuple[str, dict[str, object]]] = {
        "jpg": ("JPEG", {}),
        "jpeg": ("JPEG", {"progressive": True}),
        "png": ("PNG", {}),
        "webp": ("WEBP", {}),
        "gif": ("GIF", {}),
        "bmp": ("BMP", {}),
        "tif": ("TIFF", {}),
        "tiff": ("TIFF", {"compression": "tiff_lzw"}),
        "heic": ("HEIF", {}),
    }
    found = {}
    for ending, (name, options) in how.items():
        buffer = io.BytesIO()
        picture.save(buffer, name, **options)
        found[ending] = buffer.getvalue()
    return found


def mutated(n: int) -> Iterator[tuple[str, bytes]]:
    """Broken images: name and content of each, the formats in turn.

    Args:
        n: how many.
    """
    whole, choose = images(), random.Random(0)
    endings = list(whole)
    for number in range(n):
        ending = endings[number % len(endings)]
        content = bytearray(whole[ending])
        for change in choose.choices(CHANGES, k=choose.choice((1, 1, 2))):
            change(content, choose)
        yield f"{number}-broken.{ending}", bytes(content)


def _flip(content: bytearray, choose: random.Random) -> None:
    for _ in range(choose.choice((1, 5, 50))):
        content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)


def _cut(content: bytearray, choose: random.Random) -> None:
    del content[choose.randrange(1, len(content)) :]


def _edit_header(content: bytearray, choose: random.Random) -> None:
    for _ in range(choose.choice((1, 2, 4, 8))):
        content[choose.randrange(min(64, len(content)))] = choose.choice((0, 1, 127, 128, 255))


def _repeat(content: bytearray, choose: random.Random) -> None:
    start = choose.randrange(len(content))
    content[start:start] = content[start : start + 500] * choose.choice((1, 20))


def _blank(content: bytearray, choose: random.Random) -> None:
    start = choose.randrange(len(content))
    end = min(len(content), start + 200)
    content[start:end] = bytes(end - start)


def _insert(content: bytearray, choose: random.Random) -> None:
    start = choose.randrange(len(content))
    content[start:start] = choose.randbytes(choose.choice((1, 4, 64)))


Change = Callable[[bytearray, random.Random], None]

CHANGES: tuple[Change, ...] = (_flip, _cut, _edit_header, _repeat, _blank, _insert)
