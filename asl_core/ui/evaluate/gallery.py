"""A gallery in which an image can be chosen, and is then shown large. The choice is in the URL."""

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.data.synthetic_cache import CacheEntry
from asl_core.evaluation.evaluation import Evaluation, Order
from asl_core.runs.describe import images_of
from asl_core.runs.run import Run
from asl_core.ui.evaluate.clickable_sheet import clickable_sheet
from asl_core.ui.evaluate.one_image import show_image
from asl_core.ui.shared.images import Picture, columns_for
from asl_core.ui.shared.paginate import paginate
from asl_core.ui.shared.rendering import watch_rendering
from asl_core.ui.shared.url import choose, keep
from asl_core.ui.shared.words import escape_markdown

PER_PAGE = 48
IMAGE = "image"
"""Parameter of the address: file of the image that is shown large."""

ORDERS: dict[Order, str] = {
    "confidence": "Most confident first",
    "loss": "Highest loss first",
    "margin": "Smallest margin first",
}
"""What a visitor reads for each."""


def choose_image(run: Run, evaluation: Evaluation, dataset: Dataset, rows: np.ndarray) -> None:
    """Images of some answers, page by page, with a select box beside it for the keyboard.

    Args:
        run: whose answers they are.
        evaluation: all answers.
        dataset: the run's images.
        rows: int (m,), of the answers to show, m at least 1.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = choose(
            st.selectbox, "Sort by", list(ORDERS), "sort", format_func=ORDERS.__getitem__, width=220
        )
        rows = evaluation.ranked(rows, order)
        by_file = {evaluation.files[row]: int(row) for row in rows}
        chosen = choose(
            st.selectbox,
            "Enlarge an image",
            list(by_file),
            IMAGE,
            optional=True,
            index=None,
            placeholder="Choose it here, or click it below",
            width=320,
        )
    key = f"gallery_{run.id}_{order}_{len(rows)}_{rows[0]}"  # another choice starts at page 1
    with paginate(len(rows), PER_PAGE, f"page_{key}") as part:
        clickable_sheet(
            [_picture(evaluation, dataset, row, order) for row in rows[part]],
            [evaluation.files[row] for row in rows[part]],
            IMAGE,
            f"sheet_{key}",
            lambda file: keep(IMAGE, file),
            columns_for(evaluation.classes),
        )
    if chosen is not None:
        show_image(run, evaluation, dataset, by_file[chosen], lambda: keep(IMAGE, None))


def _picture(evaluation: Evaluation, dataset: Dataset, row: int, order: Order) -> Picture:
    true = evaluation.classes[evaluation.labels[row]]
    predicted = evaluation.classes[evaluation.predicted[row]]
    notes = {
        "confidence": f"Confidence {100 * evaluation.confidence[row]:.0f} %",
        "loss": f"Loss {evaluation.loss[row]:.2f}",
        "margin": f"Margin {100 * evaluation.margin[row]:.0f} points",
    }
    right = true == predicted
    return Picture(
        dataset.images[evaluation.indices[row]],
        true if right else f"{true} (pred: {predicted})",
        f"{evaluation.files[row]}: {true}, {'correct' if right else f'predicted {predicted}'}",
        notes[order],
    )


def warn_no_images(run: Run) -> None:
    """Why there are no images; those of a synthetic dataset are rendered."""
    if (spec := run.spec.source.spec) and not CacheEntry(spec).is_ready:
        st.caption("The metrics are complete; the images of this run have yet to be rendered.")
        watch_rendering(spec)
        return
    st.info(
        "The images of this run are unavailable or have changed, so only the metrics can be "
        f"shown. It was trained on {escape_markdown(images_of(run))}.",
        icon=":material/hide_image:",
    )
