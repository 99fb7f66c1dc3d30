"""Hands of a dataset that nobody had to find: rendered key points in the cache of landmarks."""

from dataclasses import fields

import numpy as np

from asl_core.data import Dataset
from asl_core.landmarks.features import KeyPoints
from asl_core.landmarks.finder import N_VIEWS
from asl_core.landmarks.found import BLOCK, Landmarks, landmarks_folder
from asl_core.landmarks.rendered import rendered_key_points

MISSING = (3, 9, 27, 32, 57, 59)
"""Images of the drawn pictures in which no hand is found: an A, a B and a C each of the training
and of the test images of the random split."""


def keep_hands(dataset: Dataset, missing: tuple[int, ...] = MISSING) -> Landmarks:
    """Keep what the hand finder might find in images of letters: right hands that sign them.

    Args:
        dataset: its classes are letters.
        missing: images without a hand.
    """
    found = [_hand(dataset.class_name(i), i) for i in range(len(dataset))]
    n = len(found)
    presence = np.ones((n, N_VIEWS), np.float32)
    presence[list(missing)] = 0.1
    squares = np.zeros((n, N_VIEWS, 4), np.float32)
    squares[:, :, 3] = [its.turn for its in found]
    kept = Landmarks(
        np.array([its.points for its in found]) * 10 + 30,  # pixels of an image of 60
        np.array([its.world for its in found]),
        presence,
        np.ones((n, N_VIEWS), np.float32),
        squares,
    )
    folder = landmarks_folder(dataset)
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, n, BLOCK):
        its = slice(start, start + BLOCK)
        values = {field.name: getattr(kept, field.name)[its] for field in fields(kept)}
        np.savez(folder / f"{start}.npz", **values)
    return kept


def _hand(letter: str, seed: int) -> KeyPoints:
    points, _ = rendered_key_points([letter], N_VIEWS, seed)
    scale = np.float32(np.linalg.norm(points.points[:, 9] - points.points[:, 0], axis=1).mean())
    return KeyPoints(points.points / scale, points.world, points.is_right, points.turn)
