"""An error of the core as a sentence on a page."""

import streamlit as st

from asl_core.errors import AslError
from asl_core.ui.shared.words import escape_markdown


def show_error(error: AslError, icon: str = ":material/error:") -> None:
    """Say what is wrong, and the way out.

    Args:
        error: of the core.
        icon: Material icon before it.
    """
    st.error(escape_markdown(str(error)), icon=icon)
