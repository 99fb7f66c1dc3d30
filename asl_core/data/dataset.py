"""A set of labelled photos as one value."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled pictures, in the order of classes and then of file names.

    Attributes:
        images: uint8 (n, size, size, 3), RGB; memory-mapped, read only.
        labels: int64 (n,), index into `classes`.
        classes: names of the classes, sorted.
        files: path of each photo below `folder`, with forward slashes (n,).
        folder: where the photos are.
        fingerprint: SHA-256 (hex) over the paths and contents of all photos.
        skipped: files that could not be read, each with the reason.
        rendered: whether the pictures are drawn by `asl_core.synthetic`, not photos.
        recipe: what they can be drawn from again (`rendered:...`); empty for a folder.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    files: tuple[str, ...]
    folder: Path
    fingerprint: str
    skipped: tuple[str, ...] = ()
    rendered: bool = False
    recipe: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def source(self) -> str:
        """What opens the same dataset again (see `open_dataset`)."""
        return self.recipe or str(self.folder)

    def class_name(self, index: int) -> str:
        """Name of the class of one photo."""
        return self.classes[int(self.labels[index])]

    def counts(self, indices: np.ndarray | None = None) -> dict[str, int]:
        """Photos per class.

        Args:
            indices: int (m,), the photos to count; None counts all.
        """
        labels = self.labels if indices is None else self.labels[indices]
        totals = np.bincount(labels, minlength=len(self.classes))
        return dict(zip(self.classes, totals.tolist(), strict=True))


def fingerprint(files: Sequence[str], digests: Sequence[str]) -> str:
    """What identifies the content of a dataset.

    Args:
        files: path of each photo below the dataset's folder, in the dataset's order (n,).
        digests: SHA-256 (hex) of each photo's file (n,).

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
