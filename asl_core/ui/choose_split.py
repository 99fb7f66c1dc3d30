"""How training and test photos are told apart: the control, and its words."""

from typing import Any

import streamlit as st

from asl_core.config import SPLITS, SplitName
from asl_core.datasets import Dataset, default_split

WORDS: dict[SplitName, str] = {
    "mission": "Split 'mission': all photos are shuffled; 2,000 are kept, a fifth for the test.",
    "random": "Split 'random': a fifth of each letter, drawn at random, is for the test.",
    "frames": "Split 'frames': the last fifth of each letter's recording is for the test.",
}


def choose_split(dataset: Dataset, **selectbox: Any) -> SplitName:
    """A select box of the splits.

    Args:
        dataset: the photos; their usual split is chosen at first.
        **selectbox: further arguments of `st.selectbox`.
    """
    name: SplitName = st.selectbox(
        "Split",
        SPLITS,
        index=SPLITS.index(default_split(dataset)),
        help="How training and test photos are told apart. The photos are frames of video: in a "
        "shuffled split nearly every test photo has a near-copy among the training photos; "
        "'frames' holds out a stretch of each recording instead.",
        **selectbox,
    )
    return name
