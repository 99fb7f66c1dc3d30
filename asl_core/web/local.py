"""Whether a request comes from this machine, for this machine: then whoever sits at it asks."""

import ipaddress
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from asl_core.web.hosts import LOOPBACK_NAMES, name_in

MARK_HEADER = "x-asl-local"
"""Added to a request by `MarkLocal`, and to be found in `st.context.headers`."""

_FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")
"""Headers by which a proxy gives itself away; so do those that begin with `x-forwarded`."""

_mark = secrets.token_hex(16)


def is_local(scope: Scope) -> bool:
    """Whether a request is of this machine: it comes from a loopback address, asks for a loopback
    name, and no proxy has passed it on. One that hides all three can't be told apart.

    Args:
        scope: of the request.
    """
    headers = Headers(scope=scope)
    if any(name in _FORWARDED or name.startswith("x-forwarded") for name in headers):
        return False
    try:
        from_here = ipaddress.ip_address((scope.get("client") or [""])[0]).is_loopback
    except ValueError:
        return False
    return from_here and name_in(headers.get("host", "")) in LOOPBACK_NAMES


def is_marked(mark: str | None) -> bool:
    """Whether `MarkLocal` has marked a request of this machine.

    Args:
        mark: value of the header; None: there is none.
    """
    return mark is not None and secrets.compare_digest(mark.encode(), _mark.encode())


class MarkLocal:
    """Marks what comes from this machine, by a header that nobody else can send.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, marked or not."""
        if scope["type"] != "lifespan":
            headers = MutableHeaders(raw=list(scope["headers"]))
            del headers[MARK_HEADER]
            if is_local(scope):
                headers[MARK_HEADER] = _mark
            scope = {**scope, "headers": headers.raw}
        await self.app(scope, receive, send)
