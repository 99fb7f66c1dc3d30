"""What a run says of one photo, on the page Predict."""

import streamlit as st

from asl_core import figures
from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.prediction import Prediction
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.landmarks import enlarged_hand
from asl_core.ui.shared.words import escape_markdown, name_hand, percent

UNSURE = 0.6
"""Confidence below which the page warns."""

MIRRORED = "Read mirrored, as a left hand"

SHOWN_HAND = 200
"""Width of a photo with a hand, on the screen, in pixels."""

SHOWN = 120
"""Side of what the network got, on the screen, in pixels."""


def show_prediction(prediction: Prediction, number: int) -> None:
    """One photo: what the model got, and its prediction with the whole name of the class.

    Args:
        prediction: of the photo.
        number: of the photo among those on the page.
    """
    if isinstance(prediction, HandPrediction):
        show_hand_prediction(prediction, number)
        return
    with st.container(border=True):
        st.markdown(f"**{escape_markdown(prediction.name)}**")
        with st.container(horizontal=True, vertical_alignment="center"):
            height, width, _ = prediction.image.shape
            st.html(
                f'<img src="{data_url(prediction.image)}" '
                f'alt="Network input: {width} by {height} pixels" '
                f'style="width:{SHOWN}px;image-rendering:pixelated;border-radius:6px">',
                width=SHOWN,
            )
            with st.container(gap="xsmall", width="stretch"):
                st.caption("Predicted class")
                st.header(escape_markdown(prediction.label), anchor=False)  # a metric would cut it
                st.markdown(f"Confidence **{percent(prediction.confidence)}**")
                if prediction.mirrored:
                    st.caption(MIRRORED)
                if prediction.confidence < UNSURE:
                    st.caption("Low confidence: treat it as a guess.")
        _show_probabilities(prediction, number)


def show_hand_prediction(prediction: HandPrediction, number: int) -> None:
    """One photo and the hand that was found in it, with the class of that; or that there is none.

    Args:
        prediction: of the photo, by a run on landmarks.
        number: of the photo among those on the page.
    """
    hand = prediction.hand
    with st.container(border=True):
        st.markdown(f"**{escape_markdown(prediction.name)}**")
        with st.container(horizontal=True, vertical_alignment="center"):
            image = enlarged_hand(prediction.image, hand.points if hand else None)
            alt = f"The photo, {'with 21 key points' if hand else 'without a hand'}"
            st.html(
                f'<img src="{data_url(image)}" alt="{alt}" '
                f'style="width:{SHOWN_HAND}px;border-radius:6px">',
                width=SHOWN_HAND,
            )
            with st.container(gap="xsmall", width="stretch"):
                if hand is None:
                    st.header("No hand found", anchor=False)
                    st.caption(
                        "So there is no answer. The whole hand must be seen, from the wrist to the "
                        "fingertips, not too small and not too dark."
                    )
                    return
                st.caption("Predicted class")
                st.header(escape_markdown(prediction.label), anchor=False)
                st.markdown(f"Confidence **{percent(prediction.confidence)}**")
                st.caption(name_hand(hand).capitalize())
                if prediction.confidence < UNSURE:
                    st.caption("Low confidence: treat it as a guess.")
        _show_probabilities(prediction, number)


def _show_probabilities(prediction: Prediction, number: int) -> None:
    chart(
        figures.probabilities(prediction.probabilities, mode()),
        "Probabilities: "
        + ", ".join(f"{name} {p:.3f}" for name, p in prediction.probabilities.items()),
        key=f"probabilities_{number}",
    )
