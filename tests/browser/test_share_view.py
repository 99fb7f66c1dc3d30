"""The link that is copied opens the same view in another browser; the page can be printed."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from asl_core.runs.run import Run
from tests.browser.server import SECOND, Server, go_to, opened, settled

pytestmark = pytest.mark.slow

PAGES = ("", "data", "train", "sweep", "evaluate", "compare", "predict")

NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
PRINTS = "window.printed = 0; window.print = () => window.printed++"


@pytest.fixture
def granted(browser: Browser) -> Iterator[Page]:
    """A page that may write to the clipboard, as a click allows it, and that the test may read."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(60 * SECOND)
    yield context.new_page()
    context.close()


def copied(page: Page) -> str:
    """What the button puts on the clipboard."""
    page.get_by_role("button", name="Copy link to this view").click()
    expect(page.get_by_role("status").filter(has_text="Link copied.")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_copied_link_opens_the_same_run_when_another_is_newer(
    with_drawn_run: Server, drawn_run: Run, granted: Page, page: Page
) -> None:
    opened(granted, f"{with_drawn_run.url}/evaluate")  # no run is named: it shows the newest
    granted.get_by_role("radio", name="Calibration", exact=True).click()
    expect(granted).to_have_url(re.compile("part=calibration"))
    settled(granted)
    link = copied(granted)
    assert f"run={drawn_run.id}" in link
    assert "part=calibration" in link
    newer = with_drawn_run.runs.root / "20990101-000000-aaaaaaaaa"
    shutil.copytree(drawn_run.folder, newer)
    try:
        opened(page, link)
        expect(page.get_by_role("combobox", name=re.compile("Run"))).to_have_value(
            re.compile(drawn_run.id[-6:])
        )
        expect(page.get_by_role("radio", name="Calibration", exact=True)).to_be_checked()
    finally:
        shutil.rmtree(newer)


def test_without_a_clipboard_the_link_is_selected(with_drawn_run: Server, page: Page) -> None:
    page.add_init_script(NO_CLIPBOARD)
    opened(page, f"{with_drawn_run.url}/evaluate")
    page.get_by_role("button", name="Copy link to this view").click()
    field = page.get_by_role("textbox", name="Link to this view")
    expect(field).to_have_value(re.compile("/evaluate.*run="))
    assert page.evaluate("getSelection().toString()") == field.input_value()


def test_every_page_can_be_linked_and_printed(with_drawn_run: Server, page: Page) -> None:
    page.add_init_script(PRINTS)
    opened(page, with_drawn_run.url)
    for number, name in enumerate(PAGES, start=1):
        go_to(page, name.capitalize() or "Home")
        settled(page)
        expect(page.get_by_role("button", name="Copy link to this view")).to_have_count(1)
        page.get_by_role("button", name="Print / save as PDF").click()
        assert page.evaluate("window.printed") == number
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print / save as PDF")).to_be_hidden()
