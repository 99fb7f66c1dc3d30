"""The one way in which a part of a page looks again by itself."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from asl_core.errors import AslError
from asl_core.ui.shared.errors import show_error

T = TypeVar("T")

ACTIVE_SECONDS = 0.5
IDLE_SECONDS = 4.0
"""Time between two looks, while something is under way and while nothing is."""


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
            seen = first.pop() if first else look()  # one look is enough to draw a page
            if is_active and is_active(seen) != was_active:
                st.rerun()
            draw(seen)
        except AslError as error:
            show_error(error)

    st.fragment(look_again, run_every=seconds if was_active else IDLE_SECONDS)()
