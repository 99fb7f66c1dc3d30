"""Why a network on landmarks says what it says: which key points it needs, and which hands are
near."""

from collections.abc import Callable

import numpy as np

from asl_core.data.nearest import Neighbors
from asl_core.landmarks.features import KeyPoints, features, palm_axes, upright
from asl_core.landmarks.found import Landmarks
from asl_core.landmarks.hand import N_POINTS

Answer = Callable[[np.ndarray], np.ndarray]
"""A model as a function: float32 (n, views, 295) -> float (n, classes)."""


def neutral_hand(landmarks: Landmarks) -> tuple[np.ndarray, np.ndarray]:
    """Mean places of the key points of the hands that were found, as `upright` gives them.

    Returns:
        Those in the image and those in the world, float64 (21, 3) each.
    """
    points, world = upright(_key_points(landmarks, np.flatnonzero(landmarks.found)))
    return points.mean(axis=0), world.mean(axis=0)


def point_occlusion(
    probabilities: Answer, landmarks: Landmarks, index: int, label: int
) -> np.ndarray:
    """What a class loses when a key point is hidden: put where it is in the mean of all hands.

    As occlusion on images (Zeiler, Fergus, 2014). The mean hand is neither open nor closed, so a
    point that lies there says nothing of the letter; distances and angles to it change as well.

    Args:
        probabilities: of the model, such as `HandClassifier.probabilities`.
        landmarks: of a dataset.
        index: of an image with a hand.
        label: the class that is watched.

    Returns:
        float (21,), -1 to 1: drop of the class's probability, by the reading of the hand's own
        square. Above 0: the point is evidence for the class.
    """
    hand = _key_points(landmarks, np.array([index]))
    points, world = (np.repeat(some, N_POINTS + 1, axis=0) for some in upright(hand))
    for some, mean in zip((points, world), neutral_hand(landmarks), strict=True):
        some[np.arange(N_POINTS), np.arange(N_POINTS)] = mean  # the last one stays whole
    hidden = KeyPoints(
        _as_seen(points, hand),
        _as_seen(world, hand),
        np.repeat(hand.is_right, len(points)),
        np.repeat(hand.turn, len(points)),
    )
    answers = probabilities(features(hidden)[:, None])[:, label]
    drops: np.ndarray = answers[-1] - answers[:-1]
    return drops


def _as_seen(points: np.ndarray, hand: KeyPoints) -> np.ndarray:
    """What `upright` makes these of: mirrored and turned back to how the hand was in the image."""
    c, s = float(np.cos(hand.turn[0])), float(np.sin(hand.turn[0]))
    back = np.array([(c, s, 0), (-s, c, 0), (0, 0, 1)])
    mirror = 1 if hand.is_right[0] else -1
    seen: np.ndarray = (points * (mirror, 1, 1)) @ back
    return seen


def _key_points(landmarks: Landmarks, indices: np.ndarray) -> KeyPoints:
    """The first reading of some hands."""
    return KeyPoints(
        landmarks.points[indices, 0],
        landmarks.world[indices, 0],
        landmarks.handedness[indices, 0] >= 0.5,
        landmarks.squares[indices, 0, 3],
    )


def nearest_poses(landmarks: Landmarks, index: int, among: np.ndarray, k: int) -> Neighbors:
    """The hands whose fingers are held most alike, wherever they point and whose they are.

    Args:
        landmarks: of a dataset.
        index: of an image with a hand.
        among: int64 (m,), images to choose from; those without a hand are passed over.
        k: how many, at most.

    Returns:
        Indices into the dataset, the closest first, and distances, (1, up to k): the mean distance
        of the key points in three dimensions, in palms, in the axes of the palm.
    """
    hand = _key_points(landmarks, np.array([index]))
    return nearest_to_hand(landmarks, hand, among[among != index], k)


def nearest_to_hand(landmarks: Landmarks, hand: KeyPoints, among: np.ndarray, k: int) -> Neighbors:
    """As `nearest_poses`, for a hand that is not of the dataset.

    Args:
        landmarks: of a dataset.
        hand: key points of one hand.
        among: int64 (m,), images to choose from; those without a hand are passed over.
        k: how many, at most.
    """
    among = among[landmarks.found[among]]
    own = _in_palm(_key_points(landmarks, among)) - _in_palm(hand)
    distances = np.linalg.norm(own, axis=2).mean(axis=1)
    order = np.argsort(distances, kind="stable")[:k]
    return Neighbors(among[order][None], distances[order][None])


def _in_palm(hands: KeyPoints) -> np.ndarray:
    """float64 (n, 21, 3), world points in the axes of the palm."""
    _, world = upright(hands)
    own: np.ndarray = world @ palm_axes(world).transpose(0, 2, 1)
    return own
