"""Words that are spelled before the camera in real Chromium, whose fake one shows a film."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from asl_core.images import encode
from asl_core.settings import ROOT
from asl_core.synthetic import View, render
from tests.browser.server import LAPTOP, PHONE, SECOND, Server, any_hand, settled
from tests.browser.test_camera import ALLOWED, HAND, HEIGHT, WIDTH, visitor

pytestmark = pytest.mark.slow

WORD = "LAB"
FRAMES_A_SECOND = 30
HELD, BETWEEN, AFTER = 2.0, 0.9, 4.0
"""Seconds that a letter is held, that no hand is seen before the next one (less than ends a word),
and after the last one (more than does)."""


@pytest.fixture(scope="module")
def server(hand_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with the runs that come with it, on rendered hands."""
    home = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ASL_HAND_FINDER_DIR", str(hand_finder))
        shutil.copytree(ROOT / "models", home / "runs")
        started = Server("rendered:ABC:150:0", home)
    yield started
    assert "Traceback" not in started.log.read_text()
    started.stop()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hand that spells the word, over and over."""
    path = tmp_path_factory.mktemp("films") / "word.mjpeg"
    wall = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    with path.open("wb") as file:
        for number, letter in enumerate(WORD):
            picture = wall.copy()
            picture[:, 80 : 80 + HAND] = render(letter, View(), size=HAND)
            pause = BETWEEN if number + 1 < len(WORD) else AFTER
            for seen, seconds in ((picture, HELD), (wall, pause)):
                file.write(encode(seen, "JPEG") * round(seconds * FRAMES_A_SECOND))
    return path


def letters(page: Page) -> Locator:
    return page.locator(".asl-camera-letters > *")


def spelled(page: Page) -> Locator:
    """The word, as those who can't see it hear it."""
    return page.locator(".asl-camera-spelled")


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_a_word_is_spelled_kept_and_edited(
    browser: Browser, server: Server, film: Path, size: tuple[int, int]
) -> None:
    with visitor(browser, *ALLOWED, film=film, size=size, touch=size == PHONE) as page:
        page.goto(f"{server.url}/predict?run={any_hand(server.runs)}")
        settled(page)
        page.get_by_text("Live", exact=True).click()
        page.get_by_role("button", name="Turn on the camera").click()
        expect(spelled(page)).to_contain_text(
            re.compile(rf"(^|\s){WORD}(\s|$)"), timeout=60 * SECOND
        )
        for part in (".asl-camera-video", ".asl-camera-label", ".asl-camera-letters"):
            expect(page.locator(part)).to_be_in_viewport(ratio=0.9)
        page.get_by_role("button", name="Turn the camera off").click()
        settled(page)
        tiles = letters(page).all_inner_texts()
        of_letters = [tile for tile in tiles if re.match(r"[A-Z]", tile)]
        assert len(of_letters) >= len(WORD)
        assert all(re.search(r"\d+ ?%", tile) for tile in of_letters)

        page.get_by_role("button", name="Delete last").click()
        expect(letters(page)).to_have_count(len(tiles) - 1)
        left = letters(page).all_text_contents()
        page.get_by_role("link", name="Home", exact=True).locator("visible=true").first.click()
        expect(spelled(page)).to_have_count(0)
        page.get_by_role("link", name="Predict", exact=True).locator("visible=true").first.click()
        settled(page)
        page.get_by_text("Live", exact=True).click()
        expect(letters(page)).to_have_text(left)
        spaced = len(left) + bool(re.match(r"[A-Z]", left[-1]))  # a word ends once
        page.get_by_role("button", name="Space", exact=True).click()
        expect(letters(page)).to_have_count(spaced)
        page.get_by_role("button", name="Clear", exact=True).click()
        expect(page.locator(".asl-camera-hint")).to_have_count(1)
        expect(letters(page)).to_have_count(0)
