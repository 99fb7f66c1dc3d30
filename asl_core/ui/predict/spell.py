"""Words that a visitor spells before the camera: kept for the session, and nowhere else."""

import numpy as np
import streamlit as st

from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.prediction import Prediction
from asl_core.evaluation.spelling import SPACE, Glimpse, Place, Spelling
from asl_core.landmarks.hand import MIDDLE, WRIST, Hand
from asl_core.ui.predict.answer import UNSURE
from asl_core.ui.shared.camera import Edit, Word

HINT = (
    "Hold a letter for half a second. To spell it twice, lower the hand or move it aside; "
    "without a hand for 1.5 s, the word ends."
)

_SPELLING = "spelling"


def spell(prediction: Prediction, at: float) -> None:
    """Go on with the word by what was said of a frame.

    Args:
        prediction: of the frame.
        at: when it was taken, seconds.
    """
    hand = prediction.hand if isinstance(prediction, HandPrediction) else None
    if isinstance(prediction, HandPrediction) and hand is None:
        glimpse = Glimpse(at)
    else:
        glimpse = Glimpse(at, prediction.probabilities, place_of(hand) if hand else None)
    _keep(_spelling().after(glimpse, UNSURE))


def edit_word(edit: Edit) -> None:
    """Do what a button of the word says."""
    before = _spelling()
    edited = {
        "space": before.with_space,
        "delete": before.without_last,
        "clear": before.cleared,
    }
    _keep(edited[edit]())


def spelled_word() -> Word:
    """What is shown of it."""
    letters = tuple(
        (letter.name, None if letter.name == SPACE else letter.confidence)
        for letter in _spelling().letters
    )
    return Word(letters, HINT)


def place_of(hand: Hand) -> Place:
    """Where a hand is in its image."""
    points = hand.points.astype(float)
    x, y = points[:, :2].mean(axis=0).tolist()
    palm = float(np.linalg.norm(points[MIDDLE[0]] - points[WRIST]))
    return Place(x, y, max(1.0, palm))


def _spelling() -> Spelling:
    kept: Spelling = st.session_state.setdefault(_SPELLING, Spelling())
    return kept


def _keep(spelling: Spelling) -> None:
    st.session_state[_SPELLING] = spelling
