"""How the images are split into training and test images: the control, and its words."""

from typing import Any

import streamlit as st

from asl_core.config import SplitName
from asl_core.data import Dataset, possible_splits
from asl_core.data.splits import has_frames
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


def split_advice(dataset: Dataset, split: SplitName) -> str:
    """When another split would be more honest, in a sentence; else empty.

    Args:
        dataset: the images.
        split: that is chosen.
    """
    usual = possible_splits(dataset)[0]
    if split in ("random", "frames") and usual in ("given", "groups"):
        return f"Split '{usual}' is the more honest one here."
    if split == "random" and has_frames(dataset):
        return (
            "The file names have numbers: if these are frames of a video, split 'frames' is the "
            "honest one."
        )
    return ""


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
