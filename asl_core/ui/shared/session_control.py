"""A control whose value lasts as long as the visit."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def session_control(
    widget: Callable[..., Any], label: str, key: str, usual: Any, **arguments: Any
) -> Any:
    """A control that keeps its value from page to page, and that code may set by its key.

    Args:
        widget: `st.slider`, `st.toggle` or one of their kind.
        label: of the control.
        key: of the control, and of its value in `st.session_state`.
        usual: the value at first. The widget gets none of its own: with both, Streamlit warns.
        **arguments: of the widget.
    """
    st.session_state.setdefault(key, usual)
    return widget(label, key=key, persist_state="session", **arguments)
