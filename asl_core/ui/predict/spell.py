"""Words that a visitor spells before the camera: kept for the session, and nowhere else."""

from collections.abc import Mapping, Sequence

import streamlit as st

from asl_core.data.manual_alphabet import are_letters
from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.movement import BEGINS_AS, Tip, tip_of
from asl_core.evaluation.prediction import Prediction
from asl_core.evaluation.spelling import SPACE, Glimpse, Place, Spelling
from asl_core.landmarks.hand import Hand
from asl_core.ui.shared.camera import Edit, Word

HINT = (
    "Hold a letter for half a second. To spell it twice, lower the hand or move it aside; "
    "without a hand for 1.5 s, the word ends."
)

_SPELLING = "spelling"


def spell(prediction: Prediction, at: float, min_confidence: float) -> None:
    """Go on with the word by what was said of a frame.

    Args:
        prediction: of the frame.
        at: when it was taken, seconds.
        min_confidence: of a letter that counts, 0 to 1.
    """
    hand = prediction.hand if isinstance(prediction, HandPrediction) else None
    if isinstance(prediction, HandPrediction) and hand is None:
        glimpse = Glimpse(at)
    else:
        shares = prediction.probabilities
        glimpse = Glimpse(at, shares, *((place_of(hand), _tip(hand, shares)) if hand else ()))
    _keep(_spelling().after(glimpse, min_confidence))


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
    x, y = hand.points[:, :2].astype(float).mean(axis=0).tolist()
    return Place(x, y, hand.palm)


def moving_words(classes: Sequence[str], sees_hands: bool) -> str:
    """Whether J and Z are read; empty if the classes have none of these hands.

    Args:
        classes: of the run.
        sees_hands: whether it is a run on landmarks.
    """
    hands = {*BEGINS_AS.values()}
    if not are_letters(classes) or hands.isdisjoint(classes):
        return ""
    if sees_hands and hands <= {*classes}:
        return (
            "J and Z are read by their movement; tested on rendered movements only. "
            "Hold the hand still before it."
        )
    return "J and Z are made with a movement, which is not read here."


def _tip(hand: Hand, shares: Mapping[str, float]) -> Tip | None:
    """Of the finger that may draw, if the run knows both hands that do."""
    return tip_of(hand) if {*BEGINS_AS.values()} <= {*shares} else None


def _spelling() -> Spelling:
    kept: Spelling = st.session_state.setdefault(_SPELLING, Spelling())
    return kept


def _keep(spelling: Spelling) -> None:
    st.session_state[_SPELLING] = spelling
