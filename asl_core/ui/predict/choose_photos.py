"""Where the photos on Predict come from: files, the camera, or an example."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

from asl_core.images import FORMAT_NAMES, SUFFIXES
from asl_core.runs.run import Run
from asl_core.settings import MAX_UPLOAD_BYTES, MAX_UPLOAD_FILES
from asl_core.ui.predict.examples import EXAMPLES, Example, examples_for
from asl_core.ui.predict.photos import KEPT_BYTES, Photo, keep_photos, n_dropped, n_gone
from asl_core.ui.shared.bring_into_view import want_in_view
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.words import count_of

ANSWER = "prediction"
"""Key of the container with the answers."""

PHOTO, LIVE = "Camera", "Live"

TAKEN = "Your photo"
"""Name of a photo of the camera, in place of the one that the browser gives it."""

SMALL = 176
"""Side of an example on its button, in pixels: twice what it is on the screen."""

_DROPS = "predict_drops"
_CAMERA = "predict_camera"


def choose_source() -> str:
    """Where photos come from: the drop zone first, a photo of the camera, or all that it sees."""
    return st.segmented_control(
        "Source",
        ["Files", PHOTO, LIVE],
        default="Files",
        required=True,
        label_visibility="collapsed",
    )


def choose_photos(run: Run, source: str, subject: str) -> None:
    """The drop zone, or the camera, before which the subject is held, and examples to try. What is
    chosen is kept (see `keep_photos`)."""
    if source == PHOTO:
        st.camera_input(
            f"Hold the {subject} in the middle of the frame", key=_CAMERA, on_change=_keep_taken
        )
    else:
        _drop_zone()
    if examples := examples_for(run.results.classes):
        _offer_examples(examples)
    if dropped := n_dropped():
        st.warning(
            f"{count_of(dropped, 'photo')} could not be kept: at most {MAX_UPLOAD_FILES}, of "
            f"{KEPT_BYTES >> 20} MB in all; the oldest go first.",
            icon=":material/layers_clear:",
        )
    if gone := n_gone():
        st.warning(
            f"{count_of(gone, 'photo')} had to make room for other visitors while this page had no "
            "connection to the server.",
            icon=":material/layers_clear:",
        )


def _drop_zone() -> None:
    """It is empty again after each drop, since the photos are listed beside it."""
    key = f"predict_files_{st.session_state.get(_DROPS, 0)}"
    st.file_uploader(
        f"Photos ({FORMAT_NAMES}; up to 10 MB and 16 megapixels each)",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_BYTES >> 20,
        key=key,
        on_change=_keep_dropped,
        args=[key],
    )


def _keep_dropped(key: str) -> None:
    """What was not kept already: a browser names all files of a drop anew as each has come."""
    files = [file for file in st.session_state[key] if isinstance(file, UploadedFile)]
    if files:
        keep_photos([Photo(file.name, file.getvalue(), file.file_id) for file in files])
        st.session_state[_DROPS] = st.session_state.get(_DROPS, 0) + 1
        want_in_view(ANSWER)


def _keep_taken() -> None:
    taken = st.session_state[_CAMERA]
    if isinstance(taken, UploadedFile):  # else it was cleared, or is kept already
        keep_photos([Photo(TAKEN, taken.getvalue(), taken.file_id)])
        want_in_view(ANSWER)


def _offer_examples(examples: Sequence[Example]) -> None:
    st.caption("No photo at hand? Try a rendered one:")
    with st.container(horizontal=True, gap="small"):
        for example in examples:
            st.button(
                f"![]({_thumbnail(example.name)}) {example.words.capitalize()}",
                key=f"example_{example.name}",
                on_click=_keeper(example),
                width="content",
            )


def _keeper(example: Example) -> Callable[[], None]:
    def keep() -> None:
        keep_photos([example.photo])
        want_in_view(ANSWER)

    return keep


@st.cache_data(show_spinner=False)
def _thumbnail(name: str) -> str:
    """An example, small, as an address that carries it."""
    picture = Image.open(EXAMPLES / f"{name}.jpg")
    picture.thumbnail((SMALL, SMALL))
    return data_url(np.asarray(picture), "JPEG")
