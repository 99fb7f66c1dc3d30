"""Hands of a dataset on a page: whether the hand finder is here, and what it has found."""

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.jobs.tasks import hand_finder_task, landmarks_task
from asl_core.landmarks.download import WHEEL_SIZE, has_hand_finder
from asl_core.landmarks.found import Landmarks, known_landmarks, landmarks_file
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.images import Picture, columns_for, sheet
from asl_core.ui.shared.resources import run_store, visitor
from asl_core.ui.shared.tasks import offer_task
from asl_core.ui.shared.words import count_of

MOST_SHOWN = 48
"""Images without a hand that are shown."""


def offer_hand_finder() -> bool:
    """What is missing where the hand finder is not here, with the button that fetches it.

    Returns:
        Whether it is here.
    """
    if has_hand_finder():
        return True
    st.info(
        f"Hand landmarks need the hand finder: two models of MediaPipe Hands, {WHEEL_SIZE} to "
        "download, once. It is not here yet. Fetch it with the button, or with "
        "`python -m asl_core download hand-finder`.",
        icon=":material/back_hand:",
    )
    if offer_task(
        hand_finder_task(run_store(), visitor()),
        "Fetching the hand finder",
        "Download the hand finder",
        ":material/download:",
    ):
        st.rerun()
    return False


def landmarks_of(dataset: Dataset) -> Landmarks | None:
    """The hands of a dataset, if they were found already."""
    if not landmarks_file(dataset).exists():
        return None
    found = _landmarks(dataset, dataset.fingerprint)
    if found is None:  # some were removed
        _landmarks.clear()
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _landmarks(_dataset: Dataset, fingerprint: str) -> Landmarks | None:
    """`fingerprint` is the dataset's, and the key of the cache."""
    return known_landmarks(_dataset)


def offer_landmarks(dataset: Dataset) -> Landmarks | None:
    """The hands of a dataset; where they are not known (any more), the button that finds them."""
    if found := landmarks_of(dataset):
        return found
    if offer_hand_finder() and offer_task(
        landmarks_task(run_store(), dataset, visitor()),
        "Finding the hand in each image",
        f"Find the hands in {count_of(len(dataset), 'image')}",
        ":material/back_hand:",
    ):
        st.rerun()
    return None


def show_without_hand(dataset: Dataset, indices: np.ndarray, key: str) -> None:
    """A fold with the images in which no hand was found.

    Args:
        dataset: the images.
        indices: int (n,), those, n at least 1.
        key: of the fold.
    """
    fold = lasting_fold(
        f"The {count_of(len(indices), 'image')} without a hand", ":material/do_not_touch:", key
    )
    if fold is None:
        return
    with fold:
        if len(indices) > MOST_SHOWN:
            st.caption(f"The first {MOST_SHOWN} of {len(indices):,}.")
        sheet(
            [
                Picture(
                    dataset.images[i],
                    dataset.class_name(i),
                    f"{dataset.files[i]}: {dataset.class_name(i)}, no hand found",
                    "",
                    dataset.rendered,
                )
                for i in indices[:MOST_SHOWN]
            ],
            columns=columns_for(dataset.classes),
        )
