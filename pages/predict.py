"""Predict: the class of photos that are dropped on the page."""

import streamlit as st

from asl_core.data.manual_alphabet import are_letters
from asl_core.errors import ImageError
from asl_core.images import FORMAT_NAMES, SUFFIXES
from asl_core.runs.run import Run
from asl_core.settings import (
    MAX_UPLOAD_BYTES,
    MAX_UPLOAD_FILES,
    MISSION_FINGERPRINT,
    NO_LETTER,
)
from asl_core.ui.predict.answer import show_prediction
from asl_core.ui.predict.live import live_prediction
from asl_core.ui.predict.right_label import offer_right_label
from asl_core.ui.shared import snippets
from asl_core.ui.shared.bring_into_view import bring_into_view, want_in_view
from asl_core.ui.shared.choose_run import choose_run
from asl_core.ui.shared.downloads import link_downloads
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.landmarks import offer_hand_finder
from asl_core.ui.shared.resources import get_ready_to_decode, prediction_of, run_store
from asl_core.ui.shared.words import escape_markdown, name_classes

ANSWER = "prediction"
PHOTO, LIVE = "Camera", "Live"
CAMERA = "Your photo"  # its name, in place of the one that the browser gives it


def choose_source() -> str:
    """Where photos come from: the drop zone first, a photo of the camera, or all that it sees."""
    return st.segmented_control(
        "Source",
        ["Files", PHOTO, LIVE],
        default="Files",
        required=True,
        label_visibility="collapsed",
    )


def choose_photos(source: str, subject: str) -> list[tuple[str, bytes]]:
    """The drop zone, or the camera, before which the subject is held. Returns the name and content
    of each photo."""
    if source == PHOTO:
        taken = st.camera_input(
            f"Hold the {subject} in the middle of the frame", on_change=want_in_view, args=[ANSWER]
        )
        return [(CAMERA, taken.getvalue())] if taken else []
    files = st.file_uploader(
        f"Photos ({FORMAT_NAMES}; up to 10 MB and 16 megapixels each)",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_BYTES >> 20,
        on_change=want_in_view,
        args=[ANSWER],
    )
    if len(files) > MAX_UPLOAD_FILES:
        st.warning(f"Only the first {MAX_UPLOAD_FILES} of {len(files)} photos are read.")
    return [(file.name, file.getvalue()) for file in files[:MAX_UPLOAD_FILES]]


def tell_what_it_knows(run: Run) -> None:
    """The classes of a run, and how far it can be trusted with a visitor's photo."""
    trained_on = ""
    if run.spec.config.features == "landmarks":
        otherwise = "It predicts one of these classes whatever the hand shows."
        if NO_LETTER in run.results.classes:
            otherwise = f"Of most hands that sign nothing it says '{NO_LETTER}'."
        st.caption(
            f"This run knows {escape_markdown(name_classes(run.results.classes))}. It finds the "
            "hand first and sees nothing but its 21 key points, so it reads people that it has "
            f"never seen. {otherwise} Photos are not stored unless you keep one."
        )
        return
    if run.spec.rendered:
        trained_on = (
            "It was trained on **rendered** hands, which this program generates: expect it to be "
            "wrong more often on photos. "
        )
    elif run.results.fingerprint == MISSION_FINGERPRINT:
        trained_on = (
            "It was trained on the hand of one person in one room: expect it to be wrong, with "
            "high confidence, on other hands. "
        )
    st.caption(
        f"This run knows {escape_markdown(name_classes(run.results.classes))}, and predicts one of "
        f"these whatever it is shown. {trained_on}"
        "Photos are cropped to their center square, and are not stored unless you keep one."
    )


def predict_photos(run: Run, source: str, subject: str) -> None:
    """Photos to choose, and the answer to each."""
    asked, answered = st.columns([2, 3], gap="large")
    with asked:
        photos = choose_photos(source, subject)
    with answered, st.container(key=ANSWER):
        columns = st.columns(min(2, len(photos)) or 1)
    for number, (name, content) in enumerate(photos):
        result = prediction_of(run, run.id, content, name)
        with columns[number % len(columns)]:
            if isinstance(result, ImageError):
                show_error(result, ":material/broken_image:")
            else:
                show_prediction(result, number)
                offer_right_label(run, name, content, number)
    if photos:
        bring_into_view(ANSWER)


header(
    "Predict",
    "Upload or take photos; the network says which of its classes it sees.",
)
run = choose_run(for_photos=True)
if run is None:
    st.stop()
get_ready_to_decode()
subject = "hand" if are_letters(run.results.classes) else "object"
if run.spec.config.features == "landmarks" and not offer_hand_finder():
    st.stop()
source = choose_source()
if source == LIVE:
    live_prediction(run)
else:
    predict_photos(run, source, subject)
tell_what_it_knows(run)
if run.spec.config.features == "pixels" and subject == "hand":
    offer_hand_finder("Networks on hand landmarks read people that they have never seen.")
link_downloads(run)
page_end(snippets.predict(run_store().root.name, run.id, f"my_{subject}.jpg"))
