"""How training and test pictures are told apart: the control, and its words."""

from typing import Any

import streamlit as st

from asl_core.config import SplitName
from asl_core.data import Dataset, possible_splits

WORDS: dict[SplitName, str] = {
    "original": "Split 'original': all pictures are shuffled; 2,000 are kept, a fifth for the "
    "test.",
    "random": "Split 'random': a fifth of each letter, drawn at random, is for the test.",
    "frames": "Split 'frames': the last fifth of each letter's recording is for the test.",
    "rendered": "Split 'rendered': the pictures that were drawn first are for training, the last "
    "fifth "
    "for the test. Each is drawn on its own, so none is a near-copy of a training picture.",
}

_OF_PHOTOS = (
    "How training and test photos are told apart. The photos are frames of video: in a shuffled "
    "split nearly every test photo has a near-copy among the training photos; 'frames' holds out "
    "a stretch of each recording instead."
)
_OF_RENDERED = (
    "How training and test pictures are told apart. Each picture is drawn on its own, so any split "
    "is fair; there is no recording to hold a stretch of out."
)


def choose_split(dataset: Dataset, **selectbox: Any) -> SplitName:
    """A select box of the splits that make sense.

    Args:
        dataset: the pictures; their usual split is chosen at first.
        **selectbox: further arguments of `st.selectbox`.
    """
    name: SplitName = st.selectbox(
        "Split",
        possible_splits(dataset),
        help=_OF_RENDERED if dataset.rendered else _OF_PHOTOS,
        **selectbox,
    )
    return name
