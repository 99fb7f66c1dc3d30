"""Signing in where visitors may only look: at a provider that the server knows, and back to the
page where it was asked for."""

import logging
import time
from collections import OrderedDict
from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitMissingAuthlibError
from streamlit.navigation.page import Page

from asl_core.permissions import requester
from asl_core.ui.shared.words import escape_markdown
from asl_core.web.visitor import browser, providers, signed_in

BACK_SECONDS = 600
"""Time in which somebody who signs in comes back to the page where they were."""

MAX_AWAY = 1_000
"""Visitors that are remembered while they sign in."""

_away: OrderedDict[str, tuple[float, str, Mapping[str, str]]] = OrderedDict()
"""When a browser went to sign in, from which page, with what in its address: a new page of the
browser comes back, so it is not in the session. Streamlit leads back to the first page only."""

_PAGE = "page_of_this_run"
_SEEN = "seen_since_signing_in"
_TOLD = "told_of_signing_in"

NOT_SIGNED_IN = (
    "You are not signed in: it was refused, broken off, or the provider did not answer. Try again."
)
NOT_SET_UP = "Signing in is not set up as it should be; the log of the server says why."


def note_page(page: Page) -> None:
    """Remember which page is drawn, for `offer_to_sign_in`."""
    st.session_state[_PAGE] = page.url_path


def offer_to_sign_in() -> None:
    """A button for each provider, where the server knows one and nobody is signed in."""
    if signed_in():
        return
    known = providers()
    for name in known:
        label = "Sign in" if len(known) == 1 else f"Sign in with {name.capitalize()}"
        if st.button(label, icon=":material/login:", key=f"sign_in_{name}"):
            _away[browser()] = time.monotonic(), st.session_state[_PAGE], st.query_params.to_dict()
            if len(_away) > MAX_AWAY:
                _away.popitem(last=False)
            try:
                st.login(None if name == "default" else name)
            except (StreamlitAuthError, StreamlitMissingAuthlibError) as error:
                logging.getLogger(__name__).warning("Signing in is not set up: %s", error)
                st.session_state[_TOLD] = NOT_SET_UP
    if told := st.session_state.pop(_TOLD, ""):
        st.caption(f":material/error: {told}", width="content")


def go_back() -> None:
    """Open the page where somebody was who went to sign in and is back, and say if they are not."""
    is_new = _SEEN not in st.session_state
    st.session_state[_SEEN] = True
    if not is_new or not _away or not (left := _away.pop(browser(), None)):
        return
    if not signed_in():
        st.session_state[_TOLD] = NOT_SIGNED_IN
    when, path, query = left
    if path and time.monotonic() - when < BACK_SECONDS:
        st.switch_page(f"pages/{path}.py", query_params=query)


def tell_who_is_signed_in() -> None:
    """As whom, and the way out; nothing where nobody is."""
    claims = signed_in()
    if not claims:
        return
    who = next(str(claims[name]) for name in ("email", "name", "sub") if claims.get(name))
    may = "" if requester().may_change else ", who may look and predict"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Signed in as {escape_markdown(who[:80])}{may}.", width="content")
        if st.button("Sign out", icon=":material/logout:", key="sign_out", type="tertiary"):
            st.logout()
