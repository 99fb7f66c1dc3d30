"""What a run says of its test images: `predictions.npz`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_core.files import read_arrays

ROW_SUM_TOLERANCE = 1e-3
"""How far the probabilities of an image may be from 1 in all: they are float32."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a run says of its test images, in the order of the split.

    Attributes:
        indices: int64 (n,), into the dataset.
        files: path of each image below the dataset's folder (n,).
        labels: int64 (n,), true class.
        probabilities: float32 (n, classes), rows sum to 1; all alike where no hand was found.
        found: bool (n,), on which images there is an answer: all, but for images without a hand, of
            a run on landmarks.
    """

    indices: np.ndarray
    files: tuple[str, ...]
    labels: np.ndarray
    probabilities: np.ndarray
    found: np.ndarray

    def check(self, n: int, n_classes: int) -> None:
        """See that these are answers on `n` images of `n_classes` classes.

        Raises:
            ValueError: names what can't be so.
        """
        sums = self.probabilities.sum(axis=-1)
        fits = {
            "indices": self.indices.shape == (n,)
            and (self.indices >= 0).all()
            and len(np.unique(self.indices)) == n,
            "files": len(self.files) == n,
            "labels": self.labels.shape == (n,) and np.isin(self.labels, range(n_classes)).all(),
            "found": self.found.shape == (n,),
            "probabilities": self.probabilities.shape == (n, n_classes)
            and (self.probabilities >= 0).all()
            and (abs(sums - 1) <= ROW_SUM_TOLERANCE).all(),  # so they are finite, too
        }
        if wrong := [name for name, right in fits.items() if not right]:
            raise ValueError(f"predictions.npz: {', '.join(wrong)} can't be so")


def read_predictions(path: Path, n: int, n_classes: int) -> Predictions:
    """The answers of a run.

    Args:
        path: of the file.
        n: test images of the run.
        n_classes: classes of the run.

    Raises:
        MissingFileError: there is no such file.
        FileError: it can't be read.
        KeyError, TypeError, ValueError: it holds something else.
    """
    arrays = read_arrays(path)
    found = arrays["found"] if "found" in arrays else np.ones(n, bool)
    predictions = Predictions(
        indices=arrays["indices"].astype(np.int64, casting="safe"),
        files=tuple(map(str, arrays["files"].tolist())),
        labels=arrays["labels"].astype(np.int64, casting="safe"),
        probabilities=arrays["probabilities"].astype(np.float32, casting="same_kind"),
        found=found.astype(bool, casting="safe"),
    )
    predictions.check(n, n_classes)
    return predictions


def check_predictions(path: Path, n: int, n_classes: int) -> None:
    """See that the answers of a run can be read (see `read_predictions`).

    Raises:
        FileError, ValueError: they can't.
    """
    try:
        read_predictions(path, n, n_classes)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: {error}") from error
