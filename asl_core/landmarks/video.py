"""The hand in one frame of a film after the other: looked for where it just was, as MediaPipe does.

A photo is searched in all ways before it is said to show no hand (`HandFinder.views`, up to 0.14 s
of the processor); a frame is followed by another, so each is searched in one way, in turn.
"""

import numpy as np
from PIL import Image

from asl_core.landmarks.finder import (
    MIN_PRESENCE,
    SURE_PRESENCE,
    HandFinder,
    brightened,
    reduction,
    square_about,
)
from asl_core.landmarks.hand import Hand, Square

PADDINGS = (0.0, 0.25, 0.6)
"""Of a frame in which a palm is looked for, one for each frame, in turn."""

DARK_AFTER = 5
"""Frames without a hand after which every second one is looked at brightened; a hand that is found
so is followed so."""


class HandFollower:
    """Where the hand of one visitor was last. Not to be shared by threads."""

    def __init__(self) -> None:
        self._square: Square | None = None
        self._missed = 0
        self._dark = False

    def views(self, finder: HandFinder, frame: np.ndarray) -> tuple[Hand, ...]:
        """The hand in the next frame, if there is one.

        Args:
            finder: that reads it.
            frame: uint8 (height, width, 3), RGB, upright.

        Returns:
            One reading where the hand was followed, two where it was found anew, the best one
            first; none without a hand.
        """
        factor = reduction(frame)
        picture = Image.fromarray(frame).reduce(factor)
        if self._missed >= DARK_AFTER:
            self._dark = self._missed % 2 == 1
        pixels = np.asarray(brightened(picture) if self._dark else picture)
        found = [finder.read(pixels, self._square)] if self._square else []
        if not found or found[0].presence < SURE_PRESENCE:
            found = max(found, self._search(finder, pixels), key=_presence)
        if _presence(found) < MIN_PRESENCE:
            self._square = None
            self._missed += 1
            return ()
        self._square = square_about(found[0].points)
        self._missed = 0
        return tuple(hand.scaled(factor) for hand in found)

    def _search(self, finder: HandFinder, pixels: np.ndarray) -> list[Hand]:
        """The hand of the surest palm, read from its own square and from the palm's; or none."""
        palms = finder.palms(pixels, PADDINGS[self._missed % len(PADDINGS)])
        if not palms:
            return []
        first = finder.read(pixels, palms[0])
        if first.presence < MIN_PRESENCE:
            return []
        found = [finder.read(pixels, square_about(first.points)), first]
        return sorted(found, key=lambda hand: -hand.presence)


def _presence(found: list[Hand]) -> float:
    return found[0].presence if found else 0.0
