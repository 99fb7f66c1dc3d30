"""A set of labeled images as one value, and where it comes from as another."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import quote, unquote

import numpy as np

from asl_core.data.folder_account import FolderAccount
from asl_core.data.own_dataset import PREFIX as OWN_PREFIX
from asl_core.data.own_dataset import read_card, set_folder, set_id
from asl_core.data.synthetic_spec import PREFIX, SyntheticSpec
from asl_core.errors import DatasetError, StoreError
from asl_core.images import encode

DELETED = "a deleted dataset"
"""Name of a dataset that somebody brought, and that is not here any more."""

IMBALANCED = 10.0
"""How many times the images of the smallest class the largest has where it is worth a note."""

Part: TypeAlias = Literal["train", "validation", "test"]
"""What an image is for, where whoever made the dataset has decided that."""


@dataclass(frozen=True)
class Source:
    """Where a dataset comes from: the one answer to "is it rendered?" and "what is it called?".

    Args:
        text: what opens it on any machine that has it (see `open_dataset`), as in links and runs:
            a path, what a rendered set is rendered from, such as `rendered:ABC:2000:0`, or
            `set:<id>` of a dataset that somebody brought (see `asl_core.data.own_dataset`). All but
            a rendered one may be followed by classes to leave out, as `signs?without=J&without=Z`.
        marked: whether a folder is known to hold rendered images, as one that the command line
            has rendered does; those of a `rendered:` text need no mark.
    """

    text: str
    marked: bool = False

    @property
    def spec(self) -> SyntheticSpec | None:
        """What the images are rendered from; None for photos.

        Raises:
            DatasetError: the text starts as one of those, and is none.
        """
        return SyntheticSpec.parse(self.text) if self.text.startswith(PREFIX) else None

    @property
    def own_id(self) -> str | None:
        """Id of a dataset that somebody brought; None for others.

        Raises:
            StoreError: the text starts as one of those, and is none.
        """
        return set_id(self.path)

    @property
    def rendered(self) -> bool:
        """Whether the images are rendered by `asl_core.synthetic`, not photos."""
        return self.marked or self.text.startswith(PREFIX)

    @property
    def path(self) -> str:
        """The text without the classes to leave out."""
        return self._parted[0]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Classes to leave out, sorted."""
        _, sign, names = self._parted
        given = names.split(f"&{sign[1:]}") if sign else []
        return tuple(sorted({unquote(name) for name in given}))

    def without(self, *classes: str) -> "Source":
        """The same without some classes more, such as those with a single image.

        Raises:
            DatasetError: it is a rendered set.
        """
        if self.text.startswith(PREFIX):
            raise DatasetError("A rendered dataset is made of the letters that are asked for.")
        names = sorted({*self.left_out, *classes})
        wanted = "&".join(f"without={quote(name, safe='')}" for name in names)
        return replace(self, text=f"{self.path}?{wanted}" if names else self.path)

    @property
    def name(self) -> str:
        """What people call it: never more of a path than its last part."""
        if self.text.startswith(PREFIX):
            return self.text
        try:
            own_id = self.own_id
            name = read_card(set_folder(own_id)).name if own_id else self._last_part
        except StoreError:
            name = DELETED
        return f"{name} without {', '.join(self.left_out)}" if self.left_out else name

    @property
    def public(self) -> str:
        """What may be shown to anybody and, but for a folder, opens it here."""
        if self.text.startswith((PREFIX, OWN_PREFIX)):
            return self.text
        return replace(self, text=self._last_part).without(*self.left_out).text

    @property
    def _last_part(self) -> str:
        return re.split(r"[\\/]", self.path.rstrip("\\/"))[-1]  # also of a path from Windows

    @property
    def _parted(self) -> tuple[str, str, str]:
        return self.text.partition("?without=")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labeled images, in the order of classes and then of file names.

    Attributes:
        images: uint8 (n, size, size, 3), RGB; memory-mapped, read only.
        labels: int64 (n,), index into `classes`.
        classes: names of the classes, sorted.
        files: path of each image below `folder`, with forward slashes (n,).
        folder: where the images are.
        fingerprint: SHA-256 (hex) over the paths and contents of all images.
        skipped: files that could not be read, each with the reason.
        parts: what each image is for, as the dataset's makers split it (n,); empty if they did not.
        groups: group of each image, such as who is on it (n,); empty if it is not told.
        pixels: uint8 (n, side, side[, 3]), the images as they are, if they are rows of a table;
            memory-mapped, read only. None: they are files.
        digests: uint8 (n, 32), the SHA-256 of each image's content when it was read; None if it is
            not at hand.
        told: whether a table tells the labels; else the folders do.
        account: what else is where the images are.
        source: what opens the same dataset again.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    files: tuple[str, ...]
    folder: Path
    fingerprint: str
    skipped: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    groups: tuple[str, ...] = ()
    pixels: np.ndarray | None = None
    digests: np.ndarray | None = None
    told: bool = False
    account: FolderAccount = field(default_factory=FolderAccount)
    source: Source = field(kw_only=True)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def rendered(self) -> bool:
        """Whether the images are rendered, not photos (see `Source`)."""
        return self.source.rendered

    def content(self, index: int) -> bytes:
        """The file of an image; of a row of a table, a PNG file.

        Raises:
            DatasetError: the file can't be read.
        """
        if self.pixels is not None:
            return encode(self.pixels[index])
        path = self.folder / self.files[index]
        try:
            return path.read_bytes()
        except OSError as error:
            raise DatasetError(
                f"{self.files[index]} can't be read: {error.strerror}. Read the folder again.", path
            ) from error

    def digest(self, index: int) -> str:
        """SHA-256 (hex) of what an image is: of its file, or of its pixels in a table.

        Raises:
            DatasetError: the file can't be read.
        """
        told = self.content(index) if self.pixels is None else self.pixels[index].tobytes()
        return hashlib.sha256(told).hexdigest()

    def class_name(self, index: int) -> str:
        """Name of the class of one image."""
        return self.classes[int(self.labels[index])]

    @property
    def imbalance(self) -> float:
        """How many times as many images the largest class has as the smallest; at least 1."""
        counts = self.counts().values()
        return max(counts) / max(min(counts), 1)

    def counts(self, indices: np.ndarray | None = None) -> dict[str, int]:
        """Images per class.

        Args:
            indices: int (m,), the images to count; None counts all.
        """
        labels = self.labels if indices is None else self.labels[indices]
        totals = np.bincount(labels, minlength=len(self.classes))
        return dict(zip(self.classes, totals.tolist(), strict=True))


def fingerprint(files: Sequence[str], digests: Sequence[str]) -> str:
    """What identifies the content of a dataset.

    Args:
        files: path of each image below the dataset's folder, in the dataset's order (n,).
        digests: SHA-256 (hex) of each image's file (n,).

    Returns:
        SHA-256 (hex) over all of them.
    """
    lines = (f"{file} {digest}\n" for file, digest in zip(files, digests, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def one_hot(labels: Sequence[int] | np.ndarray, n_classes: int) -> np.ndarray:
    """One-hot encoding: a row per label, 1 in the column of its class and 0 elsewhere.

    Args:
        labels: int (n,), each from 0 to `n_classes` - 1.
        n_classes: number of columns.

    Returns:
        float32 (n, n_classes), as `keras.utils.to_categorical` gives.
    """
    encoded: np.ndarray = np.eye(n_classes, dtype=np.float32)[np.asarray(labels)]
    return encoded
