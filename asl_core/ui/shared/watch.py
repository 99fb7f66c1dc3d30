"""The one way in which a part of a page looks again by itself."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from asl_core.errors import AslError
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.slots import page_slots

T = TypeVar("T")

ACTIVE_SECONDS = 0.5
IDLE_SECONDS = 4.0
"""Time between two looks, while something is under way and while nothing is."""

FULL_PACE_VIEWERS = 25
"""Visitors for whom a page looks as often as that. Of more, each looks as much more seldom, so that
their looks leave a processor time for their clicks: all together look as often as these."""

COUNT_SECONDS = 1.0
"""Time between two counts of the visitors."""


def watch(
    look: Callable[[], T],
    draw: Callable[[T], None],
    is_active: Callable[[T], bool] | None = None,
    seconds: float = ACTIVE_SECONDS,
) -> None:
    """Draw a part of the page, and look again every so often.

    An error of the core becomes a sentence there: Streamlit passes none on to the page around it.

    Args:
        look: reads what there is to see.
        draw: draws it.
        is_active: whether something is under way: the page looks often then, and seldom else, and
            runs again as a whole when that changes. None: it looks as often always.
        seconds: between two looks while something is under way.
    """
    first = [look()]
    was_active = is_active(first[0]) if is_active else True

    def look_again() -> None:
        try:
            with page_slots.slot():
                seen = first.pop() if first else look()  # one look is enough to draw a page
                if is_active and is_active(seen) != was_active:
                    st.rerun()
                draw(seen)
        except AslError as error:
            show_error(error)

    every = seconds if was_active else IDLE_SECONDS
    st.fragment(look_again, run_every=every * times_as_seldom())()


def times_as_seldom() -> float:
    """How many times as seldom a page looks as it would alone, at least once."""
    return max(1.0, _visitors.count() / FULL_PACE_VIEWERS)


class _Visitors:
    """Those who have a page open on which a part looks by itself: every page has one."""

    def __init__(self) -> None:
        self._sessions: set[str] = set()
        self._lock, self._counted = threading.Lock(), 0.0

    def count(self) -> int:
        """How many there are, with whoever this page is drawn for."""
        context = get_script_run_ctx()
        if context is None or not runtime.exists():  # in a test of the page
            return 1
        with self._lock:
            if time.monotonic() - self._counted > COUNT_SECONDS:
                here = runtime.get_instance().is_active_session
                self._sessions = {session for session in self._sessions if here(session)}
                self._counted = time.monotonic()
            self._sessions.add(context.session_id)
            return len(self._sessions)


_visitors = _Visitors()
