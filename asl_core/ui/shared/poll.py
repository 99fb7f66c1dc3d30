"""Parts of a page that run again by themselves."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from asl_core.errors import AslError
from asl_core.ui.shared.errors import show_error

P = ParamSpec("P")


def poll(seconds: float, draw: Callable[P, None]) -> Callable[P, None]:
    """A function that draws a part of a page, made to run again every so often.

    An error of the core becomes a sentence there: Streamlit passes none on to the page around it.
    """

    @wraps(draw)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            draw(*args, **kwargs)
        except AslError as error:
            show_error(error)

    fragment: Callable[P, None] = st.fragment(told, run_every=seconds)
    return fragment
