"""Predict: the letters of photos that are dropped on the page."""

from html import escape

import streamlit as st

from asl_core import figures
from asl_core.errors import ImageError
from asl_core.evaluation.prediction import Prediction
from asl_core.images import SUFFIXES
from asl_core.settings import MAX_UPLOAD_BYTES, MAX_UPLOAD_FILES, MISSION_FINGERPRINT
from asl_core.ui.shared import snippets
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.choose_run import choose_run, of_images
from asl_core.ui.shared.frame import header, metric_card, same_in_python
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.resources import prediction_of, run_store
from asl_core.ui.shared.words import escape_markdown

UNSURE = 0.6


def show(prediction: Prediction, number: int) -> None:
    """One photo: what the model got, and what it says."""
    with st.container(border=True):
        st.html(f"<b>{escape(prediction.name)}</b>")
        picture, answer = st.columns([1, 3], vertical_alignment="center")
        picture.html(
            f'<img src="{data_url(prediction.image)}" alt="What the network gets: 50 by 50 pixels" '
            'style="width:100%;max-width:160px;image-rendering:pixelated;border-radius:6px">'
        )
        with answer:
            metric_card(
                "Letter",
                prediction.label,
                f"{100 * prediction.confidence:.1f} % sure",
                border=False,
            )
            if prediction.confidence < UNSURE:
                st.caption("The network is unsure.")
            chart(
                figures.probabilities(prediction.probabilities, mode()),
                "Probabilities: "
                + ", ".join(f"{name} {p:.3f}" for name, p in prediction.probabilities.items()),
                key=f"probabilities_{number}",
            )


header(
    "Predict",
    "Choose, drop or take photos of a hand fingerspelling a letter; the network says which letter "
    "it sees.",
)
run = choose_run(of_images)
if run is None:
    st.stop()
learnt_from = (
    "It has learnt from the hand of one person in one room: expect it to be wrong, and sure of "
    "itself, about other hands. "
)
if run.spec.rendered:
    learnt_from = (
        "It has learnt from **rendered** hands, which this program draws: expect it to be wrong "
        "more often about photos. "
    )
elif run.results.fingerprint != MISSION_FINGERPRINT:
    learnt_from = ""
st.caption(
    f"This run knows {escape_markdown(', '.join(run.results.classes))}, and answers with one of "
    f"these "
    f"whatever it is shown. {learnt_from}"
    "Photos are cropped to their centre square, and are not stored."
)
source = st.segmented_control("From", ["Files", "Camera"], default="Files", required=True)
if source == "Files":
    files = st.file_uploader(
        "Photos (JPEG, PNG or WebP; up to 10 MB and 16 megapixels each)",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_BYTES >> 20,
    )
else:
    taken = st.camera_input("Hold the hand in the middle of the picture")
    files = [taken] if taken else []

if len(files) > MAX_UPLOAD_FILES:
    st.warning(f"Only the first {MAX_UPLOAD_FILES} of {len(files)} photos are read.")
columns = st.columns(2)
for number, file in enumerate(files[:MAX_UPLOAD_FILES]):
    result = prediction_of(
        run, run.id, file.getvalue(), file.name if source == "Files" else "Your photo"
    )
    if isinstance(result, ImageError):
        st.error(escape_markdown(str(result)), icon=":material/broken_image:")
    else:
        with columns[number % 2]:
            show(result, number)
same_in_python(snippets.predict(str(run_store().root), run.id, "my_hand.jpg"))
