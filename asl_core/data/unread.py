"""Images that are not decoded yet, told before they are: a web server leaves many to a worker."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

SECONDS_PER_IMAGE = 0.5e-3
"""Time that an image takes however small it is, on one core."""

BYTES_PER_SECOND = 50e6
"""Of files of images; the larger ones count by this."""

TABLE_BYTES_PER_SECOND = 5e6
"""Of a table of pixels."""

COPIES_PER_SECOND = 50e3
"""Decoded images that are written once more."""


@dataclass(frozen=True)
class Unread:
    """Images that are to be decoded before a dataset opens at once.

    Attributes:
        place: the entry of the cache that is there afterwards; where the cache can't be written,
            one of this process alone.
        n_images: how many; None where only reading tells, as in a table.
        seconds: about how long it takes on one core.
    """

    place: Path
    n_images: int | None
    seconds: float


OnUnread: TypeAlias = Callable[[Unread], None]
"""Told what is to be decoded, before it is; what it raises ends it."""


def go_on(unread: Unread) -> None:
    """Let everything be decoded at once."""


def unread_files(place: Path, folder: Path, files: Iterable[str]) -> Unread:
    """Files of images.

    Args:
        place: of the entry in the cache.
        folder: where they are.
        files: path of each below it.
    """
    sizes = [_size(f"{folder}/{file}") for file in files]
    seconds = len(sizes) * SECONDS_PER_IMAGE + sum(sizes) / BYTES_PER_SECOND
    return Unread(place, len(sizes), seconds)


def unread_tables(place: Path, tables: Iterable[Path]) -> Unread:
    """Tables of pixels.

    Args:
        place: of the entry in the cache.
        tables: the files.
    """
    seconds = sum(map(_size, tables)) / TABLE_BYTES_PER_SECOND
    return Unread(place, None, seconds)


def unread_copies(place: Path, n_images: int) -> Unread:
    """Images that are decoded already, and are to be copied.

    Args:
        place: of the entry in the cache.
        n_images: how many.
    """
    return Unread(place, n_images, n_images / COPIES_PER_SECOND)


def _size(path: Path | str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:  # a link to nowhere, or gone meanwhile: reading will tell
        return 0
