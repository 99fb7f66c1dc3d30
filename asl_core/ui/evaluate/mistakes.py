"""From the confusion matrix to the images behind it."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.evaluation.confusion import confused_pairs
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.labels import cut
from asl_core.runs.run import Run
from asl_core.ui.evaluate.class_scores import show_scores
from asl_core.ui.evaluate.gallery import IMAGE, open_image, show_gallery, show_worst, warn_no_images
from asl_core.ui.evaluate.matrix_table import matrix_table
from asl_core.ui.evaluate.run_values import by_confusion
from asl_core.ui.evaluate.save_matrix import offer_matrix
from asl_core.ui.shared.bring_into_view import bring_into_view, want_in_view
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.url import choose, keep
from asl_core.ui.shared.words import count_of, escape_markdown, percent

ALL = "All classes"
COUNTS, NORMALIZED = "Counts", "Normalized by row"
TRUE, PREDICTED = "true", "predicted"
"""Parameters of the address."""

IMAGES = "evaluate_images"
"""Key of the container of the images that belong to the chosen cell."""

ORDERS = {"name": "By name", "confusion": "By confusion"}

MOST_AT_A_GLANCE = 8
"""Classes up to which the matrix itself shows which are confused most."""

N_PAIRS = 8
"""Most confused pairs that are listed."""

NAME = 24
"""Characters of a class's name in the list of pairs."""


def show_mistakes(run: Run, evaluation: Evaluation) -> tuple[str | None, str | None]:
    """The worst mistakes beside the confusion matrix, and below them all that belong to what is
    chosen there.

    Returns:
        The chosen true and predicted class; None where all are shown.
    """
    if "part" in st.query_params and not {TRUE, PREDICTED} & set(st.query_params):
        _choose(None, None, IMAGE in st.query_params)  # such a link means all mistakes
        keep("part", None)  # once: what is chosen from now on stays
    images, matrix = st.columns([2, 3], gap="medium")
    with matrix:
        true, predicted, shown_matrix, percents = _matrix(run, evaluation)
    rows = evaluation.rows(true, predicted)
    dataset = dataset_of(run)
    shown = np.array([], np.int64)
    with images, st.container(key=IMAGES):
        _heading(evaluation, rows, true, predicted)
        if len(rows) and dataset:
            shown = show_worst(run, evaluation, dataset, rows)
        elif len(rows):
            warn_no_images(run)
        if len(evaluation.classes) > MOST_AT_A_GLANCE:
            _pairs(evaluation)
    with st.container(key="evaluate_rest"):
        if dataset:
            _rest(run, evaluation, dataset, rows, shown)
        show_scores(evaluation)
        offer_matrix(shown_matrix, percents, run.id)
    bring_into_view(IMAGES)
    return true, predicted


def _matrix(run: Run, evaluation: Evaluation) -> tuple[str | None, str | None, Evaluation, bool]:
    """The matrix, and the controls for it below.

    Returns:
        The chosen true and predicted class, the answers with their classes as they are ordered
        there, and whether it shows percents.
    """
    st.header("Confusion matrix")
    place = st.container()
    true, predicted, percents, order = _controls(evaluation)
    if order == "confusion":
        evaluation = by_confusion(run, run.id)
    with place:
        matrix_table(
            evaluation, percents, (true, predicted), f"matrix_{run.id}", _toggle((true, predicted))
        )
    return true, predicted, evaluation, percents


def _controls(evaluation: Evaluation) -> tuple[str | None, str | None, bool, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="matrix_controls"):
        true, predicted = (
            choose(
                st.selectbox,
                label,
                [None, *evaluation.classes],
                name,
                format_func=lambda chosen: chosen or ALL,
                placeholder=ALL,
                width=170,
            )
            for label, name in (("True class", TRUE), ("Predicted class", PREDICTED))
        )
        shown = session_control(
            st.segmented_control,
            "Values",
            "matrix_values",
            COUNTS,
            options=[COUNTS, NORMALIZED],
            required=True,
            help="Normalized, each row adds up to 100 %: of the images of a true class, the share "
            "that is given each predicted class.",
        )
        order = "name"
        if len(evaluation.classes) > MOST_AT_A_GLANCE:
            order = choose(
                st.segmented_control,
                "Order of classes",
                list(ORDERS),
                "order",
                format_func=ORDERS.__getitem__,
                required=True,
                help="By confusion, classes that are taken for each other are neighbors.",
            )
    return true, predicted, shown == NORMALIZED, order


def _toggle(before: tuple[str | None, str | None]) -> Callable[[str | None, str | None], None]:
    def take(true: str | None, predicted: str | None) -> None:
        """Choose a cell; the one that is chosen already is given up."""
        chosen = (None, None) if (true, predicted) == before else (true, predicted)
        _choose(*chosen)
        if chosen != (None, None):
            want_in_view(IMAGES)

    return take


def _choose(true: str | None, predicted: str | None, with_image: bool = False) -> None:
    keep(TRUE, true)
    keep(PREDICTED, predicted)
    if not with_image:
        keep(IMAGE, None)


def _heading(
    evaluation: Evaluation, rows: np.ndarray, true: str | None, predicted: str | None
) -> None:
    right = true is not None and true == predicted
    st.header(f"{'Correctly classified' if right else 'Misclassified'} test images")
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        _which_images(evaluation, rows, true, predicted)
        if true or predicted:
            st.button(
                "Show all mistakes",
                icon=":material/close:",
                type="tertiary",
                on_click=lambda: _choose(None, None),
            )


def _which_images(
    evaluation: Evaluation, rows: np.ndarray, true: str | None, predicted: str | None
) -> None:
    if not len(rows):
        st.success(_none_of(true, predicted), icon=":material/check_circle:")
    else:
        which = f"{len(rows):,} of {len(evaluation):,}"
        if true or predicted:
            which = f"{count_of(len(rows), 'image')}{_which(true, predicted)}"
        st.caption(f"{which}, most confident first")


def _rest(
    run: Run, evaluation: Evaluation, dataset: Dataset, rows: np.ndarray, shown: np.ndarray
) -> None:
    """The images that are not beside the matrix, and the one that is open."""
    rest = np.setdiff1d(rows, shown)
    if len(rest):
        st.header(f"The other {len(rest):,}" if len(rest) > 1 else "The other one")
        st.caption(
            "Choose an image to see its probabilities, where the network looked, and the nearest "
            "training images. To find images whose own label may be wrong, see *Data quality* on "
            "the page *Data*."
        )
        shown = np.concatenate([shown, show_gallery(run, evaluation, dataset, rest)])
    open_image(run, evaluation, dataset, shown)


def _pairs(evaluation: Evaluation) -> None:
    """The most confused pairs of classes; each opens its images."""
    pairs = confused_pairs(evaluation, N_PAIRS)
    if not pairs:
        return
    st.markdown("### Most confused pairs")
    short = dict(zip(evaluation.classes, cut(evaluation.classes, NAME), strict=True))
    with st.container(key="evaluate_pairs", gap=None):
        for number, pair in enumerate(pairs):
            names = " → ".join(escape_markdown(short[one]) for one in (pair.true, pair.predicted))
            st.button(
                f"**{names}** · {count_of(pair.count, 'image')}, {percent(pair.share)}",
                key=f"pair_{number}",
                type="tertiary",
                on_click=_choose,
                args=(pair.true, pair.predicted),
            )
    st.caption("True → predicted class, images, and their share of the true class's images")


def _none_of(true: str | None, predicted: str | None) -> str:
    if true and true == predicted:
        return f"No test image of {escape_markdown(true)} was classified correctly."
    if predicted:
        other = f" of {escape_markdown(true)}" if true else " of another class"
        return f"No test image{other} was predicted to be {escape_markdown(predicted)}."
    return f"No test image{f' of {escape_markdown(true)}' if true else ''} was misclassified."


def _which(true: str | None, predicted: str | None) -> str:
    parts = [f" of {escape_markdown(true)}"] if true else []
    if predicted:
        parts.append(f" predicted to be {escape_markdown(predicted)}")
    return ",".join(parts)
