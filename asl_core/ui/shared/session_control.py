"""A control whose value lasts as long as the visit, and that a lesson may hold fast."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

_LOCKED = "locked_controls"


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
    locked = st.session_state.get(_LOCKED, {})
    if key in locked:
        st.session_state[key] = locked[key]  # whatever a browser has sent
        arguments["disabled"] = True
    st.session_state.setdefault(key, usual)
    return widget(label, key=key, persist_state="session", **arguments)


def lock_controls(values: Mapping[str, Any]) -> None:
    """Hold some controls fast, and let go of all others.

    Args:
        values: of the controls that can't be changed, by their keys.
    """
    st.session_state[_LOCKED] = dict(values)
