"""What a run is, in a line or two below its choice."""

import streamlit as st

from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND, MISSION_FINGERPRINT
from asl_core.ui.shared.label_corrections import corrections_of
from asl_core.ui.shared.words import RENDERED_RUN, count_of, epochs, percent


def show_summary(run: Run) -> None:
    """Its training accuracy, size and training, and what to keep in mind of its images."""
    notes = [
        f"**Training accuracy** {percent(run.results.train_accuracy)} of "
        f"{run.results.n_train:,} images · {epochs(run)}, {run.results.params:,} parameters."
    ]
    if run.results.n_without_hand:
        notes.append(
            f"{count_of(run.results.n_without_hand, 'training image')} without a hand left out."
        )
    if run.spec.data == ANY_HAND:
        notes.append(
            "Each test photo was answered by a network that had learned from the other people "
            "alone; the model itself has learned from all."
        )
    if run.spec.rendered:
        notes.append(RENDERED_RUN)
    if changed := corrections_of(run):
        notes.append(f":material/rule: Label corrections: {changed}.")
    if run.results.fingerprint == MISSION_FINGERPRINT:
        notes.append("Measured on one signer in one room; expect lower accuracy on other hands.")
    st.caption(" ".join(notes))
