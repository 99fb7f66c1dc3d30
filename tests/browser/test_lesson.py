"""A lesson in real Chromium: a teacher makes it, three pupils train in it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import LAPTOP, SECOND, Server, go_to, opened, screen, settled
from tests.processes import wait_for

pytestmark = pytest.mark.slow

PUPILS = ("Ada", "Grace", "<b>Alan</b>")


def make_lesson(page: Page) -> str:
    """Make a lesson of what Train shows, with the epochs fixed. Returns its link."""
    page.get_by_text("Make a lesson", exact=True).click()
    expect(page.get_by_label("Task")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Epochs", exact=True).click()
    settled(page)
    page.get_by_label("Task").fill("Train once.\nThen **look**.")
    page.get_by_label("Task").press("Control+Enter")
    settled(page)
    page.get_by_label("Name", exact=True).fill("Three of us")
    page.get_by_label("Name", exact=True).press("Enter")
    link = page.get_by_test_id("stCode").filter(has_text="lesson=")
    expect(link).to_be_visible()
    return link.inner_text().strip()


def take_part(page: Page, link: str, name: str) -> None:
    """Open a lesson as a pupil, and train in it."""
    opened(page, link)
    expect(page.get_by_role("heading", name="Lesson: Three of us")).to_be_visible()
    expect(page.get_by_text("Train once.\nThen **look**.")).to_be_visible()
    expect(page.get_by_role("slider", name="Epochs")).to_be_disabled()
    page.get_by_role("textbox", name="Your name in this lesson").fill(name)
    page.get_by_role("textbox", name="Your name in this lesson").press("Enter")
    settled(page)
    page.get_by_text("Check the accuracy afterwards").click()
    settled(page)
    page.get_by_role("button", name="Train", exact=True).click()


def test_three_pupils_of_a_teacher(
    browser: Browser, drawn: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = Server(drawn, tmp_path_factory.mktemp("lesson"))
    try:
        with screen(browser, LAPTOP) as teacher:
            opened(teacher, f"{server.url}/train?settings=constant:epochs=1:batch_size=8")
            link = make_lesson(teacher)
            for name in PUPILS:
                with screen(browser, LAPTOP) as pupil:
                    take_part(pupil, link, name)
                    n = PUPILS.index(name) + 1
                    wait_for(lambda n=n: len(server.runs.list()) == n)  # type: ignore[misc]
            marks = [run.spec.lesson for run in server.runs.list()]
            assert {mark.pupil for mark in marks if mark} == set(PUPILS)
            assert len({mark.id for mark in marks if mark}) == 1
            assert {run.spec.config.epochs for run in server.runs.list()} == {1}
            go_to(teacher, "Compare")
            teacher.get_by_text("Lessons", exact=True).click()
            expect(teacher.get_by_text("Three of us · 3 runs of 3 pupils")).to_be_visible()
            teacher.get_by_role("button", name="Archive these runs").click()
            expect(teacher.get_by_text("There is no trained run yet.")).to_be_visible()
            assert server.runs.list() == ()
            teacher.get_by_role("button", name="Bring back").click()
            expect(teacher.get_by_role("button", name="Archive these runs")).to_be_visible(
                timeout=60 * SECOND
            )
            assert len(server.runs.list()) == 3
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()
