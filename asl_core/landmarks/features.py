"""What a network gets of hands: 295 numbers each, the same for near and far, left and right ones.

All are of a right hand (a left one is mirrored), measured from the wrist in palms, and turned so
that the hand is upright in the image; how far it was turned is two of the numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from asl_core.landmarks.hand import (
    FINGERS,
    INDEX,
    LITTLE,
    MIDDLE,
    N_POINTS,
    RING,
    THUMB,
    WRIST,
    Hand,
)

KNUCKLES = (INDEX[0], MIDDLE[0], RING[0], LITTLE[0])
TIPS = tuple(finger[-1] for finger in FINGERS)

_ANGLES: tuple[tuple[int, int, int], ...] = tuple(
    (before, joint, after)
    for finger in FINGERS
    for before, joint, after in zip((WRIST, *finger[:2]), finger[:3], finger[1:], strict=True)
)
"""Three points of each joint that bends, from the palm to the tip: 15."""

_SPREADS: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = tuple(
    ((one[0], one[1]), (other[0], other[1])) for one, other in pairwise(FINGERS[1:])
)
"""The first bones of neighboring fingers: 3."""

_DISTANCES: tuple[tuple[int, int], ...] = (
    *combinations(TIPS, 2),
    *((WRIST, tip) for tip in TIPS),
    *((THUMB[3], joint) for finger in FINGERS[1:] for joint in finger[:3]),
    *((THUMB[2], joint) for finger in FINGERS[1:] for joint in finger[:2]),
    *((THUMB[1], finger[3]) for finger in FINGERS[1:]),
    *((finger[0], finger[3]) for finger in FINGERS[1:]),
)
"""Pairs of points whose distance tells letters apart: 43."""

N_FEATURES = 3 * 60 + len(_ANGLES) + len(_SPREADS) + 2 * len(_DISTANCES) + 9 + 2
"""Numbers for each hand."""

_TINY = 1e-6


@dataclass(frozen=True, eq=False)
class KeyPoints:
    """Key points of several hands (see `Hand`).

    Attributes:
        points: float32 (n, 21, 3), in the image.
        world: float32 (n, 21, 3), meters.
        is_right: bool (n,).
        turn: float32 (n,), radians that the hand is turned clockwise from upright in the image.
    """

    points: np.ndarray
    world: np.ndarray
    is_right: np.ndarray
    turn: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    @classmethod
    def of(cls, hands: Iterable[Hand]) -> "KeyPoints":
        """The key points of hands that were found."""
        hands = list(hands)
        shape = (len(hands), N_POINTS, 3)
        return cls(
            np.array([hand.points for hand in hands], np.float32).reshape(shape),
            np.array([hand.world for hand in hands], np.float32).reshape(shape),
            np.array([hand.is_right for hand in hands], bool),
            np.array([hand.square.turn for hand in hands], np.float32),
        )


def features(hands: KeyPoints) -> np.ndarray:
    """What a network gets.

    Args:
        hands: n of them.

    Returns:
        float32 (n, 295): per hand 20 points in the image with depth, 20 in the world, those in the
        palm's own axes; 18 angles (cosines); 43 distances in the world and in the image; the three
        axes of the palm; cosine and sine of the hand's turn.
    """
    points, world = upright(hands)
    axes = palm_axes(world)
    own = world @ axes.transpose(0, 2, 1)
    turn = np.where(hands.is_right, hands.turn, -hands.turn).astype(float)
    parts = [
        points[:, 1:],
        world[:, 1:],
        own[:, 1:],
        _angles(world),
        _distances(world),
        _distances(points[:, :, :2]),
        axes,
        np.stack([np.cos(turn), np.sin(turn)], axis=1),
    ]
    flat = [part.reshape(len(hands), int(np.prod(part.shape[1:]))) for part in parts]
    return np.concatenate(flat, axis=1).astype(np.float32)


def upright(hands: KeyPoints) -> tuple[np.ndarray, np.ndarray]:
    """Points of right hands, wrist at 0, in palms, turned so that the hand is upright.

    Returns:
        Those in the image and those in the world, float64 (n, 21, 3) each.
    """
    c, s = np.cos(hands.turn), np.sin(hands.turn)
    zero, one = np.zeros_like(c), np.ones_like(c)
    back = np.stack([c, s, zero, -s, c, zero, zero, zero, one], axis=1).reshape(-1, 3, 3)
    mirror = np.ones((len(hands), 1, 3))
    mirror[~hands.is_right, :, 0] = -1
    points, world = (
        (some.astype(float) - some[:, :1]) @ back.transpose(0, 2, 1) * mirror
        for some in (hands.points, hands.world)
    )
    return points / palm_size(points), world / palm_size(world)


def palm_size(points: np.ndarray) -> np.ndarray:
    """Mean distance of the wrist from the knuckles, (n, 1, 1), of points (n, 21, 3)."""
    reach = np.linalg.norm(points[:, KNUCKLES] - points[:, [WRIST]], axis=2)
    size: np.ndarray = np.maximum(reach.mean(axis=1), _TINY)[:, None, None]
    return size


def palm_axes(points: np.ndarray) -> np.ndarray:
    """Axes of the palm, (n, 3, 3), a row each: to the thumb's side, to the fingers, and across."""
    along = _unit(points[:, MIDDLE[0]] - points[:, WRIST])
    side = points[:, INDEX[0]] - points[:, LITTLE[0]]
    across = _unit(np.cross(side, along))
    return np.stack([np.cross(along, across), along, across], axis=1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    units: np.ndarray = vectors / np.maximum(length, _TINY)
    return units


def _angles(points: np.ndarray) -> np.ndarray:
    """Cosines of joints and between neighboring fingers, (n, 18)."""
    before, joint, after = (points[:, list(place)] for place in zip(*_ANGLES, strict=True))
    bends = _unit(joint - before) * _unit(after - joint)
    spreads = [
        _unit(points[:, a[1]] - points[:, a[0]]) * _unit(points[:, b[1]] - points[:, b[0]])
        for a, b in _SPREADS
    ]
    cosines: np.ndarray = np.concatenate([bends, np.stack(spreads, axis=1)], axis=1).sum(axis=2)
    return cosines


def _distances(points: np.ndarray) -> np.ndarray:
    starts, ends = (list(place) for place in zip(*_DISTANCES, strict=True))
    distances: np.ndarray = np.linalg.norm(points[:, starts] - points[:, ends], axis=2)
    return distances
