"""The answers to the photos of a visitor, on the page Predict: cards, or a table of many."""

import streamlit as st

from asl_core.errors import ImageError
from asl_core.evaluation.prediction import Prediction
from asl_core.runs.run import Run
from asl_core.ui.predict.answer import show_prediction
from asl_core.ui.predict.choose_photos import ANSWER
from asl_core.ui.predict.nearest import offer_nearest
from asl_core.ui.predict.photos import Photo, clear_photos, kept_photos, remove_photo
from asl_core.ui.predict.right_label import offer_right_label
from asl_core.ui.predict.square import in_square, offer_square
from asl_core.ui.predict.table import Answer, choose_answer
from asl_core.ui.shared.bring_into_view import bring_into_view
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.resources import FORGOTTEN_SECONDS, prediction_of
from asl_core.ui.shared.words import count_of, escape_markdown

MOST_CARDS = 3
"""Photos that have a card each; more are rows of a table, of which one is open."""


def show_answers(run: Run) -> None:
    """What a run says of the photos of this session.

    Args:
        run: that is asked.
    """
    photos = kept_photos()
    with st.container(key=ANSWER):
        if not photos:
            st.caption("The answer to a photo comes here.")
            return
        with st.spinner(f"Looking at {count_of(len(photos), 'photo')}"):
            answers = [(photo, _prediction(run, photo)) for photo in photos]
        if len(answers) > MOST_CARDS:
            answers = [choose_answer(run, answers)]
        for answer in answers:
            _card(run, answer)
        _tell_where_they_are(len(photos))
    bring_into_view(ANSWER)


def _prediction(run: Run, photo: Photo) -> Prediction | ImageError:
    found = prediction_of(run, run.id, photo.content, photo.name, photo.id)
    return found if isinstance(found, ImageError) else in_square(run, photo, found)


def _card(run: Run, answer: Answer) -> None:
    photo, prediction = answer
    with st.container(border=True):
        _heading(photo)
        if isinstance(prediction, ImageError):
            show_error(prediction, ":material/broken_image:")
            return
        show_prediction(run, photo, prediction)
        offer_square(run, photo)
        offer_nearest(run, photo, prediction)
        offer_right_label(run, photo)


def _heading(photo: Photo) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape_markdown(photo.name)}**")
        st.button(
            "Remove",
            key=f"remove_{photo.id}",
            icon=":material/close:",
            type="tertiary",
            on_click=remove_photo,
            args=[photo],
            help=f"Remove {escape_markdown(photo.name)}",
        )


def _tell_where_they_are(number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Clear", key="clear_photos", icon=":material/delete:", on_click=clear_photos)
        st.caption(
            f"{count_of(number, 'photo')}, in the memory of this session only: "
            f"{'it is' if number == 1 else 'they are'} gone when this page is closed or loaded "
            f"again, and small pictures of {'it' if number == 1 else 'them'} within "
            f"{FORGOTTEN_SECONDS // 60} minutes."
        )
