"""What holds on every page, in real Chromium: no barrier, nobody else asked, the answer in view."""

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route, expect

from tests.browser.server import (
    LAPTOP,
    PHONE,
    SMALL_PHONE,
    ZOOMED,
    Server,
    go_to,
    open_mistake,
    opened,
    screen,
)

pytestmark = pytest.mark.slow

PAGES = ("", "data", "train", "sweep", "evaluate", "compare", "predict")
EVALUATE_PARTS = ("generalization", "calibration", "robustness", "map", "download")
VIEWS = (*PAGES, *(f"evaluate?part={part}" for part in EVALUATE_PARTS), "data?check=images")

GRAVE = ("serious", "critical")
ALSO_GRAVE = ("heading-order", "page-has-heading-one")
"""Rules of axe-core that it calls moderate."""

SEARCH_OF_BASE = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")
"""What Streamlit's page asks for below the path of a deep link before it asks at the root: a
browser tells the 404 in its console, whatever a page does."""

TITLE_BELOW = 72
"""Pixels from the end of the navigation to the title, at most."""


def barriers(page: Page) -> list[str]:
    """What axe-core finds grave, one line an element."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in GRAVE or rule["id"] in ALSO_GRAVE
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", VIEWS)
def test_no_barrier(filled: Server, browser: Browser, path: str, scheme: str) -> None:
    with screen(browser, LAPTOP, scheme) as page:
        opened(page, f"{filled.url}/{path}")
        assert barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_in_the_window_of_an_image(
    filled: Server, browser: Browser, scheme: str
) -> None:
    with screen(browser, LAPTOP, scheme) as page:
        opened(page, f"{filled.url}/evaluate")
        open_mistake(page)
        assert barriers(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_barrier_on_a_phone(filled: Server, browser: Browser, path: str) -> None:
    with screen(browser, PHONE, touch=True) as page:
        opened(page, f"{filled.url}/{path}")
        assert barriers(page) == []


def test_nobody_else_is_asked(filled: Server, browser: Browser) -> None:
    """All pages, a folded part and an image's window, where every other host is out of reach."""
    foreign: list[str] = []
    told: list[str] = []
    own = urlsplit(filled.url).netloc

    def is_foreign(url: str) -> bool:
        return urlsplit(url).scheme in ("http", "https", "ws", "wss") and (
            urlsplit(url).netloc != own
        )

    def refuse(route: Route) -> None:
        foreign.append(route.request.url)
        route.abort()

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not SEARCH_OF_BASE.search(message.location["url"]):
            told.append(message.text)

    with screen(browser, LAPTOP) as page:
        page.context.route(is_foreign, refuse)
        page.on("console", listen)
        page.on("pageerror", lambda error: told.append(str(error)))
        for path in VIEWS:
            opened(page, f"{filled.url}/{path}")
            folded = page.locator("details:not([open]) > summary:visible")
            while folded.count():
                folded.first.click()
                opened(page)
        opened(page, f"{filled.url}/evaluate")
        open_mistake(page)
    assert foreign == []
    assert told == []


def main_things(page: Page, path: str) -> list[Locator]:
    """What a visitor came to a page for; of the last one its top is enough."""
    button = page.get_by_role("button")
    image = page.locator(".asl-sheet img").first
    return {
        "": [page.get_by_role("button", name="Train now"), image],
        "data": [image],
        "train": [
            page.get_by_role("button", name="Train", exact=True),
            page.locator(".st-key-train_answer"),
        ],
        "sweep": [
            button.filter(has_text="Start sweep"),
            page.get_by_test_id("stPlotlyChart").first,
        ],
        "evaluate": [
            page.locator(".asl-sheet a img").first,
            page.locator(".asl-matrix, [aria-label^='Confusion matrix']").first,
        ],
        "compare": [page.get_by_test_id("stDataFrame").first],
        "predict": [page.get_by_test_id("stFileUploaderDropzone")],
    }[path]


def assert_in_view(page: Page, things: list[Locator]) -> None:
    """All of each is on the screen; of the last one its top, with at least a line of it."""
    assert page.viewport_size
    height = page.viewport_size["height"]
    for thing in things:
        expect(thing).to_be_visible()
        box = thing.bounding_box()
        assert box
        reaches = box["y"] + (box["height"] if thing is not things[-1] else 24)
        assert reaches <= height, f"{thing} ends at {reaches:.0f} of {height} px"


@pytest.mark.parametrize("path", PAGES)
def test_the_main_thing_is_above_the_fold(filled: Server, browser: Browser, path: str) -> None:
    with screen(browser, LAPTOP) as page:
        opened(page, f"{filled.url}/{path}")
        navigation = page.get_by_test_id("stHeader").bounding_box()
        title = page.get_by_role("heading", level=1).bounding_box()
        assert navigation
        assert title
        assert title["y"] - (navigation["y"] + navigation["height"]) <= TITLE_BELOW
        assert_in_view(page, main_things(page, path))


@pytest.mark.parametrize("path", ["", "data", "evaluate", "compare", "predict"])
def test_the_main_thing_is_on_a_phones_first_screen(
    filled: Server, browser: Browser, path: str
) -> None:
    with screen(browser, PHONE, touch=True) as page:
        opened(page, f"{filled.url}/{path}")
        assert_in_view(page, main_things(page, path)[:1])


@pytest.mark.parametrize(
    ("size", "touch"), [(PHONE, True), (PHONE, False), (ZOOMED, False), (SMALL_PHONE, True)]
)
def test_choosing_a_page_leaves_nothing_over_it(
    filled: Server, browser: Browser, size: tuple[int, int], touch: bool
) -> None:
    with screen(browser, size, touch=touch) as page:
        opened(page, filled.url)
        for name in ("Data", "Evaluate", "Predict", "Home"):
            links = page.locator(".st-key-narrow_navigation").get_by_role("link")
            expect(links).to_have_count(len(PAGES))
            link = links.filter(has_text=name)
            link.tap() if touch else link.click()
            title = page.get_by_role(
                "heading", name="ASL Explorer" if name == "Home" else name, exact=True
            )
            expect(title).to_be_visible()
            opened(page)
            assert is_uncovered(title)
            assert background(links.filter(has_text=name)) != background(
                links.filter(has_text="Train")
            )


def is_uncovered(thing: Locator) -> bool:
    """Whether a touch of its beginning would hit it."""
    hit: bool = thing.evaluate(
        """element => {
          const {x, y, height} = element.getBoundingClientRect();
          const top = document.elementFromPoint(x + 8, y + height / 2);
          return element.contains(top) || top.contains(element);
        }"""
    )
    return hit


def background(link: Locator) -> str:
    """Its color, of which that of the current page's link differs."""
    color: str = link.evaluate("link => getComputedStyle(link).backgroundColor")
    return color


@pytest.mark.parametrize("size", [PHONE, ZOOMED, SMALL_PHONE])
@pytest.mark.parametrize("path", VIEWS)
def test_no_page_is_wider_than_its_screen(
    filled: Server, browser: Browser, path: str, size: tuple[int, int]
) -> None:
    with screen(browser, size, "dark", touch=True) as page:
        opened(page, f"{filled.url}/{path}")
        wide = page.evaluate(
            """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
              .map(element => element.scrollWidth)"""
        )
        assert max(wide) <= size[0]
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_text(re.compile("Traceback|Error:"))).to_have_count(0)


def test_every_page_is_a_click_away(filled: Server, page: Page) -> None:
    opened(page, filled.url)
    for name in ("Data", "Train", "Sweep", "Evaluate", "Compare", "Predict", "Home"):
        go_to(page, name)


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE])
def test_links_and_cards_of_a_phone_do_not_lie_over_each_other(
    filled: Server, browser: Browser, size: tuple[int, int]
) -> None:
    with screen(browser, size, touch=True) as page:
        opened(page, f"{filled.url}/train")
        for things in (
            page.locator(".st-key-narrow_navigation a"),
            page.locator(
                "[class*='st-key-card_row_'] [data-testid='stMetric'], .st-key-first_mistakes a"
            ),
        ):
            boxes = [found for thing in things.all() if (found := thing.bounding_box())]
            assert len(boxes) > 1
            assert boxes[0]["y"] >= 0
            for number, one in enumerate(boxes):
                for other in boxes[number + 1 :]:
                    assert (
                        one["x"] + one["width"] <= other["x"] + 1
                        or one["y"] + one["height"] <= other["y"] + 1
                    )
