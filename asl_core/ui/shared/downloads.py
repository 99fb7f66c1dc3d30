"""The way to what can be taken along of a run."""

from collections.abc import Callable

import streamlit as st

from asl_core.runs.run import Run

DOWNLOADS = "download"
"""What the address calls that part of *Evaluate*."""


def download(
    label: str,
    made: Callable[[], bytes],
    name: str,
    kind: str = "application/octet-stream",
    primary: bool = False,
) -> None:
    """A button for a file that is made when it is asked for.

    Args:
        label: of the button.
        made: makes its content.
        name: of the file.
        kind: of its content (MIME).
        primary: whether it is the one that most will want.
    """
    st.download_button(
        label,
        made,
        name,
        kind,
        icon=":material/download:",
        on_click="ignore",
        type="primary" if primary else "secondary",
    )


def link_downloads(run: Run) -> None:
    """A link to the model of a run, its tables and its report."""
    st.page_link(
        "pages/evaluate.py",
        label="Use this model elsewhere",
        icon=":material/download:",
        query_params={"run": run.id, "part": DOWNLOADS},
    )
