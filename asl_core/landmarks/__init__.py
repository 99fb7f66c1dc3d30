"""Key points of a hand: what finds them, and what a network gets of them.

`download` fetches the models that `finder` finds a hand with; `found` keeps the hands of a dataset;
`features` turns key points into what `network` learns from, and `rendered` and `no_letter` take
them from the rendered hand. Only `network` loads TensorFlow.
"""

from asl_core.landmarks.download import download_hand_finder, has_hand_finder
from asl_core.landmarks.features import KeyPoints
from asl_core.landmarks.finder import HandFinder
from asl_core.landmarks.found import Landmarks, find_landmarks, known_landmarks
from asl_core.landmarks.hand import BONES, Hand, Square

__all__ = [
    "BONES",
    "Hand",
    "HandFinder",
    "KeyPoints",
    "Landmarks",
    "Square",
    "download_hand_finder",
    "find_landmarks",
    "has_hand_finder",
    "known_landmarks",
]
