"""A map of what mattered, laid over its photo: pixels in, pixels out."""

import numpy as np

SCALE = 4
"""Pixels of the result for each of the photo's, so that a browser shows them sharp."""

FOR = (230, 159, 0)
AGAINST = (0, 114, 178)
"""Orange and blue of Okabe and Ito (2008), RGB: told apart with any colour vision."""

GREYED = 0.6
"""How much of the photo's colour is taken out, so that those of the map can be seen."""

STRONGEST = 0.8
"""How opaque the map is where it is strongest."""


def overlay(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lay a map over a photo: orange where it is above 0, blue where it is below.

    Args:
        image: uint8 (height, width, 3).
        heat: float (height, width), any range; the strongest value gets the strongest colour, and
            a map of zeros none.

    Returns:
        uint8 (4 height, 4 width, 3).
    """
    photo = image.astype(np.float32)
    photo += GREYED * (photo.mean(axis=2, keepdims=True) - photo)
    peak = float(np.abs(heat).max())
    strength = (STRONGEST * np.abs(heat) / peak if peak else np.zeros_like(heat))[..., None]
    color = np.where((heat > 0)[..., None], FOR, AGAINST)
    return enlarged(np.rint((1 - strength) * photo + strength * color).astype(np.uint8))


def enlarged(image: np.ndarray) -> np.ndarray:
    """Each pixel as a block of 4x4: uint8 (4 height, 4 width, 3)."""
    return image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
