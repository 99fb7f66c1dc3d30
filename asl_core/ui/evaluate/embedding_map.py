"""What resembles what: a map of the test images, from which some can be chosen."""

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.embedding import ROW, feature_map
from asl_core.runs.run import Run
from asl_core.ui.evaluate.gallery import choose_image, warn_no_images
from asl_core.ui.evaluate.run_values import pca_of, tsne_of
from asl_core.ui.shared.charts import mode
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.url import choose

METHODS = {"pca": "PCA", "tsne": "t-SNE"}
FEWEST = 4
"""Test images that t-SNE needs."""


def show_embedding_map(run: Run, evaluation: Evaluation) -> None:
    """The map, and the images that are chosen in it (at first: those that it gets wrong)."""
    st.markdown(
        "Each point is a test image, placed by its features: the input of the network's last "
        "layer. Images that are alike to the network lie close together. Crosses are mistakes; "
        "each class has its label amid its points."
    )
    dataset = dataset_of(run)
    if dataset is None:
        warn_no_images(run)
        return
    if len(evaluation) < FEWEST:
        st.info("There are too few test images for a map.", icon=":material/scatter_plot:")
        return
    method = choose(
        st.segmented_control,
        "Method",
        list(METHODS),
        "map",
        format_func=METHODS.__getitem__,
        required=True,
        help="PCA: the plane in which the features vary most. t-SNE: neighbors stay neighbors.",
    )
    embedding = (tsne_of if method == "tsne" else pca_of)(run, run.id, dataset)
    event = st.plotly_chart(
        feature_map(evaluation, embedding, mode()),
        theme=None,
        key=f"map_{run.id}_{method}",
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config={"displaylogo": False},
        alt=f"Map of {len(evaluation)} test images by {METHODS[method]}",
    )
    st.caption(
        "Axes: the two directions in which the features vary most."
        if method == "pca"
        else "Neighbors are kept; distances between groups and the axes mean nothing."
    )
    _images(
        run, evaluation, dataset, [point["customdata"][ROW] for point in event.selection.points]
    )


def _images(run: Run, evaluation: Evaluation, dataset: Dataset, chosen: list[int]) -> None:
    rows = np.array(sorted(set(map(int, chosen))), np.int64) if chosen else evaluation.rows()
    st.subheader(f"{len(rows):,} chosen images" if chosen else "Misclassified test images")
    st.caption("Draw around some points, or click one, to see them here.")
    if len(rows):
        choose_image(run, evaluation, dataset, rows)
