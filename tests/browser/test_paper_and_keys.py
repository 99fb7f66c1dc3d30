"""Pages on paper, and a walk to a mistake by the keyboard alone, in real Chromium."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import LAPTOP, Server, opened, screen, settled

pytestmark = pytest.mark.slow

PAGES = ("", "data", "train", "sweep", "evaluate", "compare", "predict")

A4_WIDTH, A4_HEIGHT = 703, 1032
"""CSS pixels of an A4 sheet inside its margins of 12 mm, at 96 in an inch."""

MOST_KEYS = 40

LIGHT, DARK = 0.8, 0.3
"""Least brightness of paper, and most of the words on it; 1 is white."""

_BRIGHTNESS = """([element, property]) => {
  const [r, g, b] = getComputedStyle(element)[property].match(/[\\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""

_WIDER = """most => [...document.querySelectorAll(
    '[data-testid=stMain] :is(img, canvas, .main-svg, table, p, h1, h2, h3)')]
  .filter(one => one.checkVisibility() && !one.closest('.dvn-scroller'))
  .filter(one => one.getBoundingClientRect().right > most + 1)
  .map(one => one.outerHTML.slice(0, 120))"""

_HAS_FOCUS_SHOWN = """() => {
  const shows = one => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) ||
      style.boxShadow !== 'none';
  };
  const chosen = document.activeElement;
  return chosen === document.body || shows(chosen) || shows(chosen.parentElement);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_on_paper_is_light_whole_and_without_navigation(
    filled: Server, browser: Browser, path: str, scheme: str
) -> None:
    with screen(browser, LAPTOP, scheme) as page:
        opened(page, f"{filled.url}/{path}")
        length = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
        sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
        assert sheets >= length // (2 * A4_HEIGHT)
        page.set_viewport_size({"width": A4_WIDTH, "height": A4_HEIGHT})
        page.emulate_media(media="print")
        expect(page.get_by_test_id("stHeader").get_by_role("link")).to_have_count(0)
        expect(page.locator(".st-key-narrow_navigation")).to_be_hidden()
        paper, title = page.get_by_test_id("stApp"), page.get_by_role("heading", level=1)
        assert paper.evaluate(_ONE, "backgroundColor") > LIGHT
        assert title.evaluate(_ONE, "color") < DARK
        assert page.evaluate(_WIDER, A4_WIDTH) == []


_ONE = f"(element, property) => ({_BRIGHTNESS})([element, property])"


class Keys:
    """Presses keys, counts them, and looks whether the focus can be seen after each."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed, self.unseen = page, 0, list[str]()

    def press(self, key: str) -> None:
        """One key."""
        self.page.keyboard.press(key)
        self.pressed += 1
        if not self.page.evaluate(_HAS_FOCUS_SHOWN):
            self.unseen.append(self.page.evaluate("document.activeElement.outerHTML.slice(0, 150)"))

    def press_until(self, key: str, selector: str) -> None:
        """The same key until what the selector means has the focus."""
        while not self.page.evaluate("s => document.activeElement.matches(s)", selector):
            assert self.pressed < 3 * MOST_KEYS, f"{selector} is never reached"
            self.press(key)


def test_a_mistake_is_reached_by_keys_alone_and_left(filled: Server, browser: Browser) -> None:
    with screen(browser, LAPTOP) as page:
        opened(page, filled.url)
        keys = Keys(page)
        keys.press_until("Tab", "a[href*='/evaluate?'], a[href*='evaluate?run=']")
        keys.press("Enter")
        expect(page.get_by_role("heading", name="Evaluate", exact=True)).to_be_visible()
        opened(page)
        keys.press_until("Tab", ".asl-sheet a")
        keys.press("Enter")
        window = page.get_by_role("dialog")
        expect(window.get_by_text("Nearest training images")).to_be_visible()
        settled(page)
        keys.press("Escape")
        expect(window).to_be_hidden()
        expect(page).not_to_have_url(re.compile("image="))
        assert keys.unseen == []
        assert keys.pressed <= MOST_KEYS
