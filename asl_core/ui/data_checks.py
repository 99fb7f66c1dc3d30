"""The part of the page Data that looks for what may be wrong; nothing runs before it is chosen."""

import streamlit as st

from asl_core.datasets import Dataset, Split
from asl_core.ui.decided import list_decisions
from asl_core.ui.doubtful import show_doubtful
from asl_core.ui.quality import show_quality
from asl_core.ui.words import pictures

PICTURES = "Pictures"
LABELS = "Labels"
DECISIONS = "Decisions"


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
        show_doubtful(dataset)
    elif chosen == DECISIONS:
        list_decisions(dataset)
