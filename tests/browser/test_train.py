"""Training in real Chromium: it outlives the tab, the browser and the server; and a small sweep."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from asl_core.data import Dataset
from asl_core.runs.pending import list_pending
from asl_core.settings import MAX_QUEUED_PER_OWNER
from tests.browser.server import SECOND, Server, go_to, settled, slide
from tests.processes import wait_for

pytestmark = pytest.mark.slow

STATE_SECONDS = 10.0
"""Time within which the true state of a run must be shown."""

EPOCH = re.compile(r"Epoch \d+ of 100")


def test_a_training_outlives_its_tab_its_browser_and_its_server(
    browser: Browser, mission: Dataset, tmp_path: Path
) -> None:
    server = Server(mission.folder, tmp_path)
    first = browser.new_context()
    page = first.new_page()
    page.goto(f"{server.url}/train")
    slide(page, "Epochs", "End")
    page.get_by_role("button", name="Train", exact=True).click(click_count=2, delay=100)
    expect(page.get_by_label(re.compile("Training loss so far")).first).to_be_visible(
        timeout=120 * SECOND
    )
    assert len(list_pending(server.runs)) == 1  # a double click on a server that was cold
    link = page.url
    first.close()  # the tab, and the whole browser

    page = browser.new_context().new_page()
    page.goto(link)
    expect(page.get_by_text(EPOCH)).to_be_visible()
    go_to(page, "Data")
    expect(page.get_by_text("Training a network")).to_be_visible()
    (staged,) = list_pending(server.runs)
    while not (checkpoint := staged.checkpoint()):
        page.wait_for_timeout(200)
    server.kill()
    wait_for(lambda: staged.state().phase == "interrupted", STATE_SECONDS)

    server = Server(mission.folder, tmp_path)
    try:
        page.goto(f"{server.url}/train")
        expect(page.get_by_text(re.compile(r"interrupted after \d+ epoch"))).to_be_visible()
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_text(EPOCH)).to_be_visible(timeout=120 * SECOND)
        progress = staged.state().progress
        assert progress
        assert progress.epoch >= checkpoint.progress.epoch
        expect(page.get_by_text("Finished. Total time")).to_be_visible(timeout=300 * SECOND)
        (run,) = server.runs.list()
        assert run.id == staged.id
        assert run.results.stop_reason == "all epochs"
        assert len(run.history()["loss"]) == 100
        assert "Traceback" not in server.log.read_text()
    finally:
        page.context.close()
        server.stop()


def test_a_sweep_of_two_by_two(mission: Dataset, page: Page, tmp_path: Path) -> None:
    server = Server(mission.folder, tmp_path)
    try:
        page.goto(f"{server.url}/sweep")
        slide(page, "Seeds", "Home")
        expect(page.get_by_text("4 runs")).to_be_visible()
        page.get_by_role("button", name="Time one run", exact=True).click()
        expect(page.get_by_text(re.compile(r"about \d+"))).to_be_visible(timeout=120 * SECOND)
        page.get_by_role("button", name="Start sweep", exact=True).click(click_count=2, delay=100)
        expect(page.get_by_text(re.compile(r"[0-3] of 4 runs are done"))).to_be_visible()
        page.reload()
        expect(page.get_by_text(re.compile("had no say"))).to_be_visible(timeout=180 * SECOND)
        filled = page.get_by_label(re.compile("Median accuracy by filters and epochs"))
        told = filled.first.get_attribute("aria-label") or ""
        assert len(re.findall(r"\d+ and \d+, \d+: [\d.]+ %", told)) == 4
        assert len(server.runs.list()) == 4
        assert "sweep=" in page.url
        first, second = (run.id for run in server.runs.list()[:2])
        page.goto(f"{server.url}/compare?runs={first},{second}")
        expect(page.get_by_text("McNemar's exact test looks only at")).to_be_visible()
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()


def test_a_refusal_is_told_beside_the_trainings_that_it_speaks_of(
    mission: Dataset, page: Page, tmp_path: Path
) -> None:
    server = Server(mission.folder, tmp_path)
    try:
        page.goto(f"{server.url}/train")
        slide(page, "Epochs", "End")
        train = page.get_by_role("button", name="Train", exact=True)
        train.click()
        expect(page.get_by_text(EPOCH)).to_be_visible(timeout=120 * SECOND)
        cancel = page.get_by_role("button", name="Cancel", exact=True)
        for waiting in range(MAX_QUEUED_PER_OWNER):
            slide(page, "Epochs", "ArrowLeft")
            settled(page)
            train.click()
            expect(cancel).to_have_count(waiting + 1)
        slide(page, "Epochs", "ArrowLeft")
        settled(page)
        train.click()
        expect(page.get_by_text(f"You already have {MAX_QUEUED_PER_OWNER} tasks")).to_be_visible()
        expect(cancel).to_have_count(MAX_QUEUED_PER_OWNER)
        expect(page.get_by_text(EPOCH)).to_be_visible()
        cancel.first.click()
        expect(cancel).to_have_count(MAX_QUEUED_PER_OWNER - 1)
        assert len(list_pending(server.runs)) == MAX_QUEUED_PER_OWNER
        assert "Traceback" not in server.log.read_text()
    finally:
        server.kill()
