"""Which browser a visitor uses, over days and restarts: a cookie that only this server can issue.

Streamlit's own cookie ends with the browser, and then nobody could delete what they had brought.
"""

import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

MAX_AGE = 400 * 86_400
"""Seconds that a browser keeps it, from its last visit on: the most that browsers allow
(RFC 6265bis, section 5.5)."""

SECRET = ".visitor-secret"
"""File in the folder of the runs, so that all servers of these runs know each other's visitors."""

_SECRET_BYTES = 32

_ALONE = "The secret that visitors are known by is of this process alone, and ends with it"

_logger = logging.getLogger(__name__)
_TOKEN = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})")


@cache
def visitor_secret(runs_dir: Path) -> bytes:
    """What cookies are signed with: kept beside the runs; for this process alone where they can't
    be written.

    Args:
        runs_dir: folder of the runs.
    """
    path = runs_dir / SECRET
    new = secrets.token_bytes(_SECRET_BYTES)
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f"{SECRET}-{secrets.token_hex(4)}")
        with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(new)
        try:
            os.link(staged, path)  # whole, and never over that of another server
        except FileExistsError:
            pass
        finally:
            staged.unlink()
        kept = path.read_bytes()
    except OSError as error:
        _logger.warning("%s: %s %s", _ALONE, error.strerror, path)
        return new
    if len(kept) != _SECRET_BYTES:
        _logger.warning("%s: it has not %d bytes. Remove %s", _ALONE, _SECRET_BYTES, path)
        return new
    return kept


def cookie_name(secret: bytes) -> str:
    """Of this server's cookie: browsers send a host's cookies to all servers on its ports."""
    return f"asl_visitor_{hashlib.sha256(secret).hexdigest()[:8]}"


def issued(secret: bytes) -> str:
    """A new cookie's value: a token, and its signature."""
    token = secrets.token_hex(16)
    return f"{token}.{_signature(secret, token)}"


def visitor_of(cookies: Mapping[str, str], secret: bytes) -> str | None:
    """The token in a browser's cookies; None if this server has not issued it.

    Args:
        cookies: value of each by its name, as the browser sends them.
        secret: of this server.
    """
    found = _TOKEN.fullmatch(cookies.get(cookie_name(secret), ""))
    if not found or not hmac.compare_digest(found[2], _signature(secret, found[1])):
        return None
    return found[1]


def _signature(secret: bytes, token: str) -> str:
    return hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()


class VisitorCookie:
    """Gives each browser that opens a page a cookie, and keeps the one that it has.

    Args:
        app: what answers.
        runs_dir: folder of the runs.
    """

    def __init__(self, app: ASGIApp, runs_dir: Path) -> None:
        self.app = app
        self._runs_dir = runs_dir

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the cookie to a page."""
        if scope["type"] != "http":  # the start of the server has no headers
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "text/html" not in headers.get("accept", ""):
            await self.app(scope, receive, send)
            return
        secret = visitor_secret(self._runs_dir)
        name, cookies = cookie_name(secret), HTTPConnection(scope).cookies
        value = cookies[name] if visitor_of(cookies, secret) else issued(secret)
        secure = "https" in (scope.get("scheme"), headers.get("x-forwarded-proto"))
        path = str(config.get_option("server.baseUrlPath")).strip("/")
        told = f"{name}={value}; Max-Age={MAX_AGE}; Path=/{path}; HttpOnly; SameSite=Lax"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                added.append("set-cookie", f"{told}; Secure" if secure else told)
            await send(message)

        await self.app(scope, receive, send_with_cookie)
