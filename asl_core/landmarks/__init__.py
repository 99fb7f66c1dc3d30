"""Key points of a hand: what finds them, and what a network gets of them. No TensorFlow."""

from asl_core.landmarks.download import download_hand_finder, has_hand_finder
from asl_core.landmarks.finder import HandFinder
from asl_core.landmarks.hand import BONES, Hand, Square

__all__ = ["BONES", "Hand", "HandFinder", "Square", "download_hand_finder", "has_hand_finder"]
