"""Each part of *Evaluate* in real Chromium, on the mission's photos, beside the mistakes."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from asl_core.data import Dataset
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.repeats import load_repeats
from asl_core.evaluation.robustness import load_robustness
from asl_core.runs.run import Run
from asl_core.runs.store import open_run
from asl_core.ui.shared.words import percent
from tests.browser.server import SECOND, Server, no_tensorflow_in, settled

pytestmark = pytest.mark.slow

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/15.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(scope="module")
def server(
    mission: Dataset, mission_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    started = Server(mission.folder, tmp_path_factory.mktemp("server"))
    shutil.copytree(mission_run.folder, started.runs.root / mission_run.id)
    yield started
    assert "Traceback" not in started.log.read_text()
    no_tensorflow_in(started.process.pid)
    started.stop()


def open_part(page: Page, server: Server, run: Run, name: str) -> None:
    """Open the page, and choose a part by a click."""
    page.goto(f"{server.url}/evaluate?run={run.id}")
    page.get_by_role("radio", name=name, exact=True).click()
    expect(page).to_have_url(re.compile(r"part="))
    settled(page)


def cell(page: Page, true: str, predicted: str) -> Locator:
    """A cell of the confusion matrix."""
    return page.get_by_role("button", name=re.compile(f"^true {true}, predicted {predicted}: "))


def test_the_first_tap_on_a_cell_chooses_that_cell(
    server: Server, browser: Browser, mission_run: Run
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True, user_agent=IPHONE
    )
    page = context.new_page()
    page.goto(f"{server.url}/evaluate?run={mission_run.id}")
    for true, predicted in (("B", "C"), ("A", "C")):
        tapped = cell(page, true, predicted)
        tapped.scroll_into_view_if_needed()
        tapped.tap()
        expect(page).to_have_url(re.compile(f"true={true}&predicted={predicted}"))
        expect(tapped).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".asl-matrix [aria-pressed=true]")).to_have_count(1)
        settled(page)
        expect(page.get_by_text(re.compile(rf"^\d+ images? of {true}"))).to_be_in_viewport()
    cell(page, "A", "C").tap()  # again: it is given up
    expect(page).not_to_have_url(re.compile("true="))
    context.close()


def test_the_matrix_is_used_by_keys(server: Server, page: Page, mission_run: Run) -> None:
    page.goto(f"{server.url}/evaluate?run={mission_run.id}")
    expect(page.locator(".asl-matrix [tabindex='0']")).to_have_count(1)  # one stop for Tab
    cell(page, "A", "A").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):  # the last at the edge
        page.keyboard.press(key)
    expect(cell(page, "B", "C")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("true=B&predicted=C"))
    settled(page)
    expect(cell(page, "B", "C")).to_be_focused()
    page.keyboard.press("Home")  # the header of the row
    page.keyboard.press("Space")
    expect(page).not_to_have_url(re.compile("predicted="))
    expect(page).to_have_url(re.compile("true=B"))
    count = len(Evaluation.of(mission_run).rows("B"))
    expect(page.get_by_text(re.compile(f"^{count} images of B"))).to_be_visible()


def test_the_matrix_can_be_saved(server: Server, page: Page, mission_run: Run) -> None:
    page.goto(f"{server.url}/evaluate?run={mission_run.id}")
    page.get_by_text("Save the confusion matrix").click()
    expect(page.get_by_label(re.compile("^Confusion matrix, rows true"))).to_be_visible()
    with page.expect_download() as figure:
        page.get_by_label(re.compile("^Confusion matrix, rows true")).locator(
            ".modebar-btn"
        ).first.click()
    assert figure.value.suggested_filename == "confusion-matrix.png"
    with page.expect_download() as download:
        page.get_by_role("button", name="Numbers as CSV").click()
    head, *rows = download.value.path().read_text().splitlines()
    assert head.split(",")[1:] == ["A", "B", "C"]
    counts = [[int(count) for count in row.split(",")[1:]] for row in rows]
    assert counts == Evaluation.of(mission_run).confusion.tolist()


def test_an_image_closes_for_good(server: Server, page: Page, mission_run: Run) -> None:
    page.goto(f"{server.url}/evaluate?run={mission_run.id}")
    images, dialog = page.locator(".asl-sheet a"), page.get_by_role("dialog")
    in_address = re.compile("image=")
    images.nth(1).press("Enter")
    expect(dialog.get_by_text(re.compile(r"^2 of \d+$"))).to_be_visible()
    link = page.url
    dialog.get_by_role("button", name="Next mistake").click()
    expect(dialog.get_by_text(re.compile(r"^3 of \d+$"))).to_be_visible()
    settled(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(in_address)
    expect(images.nth(1)).to_be_focused()
    page.reload()
    expect(images.first).to_be_visible()
    settled(page)
    expect(dialog).to_have_count(0)
    images.first.click()
    expect(dialog).to_be_visible()
    expect(page).to_have_url(in_address)
    settled(page)
    page.go_back()
    expect(dialog).to_have_count(0)
    settled(page)
    expect(page).not_to_have_url(in_address)
    page.goto(link)
    expect(dialog.get_by_text(re.compile(r"^2 of \d+$"))).to_be_visible()


def test_what_the_address_names_is_open(server: Server, page: Page, mission_run: Run) -> None:
    page.goto(f"{server.url}/evaluate?run={mission_run.id}")
    images, dialog = page.locator(".asl-sheet a"), page.get_by_role("dialog")
    in_address = re.compile("image=")

    def shows(number: int) -> None:
        expect(dialog.get_by_text(re.compile(rf"^{number} of \d+$"))).to_be_visible()
        expect(page).to_have_url(in_address)
        settled(page)

    def is_closed() -> None:
        settled(page)
        expect(dialog).to_have_count(0)
        expect(page).not_to_have_url(in_address)

    images.first.click()
    shows(1)
    first = page.url
    dialog.get_by_role("button", name="Next mistake").click()
    shows(2)
    second = page.url
    page.go_back()
    shows(1)
    assert page.url == first
    page.go_forward()
    shows(2)
    assert page.url == second
    page.reload()
    shows(2)
    page.go_back()
    shows(1)
    page.go_back()
    is_closed()
    page.go_forward()
    shows(1)
    page.keyboard.press("Escape")
    is_closed()
    page.reload()
    expect(images.first).to_be_visible()
    is_closed()


def test_the_values_of_the_matrix_stay(server: Server, page: Page, mission_run: Run) -> None:
    page.goto(f"{server.url}/evaluate?run={mission_run.id}")
    normalized = page.get_by_role("radio", name="Normalized by row")
    normalized.click()
    expect(cell(page, "A", "A")).to_contain_text("%")
    for part in ("Calibration", "Mistakes"):
        page.get_by_role("radio", name=part, exact=True).click()
        settled(page)
    expect(normalized).to_be_checked()
    expect(cell(page, "A", "A")).to_contain_text("%")


def test_generalization(server: Server, page: Page, mission_run: Run) -> None:
    open_part(page, server, mission_run, "Generalization")
    expect(page.get_by_text("of the test images have a near-duplicate")).to_contain_text("80.5 %")
    ask = page.get_by_role("button", name="Check the accuracy", exact=True)
    ask.click()
    told = page.get_by_text(re.compile("Checking the accuracy: "))
    expect(told).to_be_visible()
    page.get_by_role("button", name="Stop checking", exact=True).click()
    ask = page.get_by_role("button", name=re.compile("Check the accuracy|Go on checking"))
    expect(ask).to_be_visible(timeout=30 * SECOND)
    ask.click()
    expect(told).to_be_visible()
    page.reload()
    expect(told).to_be_visible()
    expect(told).to_be_hidden(timeout=180 * SECOND)
    run = open_run(server.runs.root / mission_run.id)
    found = load_repeats(run, "blocked_cv")
    assert found.complete
    assert load_repeats(run, "seeds").complete
    for name in ("Across frame blocks", "On new stretches of video"):
        figure = page.get_by_test_id("stMetric").filter(has_text=name)
        expect(figure).to_contain_text(percent(found.median))


def test_calibration(server: Server, page: Page, mission_run: Run) -> None:
    open_part(page, server, mission_run, "Calibration")
    expect(page.get_by_label(re.compile("^Accuracy over confidence: "))).to_be_visible()
    expect(page.get_by_label(re.compile("^Accuracy over coverage: "))).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Temperature").first).to_be_visible()


def test_robustness(server: Server, page: Page, mission_run: Run) -> None:
    open_part(page, server, mission_run, "Robustness")
    page.get_by_role("button", name=re.compile("^Measure")).click()
    curve = page.get_by_label(re.compile("^Accuracy against brightness"))
    expect(curve).to_be_visible(timeout=120 * SECOND)
    curves = load_robustness(open_run(server.runs.root / mission_run.id))
    assert curves
    expect(page.get_by_label(re.compile("^Accuracy against "))).to_have_count(len(curves))
    page.reload()
    expect(curve).to_be_visible()


def test_a_lasso_on_the_map_leads_to_images(server: Server, page: Page, mission_run: Run) -> None:
    open_part(page, server, mission_run, "Embedding map")
    wrong = len(Evaluation.of(mission_run).mistakes)
    heading = page.get_by_role("heading", name="Misclassified test images")
    expect(heading).to_be_visible()
    expect(page.locator(".asl-sheet a")).to_have_count(min(48, wrong))
    for method in ("PCA", "t-SNE"):
        page.get_by_role("radio", name=method, exact=True).click()
        drawing = page.get_by_label(re.compile(f"test images by {method}")).locator(".nsewdrag")
        expect(drawing.first).to_be_visible(timeout=120 * SECOND)
        settled(page)
        drawing.first.evaluate("drawn => drawn.scrollIntoView({block: 'center'})")
        box = drawing.first.bounding_box()
        assert box
        left, top = box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"]
        right, bottom = box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"]
        page.mouse.move(left, top)
        page.mouse.down()
        for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
            page.mouse.move(x, y, steps=8)
        page.mouse.up()
        expect(page.get_by_role("heading", name=re.compile(r"Chosen images: \d+"))).to_be_visible()
    page.locator(".asl-sheet a").first.click()
    expect(page.get_by_role("dialog").get_by_text("Grad-CAM").first).to_be_visible()
