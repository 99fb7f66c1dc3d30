"""What an address says is words to a browser: no link, no icon, no picture."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from asl_core.runs.run import Run
from tests.browser.server import Server, settled

pytestmark = pytest.mark.slow

VALUES = (
    "http://x.example/y",
    "https://x.example www.x.example",
    "a@x.example :material/delete: :smile: :streamlit:",
    "[a](http://x.example) ![](/b.png) <b>c</b> **d** `e` $f$",
)


@pytest.fixture(scope="module")
def server(
    drawn: Path, drawn_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    started = Server(drawn, tmp_path_factory.mktemp("server"))
    shutil.copytree(drawn_run.folder, started.runs.root / drawn_run.id)
    yield started
    started.stop()


@pytest.mark.parametrize("value", VALUES)
def test_a_value_of_an_address_is_shown_as_it_is(server: Server, page: Page, value: str) -> None:
    page.goto(f"{server.url}/evaluate?{urlencode({'run': value})}")
    told = page.get_by_test_id("stAlert").filter(has_text="The link asks for")
    expect(told).to_be_visible()
    settled(page)
    assert value in told.inner_text().replace("\u2060", "")
    words = told.locator("[data-testid=stMarkdownContainer]").last
    for markup in ("a", "img", "b", "strong", "code", "[role=img]", ".katex"):
        expect(words.locator(markup)).to_have_count(0)
