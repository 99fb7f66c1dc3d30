"""Rays from the camera to the hand."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asl_core.synthetic.field import Field, Floats, Points, along, march, pick
from asl_core.synthetic.hand import Capsules

NEAREST = 60.0
"""Nothing nearer to the camera than this is drawn, mm."""
BLOCKS = 25
"""Blocks of pixels across a picture that are looked at together."""
MARGIN = 5.0
"""How far the fillets may reach past the bare capsules, mm."""


@dataclass(frozen=True)
class Skinprint:
    """Where the hand shows in a picture.

    Attributes:
        pixels: Index of each pixel that shows the hand, in a flattened picture, intp (n,).
        points: Where its ray meets the skin, in the axes of the viewer, mm.
        normals: Unit vectors away from the skin.
    """

    pixels: NDArray[np.intp]
    points: Points
    normals: Points


def slope_of(field_of_view: float) -> float:
    """Slope of the rays to the edges of a picture, whose full angle is in degrees."""
    return math.tan(math.radians(field_of_view / 2))


def look(
    hand: Capsules, field: Field, eye: tuple[float, float, float], size: int, slope: float
) -> Skinprint:
    """Find the skin that each pixel shows.

    Args:
        hand: Capsules in the axes of the viewer, mm.
        field: The distance field of `hand`.
        eye: Place of the camera; it looks along negative z, mm.
        size: Side of the picture, pixels.
        slope: Of the rays to the edges of the picture.
    """
    candidates, start, stop = _candidates(hand, eye, size, slope)
    rows, columns = np.divmod(candidates, size)
    u, v = _slopes(columns, size, slope), -_slopes(rows, size, slope)
    stretch: Floats = np.sqrt(u * u + v * v + np.float32(1))
    direction: Points = (u / stretch, v / stretch, np.float32(-1) / stretch)
    origin = tuple(np.full(len(u), c, np.float32) for c in eye)
    rays = (origin[0], origin[1], origin[2])
    depth = march(field, rays, direction, start * stretch, stop * stretch)
    seen = np.flatnonzero(np.isfinite(depth))
    points = along(pick(rays, seen), pick(direction, seen), depth[seen])
    return Skinprint(candidates[seen], points, field.normal(points))


def _slopes(places: NDArray[np.intp], size: float, slope: float) -> Floats:
    """Slope of the rays through the middle of columns or rows; left and top are negative."""
    middles = (places.astype(np.float32) + np.float32(0.5)) * np.float32(2 / size) - np.float32(1)
    slopes: Floats = middles * np.float32(slope)
    return slopes


def _candidates(
    hand: Capsules, eye: tuple[float, float, float], size: int, slope: float
) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Pixels that may show the hand, and depths in front of and behind all that they may show.

    Looks at square blocks of pixels rather than at each pixel.
    """
    block = max(size // BLOCKS, 1)
    across = -(-size // block)
    middles = _slopes(np.arange(across), size / block, slope)
    reach = 1.5 * slope * block / size
    limits = _limits(hand, eye, np.tile(middles, across), np.repeat(-middles, across), reach)
    by_pixel = (x.reshape(across, across).repeat(block, 0).repeat(block, 1) for x in limits)
    front, back = (x[:size, :size].reshape(-1) for x in by_pixel)
    candidates = np.flatnonzero(np.isfinite(front))
    return candidates, front[candidates], back[candidates]


def _limits(
    hand: Capsules, eye: tuple[float, float, float], u: Floats, v: Floats, beside: float
) -> tuple[Floats, Floats]:
    """Depths in front of and behind all capsules that touch each block; no front where none does.

    Args:
        hand: Capsules.
        eye: Place of the camera.
        u: Slope to the right of the ray through the middle of each block.
        v: Slope upwards.
        beside: How far beside its middle a block reaches, as a slope.
    """
    ends = []
    for point in (hand.start, hand.end):
        depth = np.maximum(np.float32(eye[2]) - point[:, 2], np.float32(NEAREST))
        x = (point[:, 0] - np.float32(eye[0])) / depth
        y = (point[:, 1] - np.float32(eye[1])) / depth
        ends.append((x[:, None], y[:, None], depth[:, None]))
    (ax, ay, a_depth), (bx, by, b_depth) = ends
    dx, dy = bx - ax, by - ay
    px, py = u - ax, v - ay
    t = (px * dx + py * dy) / np.maximum(dx * dx + dy * dy, np.float32(1e-12))
    np.maximum(t, 0, out=t)
    np.minimum(t, 1, out=t)
    px -= t * dx
    py -= t * dy
    thickness = hand.radii.max(axis=1, keepdims=True) + np.float32(MARGIN)
    nearest = np.maximum(np.minimum(a_depth, b_depth) - thickness, np.float32(NEAREST))
    reach = thickness / nearest + np.float32(beside)
    covered = px * px + py * py < reach * reach
    furthest = np.maximum(a_depth, b_depth) + thickness
    front: Floats = np.where(covered, nearest, np.float32(np.inf)).min(axis=0)
    back: Floats = np.where(covered, furthest, np.float32(0)).max(axis=0)
    return front, back
