"""Which key points a network on landmarks needs, and which hands are near: known answers."""

from dataclasses import replace

import numpy as np
import pytest

from asl_core.evaluation.hand_evidence import nearest_poses, neutral_hand, point_occlusion
from asl_core.landmarks.features import KeyPoints, features, upright
from asl_core.landmarks.found import Landmarks
from asl_core.landmarks.rendered import rendered_key_points

INDEX_TIP = 8


@pytest.fixture(scope="module")
def hands() -> Landmarks:
    """Hands that sign A, B, C in turn, every second a left one; the last is none."""
    n = 12
    points, _ = rendered_key_points("ABC", n)
    left = np.arange(n) % 2 == 1
    mirror = np.where(left, -1, 1)[:, None] * np.array([[1.0, 0, 0]]) + np.array([[0, 1, 1]])
    squares = np.zeros((n, 1, 4), np.float32)
    squares[:, 0, 3] = np.where(left, -points.turn, points.turn)
    presence = np.ones((n, 1), np.float32)
    presence[-1] = 0
    return Landmarks(
        (points.points * mirror[:, None]).astype(np.float32)[:, None],
        (points.world * mirror[:, None]).astype(np.float32)[:, None],
        presence,
        np.where(left, 0.1, 0.9).astype(np.float32)[:, None],
        squares,
    )


def test_a_point_that_the_class_hangs_on_is_the_one_that_is_needed(hands: Landmarks) -> None:
    """The class is the height of the tip of the index finger in the image, and nothing else."""
    height = 3 * (INDEX_TIP - 1) + 1

    def answer(inputs: np.ndarray) -> np.ndarray:
        up = 1 / (1 + np.exp(inputs[:, 0, height]))
        return np.stack([1 - up, up], axis=1)

    for index in (0, 1):  # a right hand, and a left one
        drops = point_occlusion(answer, hands, index, 1)
        knuckles = (0, 5, 9, 13, 17)  # which measure the palm, in which the height is told
        others = np.delete(drops, [INDEX_TIP, *knuckles])
        assert np.allclose(others, 0, atol=1e-6)
        points, _ = upright(_first(hands, index))
        mean, _ = neutral_hand(hands)
        expected = answer(points[:, INDEX_TIP, 1].reshape(1, 1, 1).repeat(295, 2))[0, 1]
        expected -= answer(mean[INDEX_TIP, 1].reshape(1, 1, 1).repeat(295, 2))[0, 1]
        assert drops[INDEX_TIP] == pytest.approx(expected, abs=1e-5)


def test_nothing_hidden_changes_nothing(hands: Landmarks) -> None:
    """What is asked of the whole hand is what its own features say, left or right."""
    for index in (2, 3):
        seen: list[np.ndarray] = []

        def answer(inputs: np.ndarray, seen: list[np.ndarray] = seen) -> np.ndarray:
            seen.append(inputs)
            return np.ones((len(inputs), 1))

        point_occlusion(answer, hands, index, 0)
        assert seen[0].shape == (22, 1, 295)
        assert np.allclose(seen[0][-1, 0], features(_first(hands, index))[0], atol=1e-4)


def test_a_pose_is_near_wherever_it_points_and_whichever_hand_it_is(hands: Landmarks) -> None:
    turn = np.float32(0.7)
    c, s = np.cos(turn), np.sin(turn)
    rotated = hands.world.copy()
    rotated[4, 0] = hands.world[3, 0] * (-1, 1, 1) @ np.array([(c, s, 0), (-s, c, 0), (0, 0, 1)])
    handedness, squares = hands.handedness.copy(), hands.squares.copy()
    handedness[4], squares[4, 0, 3] = 0.9, -squares[3, 0, 3] + turn
    twins = replace(hands, world=rotated, handedness=handedness, squares=squares)
    found = nearest_poses(twins, 3, np.arange(12), 3)
    assert found.indices[0, 0] == 4
    assert found.distances[0, 0] == pytest.approx(0, abs=1e-5)
    assert (np.diff(found.distances[0]) >= 0).all()
    everything = nearest_poses(twins, 3, np.arange(12), 99).indices[0]
    assert set(everything.tolist()) == set(range(11)) - {3}, "neither itself, nor one without hand"


def _first(hands: Landmarks, index: int) -> KeyPoints:
    return KeyPoints(
        hands.points[[index], 0],
        hands.world[[index], 0],
        hands.handedness[[index], 0] >= 0.5,
        hands.squares[[index], 0, 3],
    )
