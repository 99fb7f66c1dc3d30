"""Twelve links of different kinds show somebody else what their sender looks at."""

import re
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import (
    LAPTOP,
    SECOND,
    Server,
    choose,
    go_to,
    open_mistake,
    opened,
    screen,
    settled,
    slide,
)

pytestmark = pytest.mark.slow

SHOWN = """() => {
  const box = document.querySelector('[data-testid="stMain"]');
  const seen = (name) => [...document.querySelectorAll(name)].filter((one) => one.offsetParent);
  const text = (one) => one.innerText.replace(/\\s+/g, " ").trim();
  return {
    headings: seen("h1, h2, [role=dialog] h3").map(text),
    chosen: seen("[role=radio][aria-checked=true], input[type=radio]:checked").map(
      (one) => text(one.closest("label") ?? one)),
    values: seen("input:not([type=file])").map((one) => one.checked + " " + one.value),
    sliders: seen("[role=slider]").map((one) => one.getAttribute("aria-valuenow")),
    pressed: seen("[aria-pressed=true]").map(text),
    images: seen(".asl-sheet img").map((one) => one.alt),
    alerts: seen("[data-testid=stAlert]").map(text),
    metrics: seen("[data-testid=stMetric]").map(text),
    window: seen("[role=dialog]").map(text),
    words: seen("[data-testid=stMarkdown]").map(text),
  };
}"""
"""What a visitor sees, without what browsers number by themselves."""


def to_test_images_of_b(page: Page) -> None:
    go_to(page, "Data")
    page.get_by_role("radio", name="Test", exact=True).click()
    settled(page)
    choose(page, "Class", "B")


def to_another_split(page: Page) -> None:
    go_to(page, "Data")
    choose(page, "Split", "random")


def to_corrections(page: Page) -> None:
    go_to(page, "Data")
    page.get_by_role("radio", name="Corrections", exact=True).click()


def to_settings(page: Page) -> None:
    go_to(page, "Train")
    slide(page, "Epochs", "ArrowRight", 3)


def to_a_lesson(page: Page) -> None:
    go_to(page, "Train")
    page.get_by_text("Make a lesson", exact=True).click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Deep links")
    page.get_by_role("textbox", name="Name", exact=True).press("Enter")
    link = page.get_by_test_id("stCode").filter(has_text="lesson=")
    expect(link).to_be_visible()
    opened(page, link.inner_text().strip())


def to_a_sweep(page: Page) -> None:
    go_to(page, "Sweep")


def to_a_cell(page: Page) -> None:
    go_to(page, "Evaluate")
    settled(page)
    page.get_by_role("button", name=re.compile("^true A, predicted B: ")).click()
    expect(page.locator(".asl-matrix [aria-pressed=true]")).to_have_count(1)


def to_an_image(page: Page) -> None:
    go_to(page, "Evaluate")
    settled(page)
    open_mistake(page)


def to_a_map(page: Page) -> None:
    go_to(page, "Evaluate")
    page.get_by_role("radio", name="Embedding map", exact=True).click()
    page.get_by_role("radio", name="t-SNE", exact=True).click()
    expect(page.get_by_text("Neighbors are kept")).to_be_visible()


def to_downloads(page: Page) -> None:
    go_to(page, "Evaluate")
    page.get_by_role("radio", name="Download", exact=True).click()


def to_a_comparison(page: Page) -> None:
    go_to(page, "Compare")
    settled(page)
    page.get_by_role("combobox", name=re.compile("Runs to compare")).click()
    for _ in range(2):  # what is chosen leaves the list, which stays open
        page.get_by_role("option").first.click()
        settled(page)
    page.get_by_role("heading", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="Difference of two runs")).to_be_visible()


def to_a_run_for_photos(page: Page) -> None:
    go_to(page, "Predict")
    page.get_by_role("combobox", name=re.compile("Run")).click()
    page.get_by_role("option").last.click()


MOST_LOOKS = 30
"""Looks at a page, one a second, until it must have come to rest."""

VIEWS: Mapping[str, Callable[[Page], None]] = {
    "test images of B": to_test_images_of_b,
    "another split": to_another_split,
    "corrections": to_corrections,
    "settings": to_settings,
    "a lesson": to_a_lesson,
    "a sweep": to_a_sweep,
    "a cell": to_a_cell,
    "an image": to_an_image,
    "a map": to_a_map,
    "downloads": to_downloads,
    "a comparison": to_a_comparison,
    "a run for photos": to_a_run_for_photos,
}


def shown(page: Page) -> dict[str, list[str]]:
    """What a visitor sees, once nothing comes any more."""
    opened(page)
    before = page.evaluate(SHOWN)
    for _ in range(MOST_LOOKS):
        page.wait_for_timeout(SECOND)
        settled(page)
        if (now := page.evaluate(SHOWN)) == before:
            return dict(now)
        last, before = before, now
    raise AssertionError(f"the page does not come to rest: {_changed(last, now)}")


def _changed(before: dict[str, list[str]], now: dict[str, list[str]]) -> list[str]:
    return [str((before[name], now[name])) for name in now if before.get(name) != now[name]]


@pytest.mark.parametrize("view", VIEWS)
def test_a_link_shows_what_its_sender_looks_at(filled: Server, browser: Browser, view: str) -> None:
    with screen(browser, LAPTOP) as sender:
        opened(sender, filled.url)
        VIEWS[view](sender)
        sent = shown(sender)
        with screen(browser, LAPTOP) as other:
            opened(other, sender.url)
            assert shown(other) == sent


def test_a_link_leaves_out_the_same_classes(with_drawn_run: Server, browser: Browser) -> None:
    with screen(browser, LAPTOP) as sender:
        opened(sender, f"{with_drawn_run.url}/data")
        sender.get_by_role("button", name="Leave out classes").click()
        sender.get_by_role("combobox", name="Classes to leave out").click()
        sender.get_by_role("option", name="B", exact=True).click()
        sender.keyboard.press("Escape")
        sender.get_by_role("button", name="Apply").click()
        expect(sender.get_by_role("heading", name="32 training images")).to_be_visible()
        sender.keyboard.press("Escape")  # the control is a window over the page
        sent = shown(sender)
        with screen(browser, LAPTOP) as other:
            opened(other, sender.url)
            assert shown(other) == sent
