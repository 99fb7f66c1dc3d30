"""Whether a request comes from this machine, for this machine: then whoever sits at it asks."""

import ipaddress
import os
import secrets
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from asl_core.web.hosts import LOOPBACK_NAMES, name_in

MARK_HEADER = "x-asl-local"
"""Added to a request by `MarkLocal`, and to be found in `st.context.headers`."""

_FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")
"""Headers by which a proxy gives itself away; so do those that begin with `x-forwarded`."""

_mark = secrets.token_hex(16)


def is_local(scope: Scope) -> bool:
    """Whether a request is of this machine: it comes from a loopback address, from a process of
    this user (or of root), asks for a loopback name, and no proxy says that it has passed it on.

    A proxy or a tunnel that says nothing of it can't be told from that: see `MarkLocal`.

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
    if not from_here or name_in(headers.get("host", "")) not in LOOPBACK_NAMES:
        return False
    return _user_at(*scope["client"]) in (None, 0, *_own_user())


def _own_user() -> tuple[int, ...]:
    return (os.getuid(),) if hasattr(os, "getuid") else ()  # not on Windows


def _user_at(host: str, port: int) -> int | None:
    """Whose process has the other end of a connection within this machine, by its user id, where
    the system tells it (Linux: proc_pid_net(5), `/proc/net/tcp`); else None."""
    address = ipaddress.ip_address(host)
    mapped = address if address.version == 6 else ipaddress.IPv6Address(f"::ffff:{host}")
    tables = (("tcp", address.packed), ("tcp6", mapped.packed))
    for table, packed in tables * 3:  # a table that changes while it is read may miss an entry
        words = (packed[i : i + 4][::-1].hex() for i in range(0, len(packed), 4))
        wanted = f"{''.join(words)}:{port:04x}".upper()
        path = Path("/proc/net") / table
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            entry = line.split()
            if entry[1] == wanted:
                return int(entry[7])
    return None


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
        is_shared: whether the app has names or an address for others: then they come through a
            proxy, which may hide it, and nobody is taken for who sits at the machine.
    """

    def __init__(self, app: ASGIApp, is_shared: bool) -> None:
        self.app = app
        self._is_shared = is_shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, marked or not."""
        if scope["type"] != "lifespan":
            headers = MutableHeaders(raw=list(scope["headers"]))
            del headers[MARK_HEADER]
            if not self._is_shared and is_local(scope):
                headers[MARK_HEADER] = _mark
            scope = {**scope, "headers": headers.raw}
        await self.app(scope, receive, send)
