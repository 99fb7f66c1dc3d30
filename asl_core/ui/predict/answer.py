"""What a run says of one photo, on the page Predict."""

import streamlit as st

from asl_core import figures
from asl_core.evaluation.prediction import Prediction
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.words import escape_markdown, percent

UNSURE = 0.6
"""Confidence below which the page warns."""

SHOWN = 120
"""Side of what the network got, on the screen, in pixels."""


def show_prediction(prediction: Prediction, number: int) -> None:
    """One photo: what the model got, and its prediction with the whole name of the class.

    Args:
        prediction: of the photo.
        number: of the photo among those on the page.
    """
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
                if prediction.confidence < UNSURE:
                    st.caption("Low confidence: treat it as a guess.")
        chart(
            figures.probabilities(prediction.probabilities, mode()),
            "Probabilities: "
            + ", ".join(f"{name} {p:.3f}" for name, p in prediction.probabilities.items()),
            key=f"probabilities_{number}",
        )
