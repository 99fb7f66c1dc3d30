"""A report in real Chromium: from disk, without a network, and with what visitors wrote in it."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from asl_core.report.content import RunReport
from asl_core.report.write import write_report
from asl_core.runs.intervals import percent
from asl_core.runs.run import Run
from tests.browser.server import Server, opened
from tests.report.conftest import (  # noqa: F401  # fixtures
    checked_run,
    hostile_report,
    images,
    mistaken,
    report,
)

pytestmark = pytest.mark.slow


def open_from_disk(browser: Browser, file: Path, scheme: str = "light") -> tuple[Page, list[str]]:
    """A page of a file, with no network, and what the browser complains of."""
    context = browser.new_context(
        offline=True, color_scheme="dark" if scheme == "dark" else "light"
    )
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(file.as_uri())
    expect(page.locator("#figure-confusion .main-svg").first).to_be_visible()
    return page, complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_from_disk_with_the_figures_of_the_run(
    browser: Browser,
    report: RunReport,  # noqa: F811
    tmp_path: Path,
    scheme: str,
) -> None:
    file = write_report(report, tmp_path / "report.html").html
    page, complaints = open_from_disk(browser, file, scheme)
    n_figures = page.locator(".plot").count()
    expect(page.locator(".plot .main-svg:first-child")).to_have_count(n_figures)
    numbers = page.evaluate("document.getElementById('figure-confusion').data[1].text")
    assert numbers == [str(count) for count in report.evaluation.confusion.ravel()]
    expect(page.locator(".cards .value").first).to_have_text(percent(report.evaluation.accuracy))
    violations = Axe().run(page).response["violations"]
    assert [found["id"] for found in violations] == []
    bar = page.locator("#figure-confusion .modebar-btn")
    expect(bar).to_have_count(1)
    with page.expect_download():
        page.locator("#figure-confusion").hover()
        bar.click()
    assert complaints == []


def test_nothing_that_a_visitor_wrote_is_run(
    browser: Browser,
    hostile_report: RunReport,  # noqa: F811
    tmp_path: Path,
) -> None:
    file = write_report(hostile_report, tmp_path / "report.html").html
    page, complaints = open_from_disk(browser, file)
    expect(page).to_have_title(f"{hostile_report.name} · report of a run")
    ticks = page.locator("#figure-confusion .xtick text")
    expect(ticks.first).to_contain_text("<")
    page.locator("#figure-confusion .nsewdrag").hover()
    assert complaints == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.wait_for_timeout(500)
    assert all("Content Security Policy" in complaint for complaint in complaints)
    assert complaints


def test_it_fits_a_phone_and_paper(
    browser: Browser,
    report: RunReport,  # noqa: F811
    tmp_path: Path,
) -> None:
    file = write_report(report, tmp_path / "report.html").html
    page, _ = open_from_disk(browser, file, "dark")
    assert page.pdf().startswith(b"%PDF")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#figure-confusion .main-svg").first).to_have_attribute("width", "358")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(15, 23, 32)"


def test_it_is_taken_along_from_the_page(
    with_drawn_run: Server, drawn_run: Run, page: Page, tmp_path: Path
) -> None:
    opened(page, f"{with_drawn_run.url}/evaluate?run={drawn_run.id}&part=download")
    for button, ending in (("Report (HTML)", "html"), ("Model card (Markdown)", "md")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        assert download.value.suggested_filename.endswith(f"{drawn_run.id}.{ending}")
        saved = tmp_path / f"saved.{ending}"
        download.value.save_as(saved)
        assert percent(drawn_run.results.test_accuracy) in saved.read_text()
