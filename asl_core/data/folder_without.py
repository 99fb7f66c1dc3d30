"""A dataset without some of its classes, such as one of a single image."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from asl_core.data.dataset import Dataset, fingerprint
from asl_core.data.folder_account import FolderAccount
from asl_core.data.folder_cache import (
    CACHE_SCHEMA,
    IMAGES,
    PIXELS,
    ArrayFile,
    Index,
    entry_of,
    save_digests,
)
from asl_core.data.folder_listing import Listing
from asl_core.data.unread import OnUnread, go_on, unread_copies
from asl_core.errors import DatasetError

FEWEST_CLASSES = 2
BLOCK = 1_000
"""Images that are copied at a time."""


def without_classes(dataset: Dataset, names: Sequence[str], on_unread: OnUnread = go_on) -> Dataset:
    """The same dataset without some classes, as if their images were not there.

    Its images are copied once, into the cache, so that they need not be in memory.

    Args:
        dataset: the images.
        names: classes to leave out; those that it does not have are passed over.
        on_unread: told before the images are copied, if they must be; what it raises ends it.

    Raises:
        DatasetError: fewer than two classes are left, or the cache can't be written.
    """
    out = sorted(set(names) & set(dataset.classes))
    if not out:
        return dataset
    if len(dataset.classes) - len(out) < FEWEST_CLASSES:
        raise DatasetError(
            f"{dataset.source.name} has {len(dataset.classes)} classes; at least "
            f"{FEWEST_CLASSES} must be left without {', '.join(out)}."
        )
    stays = ~np.isin(np.array(dataset.classes)[dataset.labels], out)
    digest = hashlib.sha256("/".join((dataset.fingerprint, *out)).encode()).hexdigest()[:32]
    key = f"{digest}-{CACHE_SCHEMA}"

    def fill(staging: Path) -> None:
        on_unread(unread_copies(staging.with_name(key), int(stays.sum())))
        _copy(dataset, stays, staging)

    try:
        entry = entry_of(key, fill)
    except OSError as error:
        raise DatasetError(f"{dataset.source.name} can't be read: {error.strerror}.") from error
    index = entry.index
    notes = (*dataset.account.notes, f"Left out as asked: {', '.join(out)}.")
    return replace(
        dataset,
        images=entry.images,
        labels=np.array(index.labels, np.int64),
        classes=index.classes,
        files=index.files,
        fingerprint=index.fingerprint,
        parts=index.parts,
        groups=index.groups,
        pixels=entry.pixels,
        digests=entry.digests,
        account=replace(dataset.account, notes=notes),
        source=dataset.source.without(*out),
    )


def _copy(dataset: Dataset, stays: np.ndarray, staging: Path) -> None:
    rows = np.flatnonzero(stays)
    _copy_rows(dataset.images, rows, staging / IMAGES)
    if dataset.pixels is not None:
        _copy_rows(dataset.pixels, rows, staging / PIXELS)
    if dataset.digests is None:
        digests = [dataset.digest(int(row)) for row in rows]
    else:
        digests = [bytes(dataset.digests[row]).hex() for row in rows]
    save_digests(staging, digests)
    names = np.array(dataset.classes)[dataset.labels[rows]]
    classes, labels = np.unique(names, return_inverse=True)
    listing = Listing(
        folder=dataset.folder,
        files=tuple(dataset.files[row] for row in rows),
        labels=tuple(names.tolist()),
        parts=tuple(dataset.parts[row] for row in rows) if dataset.parts else (),
        groups=tuple(dataset.groups[row] for row in rows) if dataset.groups else (),
        told=dataset.told,
    )
    Index(
        files=listing.files,
        labels=tuple(labels.tolist()),
        classes=tuple(classes.tolist()),
        fingerprint=fingerprint(listing.identities(range(len(rows))), digests),
        parts=listing.parts,
        groups=listing.groups,
        account=FolderAccount(),
    ).save(staging)


def _copy_rows(array: np.ndarray, rows: np.ndarray, path: Path) -> None:
    with path.open("wb") as file:
        copied = ArrayFile(file, array.shape[1:])
        for start in range(0, len(rows), BLOCK):
            copied.add(array[rows[start : start + BLOCK]])
        copied.finish()
