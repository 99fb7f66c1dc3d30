"""J and Z by their movement: the way of a fingertip over the last frames is laid on the letter's.

J is drawn by the little finger of an I while the forearm turns, Z by the index finger of a D.
Whatever its place, size, and speed, and with either hand, the way is the letter's, shifted, scaled
and turned a little. Tested on rendered hands alone (`benchmarks.moving_letters`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from asl_core.landmarks.hand import FINGERS, INDEX, LITTLE, WRIST, Hand

BEGINS_AS = {"J": "I", "Z": "D"}
"""The letter whose hand draws it."""

RAISED = 1.2
"""How many times as far from the wrist the tip of the drawing finger is as those of the others."""

SHORTEST = 0.6
LONGEST = 1.6
"""Seconds that a letter takes."""

STEP = 0.1
"""Seconds between the durations, and between the ends, that are tried."""

ENDS = 3
"""How many ends are tried, the first one at the last frame."""

REST = 0.5
"""Seconds before the letter that belong to what is compared: the finger rests."""

FEWEST_FRAMES = {"J": 5, "Z": 6}

SIZES = (0.5, 3.0)
"""Height of a J and width of a Z, in lengths of the palm."""

MOST_LEANING = 35.0
"""Degrees that a letter leans to either side."""

FEWEST_TURNED = 35.0
"""Degrees that the hand turns in a J: a hand that comes and goes in a bow does not."""

LIKENESS = 0.94
"""Share of the way's variance that the letter's way explains."""

_WAYS = {
    "J": np.array([0, 0.4j, 0.8j, 0.12 + 0.95j, 0.3 + 1j, 0.47 + 0.92j, 0.55 + 0.7j]),
    "Z": np.array([0, 1, 0.9j, 1 + 0.9j]),
}
"""Places along the letter, x to the right and y down, the same time apart."""

_EASE = {"J": 0.6, "Z": 0.0}
"""How much slower a letter begins and ends, 0 to 1."""


@dataclass(frozen=True)
class Tip:
    """The tip of a finger that may be drawing.

    Attributes:
        letter: that it may draw, J or Z.
        x: pixels from the left.
        y: pixels from the top.
        palm: length of the hand's palm, pixels, more than 0.
        across: direction from the little finger's knuckle to the index finger's, of length 1, x to
            the right, y down, z away from the viewer.
    """

    letter: str
    x: float
    y: float
    palm: float
    across: tuple[float, float, float]


@dataclass(frozen=True)
class Drawn:
    """A letter that was drawn.

    Attributes:
        letter: J or Z.
        likeness: share of the way's variance that the letter's way explains, 0 to 1.
        since: when it was begun, seconds.
    """

    letter: str
    likeness: float
    since: float


def tip_of(hand: Hand) -> Tip | None:
    """The tip of the index or little finger, if no other of the four fingers is raised."""
    reach = {f: float(np.linalg.norm(hand.world[f[-1]] - hand.world[WRIST])) for f in FINGERS[1:]}
    second, first = sorted(reach, key=lambda finger: reach[finger])[-2:]
    if first not in (INDEX, LITTLE) or reach[first] < RAISED * reach[second]:
        return None
    x, y = hand.points[first[-1], :2].astype(float).tolist()
    across = (hand.world[INDEX[0]] - hand.world[LITTLE[0]]).astype(float)
    a, b, c = (across / max(1e-9, np.linalg.norm(across))).tolist()
    return Tip("Z" if first == INDEX else "J", x, y, hand.palm, (a, b, c))


def drawn(times: Sequence[float], tips: Sequence[Tip | None]) -> Drawn | None:
    """The letter that has just been drawn.

    Args:
        times: of frames, seconds, rising.
        tips: in each of them; None: no finger that may draw.

    Returns:
        What was drawn until the last frame, or shortly before; None: nothing.
    """
    if not tips or (last := tips[-1]) is None:
        return None
    seen = [
        (at, tip) for at, tip in zip(times, tips, strict=True) if tip and tip.letter == last.letter
    ]
    at = np.array([when for when, _ in seen])
    way = np.array([complex(tip.x, tip.y) for _, tip in seen])
    way /= np.median([tip.palm for _, tip in seen])
    if np.ptp(way.real) < SIZES[0] / 2 and np.ptp(way.imag) < SIZES[0] / 2:
        return None
    best: Drawn | None = None
    for seconds in np.arange(SHORTEST, LONGEST + STEP / 2, STEP).tolist():
        for end in range(ENDS):
            since = times[-1] - end * STEP - seconds
            used = at >= since - REST
            missed = sum(when >= since - REST for when in times) - used.sum()
            if used.sum() < FEWEST_FRAMES[last.letter] or missed > 1 or at[0] > since + STEP:
                continue
            if last.letter == "J" and _turned(seen[int(used.argmax())][1], last) < FEWEST_TURNED:
                continue
            likeness = _likeness(last.letter, (at[used] - since) / seconds, way[used])
            if likeness >= max(LIKENESS, best.likeness if best else 0.0):
                best = Drawn(last.letter, likeness, since)
    return best


def _turned(first: Tip, last: Tip) -> float:
    """Degrees between two directions across the palm."""
    return float(np.degrees(np.arccos(np.clip(np.dot(first.across, last.across), -1, 1))))


def _likeness(letter: str, shares: np.ndarray, way: np.ndarray) -> float:
    """How well a way, in palms, is the letter's; 0 if it has the wrong size or leans too much.

    Args:
        letter: J or Z.
        shares: float64 (n,), of its time that have passed; less than 0: it has not begun.
        way: complex128 (n,), x and y.
    """
    passed = np.clip(shares, 0, 1)
    ease = _EASE[letter]
    passed = (1 - ease) * passed + ease * passed**2 * (3 - 2 * passed)
    places = _WAYS[letter]
    model = np.interp(passed * (len(places) - 1), np.arange(len(places)), places)
    way = way - way.mean()
    best = 0.0
    for drawing in (model, -model.conj()):  # with the one hand, and with the other
        centered = drawing - drawing.mean()
        product, own = np.vdot(centered, way), np.vdot(centered, centered).real
        factor = product / own
        leaning = abs(np.degrees(np.angle(factor)))
        if SIZES[0] <= abs(factor) <= SIZES[1] and leaning <= MOST_LEANING:
            best = max(best, float(abs(product) ** 2 / (own * np.vdot(way, way).real)))
    return best
