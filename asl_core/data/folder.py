"""Reads a folder of images once into one array, and memory-maps it from a cache afterwards."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from asl_core.data.dataset import Dataset, Source, fingerprint
from asl_core.disk_cache import prune, touch
from asl_core.errors import DatasetError, ImageError
from asl_core.files import flush_folder
from asl_core.images import SUFFIXES, read_image
from asl_core.progress import OnShare
from asl_core.settings import IMAGE_SIZE, settings
from asl_core.synthetic.folder import MARKER

CACHE_SCHEMA = 2
DECODE_THREADS = 2
BLOCK = 256
"""Images that are decoded ahead of what is written, which bounds the memory."""


@dataclass(frozen=True)
class _Images:
    """What is to be read: files below a folder, at a size in pixels.

    `fingerprint` is what they must have, if it is known; `on_progress` is told the share that is
    decoded.
    """

    folder: Path
    files: tuple[str, ...]
    on_progress: OnShare
    size: int = IMAGE_SIZE
    fingerprint: str | None = None


def read_folder(folder: Path | str, on_progress: OnShare = lambda share: None) -> Dataset:
    """Read a folder that has one sub-folder of JPEG, PNG or WebP images per class.

    The first call decodes the images and stores the array under `ASL_CACHE_DIR`; as long as no
    file's name, size or time changes, later calls map it into memory within milliseconds.

    Args:
        folder: sub-folders are classes (sorted by name), files are sorted by name as text.
        on_progress: told the share that is decoded, often; what it raises ends it.

    Returns:
        The dataset. Images that can't be read are left out and listed in `skipped`.

    Raises:
        DatasetError: no such folder, or fewer than two classes with images that can be read.
    """
    folder = Path(folder).resolve()
    try:
        if not folder.is_dir():
            raise DatasetError(f"There is no folder {folder.name}.", folder)
        files = _list_photos(folder)
        key = _listing_key(folder, files)
        return _read(_Images(folder, tuple(files), on_progress), key)
    except OSError as error:
        raise DatasetError(
            f"{folder.name} can't be read, or its cache can't be written: {error.strerror}.",
            folder,
        ) from error


def at_size(dataset: Dataset, size: int, on_progress: OnShare = lambda share: None) -> Dataset:
    """The same dataset with images of another size, as a network may get them.

    They are read from the files, once, and kept under `ASL_CACHE_DIR` by their content. A file that
    has fewer pixels is enlarged, which adds nothing to be seen.

    Args:
        dataset: whose files are as they were when it was opened. Labels, indices, fingerprint and
            all else stay as they are.
        size: side of the images, in pixels.
        on_progress: told the share that is decoded, often; what it raises ends it.

    Raises:
        DatasetError: a file was changed, added or removed meanwhile, or can't be read.
    """
    if dataset.images.shape[1] == size:
        return dataset
    told = dataset.fingerprint
    wanted = _Images(dataset.folder, dataset.files, on_progress, size, told)
    try:
        return replace(dataset, images=_read(wanted, f"{told[:32]}-{size}").images)
    except OSError as error:
        raise DatasetError(f"{dataset.source.name} can't be read: {error.strerror}.") from error


def folder_key(folder: Path | str) -> str:
    """What changes whenever an image of a folder is added, removed, renamed or written.

    Raises:
        DatasetError: the folder can't be read.
    """
    folder = Path(folder).resolve()
    try:
        return _listing_key(folder, _list_photos(folder))
    except OSError as error:
        raise DatasetError(f"{folder.name} can't be read: {error.strerror}.") from error


def _read(wanted: _Images, key: str) -> Dataset:
    try:
        return _read_through(wanted, settings().decoded_dir / key)
    except OSError:  # the cache can't be written: that costs time, and no more
        return _read_through(wanted, Path(_own_cache().name) / key)


@cache
def _own_cache() -> tempfile.TemporaryDirectory:
    """A cache of this process alone, removed when it ends."""
    return tempfile.TemporaryDirectory(prefix="asl-explorer-")


def _read_through(wanted: _Images, cached: Path) -> Dataset:
    try:
        dataset = _map_cache(wanted.folder, cached)
    except (OSError, EOFError, ValueError, KeyError):  # not there, or not whole: decode (again)
        shutil.rmtree(cached, ignore_errors=True)
        _fill_cache(wanted, cached)
        dataset = _map_cache(wanted.folder, cached)
        prune((settings().decoded_dir, settings().rendered_dir), settings().cache_max_bytes)
    else:
        touch(cached)
    return dataset


def _list_photos(folder: Path) -> list[str]:
    """Paths below `folder`, by class and then by name, both sorted as text."""
    classes = sorted(e.name for e in os.scandir(folder) if e.is_dir() and e.name[0] not in "._")
    return [f"{name}/{file}" for name in classes for file in _photo_names(folder / name)]


def _photo_names(class_folder: Path) -> list[str]:
    names = os.listdir(class_folder)
    return sorted(n for n in names if n.lower().endswith(SUFFIXES) and not n.startswith("."))


def _listing_key(folder: Path, files: list[str]) -> str:
    """Changes whenever a file is added, removed, renamed or written."""
    key = hashlib.sha256(
        os.fsencode(f"{CACHE_SCHEMA} {IMAGE_SIZE} {folder} {_is_rendered(folder)}")
    )
    for file in files:
        key.update(os.fsencode(f"\n{file} {_stamp(folder / file)}"))
    return key.hexdigest()[:32]


def _is_rendered(folder: Path) -> bool:
    return (folder / MARKER).is_file()


def _stamp(path: Path) -> str:
    try:
        stat = path.stat()
    except OSError as error:  # a link to nowhere, or gone meanwhile: reading will tell
        return f"{error.strerror}"
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _fill_cache(wanted: _Images, cached: Path) -> None:
    """Decode all images into `cached`, which appears whole or not at all."""
    cached.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".filling-", dir=cached.parent))
    try:
        _decode_into(wanted, staging)
        try:
            staging.rename(cached)
        except OSError:
            if not cached.exists():  # else: another process was faster, with the same content
                raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _decode_into(wanted: _Images, staging: Path) -> None:
    kept: list[str] = []
    skipped: list[str] = []
    digests: list[str] = []
    with (staging / "images.npy").open("wb") as array:  # image by image: all may not fit in memory
        _write_header(array, 0, wanted.size)
        for file, result in _decode_all(wanted):
            if isinstance(result, ImageError):
                skipped.append(str(result))
                continue
            pixels, digest = result
            array.write(pixels.tobytes())
            kept.append(file)
            digests.append(digest)
        array.seek(0)
        _write_header(array, len(kept), wanted.size)
    found = fingerprint(kept, digests)
    if wanted.fingerprint not in (None, found):
        raise DatasetError(
            f"Images in {wanted.folder.name} have changed since it was read. Read it again.",
            wanted.folder,
        )
    _check_classes(wanted.folder, kept, skipped)
    index = {"files": kept, "skipped": skipped, "fingerprint": found}
    (staging / "index.json").write_text(json.dumps(index))
    flush_folder(staging)


def _write_header(array: BinaryIO, n: int, size: int) -> None:
    """That of a .npy file of `n` images; it takes the same room for any number."""
    shape = (n, size, size, 3)
    layout = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(array, layout)


def _decode_all(wanted: _Images) -> Iterator[tuple[str, tuple[np.ndarray, str] | ImageError]]:
    folder, files, rendered = wanted.folder, wanted.files, _is_rendered(wanted.folder)

    def decode(file: str) -> tuple[np.ndarray, str] | ImageError:
        try:
            file.encode()
            content = (folder / file).read_bytes()
            pixels = read_image(content, file, wanted.size)
            # Another version of Pillow packs the same drawn pixels into other bytes.
            told = read_image(content, file).tobytes() if rendered else content
            return pixels, hashlib.sha256(told).hexdigest()
        except ImageError as error:
            return error
        except UnicodeEncodeError:
            return ImageError(ascii(file), "has a name that is not UTF-8. Rename it.")
        except OSError as error:
            return ImageError(file, f"can't be read: {error.strerror}.")

    with ThreadPoolExecutor(DECODE_THREADS) as pool:
        for start in range(0, len(files), BLOCK):
            wanted.on_progress(start / len(files))
            few = files[start : start + BLOCK]
            yield from zip(few, pool.map(decode, few), strict=True)


def _check_classes(folder: Path, files: list[str], skipped: list[str]) -> None:
    classes = {file.split("/")[0] for file in files}
    if len(classes) < 2:
        raise DatasetError(
            f"{folder.name} needs images of at least two classes (found {len(classes)}): one "
            f"subfolder per class, with JPEG, PNG or WebP files in it.{_unreadable(skipped)}",
            folder,
        )


def _unreadable(skipped: list[str]) -> str:
    """A sentence with a blank before it; empty if all files could be read."""
    if not skipped:
        return ""
    if len(skipped) == 1:
        return f" One file could not be read: {skipped[0]}"
    return f" {len(skipped):,} files could not be read, the first: {skipped[0]}"


def _map_cache(folder: Path, cached: Path) -> Dataset:
    index = json.loads((cached / "index.json").read_text())
    names = [file.split("/")[0] for file in index["files"]]
    classes, labels = np.unique(names, return_inverse=True)
    return Dataset(
        images=np.load(cached / "images.npy", mmap_mode="r"),
        labels=labels.astype(np.int64),
        classes=tuple(classes.tolist()),
        files=tuple(index["files"]),
        folder=folder,
        fingerprint=index["fingerprint"],
        skipped=tuple(index["skipped"]),
        source=Source(str(folder), _is_rendered(folder)),
    )
