"""Changes training images a little, so that a network meets more than was photographed."""

import numpy as np
from PIL import Image

from asl_core.config import Augmentation


def augment(images: np.ndarray, how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Change each image by amounts of its own.

    What a move, a turn or a change of size uncovers is filled by reflection at the edge, as by the
    `fill_mode='reflect'` of Keras's augmentation layers; brightness is added, as by its
    `RandomBrightness`.

    Args:
        images: uint8 (n, size, size, 3).
        how: what is changed, and how much.
        rng: the source of chance.

    Returns:
        uint8 (n, size, size, 3), new.
    """
    changed = np.array(images)
    if not how:
        return changed
    n = len(changed)
    moves = rng.uniform(-how.shift, how.shift, (n, 2)) * changed.shape[1]
    turns = np.radians(rng.uniform(-how.rotation, how.rotation, n))
    sizes = 1 + rng.uniform(-how.zoom, how.zoom, n)
    light = 255 * rng.uniform(-how.brightness, how.brightness, n)
    mirrored = rng.random(n) < 0.5
    if how.shift or how.rotation or how.zoom:
        changed = _moved(changed, moves, turns, 1 / sizes)
    if how.mirror:
        changed[mirrored] = changed[mirrored, :, ::-1]
    if how.brightness:
        lit = changed + np.rint(light).astype(np.int16)[:, None, None, None]
        changed = lit.clip(0, 255).astype(np.uint8)
    return changed


def _moved(
    images: np.ndarray, moves: np.ndarray, turns: np.ndarray, steps: np.ndarray
) -> np.ndarray:
    side = images.shape[1]
    margin, center = side // 2, side / 2
    edges = (margin, margin)
    padded = np.pad(images, ((0, 0), edges, edges, (0, 0)), "symmetric")
    cos, sin = np.cos(turns) * steps, np.sin(turns) * steps
    right, down = center + moves.T
    # Where each pixel of the result comes from: x' = ax + by + c, y' = dx + ey + f.
    c = margin + center - cos * right - sin * down
    f = margin + center + sin * right - cos * down
    moved = np.empty_like(images)
    for i, origin in enumerate(np.stack([cos, sin, c, -sin, cos, f], axis=1).tolist()):
        moved[i] = Image.fromarray(padded[i]).transform(
            (side, side), Image.Transform.AFFINE, origin, Image.Resampling.BILINEAR
        )
    return moved
