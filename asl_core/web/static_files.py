"""The files of Streamlit's browser part, from memory and packed.

A first visit asks for about a hundred, of 8 MB. Streamlit reads each from the disk by several
threads, which wait for one another and for the scripts of other visitors, and packs none.
"""

import asyncio
import gzip
import re
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from asl_core.web.answer import answer_of, below_base

_PATH = re.compile(r"static/(js|css|media)/[\w.~-]+")
"""Of the files, below the path of the app."""

MAX_BYTES = 32 * 2**20
"""Of all that is kept; more is served as Streamlit does. All files, packed, are 9 MB."""

WORTH_PACKING = 0.9
"""Size of what was packed, to what it was before, from which on it is sent as it was."""

_OK, _NOT_MODIFIED = 200, 304


@dataclass(frozen=True)
class _File:
    """One file.

    Attributes:
        headers: of each answer.
        content: its body.
        packed: whether that is gzip.
    """

    headers: list[tuple[bytes, bytes]]
    content: bytes
    packed: bool


class StaticFiles:
    """Answers with what Streamlit has answered to the first who asked.

    Args:
        app: what answers first, and all that is asked otherwise.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._files: dict[str, _File] = {}
        self._n_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass a request on."""
        if not _asks_for_a_file(scope):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        file = self._files.get(scope["path"]) or await self._read(scope)
        if file is None or (file.packed and "gzip" not in asked.get("accept-encoding", "")):
            await self.app(scope, receive, send)
            return
        headers = dict(file.headers)
        if asked.get("if-none-match", "").encode() == headers[b"etag"]:
            response = Response(status_code=_NOT_MODIFIED)
            kept = (b"etag", b"cache-control", b"vary")
            response.raw_headers = [(name, headers[name]) for name in kept]
        else:
            response = Response(file.content)
            response.raw_headers = list(file.headers)
        await response(scope, receive, send)

    async def _read(self, scope: Scope) -> _File | None:
        """A file as Streamlit has it; None if there is none, or no more can be kept."""
        if self._n_bytes > MAX_BYTES:
            return None
        plain = [(name, value) for name, value in scope["headers"] if name == b"host"]
        start, body = await answer_of(self.app, {**scope, "headers": plain})
        told = Headers(raw=start["headers"])
        if start["status"] != _OK or "immutable" not in told.get("cache-control", ""):
            return None  # where there is no such file, Streamlit answers with its first page
        file = await asyncio.to_thread(_packed, list(start["headers"]), body)
        if scope["path"] not in self._files:
            self._n_bytes += len(file.content)
            self._files[scope["path"]] = file
        return file


def _asks_for_a_file(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and not any(name == b"range" for name, _ in scope["headers"])
        and _PATH.fullmatch(below_base(scope["path"]) or "") is not None
    )


def _packed(headers: list[tuple[bytes, bytes]], body: bytes) -> _File:
    changed = MutableHeaders(raw=headers)
    changed["vary"] = "Accept-Encoding"
    content = gzip.compress(body, mtime=0)
    if len(content) > WORTH_PACKING * len(body):
        return _File(headers, body, packed=False)
    changed["etag"] = changed["etag"].replace('"', '"gzip-', 1)
    changed["content-encoding"] = "gzip"
    changed["content-length"] = str(len(content))
    del changed["accept-ranges"]
    return _File(headers, content, packed=True)
