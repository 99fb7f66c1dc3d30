"""Data quality on the page Data; nothing runs before it is chosen."""

import streamlit as st

from asl_core.data import Dataset, Split
from asl_core.ui.data.label_issues import show_label_issues
from asl_core.ui.data.quality import show_quality
from asl_core.ui.shared.label_corrections import list_corrections
from asl_core.ui.shared.url import choose

CHECKS = {"images": "Images", "label-errors": "Label errors", "corrections": "Corrections"}


def check_data(dataset: Dataset, split: Split) -> None:
    """Problems of the images and of their labels, and what was corrected."""
    st.header("Data quality")
    st.caption(
        "Duplicates, and images that are dark, bright, blurred or of an unusual size; labels that "
        "may be wrong; and the corrections that were made."
    )
    chosen = choose(
        st.segmented_control,
        "Check",
        tuple(CHECKS),
        "check",
        optional=True,
        format_func=CHECKS.__getitem__,
        label_visibility="collapsed",
    )
    if chosen == "images":
        show_quality(dataset, split)
    elif chosen == "label-errors":
        show_label_issues(dataset)
    elif chosen == "corrections":
        list_corrections(dataset)
