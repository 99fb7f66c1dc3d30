"""No page asks the browser for anything that the content security policy refuses."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from asl_core.runs.run import Run
from tests.browser.server import Server, settled

pytestmark = pytest.mark.slow

RECORD = """
window.refused = [];
document.addEventListener("securitypolicyviolation", event =>
    window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
PAGES = ("", "data", "train", "sweep", "compare")
PARTS = 6


def nothing_is_refused(page: Page) -> None:
    """Wait for the page, and ask it what the browser refused."""
    expect(page.get_by_test_id("stHeading").first).to_be_visible()
    settled(page)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.refused") == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page(with_drawn_run: Server, page: Page, name: str) -> None:
    page.add_init_script(RECORD)
    page.goto(f"{with_drawn_run.url}/{name}")
    nothing_is_refused(page)


def test_all_parts_of_evaluate(with_drawn_run: Server, page: Page, drawn_run: Run) -> None:
    page.add_init_script(RECORD)
    page.goto(f"{with_drawn_run.url}/evaluate?run={drawn_run.id}")
    nothing_is_refused(page)
    parts = page.get_by_role("radiogroup", name="View").get_by_role("radio")
    expect(parts).to_have_count(PARTS)
    for part in parts.all():
        part.click()
        nothing_is_refused(page)


def test_an_upload_with_its_answer(with_drawn_run: Server, page: Page, drawn: Path) -> None:
    page.add_init_script(RECORD)
    page.goto(f"{with_drawn_run.url}/predict")
    nothing_is_refused(page)
    page.locator("input[type=file]").set_input_files(str(drawn / "A" / "A0.png"))
    expect(page.get_by_role("table", name="Probabilities")).to_be_visible()
    nothing_is_refused(page)


def test_the_policy_is_in_force(with_drawn_run: Server, page: Page) -> None:
    """A script that is written into a page does not run, and is told of."""
    page.add_init_script(RECORD)
    page.goto(with_drawn_run.url)
    nothing_is_refused(page)
    page.evaluate(
        "document.body.appendChild(document.createElement('script')).text = 'window.ran=1'"
    )
    assert page.evaluate("window.ran") is None
    assert page.evaluate("window.refused.length") == 1
