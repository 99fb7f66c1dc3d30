"""Predict: the class of photos that are dropped on the page."""

import streamlit as st

from asl_core.data.manual_alphabet import are_letters
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND, NO_LETTER
from asl_core.ui.predict.answers import show_answers
from asl_core.ui.predict.choose_photos import LIVE, choose_photos, choose_source
from asl_core.ui.predict.live import live_prediction
from asl_core.ui.shared import snippets
from asl_core.ui.shared.choose_run import choose_run
from asl_core.ui.shared.downloads import link_downloads
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.landmarks import offer_hand_finder
from asl_core.ui.shared.resources import get_ready_to_decode, run_store
from asl_core.ui.shared.words import escape_markdown, name_classes


def tell_what_it_knows(run: Run) -> None:
    """The classes of a run, and what it looks at."""
    known = f"This run knows {escape_markdown(name_classes(run.results.classes))}"
    if run.spec.config.features == "landmarks":
        otherwise = "It predicts one of these classes whatever the hand shows."
        if NO_LETTER in run.results.classes:
            otherwise = f"Of most hands that sign nothing it says '{NO_LETTER}'."
        people = "How well it reads others depends on how many people it learned from."
        if run.spec.data == ANY_HAND:
            people = "So it reads people that it has never seen."
        st.caption(
            f"{known}. It finds the hand first and sees nothing but its 21 key points. {people} "
            f"{otherwise} Photos are not stored unless you keep one."
        )
        return
    st.caption(
        f"{known}, and predicts one of these whatever it is shown. Photos are cropped to their "
        "center square, and are not stored unless you keep one."
    )


def predict_photos(run: Run, source: str, subject: str) -> None:
    """Photos to choose, and the answer to each."""
    asked, answered = st.columns([2, 5], gap="large")
    with asked:
        choose_photos(run, source, subject)
    with answered:
        show_answers(run)


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
