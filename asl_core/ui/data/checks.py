"""The part of the page Data that looks for what may be wrong; nothing runs before it is chosen."""

import streamlit as st

from asl_core.data import Dataset, Split
from asl_core.ui.data.label_issues import show_label_issues
from asl_core.ui.data.quality import show_quality
from asl_core.ui.shared.label_corrections import list_decisions
from asl_core.ui.shared.words import pictures

PICTURES = "Pictures"
LABELS = "Labels"
DECISIONS = "LabelCorrections"


def check_data(dataset: Dataset, split: Split) -> None:
    """What may be wrong with the pictures and with their labels, and what was decided."""
    noun = pictures(dataset.rendered)
    st.subheader("What may be wrong")
    st.caption(
        f"Copies, and {noun} that are dark, bright, blurred or of an odd size; labels that may be "
        "wrong; and what was decided about them."
    )
    chosen = st.segmented_control(
        "Look at",
        [PICTURES, LABELS, DECISIONS],
        key="check",
        bind="query-params",
        label_visibility="collapsed",
    )
    if chosen == PICTURES:
        show_quality(dataset, split)
    elif chosen == LABELS:
        show_label_issues(dataset)
    elif chosen == DECISIONS:
        list_decisions(dataset)
