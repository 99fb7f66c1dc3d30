"""The camera in real Chromium, whose fake one shows a film: classes are taught, trained on, and
answered live; and where there is no camera, the page says why and what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from asl_core.data import read_folder
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.own_dataset import IMAGES, set_folder
from asl_core.images import encode
from asl_core.synthetic import render
from tests.browser.server import ARGUMENTS, CHROMIUM, LAPTOP, PHONE, SECOND, Server, settled

pytestmark = pytest.mark.slow

ALLOWED = ("--use-fake-ui-for-media-stream",)
"""The browser says yes when a page asks for the camera."""

ELSEWHERE = "asl.test"
"""A name that leads to this machine, and that browsers take for another."""

ANSWERS, MOST = 10, 8
"""Frames that are looked at, and how many of them must be right."""

HAND, WIDTH, HEIGHT = 480, 640, 480
STRIPE = 40
"""Width of a white stripe at the left of the square, and of a black one at its right, in pixels:
they tell what is mirrored."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ASL_ALLOWED_HOSTS", ELSEWHERE)
        started = Server("rendered:ABC:150:0", home)
    yield started
    assert "Traceback" not in started.log.read_text()
    started.stop()


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A film of each of two letters: one hand that moves a little."""
    folder = tmp_path_factory.mktemp("films")
    return {letter: film(letter, folder / f"{letter}.mjpeg") for letter in "AB"}


def film(letter: str, path: Path) -> Path:
    """Write a film (MJPEG) of a hand."""
    hand = render(letter, size=HAND)
    with path.open("wb") as file:
        for i in range(40):
            picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
            picture[:, 80 : 80 + HAND] = np.roll(hand, (i % 8 - 4) * 6, axis=1)
            picture[:, 80 : 80 + STRIPE] = 255
            picture[:, 80 + HAND - STRIPE : 80 + HAND] = 0
            file.write(encode(picture, "JPEG") * 3)
    return path


@contextmanager
def visitor(
    browser: Browser,
    *arguments: str,
    film: Path | None = None,
    state: Path | None = None,
    size: tuple[int, int] = LAPTOP,
    touch: bool = False,
) -> Iterator[Page]:
    """A page in a Chromium of its own, with a camera if there is a film."""
    args = [*ARGUMENTS, *arguments]
    if film:
        args += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    started = browser.browser_type.launch(executable_path=CHROMIUM, args=args)
    width, height = size
    context = started.new_context(
        viewport={"width": width, "height": height},
        has_touch=touch,
        is_mobile=touch,
        storage_state=state if state and state.exists() else None,
    )
    context.set_default_timeout(60 * SECOND)
    try:
        yield context.new_page()
        if state:
            context.storage_state(path=state)  # the visitor comes back as the same one
    finally:
        started.close()


def teach(page: Page, url: str) -> None:
    """Open the page with the part unfolded, as it is by itself where the address names a set."""
    page.goto(url)
    settled(page)
    if "teach=" not in url:
        page.get_by_text("Teach it with the camera").click()
    expect(page.get_by_label("New class")).to_be_visible()


def name_class(page: Page, name: str) -> None:
    page.get_by_label("New class").fill(name)
    page.get_by_label("New class").press("Enter")
    expect(page.get_by_role("radio", name=f"{name} · 0")).to_be_checked()


def turn_on(page: Page) -> None:
    page.get_by_role("button", name="Turn on the camera").click()


def hold(page: Page) -> Locator:
    return page.locator(".asl-camera-hold")


def record_by_mouse(page: Page, milliseconds: int) -> None:
    """Hold the button, and wait until all is saved."""
    expect(hold(page)).to_be_visible()
    expect(hold(page)).to_have_text(re.compile("Hold to record"))
    hold(page).hover()
    page.mouse.down()
    page.wait_for_timeout(milliseconds)
    expect(page.locator(".asl-camera-count")).to_be_visible()
    page.mouse.up()
    saved(page)


def record_by_key(page: Page, key: str, milliseconds: int) -> None:
    """Press the button once to start and once to stop, as who can't hold it."""
    expect(hold(page)).to_be_visible()
    expect(hold(page)).to_have_text(re.compile("Hold to record"))
    hold(page).press(key)
    expect(hold(page)).to_have_text("Press again to stop")
    page.wait_for_timeout(milliseconds)
    hold(page).press(key)
    saved(page)


def saved(page: Page) -> None:
    expect(page.locator(".asl-camera-status")).to_have_text(re.compile("images? saved"))
    settled(page)


def live(page: Page, server: Server) -> None:
    """Open Predict with the camera on."""
    page.goto(f"{server.url}/predict")
    page.get_by_text("Live", exact=True).click()
    turn_on(page)
    expect(page.locator(".asl-camera-rate")).to_contain_text("answers a second")


def answers(page: Page) -> list[str]:
    """What the page says of ten frames, one after the other."""
    said = []
    for _ in range(ANSWERS):
        page.wait_for_timeout(300)
        said.append(page.locator(".asl-camera-label").inner_text())
    return said


def test_two_classes_are_taught_trained_on_and_told_apart_live(
    server: Server, browser: Browser, films: dict[str, Path], tmp_path: Path
) -> None:
    state, store = tmp_path / "state.json", DatasetStore(server.runs.root)
    with visitor(browser, *ALLOWED, film=films["A"], state=state) as page:
        teach(page, f"{server.url}/data")
        name_class(page, "A")
        turn_on(page)
        record_by_mouse(page, 2_000)
        record_by_mouse(page, 2_000)
        assert (
            page.locator("video")
            .evaluate("v => getComputedStyle(v).transform")
            .startswith("matrix(-1")
        )
        address = page.url
    with visitor(browser, *ALLOWED, film=films["B"], state=state) as page:
        teach(page, address)
        name_class(page, "B")
        turn_on(page)
        record_by_key(page, "Enter", 1_500)
        record_by_key(page, "Space", 1_500)
        images = page.locator(".asl-thumbnails-sheet button")
        expect(images.first).to_be_visible()
        before = images.count()
        images.first.click()
        expect(images).to_have_count(before - 1)
        page.get_by_role("button", name="Put 1 image back").click()
        expect(images).to_have_count(before)
        (card,) = store.list()
        assert sum(card.counts.values()) == store.load(card.id).n_images
        page.get_by_role("button", name="Train on it").click()
        expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile(card.id))
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_text("Finished. Total time")).to_be_visible(timeout=180 * SECOND)
        live(page, server)
        assert answers(page).count("B") >= MOST
    dataset = read_folder(set_folder(card.id, store.root) / IMAGES)
    assert set(dataset.groups) == {"recording-1", "recording-2"}
    for image in dataset.images:  # as others see the hand: the white stripe is at the left
        assert image[:, 1].mean() > 230
        assert image[:, -2].mean() < 25
    with visitor(browser, *ALLOWED, film=films["A"], state=state) as page:
        live(page, server)
        assert answers(page).count("A") >= MOST
        page.get_by_role("button", name="Turn the camera off").click()
        expect(page.locator("video")).to_be_hidden()


def test_without_a_camera_the_page_says_why_and_what_to_do(
    server: Server, browser: Browser, films: dict[str, Path]
) -> None:
    elsewhere = server.url.replace("127.0.0.1", ELSEWHERE)
    for url, arguments, shown, said in (
        (server.url, (), films["A"], "The camera is blocked for this page. Allow it"),
        (server.url, ALLOWED, None, "No camera was found. Connect one"),
        (elsewhere, (*ALLOWED, f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"), films["A"],
         "gives no camera to a page that comes over plain http from another machine"),
    ):  # fmt: skip
        with visitor(browser, *arguments, film=shown) as page:
            teach(page, f"{url}/data")
            name_class(page, "A")
            turn_on(page)
            expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
            expect(page.locator(".asl-camera-view")).to_be_hidden()
            expect(page.get_by_role("button", name="Add files")).to_be_visible()  # the way out


def test_a_class_by_finger_and_files_on_a_phone(
    server: Server, browser: Browser, films: dict[str, Path], drawn: Path
) -> None:
    with visitor(browser, *ALLOWED, film=films["A"], size=PHONE, touch=True) as page:
        teach(page, f"{server.url}/data")
        name_class(page, "A")
        turn_on(page)
        expect(hold(page)).to_be_visible()
        hold(page).tap()
        expect(hold(page)).to_have_text("Press again to stop")
        page.wait_for_timeout(SECOND)
        hold(page).tap()
        saved(page)
        hold(page).scroll_into_view_if_needed()
        for part in (page.locator("video"), hold(page)):
            expect(part).to_be_in_viewport(ratio=0.95)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert not [found["id"] for found in Axe().run(page).response["violations"]
                    if found["impact"] in ("critical", "serious")]  # fmt: skip
        name_class(page, "thumb up")
        page.get_by_role("button", name="Add files").click()
        files = [str(file) for file in sorted((drawn / "B").glob("*.png"))[:6]]
        page.locator(".st-key-teach_files input[type=file]").set_input_files(files)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("radio", name="thumb up · 6")).to_be_checked()
        expect(page.get_by_role("button", name="Train on it")).to_be_enabled()


def test_a_hidden_tab_has_no_camera(
    server: Server, browser: Browser, films: dict[str, Path]
) -> None:
    with visitor(browser, *ALLOWED, film=films["A"]) as page:
        teach(page, f"{server.url}/data")
        name_class(page, "A")
        turn_on(page)
        expect(page.locator("video")).to_be_visible()
        for hidden in ("true", "false"):
            page.evaluate(
                "hidden => { Object.defineProperty(document, 'hidden', "
                "{ value: hidden === 'true', configurable: true }); "
                "document.dispatchEvent(new Event('visibilitychange')); }",
                hidden,
            )
            shown = expect(page.locator("video"))
            (shown.to_be_hidden if hidden == "true" else shown.to_be_visible)()
        page.get_by_test_id("stTopNavLink").filter(has_text="Train").click()
        expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
        expect(page.locator("video")).to_have_count(0)
