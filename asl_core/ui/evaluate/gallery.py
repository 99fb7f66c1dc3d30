"""Galleries in which an image can be chosen, and is then shown large. The choice is in the URL."""

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.data.synthetic_cache import CacheEntry
from asl_core.evaluation.evaluation import Evaluation, Order
from asl_core.figures.labels import cut
from asl_core.landmarks.found import Landmarks
from asl_core.runs.describe import images_of
from asl_core.runs.intervals import rounded
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND
from asl_core.ui.evaluate.clickable_sheet import clickable_sheet
from asl_core.ui.evaluate.one_image import show_image
from asl_core.ui.shared.images import Picture, columns_for
from asl_core.ui.shared.landmarks import hands_of, image_with_hand
from asl_core.ui.shared.paginate import paginate
from asl_core.ui.shared.reading import watch_reading
from asl_core.ui.shared.rendering import watch_rendering
from asl_core.ui.shared.resources import unread_of
from asl_core.ui.shared.url import asked_for, choose, keep, refuse
from asl_core.ui.shared.words import escape_markdown, percent

PER_PAGE = 48

N_WORST = 3
"""Images that are shown at once, beside the matrix."""

NAME = 24
"""Characters of the name of a class below an image."""

IMAGE = "image"
"""Parameter of the address: file of the image that is shown large."""

ORDERS: dict[Order, str] = {
    "confidence": "Most confident first",
    "loss": "Highest loss first",
    "margin": "Smallest margin first",
}
"""What a visitor reads for each."""


def show_worst(run: Run, evaluation: Evaluation, dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """The few answers of some that the network is most confident of, each a link to its image.

    Args:
        run: whose answers they are.
        evaluation: all answers.
        dataset: the run's images.
        rows: int (m,), of the answers to choose from, m at least 1.

    Returns:
        int64 (up to 3,), those that are shown.
    """
    worst = evaluation.ranked(rows)[:N_WORST]
    key = f"worst_{run.id}_{worst[0]}_{len(rows)}"
    _sheet(run, evaluation, dataset, worst, "confidence", key, N_WORST)
    return worst


def show_gallery(
    run: Run, evaluation: Evaluation, dataset: Dataset, rows: np.ndarray
) -> np.ndarray:
    """Images of some answers, page by page, in an order to be chosen.

    Args:
        run: whose answers they are.
        evaluation: all answers.
        dataset: the run's images.
        rows: int (m,), of the answers to show, m at least 1.

    Returns:
        int64 (m,), the same, in the chosen order.
    """
    order = choose(
        st.selectbox, "Sort by", list(ORDERS), "sort", format_func=ORDERS.__getitem__, width=220
    )
    rows = evaluation.ranked(rows, order)
    key = f"gallery_{run.id}_{order}_{len(rows)}_{rows[0]}"  # another choice starts at page 1
    with paginate(len(rows), PER_PAGE, f"page_{key}") as part:
        columns = columns_for(evaluation.classes)
        _sheet(run, evaluation, dataset, rows[part], order, f"sheet_{key}", columns)
    return rows


def _sheet(
    run: Run,
    evaluation: Evaluation,
    dataset: Dataset,
    rows: np.ndarray,
    order: Order,
    key: str,
    columns: int,
) -> None:
    hands = hands_of(run, dataset)
    clickable_sheet(
        [_picture(evaluation, dataset, row, order, hands) for row in rows],
        [evaluation.files[row] for row in rows],
        IMAGE,
        key,
        lambda file: keep(IMAGE, file),
        columns,
    )


def open_image(run: Run, evaluation: Evaluation, dataset: Dataset, rows: np.ndarray) -> None:
    """Show the test image that the address asks for above the page, if it asks for one.

    Args:
        run: whose answers they are.
        evaluation: all answers.
        dataset: the run's images.
        rows: int (m,), of the answers that one can go on to, in their order.
    """
    file = asked_for(IMAGE, lasting=False)
    if file is None:
        return
    if file not in evaluation.files:
        refuse(IMAGE, "Image", file, "which is no test image of this run")
        return
    row = evaluation.files.index(file)
    others = [evaluation.files[other] for other in rows]
    show_image(run, evaluation, dataset, row, others, lambda other: keep(IMAGE, other))


def _picture(
    evaluation: Evaluation, dataset: Dataset, row: int, order: Order, hands: Landmarks | None
) -> Picture:
    label, predicted_label = evaluation.labels[row], evaluation.predicted[row]
    true, predicted = (evaluation.classes[i] for i in (label, predicted_label))
    short = cut(evaluation.classes, NAME)  # else a long one would leave no room for the other
    notes = {
        "confidence": f"Confidence {percent(evaluation.confidence[row], 0)}",
        "loss": f"Loss {evaluation.loss[row]:.2f}",
        "margin": f"Margin {rounded(100 * evaluation.margin[row], 0)} points",
    }
    right = true == predicted
    return Picture(
        image_with_hand(dataset, hands, int(evaluation.indices[row])),
        short[label] if right else f"{short[label]} (pred: {short[predicted_label]})",
        f"{evaluation.files[row]}: {true}, {'correct' if right else f'predicted {predicted}'}",
        notes[order],
        dataset.rendered,
    )


def warn_no_images(run: Run) -> None:
    """Why there are no images, with the button that renders or reads them where one can."""
    if (spec := run.spec.source.spec) and not CacheEntry(spec).is_ready:
        st.caption("The metrics are complete; the images of this run have yet to be rendered.")
        watch_rendering(spec)
        return
    if unread := unread_of(run):
        watch_reading(unread)
        return
    if run.spec.data == ANY_HAND:
        st.info(
            "The photos that this run was tested on are other people's, and don't come with it: "
            "so its figures are here, and no images.",
            icon=":material/hide_image:",
        )
        return
    st.info(
        "The images of this run are unavailable or have changed, so only the metrics can be "
        f"shown. It was trained on {escape_markdown(images_of(run))}.",
        icon=":material/hide_image:",
    )
