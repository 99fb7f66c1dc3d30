"""The wall, room or clutter behind the hand."""

import math

import numpy as np

from asl_core.synthetic.field import Floats
from asl_core.synthetic.scene import Background, Colour, Patch

TEXTURE_OCTAVES = 3


def paint(background: Background, size: int, rng: np.random.Generator) -> Floats:
    """Paint a background.

    Args:
        background: What to paint.
        size: Side of the picture, pixels.
        rng: Source of the texture.

    Returns:
        float32 (size * size, 3), linear light; 1 is white.
    """
    middles = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * np.float32(1 / size)
    x, y = np.tile(middles, size) - np.float32(0.5), np.float32(0.5) - np.repeat(middles, size)
    share = np.minimum(np.maximum(_rolled(x, y, background.angle)[1] + np.float32(0.5), 0), 1)
    near, far = linear(background.colour), linear(background.far_colour)
    picture: Floats = near + share[:, None] * (far - near)
    for patch in background.patches:
        cover = _cover(patch, x, y)[:, None]
        picture += cover * (linear(patch.colour) - picture)
    if background.texture:
        picture *= _texture(background, size, rng).reshape(-1, 1)
    return picture


def linear(colour: Colour) -> Floats:
    """Display colour to linear light, float32 (3,).

    The tone curve is a plain square: near the 2.2 of real displays, and its inverse, the square
    root, is rounded alike on every machine while a power is not.
    """
    display = np.array(colour, np.float32)
    light: Floats = display * display
    return light


def _rolled(x: Floats, y: Floats, angle: float) -> tuple[Floats, Floats]:
    c = np.float32(math.cos(math.radians(angle)))
    s = np.float32(math.sin(math.radians(angle)))
    return x * c + y * s, y * c - x * s


def _cover(patch: Patch, x: Floats, y: Floats) -> Floats:
    """How much of each pixel the patch covers."""
    u, v = _rolled(x - np.float32(patch.x), y - np.float32(patch.y), patch.angle)
    u = np.float32(patch.width / 2) - np.abs(u)
    v = np.float32(patch.height / 2) - np.abs(v)
    rim = np.float32(1 / max(patch.softness, 1e-3))
    cover: Floats = np.minimum(np.maximum(np.minimum(u, v) * rim + np.float32(0.5), 0), 1)
    return cover


def _texture(background: Background, size: int, rng: np.random.Generator) -> Floats:
    """Value noise: random grids, each twice as fine and half as strong; float32 (size, size)."""
    total = np.zeros((size, size), np.float32)
    for octave in range(TEXTURE_OCTAVES):
        cells = min(math.ceil(2**octave / background.grain), size)
        grid = rng.random((cells + 1, cells + 1), np.float32)
        total += _enlarged(grid, size) * np.float32(2 * 0.5**octave)
    brightness: Floats = 1 + np.float32(background.texture) * (total - total.mean())
    return np.maximum(brightness, np.float32(0.05))


def _enlarged(grid: Floats, size: int) -> Floats:
    """Bilinear enlargement of a square grid to (size, size)."""
    place = np.arange(size, dtype=np.float32) * np.float32((len(grid) - 1) / size)
    low = np.minimum(place.astype(np.intp), len(grid) - 2)
    share = place - low.astype(np.float32)
    rows = grid[low] + share[:, None] * (grid[low + 1] - grid[low])
    wide: Floats = rows[:, low] + share * (rows[:, low + 1] - rows[:, low])
    return wide
