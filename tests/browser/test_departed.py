"""What a visitor has brought is gone from the server soon after the visitor is."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from asl_core.runs.run import Run
from tests.browser.server import SECOND, Server
from tests.browser.test_camera import visitor
from tests.processes import wait_for

PHOTOS, MEGABYTES = 10, 3.6
"""Of noise, which can't be made smaller."""


@pytest.fixture
def server(drawn: Path, drawn_run: Run, tmp_path: Path) -> Iterator[Server]:
    """The app with a run; a page that is closed can be come back to for a second."""
    (tmp_path / "home" / "runs").mkdir(parents=True)
    (tmp_path / "home" / "runs" / drawn_run.id).symlink_to(drawn_run.folder)
    started = Server(drawn, tmp_path / "home", ["--server.disconnectedSessionTTL", "1"])
    yield started
    started.stop()


def noise(number: int) -> FilePayload:
    pixels = np.random.default_rng(number).integers(0, 256, (1_000, 1_200, 3), np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG", compress_level=0)
    return {"name": f"{number}.png", "mimeType": "image/png", "buffer": content.getvalue()}


def drop(page: Page, *numbers: int) -> None:
    page.locator("input[type=file]").set_input_files([noise(number) for number in numbers])
    expect(page.get_by_text(f"{numbers[0]}.png").first).to_be_visible()


@pytest.mark.slow
def test_photos_leave_the_memory_after_their_visitor(server: Server, page: Page) -> None:
    def megabytes() -> float:
        return float(psutil.Process(server.process.pid).memory_info().rss / 2**20)

    page.goto(f"{server.url}/predict")
    drop(page, 100)
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("The answer to a photo comes here.")).to_be_visible()
    drop(page, *range(PHOTOS))
    expect(page.get_by_text(f"{PHOTOS} photos, in the memory")).to_be_visible()
    with_photos = megabytes()
    page.close()
    wait_for(lambda: megabytes() < with_photos - PHOTOS * MEGABYTES / 2, 30)


@pytest.mark.slow
def test_a_photo_of_the_camera_stays_when_it_is_put_away(server: Server, browser: Browser) -> None:
    """Streamlit does not hold it any more, and says so to the page."""
    arguments = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with visitor(browser, *arguments) as page:
        page.goto(f"{server.url}/predict")
        page.get_by_text("Camera", exact=True).click()
        take = page.get_by_role("button", name="Take Photo")
        taken = page.get_by_role("button", name="Clear photo")
        while not taken.is_visible():  # nothing happens before the camera sends
            take.click()
            page.wait_for_timeout(2 * SECOND)
        expect(page.get_by_text("1 photo, in the memory")).to_be_visible()
        taken.click()
        expect(take).to_be_visible()
        page.get_by_text("Files", exact=True).first.click()
        expect(page.locator("input[type=file]")).to_be_attached()
        expect(page.get_by_text("1 photo, in the memory")).to_be_visible()
    assert "Traceback" not in server.log.read_text()
