"""Who has signed out: Streamlit forgets it in the tab where they did, but neither in other tabs nor
in a copy of the cookie, which would hold for its 30 days.

A mark on the disk beside the runs says it to all web processes, also after a restart.
"""

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.user_info import AUTH_LOGOUT_ENDPOINT
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import (
    AUTH_COOKIE_MAX_AGE_SECONDS,
    USER_COOKIE_NAME,
)

FOLDER = ".signed-out"
"""Below the folder of the runs: an empty file for each sign-in that has ended."""

KEPT_SECONDS = AUTH_COOKIE_MAX_AGE_SECONDS + 2 * 86_400
"""Streamlit takes a cookie for a day longer than it tells the browser."""

_ONE_SIGN_IN = ("iss", "sub", "aud", "iat", "exp", "nonce")
"""Claims that together are of one sign-in alone."""

_logger = logging.getLogger(__name__)
_of_this_process: set[str] = set()


def has_signed_out(runs_dir: Path, claims: Mapping[str, Any]) -> bool:
    """Whether the sign-in that claims are of has ended.

    Args:
        runs_dir: folder of the runs.
        claims: of who is signed in.
    """
    name = _name(claims)
    return name in _of_this_process or (runs_dir / FOLDER / name).exists()


def end_sign_in(runs_dir: Path, request: HTTPConnection) -> None:
    """Let the cookie that a browser has count no more; nothing if it has none that is ours.

    Args:
        runs_dir: folder of the runs.
        request: for signing out.
    """
    if claims := claims_of(request.cookies):
        name = _name(claims)
        _of_this_process.add(name)
        try:
            _forget_old(runs_dir / FOLDER)
            (runs_dir / FOLDER / name).touch()
        except OSError:
            _logger.exception("Signing out holds in this process alone: the disk can't be written.")


def claims_of(cookies: Mapping[str, str]) -> Mapping[str, Any]:
    """What Streamlit's cookie says of who is signed in; empty if it has not signed it.

    Args:
        cookies: value of each by its name, as the browser sends them.
    """

    def part(name: str) -> bytes | None:
        sent = cookies.get(name, "").encode("latin-1", "replace")
        return decode_signed_value(get_cookie_secret(), name, sent)

    whole = get_cookie_with_chunks(part, USER_COOKIE_NAME)
    claims = json.loads(whole) if whole else {}
    return claims if isinstance(claims, dict) else {}


class SignOut:
    """Ends the sign-in of whoever signs out, before Streamlit takes the cookie away.

    Args:
        app: what answers.
        runs_dir: folder of the runs.
    """

    def __init__(self, app: ASGIApp, runs_dir: Path) -> None:
        self.app = app
        self._runs_dir = runs_dir

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and scope["path"].endswith(AUTH_LOGOUT_ENDPOINT):
            end_sign_in(self._runs_dir, HTTPConnection(scope))
        await self.app(scope, receive, send)


def _name(claims: Mapping[str, Any]) -> str:
    told = json.dumps([claims.get(name) for name in _ONE_SIGN_IN])
    return hashlib.sha256(told.encode()).hexdigest()


def _forget_old(folder: Path) -> None:
    """Drop the marks of cookies that have ended by themselves."""
    folder.mkdir(parents=True, exist_ok=True)
    for mark in folder.iterdir():
        if time.time() - mark.stat().st_mtime > KEPT_SECONDS:
            mark.unlink(missing_ok=True)
