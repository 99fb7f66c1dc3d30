"""What whoever looks at a page may do: controls that are off for them, and why.

The core refuses all the same what is asked for without them (see `asl_core.permissions`).
"""

from typing import Any

import streamlit as st

from asl_core.permissions import not_yours, requester
from asl_core.ui.shared.sign_in import offer_to_sign_in

OFF = "Off on this public server."
"""Said where a whole part of a page is off; why, stands at its head (`tell_read_only`)."""


def may_change() -> bool:
    """Whether they may start, change or remove anything."""
    return requester().may_change


def change_button(label: str, whose: str = "", **arguments: Any) -> bool:
    """A button that starts, changes or removes something; off for who may not, who reads why.

    Args:
        label: of the button.
        whose: what it is about, where that is another's: `this run`; empty: it is theirs, or new.
        **arguments: of `st.button`.
    """
    return st.button(label, **_off(whose, arguments))


def change_form_button(label: str, **arguments: Any) -> bool:
    """The same at the end of a form."""
    return st.form_submit_button(label, **_off("", arguments))


def _off(whose: str, arguments: dict[str, Any]) -> dict[str, Any]:
    asks = requester()
    why = not_yours(whose) if asks.may_change and whose else asks.refusal
    return {**arguments, "disabled": True, "help": why} if why else arguments


def tell_read_only() -> None:
    """Say it where visitors may do nothing but look and predict, with the way to more if there is
    one; nothing elsewhere."""
    if refusal := requester().refusal:
        with st.container(horizontal=True, vertical_alignment="center", key="read_only"):
            st.caption(f":material/visibility: {refusal}", width="content")
            offer_to_sign_in()
