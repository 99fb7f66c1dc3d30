"""A newcomer without photos, in real Chromium: two clicks from Home to a network that learned."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from asl_core.settings import settings
from tests.browser.server import SECOND, Server

pytestmark = pytest.mark.slow


def test_two_clicks_to_a_first_success_and_one_to_a_better_one(page: Page, tmp_path: Path) -> None:
    if settings().download_dir.exists():
        pytest.skip("this machine has downloaded the photos")
    server = Server("", tmp_path)
    try:
        page.goto(server.url)
        page.get_by_test_id("stMain").get_by_role("link", name="2. Train").click()
        train = page.get_by_role("button", name="Train", exact=True)
        expect(train).to_be_enabled(timeout=180 * SECOND)  # the images are rendered first
        expect(page.get_by_text("What to expect: with the settings shown first")).to_be_visible()
        train.click()
        expect(page.get_by_text("Finished. Total time")).to_be_visible(timeout=180 * SECOND)
        (run,) = server.runs.list()
        assert run.results.test_accuracy >= 0.9
        expect(page.get_by_text("Accuracy: training and, dashed, test")).to_be_visible()

        page.get_by_role("button", name="Train with augmentation").click()
        expect(page.get_by_text(re.compile(r"Epoch \d+ of 20"))).to_be_visible(timeout=60 * SECOND)
        expect(page).to_have_url(re.compile("settings=one-cycle"))
        page.goto(f"{server.url}/evaluate?run={run.id}")
        page.get_by_role("link", name="Set up augmentation on Train").click()
        expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("settings=one-cycle"))
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()
