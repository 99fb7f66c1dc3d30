"""The dataset that a visitor looks at: the server's own, a synthetic one, or one that was brought.

The choice is kept in the URL, so that a link opens the same dataset, and from page to page.
"""

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st

from asl_core.data import SyntheticSpec, find_source
from asl_core.data.dataset import Source
from asl_core.data.own_dataset import OwnDataset, check_filled, read_card, set_folder
from asl_core.errors import DatasetError, StoreError
from asl_core.permissions import requester
from asl_core.ui.shared.url import asked_for, keep, refuse

_QUERY = "data"

_ASKED = "datasets_asked_for"
"""Texts of the datasets that this visitor has asked for by a control, in the session."""

MOST_ASKED = 8
"""Of them, the last ones."""


def current_source() -> Source:
    """Where what the pages show comes from.

    A link may ask for a synthetic dataset, or by its id for one that somebody brought, and to leave
    out classes of that or, as `?without=J`, of what the server shows to everybody; never for a
    folder of the server.

    Raises:
        DatasetError: `ASL_DATA_DIR` names no folder.
    """
    text = asked_for(_QUERY)
    if text is not None:
        try:
            return _linked(text)
        except StoreError as error:
            refuse(_QUERY, "Dataset", text, f"which can't be used. {error}")
        except DatasetError as error:
            refuse(_QUERY, "Dataset", text, f"which can't be rendered. {error}")
    return find_source()


def _linked(text: str) -> Source:
    """What a link asks for.

    Raises:
        DatasetError: it is nothing that can be shown.
    """
    source = Source(text)
    if own_id := source.own_id:
        check_filled(read_card(set_folder(own_id)))  # or it tells that it is gone, or not ready
        return source
    if source.left_out and not source.path:
        return find_source().without(*source.left_out)
    return Source(SyntheticSpec.parse(text).text)


def show_own_set(card: OwnDataset) -> None:
    """Show a dataset that somebody brought to this visitor from now on."""
    ask_for(Source(card.text))
    keep(_QUERY, None if card.text == find_source().text else card.text)


def leave_out(classes: Iterable[str]) -> None:
    """Show this visitor the same dataset without these classes, and no others, from now on.

    Args:
        classes: their names; none brings all back.
    """
    source, default = current_source(), find_source()
    wanted = replace(source, text=source.path).without(*classes)
    ask_for(wanted)
    if wanted.path == default.path:  # which a link does not name
        keep(_QUERY, wanted.text.removeprefix(default.path) or None)
    else:
        keep(_QUERY, wanted.text)


def show_set(spec: SyntheticSpec) -> None:
    """Show a synthetic dataset to this visitor from now on."""
    ask_for(Source(spec.text))
    keep(_QUERY, None if spec == find_source().spec else spec.text)


def show_default_set() -> None:
    """Show this visitor what the server shows to everybody."""
    keep(_QUERY, None)


def ask_for(source: Source) -> None:
    """Note that this visitor has asked for a dataset by a control, and not by an address alone."""
    st.session_state[_ASKED] = [*st.session_state.get(_ASKED, ()), source.text][-MOST_ASKED:]


def may_prepare(source: Source) -> bool:
    """Whether a dataset's images may be read, or copied, without a click: what the server shows to
    everybody, and what this visitor has asked for.

    Args:
        source: of the dataset.
    """
    if source.text in st.session_state.get(_ASKED, ()) and requester().may_change:
        return True
    try:
        return source.text == find_source().text
    except DatasetError:  # told where it is opened
        return False


def has_chosen() -> bool:
    """Whether this visitor looks at a dataset of their own choice."""
    return asked_for(_QUERY) is not None
