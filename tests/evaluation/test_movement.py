"""J and Z are told by the way of a fingertip; what is no such way is not."""

from collections.abc import Sequence

import numpy as np
import pytest

from asl_core.evaluation.movement import Drawn, Tip, drawn, tip_of
from asl_core.landmarks.hand import FINGERS, Hand, Square
from asl_core.landmarks.rendered import Jitter, key_points_of
from asl_core.synthetic.letters import STATIC_LETTERS, poses

J = ((0, 0), (0, 1.2), (0.15, 1.4), (0.4, 1.4), (0.6, 1.1))
Z = ((0, 0), (1.3, 0), (0.1, 1.2), (1.3, 1.2))
LINE = ((0, 0), (0.2, 1.4))

REST, TAKES, STEP = 0.8, 1.0, 0.2
"""Seconds."""

TIMES = np.arange(0, REST + TAKES + 0.3, STEP)
EXACT = Jitter(slack=0, turn=0, tilt=0, roll=0, proportions=0, noise=0, depth_noise=0)


def tips(
    letter: str,
    corners: Sequence[tuple[float, float]],
    *,
    size: float = 1.0,
    mirror: bool = False,
    lean: float = 0.0,
    turned: float = 90.0,
) -> list[Tip | None]:
    """A tip that rests and goes along corners, the hand turning meanwhile; a palm is 40 pixels."""
    places = np.array(corners) @ (1, 1j) * size * np.exp(1j * np.radians(lean))
    places = -places.conj() if mirror else places
    legs = np.concatenate([[0], np.cumsum(np.abs(np.diff(places)))])
    share = np.clip((TIMES - REST) / TAKES, 0, 1)
    way = 100 + 90j + 40 * np.interp(share * legs[-1], legs, places)
    across = np.exp(1j * np.radians(share * turned))
    return [
        Tip(letter, p.real, p.imag, 40, (a.real, 0.0, a.imag))
        for p, a in zip(way, across, strict=True)
    ]


@pytest.mark.parametrize("size", [0.7, 1.6])
@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("lean", [-20, 0, 20])
@pytest.mark.parametrize(("letter", "corners"), [("J", J), ("Z", Z)])
def test_a_letter_is_told_at_its_end(
    letter: str, corners: Sequence[tuple[float, float]], size: float, mirror: bool, lean: float
) -> None:
    found = read(tips(letter, corners, size=size, mirror=mirror, lean=lean))
    assert found is not None
    assert found.letter == letter
    assert found.likeness > 0.94
    assert found.since == pytest.approx(REST, abs=0.31)


def read(seen: list[Tip | None]) -> Drawn | None:
    return drawn(TIMES.tolist(), seen)


@pytest.mark.parametrize(
    "seen",
    [
        tips("J", J, size=0.2),  # trembling
        tips("J", J, lean=90),
        tips("J", J, turned=0),  # moved in a bow
        tips("J", LINE, turned=20),
        tips("J", Z),
        tips("Z", LINE),
        tips("Z", J),
        tips("Z", Z, lean=60),
        tips("Z", Z[:3]),
        [*tips("Z", Z)[:-1], None],  # the finger was lowered
        [*[None] * 6, *tips("Z", Z)[6:]],  # and raised on the way
    ],
)
def test_other_movements_are_no_letter(seen: list[Tip | None]) -> None:
    assert read(seen) is None


def test_nothing_is_drawn_without_frames() -> None:
    assert drawn([], []) is None


def test_only_a_raised_index_or_little_finger_draws() -> None:
    assert {letter: tip.letter for letter in STATIC_LETTERS if (tip := tip_of(hand(letter)))} == {
        "D": "Z",
        "G": "Z",
        "I": "J",
        "L": "Z",
        "Q": "Z",
        "X": "Z",
        "Y": "J",
    }


def test_a_tip_is_where_its_finger_ends() -> None:
    tip = tip_of(shown := hand("I"))
    assert tip is not None
    assert (tip.x, tip.y) == pytest.approx(tuple(shown.points[FINGERS[4][-1], :2]))
    assert np.linalg.norm(tip.across) == pytest.approx(1)


def hand(letter: str) -> Hand:
    found = key_points_of(poses(letter)[:1], 0, EXACT)
    return Hand(found.points[0], found.world[0], 1.0, 1.0, Square(0, 0, 1))
