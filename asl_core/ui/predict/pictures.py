"""The pictures of an answer, as addresses that carry them: made once for each photo and run."""

import numpy as np
import streamlit as st
from PIL import Image, ImageOps

from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.prediction import Prediction
from asl_core.landmarks.drawing import with_square
from asl_core.landmarks.finder import cut
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.landmarks import LARGE, enlarged_hand
from asl_core.ui.shared.rendered_letters import rendered_letters
from asl_core.ui.shared.resources import FORGOTTEN_SECONDS

TILE = 160
"""Side of the small pictures of an answer, in pixels."""

THUMBNAIL = 64
"""Side of a picture in a table, in pixels."""


@st.cache_data(max_entries=200, ttl=FORGOTTEN_SECONDS, show_spinner=False)
def photo_url(_prediction: HandPrediction, photo_id: str) -> str:
    """The whole photo with the key points of its hand, and the square that they were read from.

    Args:
        _prediction: of the photo.
        photo_id: in the key of the cache, as for all pictures here.
    """
    hand = _prediction.hand
    shown = enlarged_hand(_prediction.image, hand.points if hand else None)
    if hand:
        its = hand.scaled(LARGE / max(_prediction.image.shape[:2])).square
        shown = with_square(shown, its)
    return data_url(shown, "JPEG")


@st.cache_data(max_entries=200, ttl=FORGOTTEN_SECONDS, show_spinner=False)
def crop_url(_prediction: HandPrediction, photo_id: str) -> str:
    """What the key points were read from: the square of the hand, turned upright."""
    assert _prediction.hand
    return data_url(cut(_prediction.image, _prediction.hand.square, TILE), "JPEG")


@st.cache_data(max_entries=200, ttl=FORGOTTEN_SECONDS, show_spinner=False)
def input_url(_prediction: Prediction, photo_id: str, run_id: str) -> str:
    """The pixels that a network got, each as it is.

    Args:
        _prediction: of the photo.
        photo_id: of the photo.
        run_id: of the run, whose images have a size.
    """
    return data_url(_prediction.image)


@st.cache_data(max_entries=60, show_spinner=False)
def letter_url(letter: str, mirrored: bool) -> str:
    """A letter as this program renders it.

    Args:
        letter: A to Z.
        mirrored: with a left hand.
    """
    pixels = rendered_letters()[letter]
    return data_url(pixels[:, ::-1].copy() if mirrored else pixels, "JPEG")


@st.cache_data(max_entries=400, ttl=FORGOTTEN_SECONDS, show_spinner=False)
def thumbnail_url(_image: np.ndarray, photo_id: str, run_id: str) -> str:
    """The middle of an image, small.

    Args:
        _image: uint8 (height, width, 3).
        photo_id: of the photo.
        run_id: of the run that got it.
    """
    small = ImageOps.fit(Image.fromarray(_image), (THUMBNAIL, THUMBNAIL))
    return data_url(np.asarray(small), "JPEG")
