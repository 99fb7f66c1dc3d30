"""Which names the app answers to, and which web pages may talk to it.

A web page of anybody can have its own name lead to 127.0.0.1 (DNS rebinding): the browser then
takes the app for a part of that page. It can't change the name that the browser asks for, though.
"""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from asl_core.web.refuse import refuse

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine for itself, which the app always answers to."""

ANY_HOST = "*"
"""Stands for every name."""

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

_PORTS = {"http": 80, "https": 443}

_MISDIRECTED = 421
_FORBIDDEN = 403

OTHER_HOST = (
    "This app does not answer to the name in your address bar. Open it as http://localhost, or "
    "have whoever runs it add that name to ASL_ALLOWED_HOSTS (docs/deployment.md)."
)
OTHER_ORIGIN = (
    "This request comes from a web page of another address. Open the app itself in the browser; a "
    "proxy before it must pass the Host header on as it came, with its port (docs/deployment.md)."
)


class KnownHosts:
    """Refuses requests to names that are not this app's, and those of other web pages.

    Args:
        app: what gets the others.
        names: names besides those of loopback; `*.example.org` stands for all below it, `*` for
            any. An IP address is also known if it is the one that was connected to.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app = app
        self._names = tuple(name.lower().rstrip(".") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.knows(hosts[0], _reached(scope)):
            await refuse(scope, receive, send, _MISDIRECTED, OTHER_HOST)
        elif _changes(scope) and not _is_own(headers.getlist("origin"), hosts[0]):
            await refuse(scope, receive, send, _FORBIDDEN, OTHER_ORIGIN)
        else:
            await self.app(scope, receive, send)

    def knows(self, host: str, reached: str = "") -> bool:
        """Whether the app answers to a name.

        Args:
            host: as in the header, with or without a port.
            reached: the IP address of this machine that was connected to.
        """
        name = name_in(host)
        if name is None:
            return False
        if name in LOOPBACK_NAMES or _is_address(name, reached) or ANY_HOST in self._names:
            return True
        return any(
            name.endswith(own[1:]) if own.startswith("*.") else name == own for own in self._names
        )


def name_in(host: str) -> str | None:
    """The name in a Host header, in small letters; None if it is no such header."""
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port  # the port must be one
    except ValueError:
        return None
    more = (parts.username, parts.password, parts.path, parts.query, parts.fragment)
    return name.rstrip(".") if name and not any(more) else None


def _is_address(name: str, reached: str) -> bool:
    try:
        return ipaddress.ip_address(name) == ipaddress.ip_address(reached)
    except ValueError:
        return False


def _reached(scope: Scope) -> str:
    """The address of this machine that a request came in by."""
    server = scope.get("server")
    return str(server[0]) if server else ""


def _changes(scope: Scope) -> bool:
    """Whether a request may change anything: all that comes over a websocket may."""
    return scope["type"] == "websocket" or scope["method"] not in READING


def _is_own(origins: Sequence[str], host: str) -> bool:
    """Whether a request comes from a page of the app itself, or from a program, which names none.

    Args:
        origins: headers; a browser always sends one.
        host: that was asked for.
    """
    if not origins:
        return True
    if len(origins) > 1:
        return False
    if origins[0] in config.get_option("server.corsAllowedOrigins"):
        return True
    try:
        origin, asked = urlsplit(origins[0]), urlsplit(f"//{host}")
        default = _PORTS.get(origin.scheme)
        return (
            default is not None
            and origin.hostname == asked.hostname
            and (origin.port or default) == (asked.port or default)
        )
    except ValueError:
        return False
