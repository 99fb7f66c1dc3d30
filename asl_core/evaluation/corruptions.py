"""What can happen to an image: kinds of change, each at several strengths.

All take uint8 (n, size, size, 3) and return the same shape and type. What lies beyond an edge is
the inside, reflected: the mission's photos have a blue rim, which would be drawn out to a bar if
the edge were repeated. The kinds follow Hendrycks and Dietterich (2019): Benchmarking neural
network robustness to common corruptions and perturbations, ICLR; the steps are this project's, from
hardly visible to hard for a person at 50x50 pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from asl_core.evaluation.warp import warp

WHITE = 255
NOISE_SEED = 0


@dataclass(frozen=True)
class Corruption:
    """One kind of change, with the strengths at which it is tried.

    Attributes:
        name: what is changed.
        unit: what the strength counts.
        apply: (images, strength) -> images.
        steps: the strengths, rising; one of them is `neutral`.
        neutral: the strength that changes nothing.
    """

    name: str
    unit: str
    apply: Callable[[np.ndarray, float], np.ndarray]
    steps: tuple[float, ...]
    neutral: float


def brightness(images: np.ndarray, offset: float) -> np.ndarray:
    """Every pixel brighter (or darker, below 0) by a share of the full scale, -1 to 1."""
    return _by_parts(lambda few: few.astype(np.float32) + WHITE * offset, images)


def contrast(images: np.ndarray, factor: float) -> np.ndarray:
    """Distances from each image's own mean times a factor; 0 leaves one gray."""

    def change(few: np.ndarray) -> np.ndarray:
        values = few.astype(np.float32)
        mean = values.mean(axis=(1, 2, 3), keepdims=True)
        changed: np.ndarray = (values - mean) * factor + mean
        return changed

    return _by_parts(change, images)


def blur(images: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur with a standard deviation in pixels, cut off at three of them; 0: none."""
    if sigma == 0:
        return images.copy()
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    kernel /= kernel.sum()

    def change(few: np.ndarray) -> np.ndarray:
        values = few.astype(np.float32)
        for _ in range(2):
            values = np.ascontiguousarray(_smooth_rows(values, kernel).swapaxes(1, 2))
        return values

    return _by_parts(change, images)


def noise(images: np.ndarray, deviation: float) -> np.ndarray:
    """Gaussian noise on every value, its standard deviation a share of the full scale.

    The same call gives the same noise.
    """

    def change(few: np.ndarray, grain: np.ndarray) -> np.ndarray:
        noisy: np.ndarray = few + WHITE * deviation * grain
        return noisy

    return _by_parts(change, images, _grain(images.shape))


def rotation(images: np.ndarray, degrees: float) -> np.ndarray:
    """Turned about the center, counter-clockwise as one looks at it."""
    angle = np.deg2rad(degrees)
    return _by_parts(lambda few: warp(few, np.cos(angle), np.sin(angle), 0.0), images)


def shift(images: np.ndarray, share: float) -> np.ndarray:
    """Moved to the right (left, below 0) by a share of the width."""
    return _by_parts(lambda few: warp(few, 1.0, 0.0, share * images.shape[2]), images)


def zoom(images: np.ndarray, factor: float) -> np.ndarray:
    """Larger about the center by a factor (smaller, below 1)."""
    return _by_parts(lambda few: warp(few, 1 / factor, 0.0, 0.0), images)


def mirror(images: np.ndarray, mirrored: float) -> np.ndarray:
    """Left and right exchanged if `mirrored` is 1, as a left-handed signer looks; 0: as it is."""
    return np.ascontiguousarray(images[:, :, ::-1]) if mirrored else images.copy()


FLIP = "horizontal flip"

CORRUPTIONS = (
    Corruption(
        "brightness", "fraction of full scale", brightness, (-0.4, -0.2, -0.1, 0, 0.1, 0.2, 0.4), 0
    ),
    Corruption("contrast", "factor", contrast, (0.2, 0.4, 0.7, 1, 1.5, 2), 1),
    Corruption("blur", "sigma in pixels", blur, (0, 0.5, 1, 1.5, 2, 3), 0),
    Corruption(
        "noise", "standard deviation, fraction of full scale", noise, (0, 0.02, 0.05, 0.1, 0.2), 0
    ),
    Corruption("rotation", "degrees", rotation, (-30, -20, -10, 0, 10, 20, 30), 0),
    Corruption("shift", "fraction of width, to the right", shift, (-0.2, -0.1, 0, 0.1, 0.2), 0),
    Corruption("zoom", "factor", zoom, (0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4), 1),
    Corruption(FLIP, "0: as it is, 1: flipped", mirror, (0, 1), 0),
)
"""Everything that is tried, with its steps."""


PART = 32
"""Images whose values are changed at once: so few stay in the cache of a processor, which halves
the time."""


def _by_parts(
    change: Callable[..., np.ndarray], images: np.ndarray, *more: np.ndarray
) -> np.ndarray:
    """What a change makes of images (and of what comes with each), rounded to uint8."""
    changed = np.empty(images.shape, np.uint8)
    for i in range(0, len(images), PART):
        values = change(*(every[i : i + PART] for every in (images, *more)))
        changed[i : i + PART] = np.rint(values).clip(0, WHITE)
    return changed


@lru_cache(2)  # a full block, and the last one
def _grain(shape: tuple[int, ...]) -> np.ndarray:
    """float32, the noise of images of a shape, before it is given its strength."""
    return np.random.default_rng(NOISE_SEED).standard_normal(shape, dtype=np.float32)


def _smooth_rows(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Weighted sums down the columns."""
    reach, height = len(kernel) // 2, values.shape[1]
    padded = np.pad(values, ((0, 0), (reach, reach), (0, 0), (0, 0)), mode="reflect")
    total = np.zeros_like(values)
    for i, weight in enumerate(kernel):
        total += weight * padded[:, i : i + height]
    return total
