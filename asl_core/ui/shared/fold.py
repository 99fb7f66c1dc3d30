"""A fold whose inside is drawn from when it is first opened on: folding it up forgets nothing."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def lasting_fold(label: str, icon: str, key: str) -> DeltaGenerator | None:
    """A fold; None as long as this visitor has not opened it.

    Args:
        label: of the fold.
        icon: Material icon.
        key: of the fold, in `st.session_state`.

    Returns:
        The place inside it.
    """
    fold = st.expander(label, icon=icon, key=key, on_change="rerun")
    opened_once = f"{key}_once"
    if fold.open:
        st.session_state[opened_once] = True
    return fold if opened_once in st.session_state else None
