"""A picture of the whole alphabet, for a page or a README."""

import math

import numpy as np
from numpy.typing import NDArray

from asl_core.synthetic.errors import require
from asl_core.synthetic.letters import LETTERS, poses
from asl_core.synthetic.pose import Pose
from asl_core.synthetic.render import place, render
from asl_core.synthetic.scene import View

COLUMNS = 7
OVERSAMPLING = 2
"""Each pixel of a portrait is the mean of this many squared, which smooths its outlines."""

DISTANCE = 450.0
"""Of the camera, mm: arm's length, so that fingers towards the viewer don't grow over others."""

FILL = 0.84
"""Share of a portrait that the longer side of the hand takes, without the forearm."""

SMALLEST = 105.0
"""A hand that shows less than this, mm, is not brought any nearer: fists stay smaller than hands
with fingers up."""


def portrait(letter: str, size: int = 160, variant: int = 0) -> NDArray[np.uint8]:
    """One letter, clearly lit and seen from the front, that fills the picture; smooth outlines.

    Args:
        letter: One capital letter, A to Z; J and Z show the handshape they start from.
        size: Side in pixels, 8 to 512.
        variant: Which of the letter's poses; 0 is the most usual.

    Returns:
        uint8 (size, size, 3).

    Raises:
        UnknownLetterError: `letter` is not one capital letter.
        ParameterError: `size` is out of its range.
    """
    require(8 <= size <= 512, "size", "8 to 512", size)
    ways = poses(letter)
    pose = ways[variant % len(ways)]
    fine = render(letter, framed(pose, variant), size=size * OVERSAMPLING)
    blocks = fine.reshape(size, OVERSAMPLING, size, OVERSAMPLING, 3)
    total = blocks.sum(axis=(1, 3), dtype=np.uint32)
    mean: NDArray[np.uint8] = (total // OVERSAMPLING**2).astype(np.uint8)
    return mean


def framed(pose: Pose, variant: int = 0) -> View:
    """A view in which the hand fills the picture, from a distance that does not distort it.

    Args:
        pose: Of the hand.
        variant: Which of its letter's poses it is.
    """
    hand = place(pose, View())
    n = len(hand.start) - hand.forearm
    ends = np.concatenate([hand.start[:n], hand.end[:n]]).astype(float)
    radii = hand.radii[:n].T.reshape(-1, 1).astype(float)
    nearness = DISTANCE / (DISTANCE - ends[:, 2:])
    low = ((ends[:, :2] - radii) * nearness).min(axis=0)
    high = ((ends[:, :2] + radii) * nearness).max(axis=0)
    side = max(float((high - low).max()), SMALLEST) / FILL
    right, up = (-(low + high) / 2 / side).tolist()
    field_of_view = 2 * math.degrees(math.atan(side / 2 / DISTANCE))
    return View(distance=DISTANCE, right=right, up=up, variant=variant, field_of_view=field_of_view)


def portraits(size: int = 160) -> dict[str, NDArray[np.uint8]]:
    """A portrait of each of the 26 letters, by letter; each uint8 (size, size, 3)."""
    return {letter: portrait(letter, size) for letter in LETTERS}


def contact_sheet(size: int = 160, columns: int = COLUMNS) -> NDArray[np.uint8]:
    """All 26 letters in one picture, row by row from A to Z.

    Args:
        size: Side of each letter in pixels, 8 to 512.
        columns: Letters in a row, 1 to 26.

    Returns:
        uint8 (rows * size, columns * size, 3); places after Z are white.

    Raises:
        ParameterError: An argument is out of its range.
    """
    require(1 <= columns <= len(LETTERS), "columns", f"1 to {len(LETTERS)}", columns)
    rows = -(-len(LETTERS) // columns)
    sheet = np.full((rows * size, columns * size, 3), 255, np.uint8)
    for i, picture in enumerate(portraits(size).values()):
        top, left = i // columns * size, i % columns * size
        sheet[top : top + size, left : left + size] = picture
    return sheet
