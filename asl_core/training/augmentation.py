"""Changes training images a little, so that a network meets more than was photographed."""

import numpy as np

from asl_core.config import Augmentation

FARTHEST = 4
"""How far beyond an edge a pixel may come from, in sides of the image."""


def augment(images: np.ndarray, how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Change each image by amounts of its own.

    What a move, a turn or a change of size uncovers is filled by reflection at the edge, as by the
    `fill_mode='reflect'` of Keras's augmentation layers; brightness is added, as by its
    `RandomBrightness`. Values between pixels are bilinear, rounded to the nearest whole number.

    Args:
        images: uint8 (n, size, size, 3).
        how: what is changed, and how much.
        rng: the source of chance.

    Returns:
        uint8 (n, size, size, 3), new.
    """
    n, side = len(images), images.shape[1]
    if not how or not n:
        return np.array(images)
    from asl_core.training.resample import resample

    right, down = rng.uniform(-how.shift, how.shift, (n, 2)).T * side
    turns = np.radians(rng.uniform(-how.rotation, how.rotation, n))
    sizes = 1 + rng.uniform(-how.zoom, how.zoom, n)
    light = 255 * rng.uniform(-how.brightness, how.brightness, n)
    mirrored = (rng.random(n) < 0.5) & how.mirror
    cos, sin, middle = np.cos(turns) / sizes, np.sin(turns) / sizes, (side - 1) / 2
    columns = middle - cos * (middle + right) - sin * (middle + down)
    rows = middle + sin * (middle + right) - cos * (middle + down)
    return resample(
        np.ascontiguousarray(images),
        np.stack([cos, sin, columns, -sin, cos, rows], axis=1).astype(np.float32),
        _reflected(side),
        mirrored,
        np.rint(light).astype(np.int64),
    )


def _reflected(side: int) -> np.ndarray:
    """The row that stands for each from `-FARTHEST * side` on; the edge itself counts twice."""
    rows = np.arange(-FARTHEST * side, FARTHEST * side) % (2 * side)
    return np.minimum(rows, 2 * side - 1 - rows)
