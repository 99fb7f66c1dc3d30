"""Pixels or hand landmarks: the choice, its controls, and what is known of the hands."""

import numpy as np
import streamlit as st

from asl_core.config import MAX_HIDDEN, Features, TrainConfig
from asl_core.data import Dataset, Split
from asl_core.evaluation.by_group import accuracy_on_new_people
from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, ROOT
from asl_core.ui.shared.landmarks import landmarks_of, offer_hand_finder, show_without_hand
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.tasks import duration
from asl_core.ui.shared.words import SETTING_LABELS, count_of, percent

NETWORKS: dict[Features, str] = {"pixels": "Pixels", "landmarks": "Hand landmarks"}

NETWORK_HELP = (
    "Pixels: the mission's CNN, which learns from the images themselves, hand, wall and light. "
    "Hand landmarks: 295 numbers about 21 key points of the hand (places, angles, distances), "
    "which a model marks that was trained on many other people's hands."
)

WORDS = (
    "The network sees no pixels, only 21 key points that MediaPipe Hands finds. So it reads "
    "**people that it has never seen**: {right} of 24 letters, if it learned from enough people "
    "(the shipped run, median of photo sets held out). Without a hand it has no answer."
)

SECONDS_AN_IMAGE = 0.03
"""Time that finding a hand and reading it six times takes on one core, about."""

EXPECTED = (
    "once the hands are found, the training takes seconds. On images of the same people, nearly "
    "all that show a hand are right."
)


def choose_features(key: str = "features") -> Features:
    """The control, with what landmarks are where they are chosen.

    Args:
        key: of the control.
    """
    features: Features = session_control(
        st.segmented_control,
        SETTING_LABELS["features"],
        key,
        "pixels",
        options=list(NETWORKS),
        required=True,
        format_func=NETWORKS.__getitem__,
        help=NETWORK_HELP,
    )
    if features == "landmarks" and (right := _on_new_people()):
        st.caption(WORDS.format(right=right))
    return features


@st.cache_resource(show_spinner=False)
def _on_new_people() -> str:
    """Of the shipped run, in percent; empty if it does not come with this installation."""
    shipped = (run for run in RunStore(ROOT / "models").list() if run.spec.data == ANY_HAND)
    return next((percent(accuracy_on_new_people(run), 0) for run in shipped), "")


def show_features(config: TrainConfig) -> dict[str, object]:
    """The state with which the controls show a config."""
    return {"features": config.features, "hidden_units": config.hidden}


def choose_hidden(usual: TrainConfig) -> int:
    """The units of the hidden layer."""
    hidden: int = session_control(
        st.slider,
        SETTING_LABELS["hidden"],
        "hidden_units",
        usual.hidden,
        min_value=1,
        max_value=MAX_HIDDEN,
        help="Of the one layer between the 295 numbers and the classes.",
    )
    return hidden


def n_to_learn(config: TrainConfig, dataset: Dataset, split: Split) -> int:
    """Training images, on landmarks without those that are known to show no hand."""
    landmarks = landmarks_of(dataset) if config.features == "landmarks" else None
    return int(landmarks.found[split.train].sum()) if landmarks else len(split.train)


def tell_hands(dataset: Dataset, split: Split) -> bool:
    """What is known of the hands of a dataset; what is missing, if there is no hand finder.

    Args:
        dataset: what will be trained on.
        split: of it.

    Returns:
        Whether a training on landmarks can begin.
    """
    landmarks = landmarks_of(dataset)
    if landmarks is None:
        if not offer_hand_finder():
            return False
        st.caption(
            f"First the hand is found in each of the {count_of(len(dataset), 'image')}: about "
            f"{duration(SECONDS_AN_IMAGE * len(dataset))}, once; later trainings know it."
        )
        return True
    train, test = ((~landmarks.found[part]).sum() for part in (split.train, split.test))
    if not landmarks.n_missing:
        st.caption("A hand was found in each image.")
        return True
    st.caption(
        f"No hand was found in {train:,} of {len(split.train):,} training images, which are left "
        f"out, and in {test:,} of {len(split.test):,} test images, which count as errors."
    )
    show_without_hand(dataset, np.flatnonzero(~landmarks.found), "train_without_hand")
    return True
