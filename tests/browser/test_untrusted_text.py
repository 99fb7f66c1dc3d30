"""What an address says is words to a browser: no link, no icon, no picture."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import Server, settled

pytestmark = pytest.mark.slow

VALUES = (
    "http://x.example/y",
    "https://x.example www.x.example",
    "a@x.example :material/delete: :smile: :streamlit:",
    "[a](http://x.example) ![](/b.png) <b>c</b> **d** `e` $f$",
)


@pytest.mark.parametrize("value", VALUES)
def test_a_value_of_an_address_is_shown_as_it_is(
    with_drawn_run: Server, page: Page, value: str
) -> None:
    page.goto(f"{with_drawn_run.url}/evaluate?{urlencode({'run': value})}")
    told = page.get_by_test_id("stAlert").filter(has_text="The link asks for")
    expect(told).to_be_visible()
    settled(page)
    assert value in told.inner_text().replace("\u2060", "")
    words = told.locator("[data-testid=stMarkdownContainer]").last
    for markup in ("a", "img", "b", "strong", "code", "[role=img]", ".katex"):
        expect(words.locator(markup)).to_have_count(0)
