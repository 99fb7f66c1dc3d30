"""A hand's key points drawn over its image."""

import numpy as np
from PIL import Image, ImageDraw

from asl_core.data.dataset import Dataset
from asl_core.images import upright_size
from asl_core.landmarks.hand import BONES, FINGERS, Square

FINGER_COLORS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (204, 121, 167))
"""Of thumb to little finger, RGB: Okabe and Ito's (2008), told apart with any color vision."""

_EDGE = (20, 20, 20)
_PALM = (255, 255, 255)

_LINE = 1 / 70
"""Width of a bone in sides of the image."""

_EDGED = 200
"""Side of an image from which on bones have an edge: on small ones little would be left of them."""

FOR, AGAINST = FINGER_COLORS[0], (0, 114, 178)
"""Of a point that speaks for a class, or against it."""

_DISK = 1 / 35
"""Largest radius of such a point, beyond the smallest, in sides of the image."""

_WEAKEST = 0.005
"""Least drop of a probability that is drawn."""


def with_skeleton(pixels: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Draw bones and joints.

    Args:
        pixels: uint8 (height, width, 3).
        points: float (21, 2 or more), x and y in these pixels.

    Returns:
        uint8 (height, width, 3), new.
    """
    picture, side = Image.fromarray(pixels), max(pixels.shape[:2])
    pen, width = ImageDraw.Draw(picture), max(1, round(_LINE * side))
    places = [tuple(place) for place in points[:, :2].astype(float).tolist()]
    if side >= _EDGED:
        for start, end in BONES:
            pen.line((places[start], places[end]), _EDGE, width + 2)
    for start, end in BONES:
        pen.line((places[start], places[end]), _color(end), width)
    for number, (x, y) in enumerate(places):
        box = (x - width, y - width, x + width, y + width)
        pen.ellipse(box, _color(number), _EDGE if side >= _EDGED else None)
    return np.asarray(picture)


def with_square(pixels: np.ndarray, square: Square) -> np.ndarray:
    """Draw the outline of a part of an image, its upper edge twice as thick.

    Args:
        pixels: uint8 (height, width, 3).
        square: in these pixels; what lies beyond them is not drawn.

    Returns:
        uint8 (height, width, 3), new.
    """
    picture, width = Image.fromarray(pixels), max(1, round(_LINE / 2 * max(pixels.shape[:2])))
    pen = ImageDraw.Draw(picture)
    corners = [tuple(corner) for corner in square.corners.tolist()]
    for color, extra in ((_EDGE, 2), (_PALM, 0)):
        pen.line([*corners, corners[0]], color, width + extra)
        pen.line(corners[:2], color, 2 * width + extra)
    return np.asarray(picture)


def with_evidence(pixels: np.ndarray, points: np.ndarray, drops: np.ndarray) -> np.ndarray:
    """Draw what each key point is worth: a disk, orange if it speaks for a class, blue if against.

    Args:
        pixels: uint8 (height, width, 3).
        points: float (21, 2 or more), x and y in these pixels.
        drops: float (21,), what the class loses without the point; the strongest has the largest
            disk.

    Returns:
        uint8 (height, width, 3), new.
    """
    picture = Image.fromarray(pixels)
    pen, side = ImageDraw.Draw(picture), max(pixels.shape[:2])
    places = [tuple(place) for place in points[:, :2].astype(float).tolist()]
    for start, end in BONES:
        pen.line((places[start], places[end]), _PALM, max(1, round(_LINE / 2 * side)))
    peak = max(float(np.abs(drops).max()), _WEAKEST)
    for (x, y), drop in zip(places, drops.tolist(), strict=True):
        radius = side * (_LINE + _DISK * (abs(drop) / peak) ** 0.5)
        color = _PALM if abs(drop) < _WEAKEST else FOR if drop > 0 else AGAINST
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), color, _EDGE)
    return np.asarray(picture)


def _color(point: int) -> tuple[int, int, int]:
    finger = next((n for n, points in enumerate(FINGERS) if point in points), None)
    return _PALM if finger is None else FINGER_COLORS[finger]


def points_in_square(dataset: Dataset, index: int, points: np.ndarray) -> np.ndarray:
    """Places of key points in an image as pages show it: its center square.

    Args:
        dataset: the images.
        index: of the image.
        points: float (21, 2 or more), pixels of the whole image.

    Returns:
        float64 (21, 2), x and y in sides of the square, 0 to 1; beyond that outside of it.

    Raises:
        ImageError: the file can't be read any longer.
    """
    if dataset.pixels is not None:
        height, width = dataset.pixels.shape[1:3]
    else:
        height, width = upright_size(dataset.folder / dataset.files[index], dataset.files[index])
    side = min(height, width)
    corner = ((width - side) // 2, (height - side) // 2)
    placed: np.ndarray = (points[:, :2].astype(float) - corner) / side
    return placed
