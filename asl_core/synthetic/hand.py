"""A kinematic right hand: joint angles in, capsules in millimetres out.

Axes of the hand: the origin is the wrist, x points to the thumb's side, y along the fingers and
z out of the palm. With the palm to the viewer and fingers up this is the viewer's right, up and
towards the viewer.

Lengths of metacarpals and phalanges are the means of Buryanov & Kotiuk, "Proportions of Hand
Segments", Int. J. Morphol. 28(3), 2010. Breadth of the palm and thickness of the fingers are set
near the means of Greiner, *Hand Anthropometry of U.S. Army Personnel*, 1991 (palm breadth about
85 mm, index finger 20 mm wide at the middle joint). Flesh past the last bone is the round end of
the last capsule.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from asl_core.synthetic.pose import Finger, Pose, Thumb, Wrist

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]

KNUCKLES: tuple[Vector, ...] = ((29, 93, 0), (7, 96, -3), (-15, 91, -2), (-35, 82, 2))
"""Centres of the knuckles (metacarpophalangeal joints), index to little finger, mm."""

PHALANGES: tuple[Vector, ...] = (
    (39.8, 22.4, 16.8),
    (44.6, 26.3, 18.4),
    (41.4, 25.7, 18.3),
    (32.7, 18.1, 16.5),
)
"""Lengths of the three bones of each finger, index to little finger, mm."""

FINGER_RADII: tuple[tuple[float, float, float, float], ...] = (
    (11.0, 10.0, 8.8, 7.2),
    (11.0, 10.2, 9.0, 7.4),
    (10.6, 9.7, 8.5, 7.0),
    (9.6, 8.4, 7.4, 6.2),
)
"""Radius of each finger at its knuckle, middle joint, last joint and tip, mm."""

THUMB_ROOT: Vector = (20, 22, 6)
THUMB_BONES: Vector = (46.2, 31.6, 23.5)
THUMB_RADII = (16.0, 12.0, 10.0, 7.6)
FOREARM_LENGTH = 260.0
"""From wrist to elbow, mm."""

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def turned(axis: str, degrees: float) -> Matrix:
    """Rotation matrix about the x, y or z axis, right-handed."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if axis == "x":
        return ((1.0, 0.0, 0.0), (0.0, c, -s), (0.0, s, c))
    if axis == "y":
        return ((c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c))
    return ((c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0))


def compose(*turns: Matrix) -> Matrix:
    """Product of rotations; the last one acts first."""
    result = IDENTITY
    for turn in turns:
        result = (_row(result[0], turn), _row(result[1], turn), _row(result[2], turn))
    return result


def _row(row: Vector, turn: Matrix) -> Vector:
    # Written out because a BLAS product may round differently from one machine to the next.
    (a, b, c), (d, e, f), (g, h, i) = turn
    x, y, z = row
    return x * a + y * d + z * g, x * b + y * e + z * h, x * c + y * f + z * i


def apply(turn: Matrix, vector: Vector) -> Vector:
    """Rotate one vector."""
    return _dot(turn[0], vector), _dot(turn[1], vector), _dot(turn[2], vector)


def _dot(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _step(start: Vector, turn: Matrix, length: float) -> Vector:
    """The point `length` mm from `start` along the y axis of `turn`."""
    return (
        start[0] + turn[0][1] * length,
        start[1] + turn[1][1] * length,
        start[2] + turn[2][1] * length,
    )


@dataclass(frozen=True)
class Capsules:
    """Rounded cones that together make a hand.

    Attributes:
        start: Centre of one end, float32 (n, 3), mm.
        end: Centre of the other end, float32 (n, 3), mm.
        radii: Radius at the start and the end, float32 (n, 2), mm.
        digits: How many of the first capsules belong to fingers and free thumb; the rest are the
            palm and, as the last `forearm` rows, the forearm.
        forearm: How many of the last capsules belong to the forearm.
    """

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    radii: NDArray[np.float32]
    digits: int
    forearm: int

    def rotated(self, turn: Matrix) -> "Capsules":
        """The capsules after a rotation about the wrist."""
        return replace(self, start=_rotate(turn, self.start), end=_rotate(turn, self.end))

    def mirrored(self) -> "Capsules":
        """The other hand: left and right swapped."""
        flip = np.array([-1, 1, 1], np.float32)
        return replace(self, start=self.start * flip, end=self.end * flip)

    def centred(self) -> "Capsules":
        """Moved so that the middle of the hand, forearm left out, is the origin."""
        n = len(self.start) - self.forearm
        ends = np.concatenate([self.start[:n], self.end[:n]])
        middle = (ends.min(axis=0) + ends.max(axis=0)) / np.float32(2)
        return replace(self, start=self.start - middle, end=self.end - middle)


def _rotate(turn: Matrix, points: NDArray[np.float32]) -> NDArray[np.float32]:
    x, y, z = points[:, 0], points[:, 1], points[:, 2]
    rows = [np.float32(r[0]) * x + np.float32(r[1]) * y + np.float32(r[2]) * z for r in turn]
    return np.stack(rows, axis=1)


Cone = tuple[Vector, Vector, float, float]
"""Start, end, radius at the start, radius at the end; mm."""


def _finger(number: int, bend: Finger) -> list[Cone]:
    turn = compose(turned("z", -bend.spread), turned("x", bend.mcp))
    joint, cones, radii = KNUCKLES[number], [], FINGER_RADII[number]
    for bone, flexion in enumerate((0.0, bend.pip, bend.dip)):
        turn = compose(turn, turned("x", flexion))
        tip = _step(joint, turn, PHALANGES[number][bone])
        cones.append((joint, tip, radii[bone], radii[bone + 1]))
        joint = tip
    return cones


def _thumb(bend: Thumb) -> list[Cone]:
    turn = compose(turned("z", -bend.radial), turned("x", bend.palmar), turned("y", bend.twist))
    joint, cones = THUMB_ROOT, []
    for bone, flexion in enumerate((0.0, bend.mcp, bend.ip)):
        turn = compose(turn, turned("z", flexion))
        tip = _step(joint, turn, THUMB_BONES[bone])
        cones.append((joint, tip, THUMB_RADII[bone], THUMB_RADII[bone + 1]))
        joint = tip
    return cones


def _palm(thumb: list[Cone]) -> list[Cone]:
    wrist: tuple[Vector, ...] = ((13, 6, 0), (5, 4, 0), (-6, 4, 0), (-15, 7, 1))
    bones = [(w, k, 16.0, 12.5) for w, k in zip(wrist, KNUCKLES, strict=True)]
    heel_of_little_finger: Cone = ((-20, 24, 5), (-34, 68, 4), 15.5, 12.5)
    ball_of_thumb: Cone = ((10, 22, 6), _middle(thumb[0]), 16.0, 16.0)
    web: Cone = (_middle(thumb[0]), (24, 72, 1), 13.5, 11.5)
    hollow: Cone = ((0, 30, 3), (-4, 72, 1), 15.0, 13.0)
    return [*bones, heel_of_little_finger, ball_of_thumb, web, hollow, thumb[0]]


def _middle(cone: Cone) -> Vector:
    a, b, _, _ = cone
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2


def _forearm(wrist: Wrist) -> list[Cone]:
    # The hand is the fixed frame here, so the forearm turns the other way round.
    turn = compose(turned("x", -wrist.flexion), turned("z", wrist.deviation))
    bones = []
    for side in (-1.0, 1.0):
        start = apply(turn, (8 * side, 8.0, 0.0))
        end = apply(turn, (11 * side, -FOREARM_LENGTH, 0.0))
        bones.append((start, end, 18.0, 31.0))
    return bones


def capsules(pose: Pose) -> Capsules:
    """Turn joint angles into the capsules of a right hand.

    Args:
        pose: Joint angles; its `facing` is applied, so the result is as the viewer sees it.

    Returns:
        Capsules in the axes of the viewer, wrist at the origin, mm.
    """
    thumb = _thumb(pose.thumb)
    fingers = [cone for n, bend in enumerate(pose.fingers) for cone in _finger(n, bend)]
    # The first bone of the thumb is flesh of the palm: it blends with it, not with the digits.
    digits = fingers + thumb[1:]
    forearm = _forearm(pose.wrist)
    cones = digits + _palm(thumb) + forearm
    hand = Capsules(
        start=np.array([c[0] for c in cones], np.float32),
        end=np.array([c[1] for c in cones], np.float32),
        radii=np.array([c[2:] for c in cones], np.float32),
        digits=len(digits),
        forearm=len(forearm),
    )
    facing = pose.facing
    return hand.rotated(
        compose(turned("z", facing.roll), turned("x", facing.tilt), turned("y", facing.turn))
    )
