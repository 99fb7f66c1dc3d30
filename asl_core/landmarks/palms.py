"""Where palms are in an image: what the palm detector's numbers say."""

import math
from functools import cache

import numpy as np

from asl_core.landmarks.hand import Square

INPUT_SIDE = 192
"""Side of the image that the detector gets, in pixels."""

MIN_SCORE = 0.5
MAX_OVERLAP = 0.3
"""Intersection over union above which two boxes are the same palm."""

BOX_TO_HAND = 2.6
"""Side of the hand's square in sides of the palm's box."""

BOX_SHIFT = 0.5
"""How far the hand's middle lies towards the fingers from the palm's, in sides of the box."""

_GRIDS = ((24, 2), (12, 6))
"""Cells to a side, and anchors in each cell."""

_BOX = slice(0, 4)
_WRIST = slice(4, 6)
_MIDDLE_KNUCKLE = slice(8, 10)


@cache
def anchors() -> np.ndarray:
    """float32 (2016, 2), x and y of the places that the detector looks at, 0 to 1."""
    parts = []
    for cells, repeats in _GRIDS:
        steps = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(steps, steps)
        parts.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), repeats, axis=0))
    return np.concatenate(parts).astype(np.float32)


def find_palms(raw: np.ndarray, logits: np.ndarray) -> list[np.ndarray]:
    """The palms that the detector sees, the surest first.

    Args:
        raw: float32 (2016, 18), box and seven key points of each anchor, in pixels from it.
        logits: float32 (2016,).

    Returns:
        float64 (18,) each: middle x, middle y, width, height, and x and y of seven key points, in
        sides of the detector's input.
    """
    scores = 1 / (1 + np.exp(-np.clip(logits.astype(float), -100, 100)))
    sure = np.flatnonzero(scores >= MIN_SCORE)
    sure = sure[np.argsort(-scores[sure], kind="stable")]
    found = raw[sure].astype(float) / INPUT_SIDE
    shift = anchors()[sure]
    found[:, 0:2] += shift
    found[:, 4:] += np.tile(shift, 7)
    return _merged(found, scores[sure])


def _merged(found: np.ndarray, scores: np.ndarray) -> list[np.ndarray]:
    """Weighted non-maximum suppression: a mean over the boxes of each palm."""
    palms = []
    while len(found):
        same = _overlap(found[0], found) > MAX_OVERLAP
        same[0] = True
        palms.append(np.average(found[same], axis=0, weights=scores[same]))
        found, scores = found[~same], scores[~same]
    return palms


def _overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Intersection over union of a box (4,) and others (n, 4)."""
    low = np.maximum(box[:2] - box[2:4] / 2, boxes[:, :2] - boxes[:, 2:4] / 2)
    high = np.minimum(box[:2] + box[2:4] / 2, boxes[:, :2] + boxes[:, 2:4] / 2)
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    union = np.prod(box[2:4]) + np.prod(boxes[:, 2:4], axis=1) - both
    shares: np.ndarray = both / np.maximum(union, 1e-9)
    return shares


def hand_square(palm: np.ndarray, frame: Square) -> Square:
    """The square of the hand whose palm it is, fingers up.

    Args:
        palm: of `find_palms`.
        frame: the part of the image that the detector got, not turned.
    """
    palm = palm * frame.side
    wrist, knuckle = palm[_WRIST], palm[_MIDDLE_KNUCKLE]
    across, up = knuckle[0] - wrist[0], wrist[1] - knuckle[1]
    turn = math.atan2(across, up)
    x, y, width, height = palm[_BOX].tolist()
    side = max(width, height)
    left, top = frame.x - frame.side / 2, frame.y - frame.side / 2
    return Square(
        left + x + BOX_SHIFT * height * math.sin(turn),
        top + y - BOX_SHIFT * height * math.cos(turn),
        side * BOX_TO_HAND,
        turn,
    )
