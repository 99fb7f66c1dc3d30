"""Tables whose rows are pixels: a label, and the values of a square image."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isqrt
from pathlib import Path

import numpy as np

from asl_core.data.dataset import Part, fingerprint
from asl_core.data.folder_account import FolderAccount
from asl_core.data.folder_cache import IMAGES, PIXELS, ArrayFile, Index, save_digests
from asl_core.data.folder_listing import Listing, in_order
from asl_core.data.folder_table import LABEL_NAMES, MAX_LINE, MAX_ROWS, BadRows, Table, class_names
from asl_core.errors import DatasetError
from asl_core.images import resize_pixels
from asl_core.progress import OnShare
from asl_core.settings import IMAGE_SIZE

BLOCK = 1_000
"""Images that are in memory at a time."""

SMALLEST_SIDE = 4


@dataclass
class _Rows:
    """Rows that can be used, in their order; the pixels are in a file."""

    labels: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    bad: BadRows = field(default_factory=BadRows)


def image_shape(n_values: int) -> tuple[int, ...] | None:
    """Shape of an image with so many values: square, gray or RGB (row by row, pixel by pixel).

    Returns:
        (side, side) or (side, side, 3); None if it is neither.
    """
    for n_pixels, channels in ((n_values, ()), (n_values // 3, (3,))):
        side = isqrt(n_pixels)
        if side >= SMALLEST_SIDE and side * side * (3 if channels else 1) == n_values:
            return (side, side, *channels)
    return None


def fill_from_pixels(tables: tuple[Table, ...], staging: Path, on_progress: OnShare) -> None:
    """Write the entry of a cache (see `folder_cache.entry_of`) from tables of pixels.

    Args:
        tables: of one shape of image.
        staging: folder to write into.
        on_progress: told the share that is read, often; what it raises ends it.

    Raises:
        DatasetError: no row can be used, or there are fewer than two classes.
        OSError: a table can't be read, or the folder can't be written.
    """
    unsorted = staging / "unsorted.npy"
    rows, shape = _read(tables, unsorted, on_progress)
    folder = tables[0].path.parent
    names, notes = class_names(set(rows.labels), folder)
    listing = Listing(
        folder=folder,
        files=tuple(rows.files),
        labels=tuple(names[label] for label in rows.labels),
        parts=tuple(rows.parts),
        account=rows.bad.into(FolderAccount(notes=notes)),
        told=True,
    )
    place = {file: row for row, file in enumerate(listing.files)}
    listing = in_order(listing)
    order = [place[file] for file in listing.files]
    pixels = np.load(unsorted, mmap_mode="r")
    digests = _write_sorted(pixels, order, shape, staging)
    del pixels
    unsorted.unlink()
    save_digests(staging, digests)
    classes, labels = np.unique(listing.labels, return_inverse=True)
    if len(classes) < 2:
        raise DatasetError(
            f"{tables[0].path.name} needs images of at least two classes (found {len(classes)})."
        )
    identities = listing.identities(range(len(order)))
    Index(
        files=listing.files,
        labels=tuple(labels.tolist()),
        classes=tuple(classes.tolist()),
        fingerprint=fingerprint(identities, digests),
        parts=listing.parts,
        account=listing.account,
    ).save(staging)


def write_at_size(pixels: np.ndarray, size: int, path: Path, on_progress: OnShare) -> None:
    """Write images of a table as a network may get them.

    Args:
        pixels: uint8 (n, side, side[, 3]).
        size: side of the images, in pixels.
        path: of the .npy file, uint8 (n, size, size, 3).
        on_progress: told the share that is done, often; what it raises ends it.
    """
    with path.open("wb") as file:
        array = ArrayFile(file, (size, size, 3))
        for start in range(0, len(pixels), BLOCK):
            on_progress(start / len(pixels))
            for image in pixels[start : start + BLOCK]:
                array.add(resize_pixels(image, size))
        array.finish()


def _read(
    tables: tuple[Table, ...], path: Path, on_progress: OnShare
) -> tuple[_Rows, tuple[int, ...]]:
    rows, shape = _Rows(), tuple[int, ...]()
    total = sum(table.path.stat().st_size for table in tables)
    done = 0
    with path.open("wb") as file:
        array: ArrayFile | None = None
        for table in tables:
            for line, text in _lines(table):
                done += len(text)
                if line % BLOCK == 0:
                    on_progress(min(done / total, 1.0))
                read = _image(table, text)
                if isinstance(read, str):
                    rows.bad.add(table, line, read)
                    continue
                label, values = read
                if array is None:
                    shape = image_shape(len(values)) or ()
                    array = ArrayFile(file, shape)
                if len(values) != int(np.prod(shape)):
                    rows.bad.add(table, line, f"has {len(values):,} pixels, unlike the first image")
                    continue
                array.add(values)
                rows.labels.append(label)
                rows.files.append(f"{table.path.name}/{line:07d}")
                if table.part:
                    rows.parts.append(table.part)
        if array is None:
            raise DatasetError(
                f"{tables[0].path.name} has no image that can be used: it needs a label and the "
                f"pixels, 0 to 255, of a square gray or RGB image in each row.{rows.bad.first}",
                tables[0].path,
            )
        array.finish()
    return rows, shape


def _lines(table: Table) -> Iterator[tuple[int, bytes]]:
    with table.path.open("rb") as file:
        for line in range(1, MAX_ROWS + 2):
            text = file.readline(MAX_LINE)
            if not text:
                return
            if (line > 1 or not table.columns) and text.strip():
                yield line, text
    raise DatasetError(f"{table.path.name} has more than {MAX_ROWS:,} rows.")


def _image(table: Table, text: bytes) -> tuple[str, np.ndarray] | str:
    """Label and values, uint8 (n,); or why the row can't be used."""
    delimiter = table.delimiter.encode()
    text = text.strip().removeprefix(b"\xef\xbb\xbf")
    if table.column(LABEL_NAMES):  # the last one
        raw, _, raw_label = text.rpartition(delimiter)
    else:
        raw_label, _, raw = text.partition(delimiter)
    try:
        label = raw_label.strip().strip(b"\"'").decode()
        values = np.array(raw.split(delimiter), dtype=np.float32)
    except ValueError:
        return "has a value that is no number"
    if not label:
        return "lacks its label"
    if image_shape(len(values)) is None:
        return f"has {len(values):,} pixels, which make no square image, gray or RGB"
    with np.errstate(invalid="ignore"):  # what is no number is not equal to itself, below
        whole = values.astype(np.uint8)
    if not np.array_equal(whole, values):
        return "has pixels that are no whole numbers from 0 to 255"
    return label, whole


def _write_sorted(
    pixels: np.ndarray, order: list[int], shape: tuple[int, ...], staging: Path
) -> list[str]:
    digests = []
    with (staging / PIXELS).open("wb") as as_is, (staging / IMAGES).open("wb") as resized:
        originals, images = ArrayFile(as_is, shape), ArrayFile(resized, (IMAGE_SIZE, IMAGE_SIZE, 3))
        for start in range(0, len(order), BLOCK):
            for image in pixels[order[start : start + BLOCK]]:
                originals.add(image)
                images.add(resize_pixels(image, IMAGE_SIZE))
                digests.append(hashlib.sha256(image.tobytes()).hexdigest())
        originals.finish()
        images.finish()
    return digests
