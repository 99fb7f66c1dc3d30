"""How far an answer on Predict goes: what a run says of a photo, or why it says nothing."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from asl_core.data.manual_alphabet import are_letters
from asl_core.evaluation.generalization import ExternalTest, load_external_tests
from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.prediction import Prediction
from asl_core.evaluation.stated_confidence import StatedConfidence, stated_confidence
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND, MISSION_FINGERPRINT, NO_LETTER
from asl_core.ui.shared.words import count_of, percent

UNSURE = 0.6
"""Confidence below which there is no answer, where no better one was measured."""

LIKELIEST = 2
"""Classes that are named where there is no answer."""

NO_ANSWER = "I don't know"

HOW_TO_HOLD = (
    "The whole hand must be seen, from the wrist to the fingertips, not too small and not too dark."
)

FRESH = 60
"""Seconds after which it is looked whether a run was tested on other people meanwhile."""

Kind = Literal["answer", "unsure", "no letter", "no hand"]


@dataclass(frozen=True)
class Verdict:
    """What is said of a photo.

    Attributes:
        kind: whether there is an answer; else why there is none.
        headline: the class, or that there is no answer.
        why: what is behind it, in a sentence or two; empty if nothing is known.
    """

    kind: Kind
    headline: str
    why: str


@st.cache_data(max_entries=50, ttl=FRESH, show_spinner=False)
def stated_of(_run: Run, run_id: str) -> StatedConfidence | None:
    """See `stated_confidence`; `run_id` is the run's, and the key of the cache."""
    return stated_confidence(_run)


def verdict_of(prediction: Prediction, stated: StatedConfidence | None) -> Verdict:
    """What is said of a photo.

    Args:
        prediction: of the photo.
        stated: from which confidence on the run answers; None: it was not measured.
    """
    if isinstance(prediction, HandPrediction) and prediction.hand is None:
        return Verdict("no hand", "No hand found", "")
    if prediction.label == NO_LETTER:
        return Verdict("no letter", "No letter", "The hand signs none of the letters it knows.")
    threshold = least_confidence(stated)
    if not (stated and stated.of_new_people):  # on its own test images a run is right too often
        unsure = prediction.confidence < threshold
        below = f"Its confidence is below {percent(threshold, 0)}."
        return Verdict("unsure", NO_ANSWER, below) if unsure else _answer(prediction)
    if not stated.knows(prediction.label, prediction.confidence):
        return Verdict("unsure", NO_ANSWER, _below(stated))
    return _answer(prediction, _from(stated))


def least_confidence(stated: StatedConfidence | None) -> float:
    """From which confidence on there is an answer, 0 to 1.

    Args:
        stated: what was measured of the run; on its own test images, it can but raise `UNSURE`.
    """
    if stated is None:
        return UNSURE
    return stated.threshold if stated.of_new_people else max(UNSURE, stated.threshold)


def _answer(prediction: Prediction, why: str = "") -> Verdict:
    return Verdict("answer", prediction.label, why)


def likeliest(prediction: Prediction, number: int = LIKELIEST) -> list[tuple[str, float]]:
    """The most probable classes with their probabilities, the most probable first."""
    return sorted(prediction.probabilities.items(), key=lambda item: -item[1])[:number]


def _from(stated: StatedConfidence) -> str:
    return (
        f"From a confidence of {percent(stated.threshold, 0)} on, {_right(stated)}; it answers "
        f"{percent(stated.answered, 0)} of photos ({_measured_on(stated)})."
    )


def _below(stated: StatedConfidence) -> str:
    return (
        f"Its confidence is below {percent(stated.threshold, 0)}. From there on {_right(stated)} "
        f"({_measured_on(stated)})."
    )


def _right(stated: StatedConfidence) -> str:
    right = f"{percent(stated.accuracy, 0)} of its answers are right"
    if stated.lowest is None:
        return right
    return f"{right}, {percent(stated.lowest, 0)} for the person whom it reads worst"


def _measured_on(stated: StatedConfidence) -> str:
    return f"measured on {stated.n:,} images: {stated.measured_on}"


@st.cache_data(max_entries=50, ttl=FRESH, show_spinner=False)
def caution(_run: Run, run_id: str) -> str:
    """How little an answer is worth on a visitor's photo; empty for the run that was tested on
    people held out. `run_id` is the run's, and the key of the cache."""
    if _run.spec.data == ANY_HAND:
        return ""
    if _run.spec.rendered:
        learned = "It learned from rendered hands only"
    elif _run.results.fingerprint == MISSION_FINGERPRINT:
        learned = "It learned from one signer in one room"
    else:
        learned = "It knows the people and rooms that it learned from"
    if tests := load_external_tests(_run):
        return f"{learned}: {_measured(tests)}, and it is sure all the same."
    others = "hands" if are_letters(_run.results.classes) else "images"
    return f"{learned}: expect it to be wrong on other {others}, and sure all the same."


def _measured(tests: tuple[ExternalTest, ...]) -> str:
    shares = sorted(test.score.accuracy for test in tests)
    low, high = percent(shares[0], 0), percent(shares[-1], 0)
    between = low if low == high else f"{low.removesuffix(' %')} to {high}"
    return f"on {count_of(len(tests), 'other photo set')} {between} of its answers are right"
