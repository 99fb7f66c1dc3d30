"""A hand that was found in an image: 21 key points, and the square that they were read from."""

import math
from dataclasses import dataclass, replace

import numpy as np

N_POINTS = 21

WRIST = 0
FINGERS: tuple[tuple[int, int, int, int], ...] = (
    (1, 2, 3, 4),
    (5, 6, 7, 8),
    (9, 10, 11, 12),
    (13, 14, 15, 16),
    (17, 18, 19, 20),
)
"""Points of thumb, index, middle, ring and little finger, from the palm to the tip."""

POINT_NAMES: tuple[str, ...] = (
    "wrist",
    *(
        f"{finger} {joint}"
        for finger in ("thumb", "index finger", "middle finger", "ring finger", "little finger")
        for joint in ("root", "first joint", "second joint", "tip")
    ),
)
"""What each point is called."""

THUMB, INDEX, MIDDLE, RING, LITTLE = FINGERS

BONES: tuple[tuple[int, int], ...] = tuple(
    (start, end)
    for finger in FINGERS
    for start, end in zip((WRIST, *finger[:-1]), finger, strict=True)
)
"""Pairs of points that a bone joins; the first of each finger is in the palm."""


@dataclass(frozen=True)
class Square:
    """A square part of an image, which may be turned and may reach beyond the image.

    Attributes:
        x: of the middle, pixels from the left.
        y: of the middle, pixels from the top.
        side: in pixels.
        turn: radians that its upper edge is turned clockwise from upright.
    """

    x: float
    y: float
    side: float
    turn: float = 0.0

    def moved(self, turn: float = 0.0, scale: float = 1.0) -> "Square":
        """The square turned further (radians, clockwise) and made larger about its middle."""
        return Square(self.x, self.y, self.side * scale, self.turn + turn)

    @property
    def corners(self) -> np.ndarray:
        """float64 (4, 2), pixels: upper left, upper right, lower right, lower left."""
        return self.to_image(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float))

    def to_image(self, places: np.ndarray) -> np.ndarray:
        """Places in the square as pixels of the image.

        Args:
            places: float (n, 2), x and y, 0 to 1 from the upper left corner.
        """
        c, s = math.cos(self.turn), math.sin(self.turn)
        axes = np.array([(c, s), (-s, c)]) * self.side
        placed: np.ndarray = (places - 0.5) @ axes + (self.x, self.y)
        return placed


@dataclass(frozen=True, eq=False)
class Hand:
    """Key points of one hand, as found in an image.

    Attributes:
        points: float32 (21, 3), x to the right and y down in pixels of the image; z away from the
            viewer, in about the same unit, 0 at the wrist.
        world: float32 (21, 3), meters, in the same directions, the middle of the hand at 0.
        presence: how surely the square shows a hand, 0 to 1.
        handedness: how surely it is a right hand, 0 to 1.
        square: what the points were read from.
    """

    points: np.ndarray
    world: np.ndarray
    presence: float
    handedness: float
    square: Square

    @property
    def is_right(self) -> bool:
        """Whether it is a right hand, as far as can be told."""
        return self.handedness >= 0.5

    @property
    def palm(self) -> float:
        """Length of the palm in the image, from the wrist to the middle finger's root, in pixels;
        at least 1."""
        return max(1.0, float(np.linalg.norm(self.points[MIDDLE[0]] - self.points[WRIST])))

    def scaled(self, factor: float) -> "Hand":
        """The hand in the same image with its sides times a factor."""
        its = self.square
        square = Square(its.x * factor, its.y * factor, its.side * factor, its.turn)
        return replace(self, points=self.points * np.float32(factor), square=square)
