"""The gallery of photos that a run gets wrong."""

from math import ceil

import streamlit as st

from asl_core.datasets import Dataset
from asl_core.evaluation import Evaluation, Mistake
from asl_core.runs import Run
from asl_core.ui.core import dataset_of
from asl_core.ui.photos import Picture, sheet

PER_PAGE = 48


def mistakes_gallery(run: Run, evaluation: Evaluation) -> None:
    """All mislabeled test photos, the most confident first, filtered by two letters."""
    st.subheader("Mislabeled test photos")
    mistakes = _chosen(evaluation)
    dataset = dataset_of(run)
    if not mistakes:
        st.success("None.", icon=":material/check_circle:")
    elif dataset is None:
        st.info(
            "The photos of this run are not here, so only the figures can be shown. Point "
            f"ASL_DATA_DIR at the folder that it was trained on ({run.spec.data}).",
            icon=":material/hide_image:",
        )
    else:
        st.caption(f"{len(mistakes)} photos, the most confident first.")
        slot = st.container()
        n_pages = ceil(len(mistakes) / PER_PAGE)
        page = st.pagination(n_pages, key=f"gallery_{run.id}") if n_pages > 1 else 1
        with slot:
            sheet([_picture(m, dataset) for m in mistakes[(page - 1) * PER_PAGE :][:PER_PAGE]])


def _chosen(evaluation: Evaluation) -> list[Mistake]:
    letters = ["All", *evaluation.classes]
    with st.container(horizontal=True):
        true = st.selectbox("True letter", letters, key="true", bind="query-params", width=160)
        predicted = st.selectbox(
            "Predicted letter", letters, key="predicted", bind="query-params", width=160
        )
    return [
        mistake
        for mistake in evaluation.mistakes
        if true in ("All", mistake.true) and predicted in ("All", mistake.predicted)
    ]


def _picture(mistake: Mistake, dataset: Dataset) -> Picture:
    return Picture(
        dataset.images[mistake.index],
        mistake.caption,
        f"{mistake.file}: {mistake.true}, taken for {mistake.predicted}",
        f"{100 * mistake.confidence:.0f} % sure",
    )
