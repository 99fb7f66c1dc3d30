"""One test image of a run on landmarks: the hand that was found, its evidence, and like hands."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.data.nearest import Neighbors
from asl_core.evaluation.generalization import train_indices
from asl_core.evaluation.hand_evidence import nearest_poses, point_occlusion
from asl_core.landmarks.found import Landmarks
from asl_core.landmarks.hand import POINT_NAMES
from asl_core.runs.run import Run
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.landmarks import large_hand
from asl_core.ui.shared.neighbors import SIMILAR, show_neighbors
from asl_core.ui.shared.resources import classifier_of
from asl_core.ui.shared.words import escape_markdown, name_hand

OCCLUSION = (
    "**Occlusion of key points**: each was put where it is in the mean of all hands of this "
    "dataset, in the image and in depth. Orange: without this point the probability of the class "
    "falls, so the network needs it. Blue: it rises. The larger, the more."
)

NEAREST = (
    "Distance: mean distance of the 21 key points in three dimensions, in palms, seen from the "
    "palm: how the fingers are held, wherever the hand points and whose it is."
)


def show_input(dataset: Dataset, landmarks: Landmarks, index: int) -> None:
    """The image with the key points that the network got, or the word that there are none."""
    hand = landmarks.hand(index)
    shown = large_hand(dataset, landmarks, index)
    if not landmarks.found[index]:
        caption = "No hand found: no answer, an error"
    else:
        caption = f"Network input: 21 key points ({name_hand(hand)})"
    sheet([Picture(shown, caption, f"{dataset.files[index]}: {caption}")], columns=1)


def show_evidence(
    run: Run, dataset: Dataset, landmarks: Landmarks, index: int, name: str, classes: Sequence[str]
) -> None:
    """Which key points speak for a class."""
    drops = point_occlusion(
        classifier_of(run, run.id).probabilities, landmarks, index, list(classes).index(name)
    )
    strongest = np.argsort(-drops, kind="stable")[:3]
    needed = [f"{POINT_NAMES[i]} ({100 * drops[i]:.0f})" for i in strongest if drops[i] >= 0.005]
    told = ", ".join(needed) or "no single point matters"
    left, right = st.columns([1, 1], gap="medium")
    with left:
        shown = large_hand(dataset, landmarks, index, drops)
        sheet([Picture(shown, f"for {name}", f"Key points that speak for {name}: {told}")], 1)
    with right:
        st.markdown(f"Needed most for **{escape_markdown(name)}**: {told}.")
        st.caption(f"In brackets: points of probability that are lost. {OCCLUSION}")


@st.cache_resource(max_entries=200, show_spinner=False)
def _alike(_run: Run, run_id: str, _dataset: Dataset, _hands: Landmarks, index: int) -> Neighbors:
    """The training images whose hand is held most like that of one image."""
    return nearest_poses(_hands, index, train_indices(_run, _dataset), SIMILAR)


def show_nearest(run: Run, dataset: Dataset, landmarks: Landmarks, index: int) -> None:
    """The training images whose hand is held most alike."""
    found = _alike(run, run.id, dataset, landmarks, index)
    show_neighbors(dataset, found, landmarks)
    st.caption(NEAREST)
