"""From light to pixels: exposure, white balance, glare, blur and noise."""

import math

import numpy as np
from numpy.typing import NDArray

from asl_core.synthetic.field import Floats
from asl_core.synthetic.scene import Camera

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Share of red, green and blue in brightness (ITU-R BT.709)."""
GLARE = 0.55
"""Linear brightness of the veil that haze lays over a picture."""


def develop(
    light: Floats, size: int, camera: Camera, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Turn linear light into a picture.

    Args:
        light: float32 (size * size, 3), linear; 1 is white at exposure 0.
        size: Side of the picture, pixels.
        camera: What the camera does to it.
        rng: Source of the noise.

    Returns:
        uint8 (size, size, 3).
    """
    balance = np.array([1 + 0.3 * camera.warmth, 1, 1 - 0.3 * camera.warmth], np.float32)
    picture = light * (balance * np.float32(2.0**camera.exposure))
    picture += np.float32(camera.haze) * (np.float32(GLARE) - picture)
    np.minimum(np.maximum(picture, 0, out=picture), 1, out=picture)
    picture = _blurred(picture.reshape(size, size, 3), camera.blur * size)
    np.sqrt(picture, out=picture)
    if camera.saturation != 1:
        r, g, b = (picture[..., i : i + 1] * np.float32(w) for i, w in enumerate(LUMINANCE))
        grey = r + g + b
        picture = grey + np.float32(camera.saturation) * (picture - grey)
    if camera.noise:
        picture += rng.standard_normal(picture.shape, np.float32) * np.float32(camera.noise)
    picture *= np.float32(255)
    picture += np.float32(0.5)
    developed: NDArray[np.uint8] = np.minimum(np.maximum(picture, 0), 255).astype(np.uint8)
    return developed


def _blurred(picture: Floats, sigma: float) -> Floats:
    """Gaussian blur of (size, size, 3); `sigma` in pixels."""
    if sigma < 0.2:
        return picture
    reach = math.ceil(2.5 * sigma)
    weights = [math.exp(-0.5 * (i / sigma) ** 2) for i in range(-reach, reach + 1)]
    total = sum(weights)
    for axis in (0, 1):
        padding = [(0, 0)] * 3
        padding[axis] = (reach, reach)
        padded = np.pad(picture, padding, mode="edge")
        size = picture.shape[axis]
        shifted = (np.take(padded, range(i, i + size), axis) for i in range(2 * reach + 1))
        picture = sum(
            (s * np.float32(w / total) for s, w in zip(shifted, weights, strict=True)),
            start=np.zeros_like(picture),
        )
    return picture
