"""A button that starts something: a double click is one, and a refusal leaves the page as it is."""

import time
from collections.abc import Callable

import streamlit as st

from asl_core.errors import AslError, RunError
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.resources import run_store

DOUBLE_CLICK_SECONDS = 2.0
_LAST = "last_started"
_ASKED = "asked_to_train"


def can_start() -> bool:
    """Whether what is started could be kept now; says why, if not."""
    try:
        run_store().check_writable()
    except RunError as error:
        show_error(error, icon=":material/lock:")
        return False
    return True


def start_once(what: object, start: Callable[[], object]) -> bool:
    """Start what a visitor has asked for, unless the same visitor has just started the same.

    Args:
        what: is asked for; equal values are the same.
        start: does it. An error of the core is told; what the page draws next is drawn.

    Returns:
        Whether it was started by this click.
    """
    last, when = st.session_state.get(_LAST, (None, 0.0))
    if what == last and time.monotonic() - when < DOUBLE_CLICK_SECONDS:
        return False
    notice = st.empty()
    notice.caption(":material/hourglass_top: Starting the training process")
    # Noted before it is done, and then again: a second click ends this pass of the page at the
    # next message to the browser, and may have waited for seconds by then.
    st.session_state[_LAST] = what, time.monotonic()
    try:
        start()
    except AslError as error:
        del st.session_state[_LAST]
        notice.empty()
        show_error(error)
        return False
    st.session_state[_LAST] = what, time.monotonic()
    notice.empty()
    return True


def ask_to_start() -> None:
    """Ask the page Train, which is opened next, to start as its own button does."""
    st.session_state[_ASKED] = True


def asked_to_start() -> bool:
    """Whether another page's button has asked for a training; told once."""
    return bool(st.session_state.pop(_ASKED, False))
