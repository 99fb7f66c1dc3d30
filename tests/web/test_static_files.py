"""The files of Streamlit's browser part: the same as ever, packed, and from memory."""

import asyncio
import gzip
import re
from pathlib import Path
from urllib.request import Request, urlopen

import streamlit
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from asl_core.web.static_files import StaticFiles
from tests.browser.server import Server
from tests.web.raw import ask

STATIC = Path(streamlit.__file__).with_name("static") / "static"


def get(server: Server, path: str, **headers: str) -> tuple[dict[str, str], bytes]:
    with urlopen(Request(server.url + path, headers=headers)) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def test_files_are_those_of_streamlit_whoever_asks(server: Server) -> None:
    for name in ("js/index.*.js", "css/index.*.css", "media/MaterialSymbols*.woff2"):
        file = next(STATIC.glob(name))
        path = f"/static/{file.relative_to(STATIC)}"
        for _ in range(2):  # the first is read, the second is remembered
            headers, body = get(server, path, **{"Accept-Encoding": "gzip, br"})
            packed = headers.get("content-encoding") == "gzip"
            assert packed == (file.suffix != ".woff2")
            assert (gzip.decompress(body) if packed else body) == file.read_bytes()
            assert "immutable" in headers["cache-control"]
            assert "content-security-policy" in headers
            assert get(server, path)[1] == file.read_bytes()
        again = ask(server.url, path, Accept_Encoding="gzip", If_None_Match=headers["etag"])
        assert (again.status, again.text) == (304, "")
        part, body = get(server, path, Range="bytes=0-9")
        assert (part["content-length"], body) == ("10", file.read_bytes()[:10])


def test_of_many_visitors_one_alone_is_served_from_the_disk() -> None:
    """A first visit asks for a hundred files: by threads, each waited for scripts of others."""
    asked = []

    async def streamlit_answers(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        found = re.fullmatch(r"/static/js/[a-z]+\.1\.js", scope["path"])
        cache = b"public, immutable, max-age=1" if found else b"no-cache"
        headers = [(b"etag", b'"1"'), (b"cache-control", cache), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"code " * 100})

    async def never() -> Message:
        raise AssertionError

    async def visit(app: StaticFiles, path: str) -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"accept-encoding", b"gzip"), (b"host", b"localhost")]
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        await app(scope, never, send)
        return sent

    async def visits() -> None:
        app = StaticFiles(streamlit_answers)
        for _ in range(5):
            for path in ("/static/js/app.1.js", "/static/js/gone.js", "/data/static/js/app.1.js"):
                start, body = await visit(app, path)
                packed = (b"content-encoding", b"gzip") in start["headers"]
                assert packed == (path == "/static/js/app.1.js")
                content = gzip.decompress(body["body"]) if packed else body["body"]
                assert content == b"code " * 100

    asyncio.run(visits())
    assert asked.count("/static/js/app.1.js") == 1
    assert asked.count("/static/js/gone.js") >= 5  # a page, which is never kept
    assert asked.count("/data/static/js/app.1.js") == 5  # below no page are files


def test_who_leaves_before_a_file_has_come_spoils_it_for_nobody(tmp_path: Path) -> None:
    """A response that hears of a departure ends, and what had come of it was kept for all."""
    file = tmp_path / "page.js"
    file.write_bytes(b"let page = 1;" * 100_000)

    async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Cache-Control": "public, immutable"}
        await FileResponse(file, headers=headers)(scope, receive, send)

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def ask_first_and_again() -> bytes:
        app, heard = StaticFiles(streamlit), bytearray()

        async def hear(message: Message) -> None:
            heard.extend(message.get("body", b""))

        sent = [(b"host", b"localhost"), (b"accept-encoding", b"gzip")]
        path = "/static/js/page.js"
        scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": sent}
        await app(scope, leave, hear)
        heard.clear()
        await app(scope, leave, hear)
        return bytes(heard)

    assert gzip.decompress(asyncio.run(ask_first_and_again())) == file.read_bytes()
