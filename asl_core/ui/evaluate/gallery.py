"""A gallery in which a photo can be chosen, and is then shown large. The choice is in the URL."""

from math import ceil

import numpy as np
import streamlit as st

from asl_core.data import Dataset, SyntheticSpec, is_rendered
from asl_core.evaluation.evaluation import Evaluation, Order
from asl_core.runs.run import Run
from asl_core.ui.evaluate.clickable_sheet import clickable_sheet
from asl_core.ui.evaluate.one_image import show_image
from asl_core.ui.shared.images import Picture
from asl_core.ui.shared.rendering import watch_drawing
from asl_core.ui.shared.resources import drawer
from asl_core.ui.shared.words import escape_markdown, pictures

PER_PAGE = 48
PHOTO = "photo"

ORDERS: dict[str, Order] = {
    "surest first": "confidence",
    "highest loss first": "loss",
    "closest call first": "margin",
}
"""What a visitor reads, and what the core calls it."""


def choose_image(run: Run, evaluation: Evaluation, dataset: Dataset, rows: np.ndarray) -> None:
    """Pictures of some answers, page by page, with a select box beside it for the keyboard.

    Args:
        run: whose answers they are.
        evaluation: all answers.
        dataset: the run's pictures.
        rows: int (m,), of the answers to show, m at least 1.
    """
    noun = pictures(run.spec.rendered)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = ORDERS[
            st.selectbox("Sorted", list(ORDERS), key="sort", bind="query-params", width=200)
        ]
        rows = evaluation.ranked(rows, order)
        by_file = {evaluation.files[row]: int(row) for row in rows}
        chosen = st.selectbox(
            f"One of these {noun}, large",
            list(by_file),
            index=None,
            key=PHOTO,
            bind="query-params",
            placeholder="Choose it here, or click it below",
            width=320,
        )
    slot, n_pages = st.container(), ceil(len(rows) / PER_PAGE)
    key = f"gallery_{run.id}_{order}_{len(rows)}_{rows[0]}"  # another choice starts at page 1
    page = st.pagination(n_pages, key=f"page_{key}") if n_pages > 1 else 1
    shown = rows[(page - 1) * PER_PAGE :][:PER_PAGE]
    with slot:
        clickable_sheet(
            [_picture(evaluation, dataset, row, order) for row in shown],
            [evaluation.files[row] for row in shown],
            PHOTO,
            f"sheet_{key}",
            _choose,
        )
    if chosen is not None:
        show_image(run, evaluation, dataset, by_file[chosen], lambda: _choose(None))


def _choose(file: str | None) -> None:
    st.session_state[PHOTO] = file


def _picture(evaluation: Evaluation, dataset: Dataset, row: int, order: Order) -> Picture:
    true = evaluation.classes[evaluation.labels[row]]
    predicted = evaluation.classes[evaluation.predicted[row]]
    notes = {
        "confidence": f"{100 * evaluation.confidence[row]:.0f} % sure",
        "loss": f"loss {evaluation.loss[row]:.2f}",
        "margin": f"leads by {100 * evaluation.margin[row]:.0f} points",
    }
    right = true == predicted
    return Picture(
        dataset.images[evaluation.indices[row]],
        true if right else f"{true} (pred: {predicted})",
        f"{evaluation.files[row]}: {true}, {'recognised' if right else f'taken for {predicted}'}",
        notes[order],
    )


def warn_no_images(run: Run) -> None:
    """Why there are no pictures; those of a rendered set are drawn."""
    if (
        is_rendered(run.spec.data)
        and drawer().look(SyntheticSpec.parse(run.spec.data)).phase != "ready"
    ):
        st.caption("The figures are whole; the pictures of this run are still to be drawn.")
        watch_drawing(SyntheticSpec.parse(run.spec.data))
        return
    st.info(
        f"The {pictures(run.spec.rendered)} of this run are not here, or have changed since, so "
        f"only the figures can be shown. It was trained on {escape_markdown(run.spec.data)}.",
        icon=":material/hide_image:",
    )
