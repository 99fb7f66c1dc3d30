"""How the images are split into training and test images: the control, and its words."""

from typing import Any

import streamlit as st

from asl_core.config import SplitName
from asl_core.data import Dataset, possible_splits
from asl_core.ui.shared.url import choose

WORDS: dict[SplitName, str] = {
    "original": "Split 'original': all images are shuffled, 2,000 of them are kept, and a fifth of "
    "those is held out for testing.",
    "random": "Split 'random': a random fifth of each class is held out for testing.",
    "frames": "Split 'frames': the last fifth of each class's recording is held out for testing.",
    "rendered": "Split 'rendered': the last fifth of the images is held out for testing. Each is "
    "rendered on its own, so none is a near-duplicate of a training image.",
    "given": "Split 'given': training and test images are told apart as the dataset's makers did.",
    "groups": "Split 'groups': whole groups, such as people or sessions, are held out for testing, "
    "so the test tells how well others are read.",
}

_OF_PHOTOS = (
    "How the images are split into training and test images. With video frames, a shuffled split "
    "gives nearly every test image a near-duplicate in training; 'frames' holds out part of each "
    "recording instead."
)
_OF_RENDERED = (
    "How the images are split into training and test images. Each image is rendered on its own, so "
    "any split is fair; there are no recordings of which a part could be held out."
)


def choose_split(dataset: Dataset, **selectbox: Any) -> SplitName:
    """A select box of the splits that make sense; the same choice on all pages, and in the URL.

    Args:
        dataset: its usual split is chosen at first.
        **selectbox: further arguments of `st.selectbox`.
    """
    name: SplitName = choose(
        st.selectbox,
        "Split",
        possible_splits(dataset),
        "split",
        help=_OF_RENDERED if dataset.rendered else _OF_PHOTOS,
        **selectbox,
    )
    return name
