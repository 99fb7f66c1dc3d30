"""Predict: the class of photos that are dropped on the page."""

import streamlit as st

from asl_core.errors import ImageError
from asl_core.images import FORMAT_NAMES, SUFFIXES
from asl_core.settings import MAX_UPLOAD_BYTES, MAX_UPLOAD_FILES, MISSION_FINGERPRINT
from asl_core.ui.predict.answer import show_prediction
from asl_core.ui.shared import snippets
from asl_core.ui.shared.choose_run import choose_run
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.resources import get_ready_to_decode, prediction_of, run_store
from asl_core.ui.shared.words import escape_markdown

header(
    "Predict",
    "Upload or take photos, for example of a hand signing a letter; the network says which of its "
    "classes it sees.",
)
run = choose_run()
if run is None:
    st.stop()
get_ready_to_decode()
trained_on = ""
if run.spec.rendered:
    trained_on = (
        "It was trained on **rendered** hands, which this program generates: expect it to be wrong "
        "more often on photos. "
    )
elif run.results.fingerprint == MISSION_FINGERPRINT:
    trained_on = (
        "It was trained on the hand of one person in one room: expect it to be wrong, with high "
        "confidence, on other hands. "
    )
st.caption(
    f"This run knows {escape_markdown(', '.join(run.results.classes))}, and predicts one of these "
    f"whatever it is shown. {trained_on}"
    "Photos are cropped to their center square, and are not stored."
)
source = st.segmented_control("Source", ["Files", "Camera"], default="Files", required=True)
if source == "Files":
    files = st.file_uploader(
        f"Photos ({FORMAT_NAMES}; up to 10 MB and 16 megapixels each)",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_BYTES >> 20,
    )
else:
    taken = st.camera_input("Hold the hand in the middle of the frame")
    files = [taken] if taken else []

if len(files) > MAX_UPLOAD_FILES:
    st.warning(f"Only the first {MAX_UPLOAD_FILES} of {len(files)} photos are read.")
columns = st.columns(2)
for number, file in enumerate(files[:MAX_UPLOAD_FILES]):
    result = prediction_of(
        run, run.id, file.getvalue(), file.name if source == "Files" else "Your photo"
    )
    if isinstance(result, ImageError):
        show_error(result, ":material/broken_image:")
    else:
        with columns[number % 2]:
            show_prediction(result, number)
page_end(snippets.predict(run_store().root.name, run.id, "my_hand.jpg"))
