"""What a chat or a forum shows of a link: Streamlit's pages have all the same, empty head.

Who makes such a preview runs no script, so what the page is about must be in its HTML.
"""

import asyncio
import gzip
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from asl_core.errors import RunError
from asl_core.report.preview import HEIGHT, WIDTH, Preview, draw_preview
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import settings
from asl_core.web.answer import answer_of, below_base

A = TypeVar("A")
B = TypeVar("B")

NAME = "ASL Explorer"

PAGES: Mapping[str, str] = {
    "": "See, train and doubt a small network that reads letters of the ASL manual alphabet.",
    "data": "The images: samples, balance, quality and labels.",
    "train": "Set up a small network and watch it learn.",
    "sweep": "Try many settings, with several seeds each.",
    "evaluate": "How often is a run right, and where does it fail?",
    "compare": "Which run is better, and is the difference more than chance?",
    "predict": "Show the network an image.",
}
"""What each page is for, by the last part of its path."""

PICTURE = re.compile(r"preview/([\w-]{1,64})\.png")
"""Path of a run's picture, below that of the app."""

MAX_PICTURES = 64
"""Pictures that are remembered, of about 20 kB each."""

PICTURE_SECONDS = 600
"""How long a browser may show one without asking again: a title may change."""

MAX_PARAMETERS = 100
"""Of an address that is looked into."""

_threads = ThreadPoolExecutor(2, "preview")
"""Of its own: whatever else keeps the server's threads busy, a page is answered."""

_TITLE = re.compile(rb"<title>.*?</title>", re.DOTALL)

_OURS = ("content-length", "content-encoding", "etag", "last-modified", "accept-ranges", "vary")
"""Headers of Streamlit's answer that say something of its body as it was."""

_ABOUT_A_BODY = frozenset(
    {b"accept-encoding", b"range", b"if-range", b"if-none-match", b"if-modified-since"}
)
"""Headers of a request that would get a part of it, or none."""

_OK, _NOT_MODIFIED, _NOT_FOUND = 200, 304, 404


async def _aside(work: Callable[[A], B], argument: A) -> B:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, argument)


class LinkPreview:
    """Puts title, description and picture into the head of a page, and answers with that picture.

    Args:
        app: what answers.
        public_url: address under which others reach the app, without a slash at its end; empty: no
            page tells of a picture, whose address must be whole.
    """

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self.app = app
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass a request on, and amend its answer if it is a page."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        path = below_base(scope["path"])
        if path is not None and path in PAGES:
            response = await self._page(scope, path)
        elif path is not None and (asked := PICTURE.fullmatch(path)):
            response = await _aside(_picture, asked[1])
        else:
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            response.body = b""  # its length stays in the header
        await response(scope, receive, send)

    async def _page(self, scope: Scope, page: str) -> Response:
        asked = [(name, value) for name, value in scope["headers"] if name not in _ABOUT_A_BODY]
        start, body = await answer_of(self.app, {**scope, "method": "GET", "headers": asked})
        headers = MutableHeaders(raw=start["headers"])
        if start["status"] != _OK or not headers.get("content-type", "").startswith("text/html"):
            return _with(headers.raw, body, start["status"])
        for name in _OURS:
            del headers[name]
        run = await _aside(_run_of, scope["query_string"])
        content = _amended(body, self._tags(page, run))
        return _fitting(content, headers, Headers(scope=scope))

    def _tags(self, page: str, run: tuple[Run, Preview] | None) -> str:
        """What the head of a page says, as HTML."""
        title = NAME if page == "" else f"{page.capitalize()} · {NAME}"
        about, address = PAGES[page], f"{self._public_url}/{page}"
        tags = {"og:site_name": NAME, "og:type": "website"}
        if run:
            found, preview = run
            title, about = f"{preview.title} · {title}", preview.description
            address += f"?{urlencode({'run': found.id})}"
            if self._public_url:
                tags |= {
                    "og:image": f"{self._public_url}/preview/{found.id}.png",
                    "og:image:type": "image/png",
                    "og:image:width": str(WIDTH),
                    "og:image:height": str(HEIGHT),
                    "og:image:alt": f"Confusion matrix. {about}",
                    "twitter:card": "summary_large_image",
                }
        if self._public_url:
            tags["og:url"] = address
        tags |= {"og:title": title, "og:description": about}
        metas = "".join(
            f'<meta property="{name}" content="{escape(text)}">' for name, text in tags.items()
        )
        return (
            f'<title>{escape(title)}</title><meta name="description" content="{escape(about)}">'
            f"{metas}"
        )


def _run_of(query: bytes) -> tuple[Run, Preview] | None:
    """The run that an address names, with its words; None if it names none that can be shown."""
    try:
        asked = parse_qs(query.decode("latin-1"), max_num_fields=MAX_PARAMETERS)
    except ValueError:  # more than that
        return None
    run = _load(asked["run"][0]) if "run" in asked else None
    return (run, Preview.of(run)) if run else None


def _load(run_id: str) -> Run | None:
    try:
        return RunStore(settings().runs_dir).load(run_id)
    except RunError:  # the page tells
        return None


def _amended(page: bytes, tags: str) -> bytes:
    """A page with tags in the place of its title."""
    told = tags.encode(errors="replace")
    return _TITLE.sub(lambda _: told, page, count=1)


def _fitting(content: bytes, headers: MutableHeaders, asked: Headers) -> Response:
    """The answer with a page, or with none if the browser has that one, packed if it can unpack."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers["etag"], headers["vary"] = etag, "Accept-Encoding"
    if etag in asked.get("if-none-match", ""):
        return _with(headers.raw, b"", _NOT_MODIFIED)
    if "gzip" in asked.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        content = gzip.compress(content, mtime=0)
    headers["content-length"] = str(len(content))
    return _with(headers.raw, content, _OK)


def _with(headers: Iterable[tuple[bytes, bytes]], body: bytes, status: int) -> Response:
    response = Response(body, status)
    response.raw_headers = list(headers)
    return response


def _picture(run_id: str) -> Response:
    run = _load(run_id)
    try:
        content = _drawn(run.folder, run.title) if run else b""
    except RunError:  # deleted meanwhile
        content = b""
    if not content:
        return Response("There is no such run.\n", _NOT_FOUND, media_type="text/plain")
    headers = {"Cache-Control": f"public, max-age={PICTURE_SECONDS}"}
    return Response(content, headers=headers, media_type="image/png")


@lru_cache(MAX_PICTURES)
def _drawn(folder: Path, title: str) -> bytes:
    """The picture of a run with this title; the other files of a run never change."""
    return draw_preview(open_run(folder))
