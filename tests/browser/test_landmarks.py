"""Hand landmarks in real Chromium: the finder is fetched, photos are dropped and answered, a
network on landmarks is trained, evaluated, and compared with the CNN; on a laptop and a phone."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from asl_core.images import encode
from asl_core.landmarks.download import FILES, has_hand_finder
from asl_core.runs.run import Run
from asl_core.settings import ROOT
from asl_core.synthetic import View, render
from tests.browser.server import (
    LAPTOP,
    PHONE,
    Server,
    any_hand,
    open_mistake,
    opened,
    screen,
    settled,
)
from tests.landmarks.test_download import left, make_wheel, wrong_models
from tests.processes import wait_for

pytestmark = pytest.mark.slow

RENDERED = "rendered:ABC:150:0"
TRAINED_SECONDS = 180.0
"""Time within which hands are found and a training is done, however busy the machine is."""

PHOTO = 640
"""Side of a photo, in pixels."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is all that pip knows."""
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its hand finder, which it does not have yet."""
    return tmp_path_factory.mktemp("kept") / "finder"


@pytest.fixture(scope="module")
def server(index: Path, finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with the runs that come with it, on rendered hands, and without a hand finder."""
    home = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patched:
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
            patched.delenv(name, raising=False)
        patched.setenv("PIP_NO_INDEX", "1")
        patched.setenv("PIP_FIND_LINKS", str(index))
        patched.setenv("ASL_HAND_FINDER_DIR", str(finder))
        shutil.copytree(ROOT / "models", home / "runs")
        started = Server(RENDERED, home)
    yield started
    traces = re.findall("Traceback.*", started.log.read_text())
    assert all("DownloadError" in trace for trace in traces), traces  # Dask's, of a refusal
    started.stop()


@pytest.fixture
def fetched(hand_finder: Path, finder: Path) -> Path:
    """The hand finder in its place, whichever test runs first."""
    if not has_hand_finder(finder):
        shutil.copytree(hand_finder, finder, dirs_exist_ok=True)
    return finder


def photo(name: str, pixels: np.ndarray) -> FilePayload:
    """What is dropped on the page."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": encode(pixels, "JPEG")}


def drop(page: Page, *photos: FilePayload) -> None:
    """Drop photos where the page takes them, and wait until they are in its list."""
    field = page.locator("input[type=file]")
    expect(field).to_have_count(1)
    field.set_input_files(photos)
    expect(page.get_by_text(photos[-1]["name"]).first).to_be_visible()
    settled(page)
    expect(field).to_have_count(1)


def turn_to(page: Page, name: str) -> None:
    """Click a page in the navigation, which is another one on narrow screens."""
    page.get_by_role("link", name=name, exact=True).locator("visible=true").first.click()
    settled(page)


def wide(page: Page) -> int:
    """How far the page goes beyond its screen, in CSS pixels."""
    beyond: int = page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"
    )
    return beyond


def test_the_finder_is_fetched_by_a_click_and_a_wrong_one_is_refused(
    browser: Browser, server: Server, hand_finder: Path, index: Path, finder: Path
) -> None:
    with screen(browser, LAPTOP) as page:
        opened(page, f"{server.url}/predict?run={any_hand(server.runs)}")
        button = page.get_by_role("button", name="Download the hand finder")
        expect(page.get_by_text("It is not here yet")).to_be_visible()
        expect(page.locator("input[type=file]")).to_have_count(0)

        make_wheel(index, wrong_models())
        button.click()
        expect(page.get_by_text(re.compile("SHA-256.*Nothing was saved"))).to_be_visible()
        assert left(finder) == []

        make_wheel(index, {name: (hand_finder / name).read_bytes() for name in FILES})
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("input[type=file]")).to_have_count(1)
        assert has_hand_finder(finder)


def answer(page: Page) -> Locator:
    """The word or letter, large, that the card says."""
    return page.locator(".asl-answer h2")


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_photos_are_answered_kept_and_doubted(
    browser: Browser, server: Server, fetched: Path, size: tuple[int, int]
) -> None:
    hand = render("L", View(), size=PHOTO)
    with screen(browser, size, touch=size == PHONE) as page:
        opened(page, f"{server.url}/predict?run={any_hand(server.runs)}")
        drop(page, photo("right.jpg", hand))
        expect(answer(page)).to_have_text("L")
        expect(answer(page)).to_be_in_viewport()  # without scrolling
        expect(page.get_by_text("Right hand", exact=True)).to_be_visible()
        stated = re.compile(r"From a confidence of \d+ % on, \d+ % of its answers are right")
        expect(page.get_by_text(stated)).to_be_visible()

        drop(page, photo("left.jpg", hand[:, ::-1].copy()))
        expect(page.get_by_text("Left hand, mirrored")).to_be_visible()
        expect(answer(page)).to_have_text(["L", "L"])

        drop(page, photo("gray.jpg", np.full((PHOTO, PHOTO, 3), 120, np.uint8)))
        expect(answer(page).first).to_have_text("No hand found")

        page.get_by_role("button", name="No letter").click()
        expect(page.get_by_role("button", name="All answers as CSV")).to_be_visible()
        settled(page)
        expect(answer(page)).to_have_attribute("data-kind", "no letter")
        assert wide(page) <= 0

        turn_to(page, "Home")
        expect(answer(page)).to_have_count(0)
        turn_to(page, "Predict")
        expect(answer(page)).to_have_attribute("data-kind", "no letter")
        page.get_by_role("button", name="Clear").click()
        expect(answer(page)).to_have_count(0)


def trained(page: Page, server: Server) -> Run:
    """Press 'Train', and wait for the result. Returns the new run."""
    before = {run.id for run in server.runs.list()}
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for(lambda: len(server.runs.list()) > len(before), TRAINED_SECONDS)
    expect(page.get_by_text("Finished. Total time")).to_be_visible()
    settled(page)
    (run,) = (run for run in server.runs.list() if run.id not in before)
    return run


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_a_network_on_landmarks_is_trained_evaluated_and_compared_with_the_cnn(
    browser: Browser, server: Server, fetched: Path, size: tuple[int, int]
) -> None:
    with screen(browser, size, touch=size == PHONE) as page:
        opened(page, f"{server.url}/train?settings=constant:epochs=1")
        cnn = trained(page, server)
        page.get_by_role("radio", name="Hand landmarks").click()
        settled(page)
        run = trained(page, server)
        assert (cnn.spec.config.features, run.spec.config.features) == ("pixels", "landmarks")
        assert run.results.test_accuracy > cnn.results.test_accuracy
        assert wide(page) <= 0

        page.get_by_role("link", name="Compare with the previous run").click()
        expect(page.get_by_text("McNemar's exact test")).to_be_visible()
        expect(page.get_by_role("table").get_by_text("Run 2 right")).to_be_visible()
        settled(page)
        assert wide(page) <= 0

        opened(page, f"{server.url}/evaluate?run={run.id}")
        expect(page.get_by_text("Test accuracy").first).to_be_visible()
        assert wide(page) <= 0
        opened(page, f"{server.url}/evaluate?run={cnn.id}")
        expect(open_mistake(page).get_by_text("Nearest training images")).to_be_visible()
