"""A hand is followed from frame to frame by a few readings, not by a whole search."""

from pathlib import Path

import numpy as np
import pytest

from asl_core.landmarks.finder import MIN_PRESENCE, HandFinder
from asl_core.landmarks.hand import Hand, Square
from asl_core.landmarks.video import DARK_AFTER, PADDINGS, HandFollower
from asl_core.synthetic import View, render

EMPTY = np.full((256, 256, 3), 90, np.uint8)


class Counted(HandFinder):
    """The finder, and how often each of its models was asked."""

    palm_searches, readings = 0, 0

    def palms(self, pixels: np.ndarray, padding: float) -> list[Square]:
        self.palm_searches += 1
        return super().palms(pixels, padding)

    def read(self, pixels: np.ndarray, square: Square) -> Hand:
        self.readings += 1
        return super().read(pixels, square)


@pytest.fixture
def finder(hand_finder: Path) -> Counted:
    return Counted(hand_finder)


def frame(letter: str, right: int = 0, light: float = 1.0) -> np.ndarray:
    """A hand of 160 pixels in a frame, moved to the right."""
    picture = EMPTY.copy()
    picture[40:200, 30 + right : 190 + right] = render(letter, View(), size=160)
    return (picture * light).astype(np.uint8)


def test_a_hand_is_looked_for_once_and_then_followed(finder: Counted) -> None:
    follower = HandFollower()
    first = follower.views(finder, frame("L"))
    assert (finder.palm_searches, finder.readings, len(first)) == (1, 2, 2)
    for step in range(1, 7):
        (hand,) = follower.views(finder, frame("L", 10 * step))
        assert hand.presence > 0.9
        moved = hand.points[:, 0].mean() - first[0].points[:, 0].mean()
        assert abs(moved - 10 * step) < 8
    assert (finder.palm_searches, finder.readings) == (1, 8)


def test_what_is_followed_is_what_a_search_finds(finder: Counted) -> None:
    follower = HandFollower()
    for letter in "BBLLVV":
        followed = follower.views(finder, frame(letter))
    found = finder.likeliest(frame("V"))
    assert np.abs(followed[0].points - found.points)[:, :2].mean() < 4
    assert followed[0].is_right


def test_a_frame_without_a_hand_is_searched_in_one_way(finder: Counted) -> None:
    follower = HandFollower()
    n = 3 * len(PADDINGS)
    assert [follower.views(finder, EMPTY) for _ in range(n)] == [()] * n
    assert finder.palm_searches == n
    assert finder.readings <= n


def test_a_hand_that_leaves_is_gone_and_found_elsewhere(finder: Counted) -> None:
    follower = HandFollower()
    assert follower.views(finder, frame("L"))
    assert follower.views(finder, EMPTY) == ()
    back = [follower.views(finder, frame("L", 60)) for _ in PADDINGS]
    assert back[-1][0].presence >= MIN_PRESENCE


def test_a_hand_in_the_dark_is_found_in_the_end_and_followed(finder: Counted) -> None:
    follower = HandFollower()
    dark = frame("V", light=0.08)
    assert not any(follower.views(finder, dark) for _ in range(DARK_AFTER))
    assert any(follower.views(finder, dark) for _ in range(2 * len(PADDINGS)))
    assert all(follower.views(finder, dark) for _ in range(DARK_AFTER))


def test_a_large_frame_has_its_points_in_its_own_pixels(finder: Counted) -> None:
    large = frame("B").repeat(8, axis=0).repeat(8, axis=1)
    small = HandFollower().views(finder, frame("B"))[0]
    hand = HandFollower().views(finder, large)[0]
    assert np.abs(hand.points / 8 - small.points)[:, :2].mean() < 5
