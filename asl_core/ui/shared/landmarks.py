"""Hands of a dataset on a page: whether the hand finder is here, and what it has found."""

import numpy as np
import streamlit as st
from PIL import Image

from asl_core.data import Dataset
from asl_core.errors import ImageError
from asl_core.evaluation.evaluation import Evaluation
from asl_core.images import read_whole, resize_pixels
from asl_core.jobs.tasks import hand_finder_task, landmarks_task
from asl_core.landmarks.download import WHEEL_SIZE, has_hand_finder
from asl_core.landmarks.drawing import points_in_square, with_evidence, with_skeleton
from asl_core.landmarks.found import Landmarks, known_landmarks, landmarks_file
from asl_core.runs.run import Run
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.images import Picture, columns_for, sheet
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import offer_task
from asl_core.ui.shared.words import count_of
from asl_core.web.visitor import visitor

MOST_SHOWN = 48
"""Images without a hand that are shown."""

ENLARGED = 2
"""Times that an image of a sheet is enlarged, so that a skeleton can be drawn on it."""

LARGE = 480
"""Longer side of a large image with a hand, in pixels."""


def offer_hand_finder(why: str = "") -> bool:
    """What is missing where the hand finder is not here, with the button that fetches it.

    Args:
        why: one wants it, in a sentence before.

    Returns:
        Whether it is here.
    """
    if has_hand_finder():
        return True
    st.info(
        f"{why} Hand landmarks need the hand finder: two models of MediaPipe Hands, {WHEEL_SIZE} "
        "to download, once. It is not here yet. Fetch it with the button, or with "
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
    """The first reading of each hand; `fingerprint` is the dataset's, and the key of the cache."""
    return known_landmarks(_dataset, views=1)


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


@st.cache_data(max_entries=500, show_spinner=False)
def _with_hand(_dataset: Dataset, _hands: Landmarks, fingerprint: str, index: int) -> np.ndarray:
    """See `image_with_hand`; `fingerprint` is the dataset's, and in the key of the cache."""
    image: np.ndarray = _dataset.images[index]
    if not _hands.found[index]:
        return image
    image = image.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
    places = points_in_square(_dataset, index, _hands.points[index, 0])
    return with_skeleton(image, places * len(image))


def image_with_hand(dataset: Dataset, landmarks: Landmarks | None, index: int) -> np.ndarray:
    """An image as sheets show it, with the key points of its hand if they are known: uint8
    (height, width, 3). If its file can't be read any more, without them."""
    if landmarks is None:
        image: np.ndarray = dataset.images[index]
        return image
    try:
        return _with_hand(dataset, landmarks, dataset.fingerprint, index)
    except ImageError:
        return np.asarray(dataset.images[index])


def large_hand(
    dataset: Dataset, landmarks: Landmarks, index: int, drops: np.ndarray | None = None
) -> np.ndarray:
    """The whole image with the key points of its hand, large: uint8 (height, width, 3).

    Args:
        dataset: the images.
        landmarks: their hands.
        index: of the image.
        drops: what each point is worth (see `with_evidence`); None draws the skeleton.
    """
    if dataset.pixels is not None:
        image = resize_pixels(dataset.pixels[index], dataset.pixels.shape[1])
    else:
        image = read_whole(dataset.folder / dataset.files[index], dataset.files[index])
    points = landmarks.points[index, 0] if landmarks.found[index] else None
    return enlarged_hand(image, points, drops)


def enlarged_hand(
    image: np.ndarray, points: np.ndarray | None, drops: np.ndarray | None = None
) -> np.ndarray:
    """An image with the key points of its hand, if it has one, large: uint8 (height, width, 3).

    Args:
        image: uint8 (height, width, 3).
        points: float (21, 2 or more), x and y in its pixels; None: there is no hand.
        drops: as for `large_hand`.
    """
    picture = Image.fromarray(image)
    factor = LARGE / max(picture.size)
    size = (round(factor * picture.width), round(factor * picture.height))
    shown = np.asarray(picture.resize(size, Image.Resampling.BICUBIC))
    if points is None:
        return shown
    points = points * factor
    return with_skeleton(shown, points) if drops is None else with_evidence(shown, points, drops)


def hands_of(run: Run, dataset: Dataset | None) -> Landmarks | None:
    """The hands that a run on landmarks was tested on, if they are known here; None for others."""
    if dataset is None or run.spec.config.features == "pixels":
        return None
    return landmarks_of(dataset)


def tell_without_hand(evaluation: Evaluation) -> Evaluation:
    """The answers on images with a hand; how many have none is told, if any."""
    answered = evaluation.with_hand()
    if missing := len(evaluation) - len(answered):
        st.caption(
            f"In {missing:,} of {len(evaluation):,} test images no hand was found: errors without "
            "probabilities, which are left out here."
        )
    return answered


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
