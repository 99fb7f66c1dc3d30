"""Who looks at a page, and what they may do there (see `asl_core.permissions`)."""

import hashlib
import secrets
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.auth_util import get_secrets_auth_section
from streamlit.runtime.scriptrunner import get_script_run_ctx

from asl_core.errors import SettingsError
from asl_core.permissions import Requester
from asl_core.settings import settings
from asl_core.web.local import MARK_HEADER, is_marked
from asl_core.web.signed_out import has_signed_out
from asl_core.web.visitor_cookie import visitor_of, visitor_secret

READ_ONLY = "On this public server you can look and predict; to start, change or delete is off."
SIGN_IN = f"{READ_ONLY} Whoever may do more signs in."
NOT_LISTED = f"{READ_ONLY} You are signed in, but not one of those who may do more."
AT_HOME = f"{READ_ONLY} On a machine of your own the app does everything."

SECRETS_SECONDS = 5.0
"""How long what was read of Streamlit's secrets is taken for true."""


def visitor() -> str:
    """Who looks at the page, as 16 hexadecimal digits that name no person: whoever is signed in,
    else the browser, by a token that only this server can issue; else, without cookies, the tab."""
    if person := signed_in():
        return _digest(f"{person.get('iss')} {person.get('sub')}")
    return browser()


def browser() -> str:
    """Which browser the page is in, whoever is signed in, as `visitor`."""
    cookies = st.context.cookies.to_dict()
    if token := visitor_of(cookies, visitor_secret(settings().runs_dir)):
        return browser_of(token)
    return browser_of(st.session_state.setdefault("visitor", secrets.token_hex(16)))


def browser_of(token: str) -> str:
    """What `visitor` says of a browser.

    Args:
        token: that this server has issued.
    """
    return _digest(token)


def signed_in() -> Mapping[str, Any]:
    """The claims of who is signed in (OpenID Connect); empty if nobody is.

    A tab that was open while they signed out in another one has the claims still.
    """
    if not providers():
        return {}
    claims = st.user.to_dict()
    if claims.get("is_logged_in") is not True or not claims.get("sub"):
        return {}
    return {} if has_signed_out(settings().runs_dir, claims) else claims


def providers() -> tuple[str, ...]:
    """Where people sign in: names of the parts of `[auth]` in Streamlit's secrets, or `default` for
    one without a name; empty where nobody can.

    Read anew every few seconds: where there are no secrets, Streamlit looks for their files each
    time it is asked, and a page asks ten times who looks at it.
    """
    return _providers(int(time.monotonic() // SECRETS_SECONDS))


@lru_cache(maxsize=1)
def _providers(_now: int) -> tuple[str, ...]:
    auth = get_secrets_auth_section()
    if "client_id" in auth:
        return ("default",)
    named = (name for name, part in auth.items() if isinstance(part, Mapping))
    return tuple(name for name in named if name != "client_kwargs")


def is_listed(claims: Mapping[str, Any], editors: Iterable[str]) -> bool:
    """Whether somebody who is signed in is on the list of those who may change things.

    Args:
        claims: of who is signed in. An email address counts only where the claim
            `email_verified` is true, not the word "true"; capital letters of ASCII alone are taken
            for small ones: in other scripts two addresses could become one.
        editors: email addresses, `*@example.org` for all below it, and values of `sub`.
    """
    verified = claims.get("email_verified") is True
    email = claims.get("email") if verified else None
    if not isinstance(email, str) or "@" not in email:
        email = ""
    accepted = (_in_small(email), _in_small(f"*@{email.rpartition('@')[2]}"))
    return any(
        email and _in_small(editor) in accepted if "@" in editor else editor == claims.get("sub")
        for editor in editors
    )


def find_requester() -> Requester:
    """Who asks, in the thread that draws a page. In another thread nobody is known, and may do
    nothing: what this server does for itself, it does as `A_PROGRAM`."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return Requester("", may_change=False, may_change_all=False, refusal=READ_ONLY)
    try:
        told = settings()
    except SettingsError:
        return Requester("", may_change=False, may_change_all=False, refusal=AT_HOME)
    if told.public is None and _is_local():
        return Requester(visitor())
    person = signed_in()
    if told.public is False or (person and is_listed(person, told.listed_editors)):
        return Requester(visitor(), may_change_all=False)
    refusal = NOT_LISTED if person else SIGN_IN if providers() else AT_HOME
    return Requester(visitor(), may_change=False, may_change_all=False, refusal=refusal)


def _in_small(address: str) -> str:
    return address.lower() if address.isascii() else address


def _is_local() -> bool:
    """Whether the page is looked at on this machine; so it is in a test without a server."""
    return not runtime.exists() or is_marked(st.context.headers.get(MARK_HEADER))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
