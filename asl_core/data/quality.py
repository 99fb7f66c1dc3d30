"""What may be wrong with the images themselves: light, sharpness, size, duplicates."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from zipfile import BadZipFile, ZipFile

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.data.near_duplicates import NEAR_DUPLICATE, exact_duplicates, find_near_duplicates
from asl_core.errors import DatasetError, StoppedError
from asl_core.files import replacing
from asl_core.images import open_file
from asl_core.progress import OnShare, part
from asl_core.settings import IMAGE_SIZE

Problem = Literal[
    "exact duplicate", "near-duplicate", "too dark", "too bright", "blurred", "odd size"
]
PROBLEMS: tuple[Problem, ...] = get_args(Problem)

TOO_DARK = 0.45
"""Luma, 0 to 1: an image is too dark if 99 % of its pixels are below this."""

TOO_BRIGHT = 0.5
"""Luma, 0 to 1: an image is too bright if 95 % of its pixels are above this."""

BLURRED = 100.0
"""Variance of the Laplacian (in squared gray levels) below which an image is blurred. The mission's
images have 940 or more, an empty wall about 10."""

OFF_MEDIAN = 4.0
"""How many times more or fewer pixels than the median file make a size odd."""

LONGEST = 2.0
"""Longer over shorter side above which a size is odd: the center square is less than half of it."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue by ITU-R BT.601."""

BLOCK = 256
"""Images, or files, that are measured between two questions whether to stop."""

THREADS = 2

SIZES, LIGHT, EXACT, NEAR = (0.0, 0.15), (0.15, 0.3), (0.3, 0.35), (0.35, 1.0)
"""The parts of `inspect`: from which share of its time to which, about as with 7,200 images."""

LAYOUT: dict[str, tuple[type, tuple[int, ...]]] = {
    "light": (np.float32, ()),
    "dark": (np.float32, ()),
    "sharpness": (np.float32, ()),
    "sizes": (np.int64, (2,)),
    "original": (np.int64, ()),
    "nearest": (np.int64, ()),
    "distances": (np.float64, ()),
}
"""Type of each array of a `Quality`, and the shape of what it has for each image."""


@dataclass(frozen=True, eq=False)
class Quality:
    """What was measured of each image of a dataset, in its order.

    Attributes:
        light: float32 (n,), 99th percentile of the luma, 0 to 1.
        dark: float32 (n,), 5th percentile of the luma, 0 to 1.
        sharpness: float32 (n,), variance of the Laplacian of the luma on 50x50 pixels, in squared
            gray levels.
        sizes: int64 (n, 2), width and height of the files in pixels.
        original: int64 (n,), the first image with the same pixels; its own index if it is that.
        nearest: int64 (n,), the image that resembles it most, if that is an exact duplicate or a
            near-duplicate; else -1.
        distances: float64 (n,), mean absolute difference from that one, 0 to 1; infinite if there
            is none.
    """

    light: np.ndarray
    dark: np.ndarray
    sharpness: np.ndarray
    sizes: np.ndarray
    original: np.ndarray
    nearest: np.ndarray
    distances: np.ndarray

    @property
    def problems(self) -> dict[Problem, np.ndarray]:
        """Indices (int64) of the images that have each problem, possibly none.

        Of exact duplicates, all but the first are listed; of near-duplicates, both.
        """
        exact = self.original != np.arange(len(self.original))
        flags = (
            exact,
            (self.distances <= NEAR_DUPLICATE) & (self.distances > 0),
            self.light < TOO_DARK,
            self.dark > TOO_BRIGHT,
            self.sharpness < BLURRED,
            odd_sizes(self.sizes),
        )
        return {
            problem: np.flatnonzero(flag) for problem, flag in zip(PROBLEMS, flags, strict=True)
        }

    @property
    def near_pairs(self) -> np.ndarray:
        """Each near-duplicate with the image that it is closest to: int64 (n, 2), the closest pair
        first.

        A pair in which each is the closest to the other is there once; an image may be in several.
        """
        near = self.problems["near-duplicate"]
        near = near[np.argsort(self.distances[near], kind="stable")]
        pairs = np.column_stack((near, self.nearest[near]))
        _, first = np.unique(np.sort(pairs, axis=1), axis=0, return_index=True)
        return pairs[np.sort(first)]

    def save(self, path: Path) -> None:
        """Write it as a file (.npz) that `load` takes back, whole or not at all.

        Args:
            path: of the file; one that is there is replaced.

        Raises:
            DatasetError: it can't be written.
        """
        try:
            with replacing(path) as file:
                np.savez(file, **{name: getattr(self, name) for name in LAYOUT})
        except OSError as error:
            raise DatasetError(
                f"The quality results can't be saved in {path.name}: {error.strerror}. "
                "Is there room on the disk, and is it writable?",
                path,
            ) from error

    @classmethod
    def load(cls, path: Path) -> "Quality":
        """The value of `save`.

        Raises:
            DatasetError: the file is not there, or does not hold what `save` writes.
        """
        try:
            with ZipFile(path) as archive:
                if damaged := archive.testzip():
                    raise ValueError(f"{damaged} is damaged")
            with np.load(path, allow_pickle=False) as arrays:
                quality = cls(**{name: arrays[name] for name in LAYOUT})
            quality._check()
        except (OSError, EOFError, ValueError, KeyError, BadZipFile, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise DatasetError(
                f"The quality results can't be read from {path.name}: {reason}. "
                "Measure the images again.",
                path,
            ) from error
        return quality

    def _check(self) -> None:
        n = self.light.size
        for name, (dtype, columns) in LAYOUT.items():
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != (n, *columns):
                raise ValueError(f"{name} is {array.dtype} {array.shape}")
        for indices, lowest in ((self.original, 0), (self.nearest, -1)):
            if not ((indices >= lowest) & (indices < n)).all():
                raise ValueError("an index is outside of the images")


def inspect(
    dataset: Dataset,
    on_progress: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Quality:
    """Measure all images of a dataset.

    Beside the images themselves, which are read block by block, it takes about a kilobyte of
    memory for each.

    Args:
        dataset: the images.
        on_progress: told the share that is done, 0 to 1, often.
        should_stop: asked as often; True ends it.

    Raises:
        DatasetError: a file of the dataset is gone or broken.
        StoppedError: `should_stop` said so.
    """

    def tell(share: float) -> None:
        if should_stop and should_stop():
            raise StoppedError(f"Measuring was stopped after {100 * share:.0f} %.")
        if on_progress:
            on_progress(share)

    sizes = _sizes(dataset, part(tell, *SIZES))
    light, dark, sharp = _light_and_sharpness(dataset.images, part(tell, *LIGHT))
    original = exact_duplicates(dataset.images, part(tell, *EXACT))
    others = find_near_duplicates(dataset.images, original, part(tell, *NEAR))
    tell(1.0)
    return Quality(
        light, dark, sharp, sizes, original, others.indices[:, 0], others.distances[:, 0]
    )


def _light_and_sharpness(
    images: np.ndarray, on_progress: OnShare
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    light, dark, sharp = np.empty((3, len(images)), np.float32)
    for start in range(0, len(images), BLOCK):
        on_progress(start / len(images))
        here = slice(start, start + BLOCK)
        luma = images[here] @ LUMA
        dark[here], light[here] = np.quantile(luma / 255, (0.05, 0.99), axis=(1, 2))
        sharp[here] = sharpness(luma)
    return light, dark, sharp


def sharpness(luma: np.ndarray) -> np.ndarray:
    """Variance of the Laplacian: low where no edge is sharp.

    Pech-Pacheco et al. (2000): Diatom autofocusing in brightfield microscopy: a comparative study,
    ICPR.

    Args:
        luma: float (n, size, size), 0 to 255.

    Returns:
        float (n,), in squared gray levels.
    """
    inner = luma[:, 1:-1, 1:-1]
    around = luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:]
    variance: np.ndarray = (around - 4 * inner).var(axis=(1, 2))
    return variance


def odd_sizes(sizes: np.ndarray) -> np.ndarray:
    """Which files have a size that needs a look.

    Args:
        sizes: int (n, 2), width and height in pixels.

    Returns:
        bool (n,): a side shorter than the 50 pixels that the network gets, a side more than twice
        the other, or four times more or fewer pixels than the median file.
    """
    shorter, longer = sizes.min(axis=1), sizes.max(axis=1)
    pixels = sizes.prod(axis=1)
    times = pixels / np.median(pixels)
    odd: np.ndarray = (
        (shorter < IMAGE_SIZE)
        | (longer > LONGEST * shorter)
        | (times > OFF_MEDIAN)
        | (times < 1 / OFF_MEDIAN)
    )
    return odd


def _sizes(dataset: Dataset, on_progress: OnShare) -> np.ndarray:
    sizes = np.empty((len(dataset), 2), np.int64)
    if dataset.pixels is not None:
        sizes[:] = dataset.pixels.shape[1:3]
        return sizes
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(dataset), BLOCK):
            on_progress(start / len(dataset))
            paths = [dataset.folder / file for file in dataset.files[start : start + BLOCK]]
            sizes[start : start + BLOCK] = list(pool.map(_size, paths))
    return sizes


def _size(path: Path) -> tuple[int, int]:
    try:
        with open_file(path) as image:  # reads the head of the file only
            return image.size
    except OSError as error:
        raise DatasetError(
            f"{path.name} can no longer be read ({error}). Read the folder again."
        ) from error
