"""What those who show previews of links find in a page, and that the page stays whole."""

import gzip
import http.client
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from asl_core.report.preview import HEIGHT, WIDTH, Preview, draw_preview
from asl_core.runs.intervals import percent
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import ROOT
from asl_core.web.answer import below_base
from asl_core.web.headers import content_security_policy
from asl_core.web.link_preview import LinkPreview
from tests.browser.server import Server
from tests.web.raw import ask

HOSTILE = (
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)> \\1 \\g<0>',
    "' onload='alert(1)' &quot; <!-- -->",
    "🤟 [a](javascript:alert(1)) {{ 7 * 7 }}",
)


class Head(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "title":
            self.title += data

    def meta(self, name: str) -> str | None:
        """The one meta element of a name."""
        found = [a for tag, a in self.elements
                 if tag == "meta" and name in (a.get("property"), a.get("name"))]  # fmt: skip
        assert len(found) <= 1
        return found[0]["content"] if found else None

    def n(self, tag: str) -> int:
        return len([name for name, _ in self.elements if name == tag])


@pytest.fixture
def shared(server: Server, drawn_run: Run) -> Iterator[Run]:
    """A run on the server, to be renamed."""
    folder = server.runs.root / drawn_run.id
    shutil.copytree(drawn_run.folder, folder)
    yield open_run(folder)
    shutil.rmtree(folder)


def test_a_page_without_a_run_says_what_it_is(server: Server) -> None:
    plain = Head(ask(server.url, "/evaluate?run=").text)
    for path, title in (
        ("/", "ASL Explorer"),
        ("/predict", "Predict · ASL Explorer"),
        ("/evaluate?run=20250101-000000-aaaaaa", "Evaluate · ASL Explorer"),
        ("/evaluate?run=../../etc/passwd", "Evaluate · ASL Explorer"),
        ("/evaluate?" + "a=1&" * 500 + "run=x", "Evaluate · ASL Explorer"),
        ("/evaluate?run=%ff%00%3Cscript%3E", "Evaluate · ASL Explorer"),
    ):
        head = Head(ask(server.url, path).text)
        assert head.title.startswith(title)
        assert head.meta("og:title") == title
        assert head.meta("og:image") is None
        assert head.n("script") == plain.n("script")


@pytest.mark.parametrize("title", HOSTILE)
def test_a_run_s_title_is_text(server: Server, shared: Run, title: str) -> None:
    plain = Head(ask(server.url, "/evaluate").text)
    shared.rename(title)
    head = Head(ask(server.url, f"/evaluate?run={shared.id}").text)
    assert head.meta("og:title") == f"{title} · Evaluate · ASL Explorer"
    told = head.meta("og:description")
    assert told
    assert percent(shared.results.test_accuracy) in told
    assert head.meta("description") == told
    assert [tag for tag, _ in head.elements if tag not in ("meta",)] == [
        tag for tag, _ in plain.elements if tag != "meta"
    ]
    assert not [a for _, a in head.elements if any(name.startswith("on") for name in a)]


def raw(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, dict, bytes]:
    """An answer as it comes over the line."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=sent)
    got = connection.getresponse()
    told = {name.lower(): value for name, value in got.getheaders()}
    body = got.read()
    connection.close()
    return got.status, told, body


def test_length_packing_and_tag_are_those_of_the_amended_page(server: Server, shared: Run) -> None:
    path = f"/evaluate?run={shared.id}"
    status, plain, body = raw(server.url, path)
    assert status == 200
    assert int(plain["content-length"]) == len(body)
    assert "content-encoding" not in plain
    _, packed, zipped = raw(server.url, path, accept_encoding="gzip")
    assert packed["content-encoding"] == "gzip"
    assert int(packed["content-length"]) == len(zipped) < len(body)
    assert gzip.decompress(zipped) == body
    assert plain["vary"] == packed["vary"] == "Accept-Encoding"
    assert plain["etag"] == packed["etag"]
    assert "last-modified" not in plain
    status, same, nothing = raw(server.url, path, if_none_match=plain["etag"])
    assert (status, nothing, same["etag"]) == (304, b"", plain["etag"])
    status, head, nothing = raw(server.url, path, "HEAD")
    assert (status, nothing, head["content-length"]) == (200, b"", plain["content-length"])
    status, _, whole = raw(server.url, path, range="bytes=0-9")
    assert (status, whole) == (200, body)
    shared.rename("another")
    status, changed, _ = raw(server.url, path, if_none_match=plain["etag"])
    assert status == 200
    assert changed["etag"] != plain["etag"]


def test_a_page_keeps_its_other_headers(server: Server) -> None:
    for path in ("/", "/evaluate", "/preview/none.png", "/_stcore/health"):
        _, headers, _ = raw(server.url, path)
        assert headers["content-security-policy"] == content_security_policy(())
        assert headers["x-content-type-options"] == "nosniff"
    _, headers, _ = raw(server.url, "/evaluate")
    assert headers["cache-control"] == "no-cache"
    assert headers["content-type"].startswith("text/html")


def test_what_is_no_page_is_left_alone(server: Server) -> None:
    page = ask(server.url, "/").text
    found = re.search(r'src="\./(static/js/[^"]+)"', page)
    assert found
    _, headers, body = raw(server.url, f"/{found[1]}")
    assert int(headers["content-length"]) == len(body) > 1_000
    assert "immutable" in headers["cache-control"]
    assert ask(server.url, "/_stcore/health").text == "ok"
    assert "og:title" not in ask(server.url, "/unknown/page").text
    assert ask(server.url, "/evaluate/").status == 301
    assert ask(server.url, "/", method="POST").status == 405


def test_the_picture_of_a_run(server: Server, shared: Run) -> None:
    status, headers, content = raw(server.url, f"/preview/{shared.id}.png")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert Image.open(BytesIO(content)).size == (WIDTH, HEIGHT)
    shared.rename("another title")
    assert raw(server.url, f"/preview/{shared.id}.png")[2] != content
    for name in ("20250101-000000-aaaaaa", "..%2f..%2fetc%2fpasswd", "%00"):
        assert raw(server.url, f"/preview/{name}.png")[0] in (200, 400, 404)
        assert not raw(server.url, f"/preview/{name}.png")[2].startswith(b"\x89PNG")


def test_with_a_public_address_the_picture_is_named(drawn_run: Run) -> None:
    preview = LinkPreview(None, "https://asl.example.org/below")  # type: ignore[arg-type]
    head = Head(preview._tags("evaluate", (drawn_run, Preview.of(drawn_run))))
    below = "https://asl.example.org/below"
    assert head.meta("og:image") == f"{below}/preview/{drawn_run.id}.png"
    assert head.meta("og:url") == f"{below}/evaluate?run={drawn_run.id}"
    assert Head(preview._tags("", None)).meta("og:url") == f"{below}/"


def test_pages_below_a_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert below_base("/evaluate") == "evaluate"
    assert below_base("//evil.example") is None
    monkeypatch.setattr("streamlit.config.get_option", lambda name: "/asl/x/")
    assert below_base("/asl/x/evaluate") == "evaluate"
    assert below_base("/asl/x") == ""
    assert below_base("/asl/xy") is None
    assert below_base("/evaluate") is None


@pytest.mark.parametrize("run", RunStore(ROOT / "models").list(), ids=lambda run: run.id)
def test_pictures_of_runs_of_earlier_versions(run: Run) -> None:
    assert Image.open(BytesIO(draw_preview(run))).size == (WIDTH, HEIGHT)


def test_a_picture_of_a_title_that_no_font_has(drawn_run: Run, tmp_path: Path) -> None:
    run = open_run(Path(shutil.copytree(drawn_run.folder, tmp_path / drawn_run.id)))
    run.rename("🤟漢字" * 20)
    assert draw_preview(run).startswith(b"\x89PNG")
