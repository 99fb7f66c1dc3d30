"""What resembles what: a map of the test images, from which some can be chosen."""

from html import escape

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.evaluation.confusion import confused_pairs
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.embedding import ROW, feature_map, map_labels
from asl_core.figures.labels import class_colors
from asl_core.runs.run import Run
from asl_core.ui.evaluate.gallery import open_image, show_gallery, warn_no_images
from asl_core.ui.evaluate.run_values import pca_of, tsne_of
from asl_core.ui.shared.charts import mode, tool_bar
from asl_core.ui.shared.landmarks import offer_landmarks, tell_without_hand
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.url import choose

METHODS = {"pca": "PCA", "tsne": "t-SNE"}
FEWEST = 4
"""Test images that t-SNE needs."""

MOST_COLORED = 8
"""Classes that have a color each."""


def show_embedding_map(run: Run, evaluation: Evaluation) -> None:
    """The map, and the images that are chosen in it (at first: those that it gets wrong)."""
    st.markdown(
        "Each point is a test image, placed by its features: the input of the network's last "
        "layer. Images that the network finds similar lie close together. Crosses are mistakes; "
        "each colored class has its label among its points."
    )
    dataset = dataset_of(run)
    if dataset is None:
        warn_no_images(run)
        return
    if run.spec.config.features == "landmarks" and offer_landmarks(dataset) is None:
        return
    evaluation = tell_without_hand(evaluation)
    if len(evaluation) < FEWEST:
        st.info("There are too few test images for a map.", icon=":material/scatter_plot:")
        return
    method = _choose_method()
    colored = _choose_colored(run, evaluation)
    embedding = (tsne_of if method == "tsne" else pca_of)(run, run.id, dataset)
    event = st.plotly_chart(
        feature_map(evaluation, embedding, mode(), colored),
        theme=None,
        key=f"map_{run.id}_{method}",
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config=tool_bar(
            "select2d", "lasso2d", "pan2d", "zoom2d", "resetScale2d", name=f"map {method}"
        ),
        alt=f"Map of {len(evaluation)} test images by {METHODS[method]}",
    )
    _legend(colored)
    st.caption(
        "Axes: the two directions in which the features vary most."
        if method == "pca"
        else "Neighbors are kept; distances between groups and the axes mean nothing."
    )
    _images(
        run, evaluation, dataset, [point["customdata"][ROW] for point in event.selection.points]
    )


def _choose_method() -> str:
    method: str = choose(
        st.segmented_control,
        "Method",
        list(METHODS),
        "map",
        format_func=METHODS.__getitem__,
        required=True,
        help="PCA: the plane in which the features vary most. t-SNE: neighbors stay neighbors.",
    )
    return method


def _choose_colored(run: Run, evaluation: Evaluation) -> tuple[str, ...]:
    """The classes with a color each: all if they are few, else those that the visitor chooses."""
    classes = evaluation.classes
    if len(classes) <= MOST_COLORED:
        return classes
    pair = confused_pairs(evaluation, 1)
    return tuple(
        st.multiselect(
            "Classes in color",
            classes,
            default=[pair[0].true, pair[0].predicted] if pair else classes[:2],
            max_selections=MOST_COLORED,
            key=f"colored_{run.id}",
            help="The others are gray. At first: the two that are confused most.",
        )
    )


def _legend(classes: tuple[str, ...]) -> None:
    """The colors, and the numbers that stand for names which are too long for the map."""
    if not classes or map_labels(classes) == list(classes):
        return
    entries = zip(class_colors(len(classes), mode()), map_labels(classes), classes, strict=True)
    st.html(
        '<div style="display:flex;flex-wrap:wrap;gap:2px 18px;font-size:0.875rem">'
        + "".join(
            f'<span style="overflow-wrap:anywhere"><span style="color:{color}">\u25cf</span> '
            f"{escape(name if label == name else f'{label}: {name}')}</span>"
            for color, label, name in entries
        )
        + "</div>"
    )


def _images(run: Run, evaluation: Evaluation, dataset: Dataset, chosen: list[int]) -> None:
    rows = np.array(sorted(set(map(int, chosen))), np.int64) if chosen else evaluation.rows()
    st.header(f"Chosen images: {len(rows):,}" if chosen else "Misclassified test images")
    st.caption("Draw around some points, or click one, to see them here.")
    if len(rows):
        rows = show_gallery(run, evaluation, dataset, rows)
    open_image(run, evaluation, dataset, rows)
