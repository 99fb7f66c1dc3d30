"""What resembles what: a map of the test pictures, from which some can be chosen."""

import numpy as np
import streamlit as st

from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.evaluation import ROW, feature_map
from asl_core.runs.run import Run
from asl_core.ui.evaluate.gallery import choose_image, warn_no_images
from asl_core.ui.evaluate.run_values import pca_of, tsne_of
from asl_core.ui.shared.charts import mode
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.words import pictures

PCA, TSNE = "PCA", "t-SNE"
FEWEST = 4
"""Test pictures that t-SNE needs."""


def show_embedding_map(run: Run, evaluation: Evaluation) -> None:
    """The map, and the pictures that are chosen in it (at first: those that it gets wrong)."""
    noun = pictures(run.spec.rendered)
    st.markdown(
        f"Each point is a test {noun[:-1]}, placed by what the network makes of it just before it "
        "decides: what it finds alike lies close together. Crosses are mistakes. Each letter "
        "stands amid its points."
    )
    dataset = dataset_of(run)
    if dataset is None:
        warn_no_images(run)
        return
    if len(evaluation) < FEWEST:
        st.info("There are too few test pictures for a map.", icon=":material/scatter_plot:")
        return
    method = st.segmented_control(
        "Map", [PCA, TSNE], default=PCA, required=True, key="map", bind="query-params"
    )
    embedding = (tsne_of if method == TSNE else pca_of)(run, run.id, dataset)
    event = st.plotly_chart(
        feature_map(evaluation, embedding, mode()),
        theme=None,
        key=f"map_{run.id}_{method}",
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config={"displaylogo": False},
        alt=f"Map of {len(evaluation)} test {noun} by {method}",
    )
    st.caption(
        "Axes: the two directions in which the features vary most."
        if method == PCA
        else "Neighbors are kept; distances between groups and the axes mean nothing."
    )
    _pictures(run, evaluation, noun, [point["customdata"][ROW] for point in event.selection.points])


def _pictures(run: Run, evaluation: Evaluation, noun: str, chosen: list[int]) -> None:
    dataset = dataset_of(run)
    rows = np.array(sorted(set(map(int, chosen))), np.int64) if chosen else evaluation.rows()
    st.subheader(f"{len(rows):,} chosen {noun}" if chosen else f"Mislabeled test {noun}")
    st.caption("Draw around some points, or click one, to see them here.")
    if dataset and len(rows):
        choose_image(run, evaluation, dataset, rows)
