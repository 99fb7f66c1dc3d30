"""What resembles what: a map of the test images, from which some can be chosen."""

import math
from html import escape

import numpy as np
import streamlit as st

from asl_core.config import TrainConfig
from asl_core.data import Dataset
from asl_core.evaluation.confusion import confused_pairs
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.embedding import ROW, feature_map, map_labels
from asl_core.figures.labels import class_colors
from asl_core.runs.run import Run
from asl_core.settings import IMAGE_SIZE
from asl_core.ui.evaluate.gallery import open_image, show_gallery, warn_no_images
from asl_core.ui.evaluate.run_values import has_tsne, pca_of, tsne_of
from asl_core.ui.shared.charts import mode, tool_bar
from asl_core.ui.shared.landmarks import offer_landmarks, tell_without_hand
from asl_core.ui.shared.reading import offer_sized
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.url import choose, chosen_by_hand

METHODS = {"pca": "PCA", "tsne": "t-SNE"}
FEWEST = 4
"""Test images that t-SNE needs."""

MOST_UNASKED = 2_000
"""Test images whose features are computed for a link (see `_effort`): that takes a second."""

MOST_BY_TSNE = 5_000
"""Test images that t-SNE maps: it takes half a minute."""

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
    on_pixels = run.spec.config.features == "pixels"
    if on_pixels and offer_sized(dataset, run.spec.config.image_size) is None:
        return
    evaluation = tell_without_hand(evaluation)
    if len(evaluation) < FEWEST:
        st.info("There are too few test images for a map.", icon=":material/scatter_plot:")
        return
    method = _choose_method()
    if not _is_wanted(run, method, len(evaluation)):
        return
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


def _is_wanted(run: Run, method: str, n: int) -> bool:
    """Whether a map is drawn: one that takes long only if it is there, or was asked for here and
    not by a link alone; else a button asks for it."""
    if method == "tsne" and n > MOST_BY_TSNE:
        st.info(
            f"t-SNE maps up to {MOST_BY_TSNE:,} images; here are {n:,}. PCA maps them all.",
            icon=":material/scatter_plot:",
        )
        return False
    quick = _effort(run, n) <= MOST_UNASKED if method == "pca" else has_tsne(run.id)
    if quick or chosen_by_hand("map" if method == "tsne" else "part"):
        return True
    asked = f"map_{method}_asked_{run.id}"
    if asked not in st.session_state:
        st.button(
            f"Draw the map of {n:,} images",
            key=f"draw_{method}",
            icon=":material/scatter_plot:",
            type="primary",
            on_click=st.session_state.setdefault,
            args=(asked, True),
        )
    return asked in st.session_state


def _effort(run: Run, n: int) -> float:
    """As many test images of the mission's network take as long as `n` of a run."""
    config = run.spec.config
    if config.features == "landmarks":
        return n
    size, filters = (config.image_size / IMAGE_SIZE) ** 2, config.filters[0] * config.filters[1]
    return n * size * filters / math.prod(TrainConfig().filters)


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
