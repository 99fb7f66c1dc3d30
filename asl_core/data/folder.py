"""Reads a folder of images once into one array, and memory-maps it from a cache afterwards."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from asl_core.data.dataset import Dataset, Source, fingerprint
from asl_core.data.folder_account import FolderAccount
from asl_core.data.folder_cache import (
    CACHE_SCHEMA,
    IMAGES,
    ArrayFile,
    Entry,
    Index,
    entry_of,
    save_digests,
)
from asl_core.data.folder_found import find_at, is_rendered, key_of
from asl_core.data.folder_layout import FEWEST_CLASSES
from asl_core.data.folder_listing import Listing
from asl_core.data.folder_pixels import fill_from_pixels, write_at_size
from asl_core.data.folder_table import Table
from asl_core.data.unread import OnUnread, go_on, unread_files, unread_tables
from asl_core.errors import DatasetError, ImageError
from asl_core.images import FORMAT_NAMES, ReadImage, open_image, read_image
from asl_core.progress import OnShare
from asl_core.settings import IMAGE_SIZE, MAX_UPLOAD_BYTES

DECODE_THREADS = 2
BLOCK = 256
"""Images that are decoded ahead of what is written, which bounds the memory."""


@dataclass(frozen=True)
class _Images:
    """What is to be read: files below a folder, at a size in pixels.

    `fingerprint` is what they must have, if it is known; `on_progress` is told the share that is
    decoded.
    """

    listing: Listing
    on_progress: OnShare
    size: int = IMAGE_SIZE
    fingerprint: str | None = None


def read_folder(
    folder: Path | str,
    on_progress: OnShare = lambda share: None,
    on_unread: OnUnread = go_on,
) -> Dataset:
    """Read a folder of images, one sub-folder per class.

    The classes may lie in a single folder inside the folder, or in `train` beside `test` (and
    `valid`), which become the split `given`; images may lie one level below the class, which is
    their group (see `asl_core.data.folder_layout`).

    The first call decodes the images and stores the array under `ASL_CACHE_DIR`; as long as no
    file's name, size or time changes, later calls map it into memory within milliseconds.

    Args:
        folder: classes are sorted by name, files by their path, as text; `~` is the home folder.
        on_progress: told the share that is decoded, often; what it raises ends it.
        on_unread: told before images are decoded, if they must be; what it raises ends it.

    Returns:
        The dataset. Images that can't be read are left out and listed in `skipped`; what else is in
        the folder is in `account`.

    Raises:
        DatasetError: no such folder, or fewer than two classes with images that can be read, or
            several sets of images. Says what is there.
    """
    folder = Path(folder).expanduser().resolve()
    try:
        found = find_at(folder)
        if not isinstance(found, Listing):
            return _read_pixels(found, folder, on_progress, on_unread)
        wanted, key = _Images(found, on_progress), key_of(found)

        def fill(staging: Path) -> None:
            on_unread(unread_files(staging.with_name(key), found.folder, found.files))
            _decode_into(wanted, staging)

        entry = entry_of(key, fill)
    except OSError as error:
        raise DatasetError(
            f"{folder.name} can't be read, or its cache can't be written: {error.strerror}.",
            folder,
        ) from error
    return _dataset(entry, found, Source(str(folder), is_rendered(found.folder)))


def at_size(
    dataset: Dataset,
    size: int,
    on_progress: OnShare = lambda share: None,
    on_unread: OnUnread = go_on,
) -> Dataset:
    """The same dataset with images of another size, as a network may get them.

    They are read from the files, once, and kept under `ASL_CACHE_DIR` by their content. A file that
    has fewer pixels is enlarged, which adds nothing to be seen.

    Args:
        dataset: whose files are as they were when it was opened. Labels, indices, fingerprint and
            all else stay as they are.
        size: side of the images, in pixels.
        on_progress: told the share that is decoded, often; what it raises ends it.
        on_unread: told before images are decoded, if they must be; what it raises ends it.

    Raises:
        DatasetError: a file was changed, added or removed meanwhile, or can't be read.
    """
    if dataset.images.shape[1] == size:
        return dataset
    told = dataset.fingerprint
    labels = tuple(dataset.classes[label] for label in dataset.labels)
    parts, groups = dataset.parts, dataset.groups
    files, folder = dataset.files, dataset.folder
    listing = Listing(folder, files, labels, parts, groups, told=dataset.told)
    wanted = _Images(listing, on_progress, size, told)
    key = f"{told[:32]}-{size}-{CACHE_SCHEMA}"

    def fill(staging: Path) -> None:
        place = staging.with_name(key)
        on_unread(unread_files(place, folder, files if dataset.pixels is None else ()))
        if dataset.pixels is None:
            _decode_into(wanted, staging)
        else:
            write_at_size(dataset.pixels, size, staging / IMAGES, on_progress)
            save_digests(staging, (dataset.digest(i) for i in range(len(dataset))))
            index = Index(dataset.files, tuple(dataset.labels.tolist()), dataset.classes, told)
            index.save(staging)

    try:
        entry = entry_of(key, fill)
    except OSError as error:
        raise DatasetError(f"{dataset.source.name} can't be read: {error.strerror}.") from error
    return replace(dataset, images=entry.images)


def folder_key(folder: Path | str) -> str:
    """What changes whenever an image of a folder is added, removed, renamed or written.

    Raises:
        DatasetError: the folder can't be read, or is no dataset.
    """
    folder = Path(folder).expanduser().resolve()
    try:
        found = find_at(folder)
        return key_of(found)
    except OSError as error:
        raise DatasetError(f"{folder.name} can't be read: {error.strerror}.", folder) from error


def _read_pixels(
    tables: tuple[Table, ...], named: Path, on_progress: OnShare, on_unread: OnUnread
) -> Dataset:
    key = key_of(tables)

    def fill(staging: Path) -> None:
        on_unread(unread_tables(staging.with_name(key), [table.path for table in tables]))
        fill_from_pixels(tables, staging, on_progress)

    entry = entry_of(key, fill)
    listing = Listing(tables[0].path.parent, (), (), account=entry.index.account, told=True)
    return _dataset(entry, listing, Source(str(named)))


def _dataset(entry: Entry, listing: Listing, source: Source) -> Dataset:
    index = entry.index
    return Dataset(
        images=entry.images,
        labels=np.array(index.labels, np.int64),
        classes=index.classes,
        files=index.files,
        folder=listing.folder,
        fingerprint=index.fingerprint,
        skipped=index.skipped,
        parts=index.parts,
        groups=index.groups,
        pixels=entry.pixels,
        digests=entry.digests,
        told=listing.told,
        account=replace(
            listing.account,
            truncated=index.account.truncated,
            without_images=(*listing.account.without_images, *index.account.without_images),
        ),
        source=source,
    )


def _decode_into(wanted: _Images, staging: Path) -> None:
    listing = wanted.listing
    kept: list[int] = []
    digests: list[str] = []
    skipped: list[str] = []
    truncated: list[str] = []
    with (staging / IMAGES).open("wb") as file:
        array = ArrayFile(file, (wanted.size, wanted.size, 3))
        for row, result in enumerate(_decode_all(wanted)):
            if isinstance(result, ImageError):
                skipped.append(str(result))
                continue
            read, digest = result
            array.add(read.pixels)
            kept.append(row)
            digests.append(digest)
            if read.truncated:
                truncated.append(listing.files[row])
        array.finish()
    save_digests(staging, digests)
    index = _index(listing, kept, digests, skipped, truncated)
    if wanted.fingerprint not in (None, index.fingerprint):
        raise DatasetError(
            f"Images in {listing.folder.name} have changed since it was read. Read it again.",
            listing.folder,
        )
    if len(index.classes) < FEWEST_CLASSES:
        raise _too_few_classes(listing.folder, index)
    index.save(staging)


def _index(
    listing: Listing, kept: list[int], digests: list[str], skipped: list[str], truncated: list[str]
) -> Index:
    files = tuple(listing.files[row] for row in kept)
    names = [listing.labels[row] for row in kept]
    classes, labels = np.unique(names, return_inverse=True)
    lost = sorted(set(listing.labels) - set(names))
    return Index(
        files=files,
        labels=tuple(labels.tolist()),
        classes=tuple(classes.tolist()),
        fingerprint=fingerprint(listing.identities(kept), digests),
        parts=tuple(listing.parts[row] for row in kept) if listing.parts else (),
        groups=tuple(listing.groups[row] for row in kept) if listing.groups else (),
        skipped=tuple(skipped),
        account=FolderAccount(without_images=tuple(lost), truncated=tuple(truncated)),
    )


def _decode_all(wanted: _Images) -> Iterator[tuple[ReadImage, str] | ImageError]:
    folder, files = wanted.listing.folder, wanted.listing.files
    rendered = is_rendered(folder)

    def decode(file: str) -> tuple[ReadImage, str] | ImageError:
        try:
            file.encode()
            content = _content(folder / file)
            image = open_image(content, file, wanted.size)
            # Another version of Pillow packs the same drawn pixels into other bytes.
            told = read_image(content, file).tobytes() if rendered else content
            return image, hashlib.sha256(told).hexdigest()
        except ImageError as error:  # without its traceback, which holds on to the whole file
            return ImageError(error.name, error.reason)
        except UnicodeEncodeError:
            return ImageError(ascii(file), "has a name that is not UTF-8. Rename it.")
        except OSError as error:
            return ImageError(file, f"can't be read: {error.strerror}.")

    with ThreadPoolExecutor(DECODE_THREADS) as pool:
        for start in range(0, len(files), BLOCK):
            wanted.on_progress(start / len(files))
            few = files[start : start + BLOCK]
            yield from pool.map(decode, few)


def _content(path: Path) -> bytes:
    """A file, or so much of it that reading it as an image is refused."""
    with path.open("rb") as file:
        n_bytes = os.fstat(file.fileno()).st_size
        return file.read(min(n_bytes, MAX_UPLOAD_BYTES) + 1)


def _too_few_classes(folder: Path, index: Index) -> DatasetError:
    return DatasetError(
        f"{folder.name} needs images of at least two classes (found {len(index.classes)}): one "
        f"subfolder per class, with {FORMAT_NAMES} files in it.{_unreadable(index.skipped)}",
        folder,
    )


def _unreadable(skipped: tuple[str, ...]) -> str:
    """A sentence with a blank before it; empty if all files could be read."""
    if not skipped:
        return ""
    if len(skipped) == 1:
        return f" One file could not be read: {skipped[0]}"
    return f" {len(skipped):,} files could not be read, the first: {skipped[0]}"
