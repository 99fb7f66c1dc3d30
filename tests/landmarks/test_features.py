"""What a network gets of a hand does not change with what says nothing about the letter."""

from dataclasses import replace

import numpy as np
import pytest

from asl_core.landmarks.features import N_FEATURES, KeyPoints, features, palm_axes, upright
from asl_core.landmarks.hand import FINGERS, WRIST, Hand, Square
from asl_core.landmarks.rendered import Jitter, rendered_key_points
from asl_core.synthetic import UnknownLetterError

EXACT = Jitter(
    slack=0, turn=0, tilt=0, roll=0, proportions=0, noise=0, depth_noise=0, distance=(1e6, 1e6)
)
INDEX_TIP, THUMB_TIP, LITTLE_TIP = 8, 4, 20
N_POSITIONS = 180
TURN = slice(N_FEATURES - 2, None)


@pytest.fixture
def hands() -> KeyPoints:
    return rendered_key_points("ABGLQY", 60, seed=3)[0]


def test_they_are_295_finite_numbers(hands: KeyPoints) -> None:
    numbers = features(hands)
    assert numbers.shape == (60, N_FEATURES) == (60, 295)
    assert numbers.dtype == np.float32
    assert np.isfinite(numbers).all()
    assert features(KeyPoints.of([])).shape == (0, 295)


def test_place_and_size_do_not_matter(hands: KeyPoints) -> None:
    moved = replace(hands, points=hands.points * 3 + (400, -50, 0), world=hands.world * 1.3 + 0.2)
    assert np.allclose(features(moved), features(hands), atol=1e-3)


def test_a_mirrored_left_hand_is_the_same(hands: KeyPoints) -> None:
    mirror = np.array([-1, 1, 1], np.float32)
    left = KeyPoints(hands.points * mirror, hands.world * mirror, np.zeros(60, bool), -hands.turn)
    assert np.allclose(features(left), features(hands), atol=1e-4)
    taken_for_right = replace(left, is_right=np.ones(60, bool))
    assert not np.allclose(features(taken_for_right), features(hands), atol=0.1)


def test_a_turn_in_the_image_changes_two_numbers(hands: KeyPoints) -> None:
    angle = 0.6
    c, s = np.cos(angle), np.sin(angle)
    clockwise = np.array([(c, s, 0), (-s, c, 0), (0, 0, 1)])
    turned = KeyPoints(
        hands.points @ clockwise, hands.world @ clockwise, hands.is_right, hands.turn + angle
    )
    before, after = features(hands), features(turned)
    assert np.allclose(before[:, : TURN.start], after[:, : TURN.start], atol=1e-3)
    assert np.allclose(after[:, TURN], np.stack([np.cos(turned.turn), np.sin(turned.turn)], 1))
    assert np.abs(before[:, TURN] - after[:, TURN]).max() > 0.3


def test_an_open_and_a_closed_hand_differ_where_they_should() -> None:
    hands, _ = rendered_key_points("BA", 2, jitter=EXACT)
    numbers = features(hands)
    open_bends, fist_bends = numbers[:, N_POSITIONS : N_POSITIONS + 15]
    assert (open_bends[3:] > 0.8).all(), "the four fingers of B are straight"
    assert (fist_bends[4:15:3] < 0.4).all(), "the middle joints of A are bent"


def test_axes_of_the_palm_are_at_right_angles(hands: KeyPoints) -> None:
    axes = palm_axes(upright(hands)[1])
    assert np.allclose(axes @ axes.transpose(0, 2, 1), np.eye(3), atol=1e-6)


def test_key_points_of_found_hands() -> None:
    hands, _ = rendered_key_points("LY", 2, seed=1)
    found = [
        Hand(hands.points[n], hands.world[n], 0.9, right, Square(0, 0, 1, float(hands.turn[n])))
        for n, right in enumerate((0.9, 0.1))
    ]
    numbers = features(KeyPoints.of(found))
    assert np.array_equal(numbers[0], features(hands)[0])
    assert not np.allclose(numbers[1], features(hands)[1], atol=0.1), "a left hand is mirrored"


def test_rendered_joints_are_where_a_viewer_sees_them() -> None:
    hands, labels = rendered_key_points("LY", 4, jitter=EXACT)
    el, why = hands.points[:2]
    assert labels.tolist() == [0, 1, 0, 1]
    assert el[INDEX_TIP, 1] == el[:, 1].min(), "L's index finger is on top; y is down"
    assert el[THUMB_TIP, 0] == el[:, 0].max(), "a right hand's thumb is to the viewer's right"
    assert why[LITTLE_TIP, 0] == why[:, 0].min()
    assert (el[[finger[-1] for finger in FINGERS[2:]], 2] < el[9, 2]).all(), "curled to the viewer"
    lengths = np.linalg.norm(hands.world[0][[6, 7]] - hands.world[0][[5, 6]], axis=1)
    assert np.allclose(lengths, (0.0398, 0.0224), atol=1e-4), "the bones of an index finger, meters"


def test_rendered_key_points_are_the_same_for_a_seed_and_differ_within() -> None:
    one, other, third = (rendered_key_points("AB", 6, seed=seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(one.points, other.points)
    assert np.array_equal(one.world, other.world)
    assert not np.array_equal(one.points, third.points)
    assert np.ptp(one.points[::2, INDEX_TIP], axis=0).min() > 0
    assert (one.points[:, WRIST, 2] == 0).all()


def test_an_unknown_letter_is_told() -> None:
    with pytest.raises(UnknownLetterError):
        rendered_key_points("A!", 2)
