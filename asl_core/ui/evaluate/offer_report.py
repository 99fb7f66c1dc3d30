"""The report of a run to take along, and its model card."""

from collections.abc import Callable

import streamlit as st

from asl_core.data import Dataset
from asl_core.report.card import to_markdown
from asl_core.report.content import RunReport
from asl_core.report.page import to_html
from asl_core.report.write import as_bytes
from asl_core.runs.run import Run
from asl_core.ui.shared.downloads import download
from asl_core.ui.shared.resources import dataset_of


def offer_report(run: Run) -> None:
    """Both; each is made when it is asked for."""
    dataset = dataset_of(run)
    st.header("Report and model card")
    st.caption(
        "The report is one HTML file with what is known of this run, its figures too: it opens "
        "from disk, without a network. The model card says the same in Markdown."
    )
    images = dataset is not None and st.checkbox("Show the worst mistakes in it", value=True)
    with st.container(horizontal=True):
        report = _made(run, dataset, images, to_html)
        download("Report (HTML)", report, f"report-{run.id}.html", "text/html")
        card = _made(run, dataset, False, to_markdown)
        download("Model card (Markdown)", card, f"model-card-{run.id}.md", "text/markdown")


def _made(
    run: Run, dataset: Dataset | None, images: bool, write: Callable[[RunReport], str]
) -> Callable[[], bytes]:
    return lambda: as_bytes(write(RunReport.of(run, dataset, images)))
