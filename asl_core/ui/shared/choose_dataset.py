"""The dataset that a visitor looks at: the server's own, or a rendered set of their choice.

The choice is kept in the URL, so that a link opens the same set, and from page to page.
"""

import streamlit as st

from asl_core.data import SyntheticSpec, find_source
from asl_core.data.dataset import Source
from asl_core.errors import DatasetError
from asl_core.ui.shared.words import escape_markdown

_CHOSEN = "chosen_set"
_QUERY = "data"


def current_source() -> Source:
    """Where what the pages show comes from.

    A link may ask for a recipe, never for a folder of the server.

    Raises:
        DatasetError: `ASL_DATA_DIR` names no folder.
    """
    linked = st.query_params.get(_QUERY)
    if linked and linked != st.session_state.get(_CHOSEN):
        _follow(linked)
    chosen: str | None = st.session_state.get(_CHOSEN)
    if chosen and not linked:
        st.query_params[_QUERY] = chosen
    return Source(chosen) if chosen else find_source()


def show_set(recipe: SyntheticSpec) -> None:
    """Show a rendered set to this visitor from now on."""
    if recipe == find_source().spec:
        show_default_set()
        return
    st.session_state[_CHOSEN] = st.query_params[_QUERY] = recipe.text


def show_default_set() -> None:
    """Show this visitor what the server shows to everybody."""
    st.session_state.pop(_CHOSEN, None)
    st.query_params.pop(_QUERY, None)


def has_chosen() -> bool:
    """Whether this visitor looks at a set of their own choice."""
    return _CHOSEN in st.session_state


def _follow(link: str) -> None:
    try:
        show_set(SyntheticSpec.parse(link))
    except DatasetError as error:
        st.query_params.pop(_QUERY)
        st.warning(
            f"The link asks for a set that can't be drawn. {escape_markdown(str(error))}",
            icon=":material/link_off:",
        )
