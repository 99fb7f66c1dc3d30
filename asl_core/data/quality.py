"""What may be wrong with the photos themselves: light, sharpness, size, copies."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from PIL import Image

from asl_core.data.dataset import Dataset
from asl_core.data.near_duplicates import NEAR_DUPLICATE, exact_duplicates, nearest_others
from asl_core.errors import DatasetError
from asl_core.images import FORMATS
from asl_core.progress import OnShare
from asl_core.settings import IMAGE_SIZE

Problem = Literal["exact copy", "near-copy", "too dark", "too bright", "blurred", "odd size"]
PROBLEMS: tuple[Problem, ...] = get_args(Problem)

TOO_DARK = 0.45
"""Luma, 0 to 1: a photo is too dark if 99 % of its pixels are below this."""

TOO_BRIGHT = 0.5
"""Luma, 0 to 1: a photo is too bright if 95 % of its pixels are above this."""

BLURRED = 100.0
"""Variance of the Laplacian (in squared grey levels) below which a photo is blurred. The mission's
photos have 940 or more, an empty wall about 10."""

OFF_MEDIAN = 4.0
"""How many times more or fewer pixels than the median photo make a size odd."""

LONGEST = 2.0
"""Longer over shorter side above which a size is odd: the centre square is less than half of it."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue by ITU-R BT.601."""

BLOCK = 512
THREADS = 2


@dataclass(frozen=True, eq=False)
class Quality:
    """What was measured of each photo of a dataset, in its order.

    Attributes:
        light: float32 (n,), 99th percentile of the luma, 0 to 1.
        dark: float32 (n,), 5th percentile of the luma, 0 to 1.
        sharpness: float32 (n,), variance of the Laplacian of the luma on 50x50 pixels, in squared
            grey levels.
        sizes: int64 (n, 2), width and height of the files in pixels.
        original: int64 (n,), the first photo with the same pixels; its own index if it is that.
        nearest: int64 (n,), the photo that resembles it most.
        distances: float64 (n,), mean absolute difference from that one, 0 to 1.
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
        """Indices (int64) of the photos that have each problem, possibly none.

        Of exact copies, all but the first are listed; of near-copies, both.
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
        """Each near-copy with the photo that it is closest to: int64 (n, 2), the closest first.

        A pair in which each is the closest to the other is there once; a photo may be in several.
        """
        near = self.problems["near-copy"]
        near = near[np.argsort(self.distances[near], kind="stable")]
        pairs = np.column_stack((near, self.nearest[near]))
        _, first = np.unique(np.sort(pairs, axis=1), axis=0, return_index=True)
        return pairs[np.sort(first)]


def inspect(dataset: Dataset, on_progress: OnShare | None = None) -> Quality:
    """Measure all photos of a dataset: two seconds for 3,000, most of it for near-copies.

    Args:
        dataset: the photos.
        on_progress: told the share that is done, now and then.

    Raises:
        DatasetError: a file of the dataset is gone or broken.
    """
    measured = [
        _light_and_sharpness(np.asarray(dataset.images[i : i + BLOCK]))
        for i in range(0, len(dataset), BLOCK)
    ]
    light, dark, sharpness = (np.concatenate(values) for values in zip(*measured, strict=True))
    others = nearest_others(dataset.images, on_progress=on_progress)
    return Quality(
        light=light,
        dark=dark,
        sharpness=sharpness,
        sizes=_sizes(dataset),
        original=exact_duplicates(dataset.images),
        nearest=others.indices[:, 0],
        distances=others.distances[:, 0],
    )


def _light_and_sharpness(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    luma = images @ LUMA
    dark, light = np.quantile(luma / 255, (0.05, 0.99), axis=(1, 2)).astype(np.float32)
    return light, dark, sharpness(luma)


def sharpness(luma: np.ndarray) -> np.ndarray:
    """Variance of the Laplacian: low where no edge is sharp.

    Pech-Pacheco et al. (2000): Diatom autofocusing in brightfield microscopy: a comparative study,
    ICPR.

    Args:
        luma: float (n, size, size), 0 to 255.

    Returns:
        float (n,), in squared grey levels.
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


def _sizes(dataset: Dataset) -> np.ndarray:
    paths = [dataset.folder / file for file in dataset.files]
    with ThreadPoolExecutor(THREADS) as pool:
        return np.array(list(pool.map(_size, paths)), np.int64)


def _size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path, formats=FORMATS) as image:  # reads the head of the file only
            return image.size
    except OSError as error:
        raise DatasetError(
            f"{path} can't be read any more ({error}). Read the folder again."
        ) from error
