"""An error of the core as a sentence on a page."""

import logging
import re
from functools import lru_cache

import streamlit as st

from asl_core.errors import AslError
from asl_core.ui.shared.words import escape_markdown

_PATH = re.compile(r"(?<![\w.:/\\])(?:[A-Za-z]:)?[/\\](?:[^\s/\\'\":]+[/\\])+([^\s/\\'\":]*)")
"""A path below the root of a machine; not the address of a page in the web."""


def show_error(error: AslError, icon: str = ":material/error:") -> None:
    """Say what is wrong, and the way out. The log gets the path, for the operator.

    Args:
        error: of the core.
        icon: Material icon before it.
    """
    if error.path is not None:
        _log_once(error.in_full)
    st.error(escape_markdown(without_paths(str(error))), icon=icon)


def without_paths(text: str) -> str:
    """A text in which of every path that begins at a root only the last part is left.

    The errors of the core name no path; what they pass on of other programs may.
    """
    return _PATH.sub(r"\1", text)


@lru_cache(maxsize=256)  # a page is drawn many times
def _log_once(text: str) -> None:
    logging.getLogger(__name__).warning(text)
