"""The gallery of photos that a run gets wrong."""

from math import ceil

import streamlit as st

from asl_core.datasets import Dataset, Recipe, is_rendered
from asl_core.evaluation import Evaluation, Mistake
from asl_core.runs import Run
from asl_core.ui.core import dataset_of, drawer
from asl_core.ui.drawing import watch_drawing
from asl_core.ui.photos import Picture, sheet
from asl_core.ui.words import pictures, plain

PER_PAGE = 48
ALL = "All letters"


def mistakes_gallery(run: Run, evaluation: Evaluation) -> tuple[str | None, str | None]:
    """All mislabeled test photos, the most confident first, filtered by two letters.

    Returns:
        The chosen true and predicted class; None where all are shown.
    """
    noun = pictures(run.spec.rendered)
    st.subheader(f"Mislabeled test {noun}")
    true, predicted = _choose(evaluation)
    mistakes = [
        mistake
        for mistake in evaluation.mistakes
        if true in (None, mistake.true) and predicted in (None, mistake.predicted)
    ]
    if not mistakes:
        st.success(f"No such mistake among the test {noun}.", icon=":material/check_circle:")
    elif (dataset := dataset_of(run)) is None:
        _tell_why_not(run)
    else:
        st.caption(f"{len(mistakes)} {noun}, the most confident first.")
        slot = st.container()
        n_pages = ceil(len(mistakes) / PER_PAGE)
        page = st.pagination(n_pages, key=f"gallery_{run.id}") if n_pages > 1 else 1
        with slot:
            sheet([_picture(m, dataset) for m in mistakes[(page - 1) * PER_PAGE :][:PER_PAGE]])
    return true, predicted


def _tell_why_not(run: Run) -> None:
    """Why there are no pictures; those of a rendered set are drawn."""
    if is_rendered(run.spec.data) and drawer().look(Recipe.parse(run.spec.data)).phase != "ready":
        st.caption("The figures above are whole; the pictures of this run are still to be drawn.")
        watch_drawing(Recipe.parse(run.spec.data))
        return
    st.info(
        f"The {pictures(run.spec.rendered)} of this run are not here, or have changed since, so "
        f"only the figures can be shown. It was trained on {plain(run.spec.data)}.",
        icon=":material/hide_image:",
    )


def _choose(evaluation: Evaluation) -> tuple[str | None, str | None]:
    letters = [ALL, *evaluation.classes]
    with st.container(horizontal=True):
        chosen = [
            st.selectbox(
                f"{name} letter", letters, key=name.lower(), bind="query-params", width=160
            )
            for name in ("True", "Predicted")
        ]
    true, predicted = (None if letter == ALL else letter for letter in chosen)
    return true, predicted


def _picture(mistake: Mistake, dataset: Dataset) -> Picture:
    return Picture(
        dataset.images[mistake.index],
        mistake.caption,
        f"{mistake.file}: {mistake.true}, taken for {mistake.predicted}",
        f"{100 * mistake.confidence:.0f} % sure",
    )
