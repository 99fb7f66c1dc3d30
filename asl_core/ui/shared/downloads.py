"""The way to what can be taken along of a run."""

import streamlit as st

from asl_core.runs.run import Run

DOWNLOADS = "download"
"""What the address calls that part of *Evaluate*."""


def link_downloads(run: Run) -> None:
    """A link to the model of a run, its tables and its report."""
    st.page_link(
        "pages/evaluate.py",
        label="Use this model elsewhere",
        icon=":material/download:",
        query_params={"run": run.id, "part": DOWNLOADS},
    )
