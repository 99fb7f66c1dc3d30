"""The whole main job in real Chromium, on the mission's photos."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from asl_core.data import Dataset
from asl_core.data.label_corrections import load_label_corrections
from asl_core.evaluation.evaluation import Evaluation
from asl_core.runs.run import Run
from asl_core.runs.store import new_run_id
from asl_core.settings import settings
from asl_core.ui.evaluate.gallery import N_WORST
from tests.browser.server import SECOND, Server, choose, go_to, no_tensorflow_in, settled, slide


@pytest.fixture(scope="module")
def server(mission: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(mission.folder, tmp_path_factory.mktemp("server"))
    yield started
    started.stop()


def test_the_five_steps(server: Server, page: Page, mission: Dataset) -> None:
    see_the_data(server, page)
    train(page)
    run = server.runs.list()[0]
    evaluate(page)
    share(page)
    predict(page, mission)
    no_tensorflow_in(server.process.pid)
    assert run.results.test_accuracy > 0.9
    assert "Traceback" not in server.log.read_text()


@pytest.mark.slow
def test_a_link_into_a_fresh_server_opens_inside_the_app(
    mission: Dataset, page: Page, tmp_path: Path
) -> None:
    fresh = Server(mission.folder, tmp_path)
    try:
        page.goto(f"{fresh.url}/data?letter=C")
        expect(page.get_by_role("heading", name="532 training images")).to_be_visible()
        expect(page.get_by_test_id("stTopNavLink").filter(has_text="Predict")).to_be_visible()
    finally:
        fresh.stop()


@pytest.mark.slow
def test_without_photos_hands_are_rendered_and_learned(page: Page, tmp_path: Path) -> None:
    if not settings().download_dir.exists():
        fresh = Server("", tmp_path / "usual")
        try:
            page.goto(fresh.url)
            expect(page.locator(".asl-sheet img")).to_have_count(12)
            expect(page.get_by_text("Rendering 2,000 images")).to_be_visible()
            expect(page.get_by_text("Rendered, not photos")).to_be_visible()
        finally:
            fresh.stop()
    small = Server("rendered:ABC:150:0", tmp_path / "small")
    try:
        page.goto(f"{small.url}/train")
        expect(page.get_by_text("Rendering 150 images")).to_be_visible()
        page.reload()
        expect(page.get_by_text("120 images")).to_be_visible(timeout=60 * SECOND)
        page.get_by_role("button", name="Train", exact=True).click()
        link = page.get_by_role("link", name="See its mistakes")
        expect(link).to_be_visible(timeout=120 * SECOND)
        link.click()
        expect(page.get_by_text("says how well it reads rendered hands")).to_be_visible()
        (run,) = small.runs.list()
        assert run.spec.data == "rendered:ABC:150:0"
        expect(page.locator(".asl-sheet img")).to_have_count(
            min(48, run.results.n_test - run.results.test_correct)
        )
        assert "Traceback" not in small.log.read_text()
    finally:
        small.stop()


@pytest.mark.slow
def test_labels_are_looked_for_and_decided_by_keyboard(
    page: Page, drawn: Path, tmp_path: Path
) -> None:
    fresh = Server(drawn, tmp_path)
    try:
        page.goto(f"{fresh.url}/data?check=label-errors")
        page.get_by_role("button", name="Find label errors").click()
        leave_out = page.get_by_role("button", name="Exclude")
        expect(leave_out).to_be_visible(timeout=120 * SECOND)
        expect(page.get_by_role("button", name="Undo")).to_have_count(0)
        page.keyboard.press("x")
        expect(page.get_by_text("1 image excluded. The next run")).to_be_visible()
        page.keyboard.press("k")
        expect(page.get_by_role("button", name="confirmed")).to_be_visible()
        page.keyboard.press("u")
        expect(page.get_by_role("button", name="excluded")).to_be_visible()
        (taken,) = load_label_corrections(fresh.runs.root).history
        assert taken.action == "exclude"
        page.get_by_role("radio", name="Corrections").click()
        expect(page.get_by_text("Corrections: 1,")).to_be_visible()
        page.get_by_role("button", name="Undo", exact=True).click()
        expect(page.get_by_text("No corrections")).to_be_visible()
        no_tensorflow_in(fresh.process.pid)
        assert "Traceback" not in fresh.log.read_text()
    finally:
        fresh.stop()


def see_the_data(server: Server, page: Page) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="ASL Explorer")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="1. Data").click()
    expect(page).to_have_url(re.compile("/data"))
    samples = page.locator(".asl-sheet")
    expect(samples.locator("img")).to_have_count(36)
    letters = samples.locator("figcaption").all_inner_texts()
    assert [letter.strip() for letter in letters[:12]] == list("CACACABAABBB")
    chart = page.get_by_label(re.compile("Bars of the images of each class"))
    words = chart.first.get_attribute("aria-label") or ""
    for letter, train, test in (("A", 540, 118), ("B", 528, 144), ("C", 532, 138)):
        assert f"{letter}: {train} training, {test} test" in words
    page.get_by_text("Test", exact=True).first.click()
    expect(page.get_by_role("heading", name="400 test images")).to_be_visible()
    choose(page, "Class", "B")
    expect(page.get_by_role("heading", name="144 test images")).to_be_visible()
    expect(page.locator(".asl-sheet figcaption").first).to_have_text("B")
    assert "set=test" in page.url
    assert "class=B" in page.url


def train(page: Page) -> None:
    go_to(page, "Train")
    expect(page.get_by_text("2,678 parameters")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("link", name="See its mistakes")).to_be_visible(timeout=120 * SECOND)
    go_to(page, "Home")
    expect(page.get_by_text("Newest run")).to_be_visible()


def evaluate(page: Page) -> None:
    go_to(page, "Evaluate")
    expect(accuracy_of(page)).to_be_visible()
    cells = page.locator(".asl-matrix td button")
    expect(cells).to_have_count(9)
    counts = [int(count) for count in cells.all_inner_texts()]
    rows = [counts[i : i + 3] for i in (0, 3, 6)]
    assert sum(counts) == 400
    wrong = 400 - sum(rows[i][i] for i in range(3))
    accuracy = (400 - wrong) / 4
    assert accuracy > 90
    expect(accuracy_of(page)).to_contain_text(f"{accuracy:.1f} %")
    expect(page.locator(".asl-sheet img")).to_have_count(wrong)
    if wrong:
        expect(page.locator(".asl-sheet figcaption").first).to_have_text(
            re.compile(r"^[ABC] \(pred: [ABC]\)\s*Confidence \d+ %$")
        )
    assert "run=" in page.url


def accuracy_of(page: Page) -> Locator:
    """The figure of the test accuracy, wherever among the figures it stands at the moment."""
    return page.get_by_test_id("stMetric").filter(has_text="95 % interval")


def share(page: Page) -> None:
    """A pasted link opens the same run in another browser."""
    assert page.context.browser
    other = page.context.browser.new_context().new_page()
    other.goto(page.url)
    ours, theirs = (accuracy_of(p) for p in (page, other))
    expect(theirs).to_have_text(ours.inner_text(), use_inner_text=True)
    other.context.close()


def predict(page: Page, mission: Dataset) -> None:
    go_to(page, "Predict")
    photos = [mission.folder / f"{letter}/{letter}1.jpg" for letter in "ABC"]
    uploads = [photo_upload(photo.name, photo.read_bytes()) for photo in photos]
    drop_zone = page.get_by_test_id("stFileUploaderDropzoneInput")
    drop_zone.set_input_files([photo_upload("broken.jpg", b"not a picture")])
    expect(page.get_by_text("broken.jpg is not a JPEG, PNG, WebP")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("The answer to a photo comes here")).to_be_visible()
    drop_zone.set_input_files(uploads)
    answers = page.locator(".asl-answer h2")
    expect(answers).to_have_count(3)
    assert sorted(answer.strip() for answer in answers.all_inner_texts()) == ["A", "B", "C"]
    expect(page.get_by_alt_text(re.compile("Network input"))).to_have_count(3)
    go_to(page, "Data")
    go_to(page, "Predict")
    expect(answers).to_have_count(3)


def test_a_training_is_seen_from_elsewhere_and_a_stop_keeps_it(server: Server, page: Page) -> None:
    before = {run.id for run in server.runs.list()}
    page.goto(f"{server.url}/train")
    slide(page, "Epochs", "End")
    expect(page.get_by_role("slider").first).to_have_value("100")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 100"))).to_be_visible(timeout=60 * SECOND)
    expect(page.get_by_label(re.compile("Training loss so far")).first).to_be_visible()
    go_to(page, "Data")
    expect(page.get_by_text("Training a network")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Training a network")).to_be_visible()
    go_to(page, "Train")
    page.get_by_test_id("stMain").get_by_role("button", name=re.compile("Stop")).click()
    expect(page.get_by_text("Stopped manually")).to_be_visible(timeout=60 * SECOND)
    (run,) = (run for run in server.runs.list() if run.id not in before)
    assert run.results.stopped
    assert len(run.history()["loss"]) < 100
    go_to(page, "Data")
    settled(page)
    expect(page.get_by_text("Training a network")).to_have_count(0)


@pytest.mark.slow
def test_two_runs_are_compared_named_and_deleted(
    server: Server, page: Page, mission_run: Run
) -> None:
    first, second = new_run_id(), new_run_id()
    for run_id in (first, second):
        shutil.copytree(mission_run.folder, server.runs.root / run_id)
    page.goto(f"{server.url}/compare?runs={first},{second}")
    expect(page.get_by_text("don't tell them apart")).to_be_visible()
    expect(page.get_by_label(re.compile("Training accuracy of each epoch"))).to_be_visible()
    page.locator(f".st-key-rename_{second} button").click()
    page.get_by_role("textbox", name="Title").fill("The copy")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("stMarkdown").filter(has_text="The copy")).to_be_visible()
    expect(page.get_by_test_id("stMultiSelect").filter(has_text="The copy")).to_be_visible()
    page.locator(f".st-key-delete_{second} button").click()
    page.locator(".st-key-confirm_delete button").click()
    expect(page.get_by_text("Choose a second run")).to_be_visible()
    assert second not in page.url
    assert second not in {run.id for run in server.runs.list()}
    page.locator(".st-key-undo_latest button").click()
    expect(page.locator(".st-key-undo_latest")).to_have_count(0)
    assert server.runs.load(second).title == "The copy"
    assert "Traceback" not in server.log.read_text()


def test_a_click_on_the_matrix_leads_to_an_image(
    server: Server, page: Page, mission_run: Run
) -> None:
    """From the number to the images, by mouse and by a link."""
    shutil.copytree(mission_run.folder, server.runs.root / mission_run.id)
    evaluation = Evaluation.of(mission_run)
    mistake = evaluation.mistakes[0]
    page.goto(f"{server.url}/evaluate?run={mission_run.id}")
    cell = re.compile(f"^true {mistake.true}, predicted {mistake.predicted}: ")
    page.get_by_role("button", name=cell).click()
    count = len(evaluation.rows(mistake.true, mistake.predicted))
    shown = page.locator(".asl-sheet a")
    expect(shown).to_have_count(min(N_WORST + 48, count))
    expect(page).to_have_url(re.compile(f"true={mistake.true}&predicted={mistake.predicted}"))
    words = re.compile(f"{count} images? of {mistake.true}\\b")
    expect(page.get_by_text(words).first).to_be_visible()
    settled(page)
    shown.first.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nearest training images")).to_be_visible()
    expect(dialog.locator("img")).to_have_count(9)
    expect(page).to_have_url(re.compile("image="))
    link = page.url
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("image="))
    page.goto(link)
    expect(dialog.get_by_text(f"predicted class {mistake.predicted}")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        *("data", "evaluate"),
        *(
            pytest.param(p, marks=pytest.mark.slow)
            for p in ("", "train", "sweep", "compare", "predict")
        ),
    ],
)
def test_no_page_is_wider_than_a_phone(server: Server, browser: Browser, path: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{server.url}/{path}")
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    settled(page)
    main = page.get_by_test_id("stMain")
    scroll, client = main.evaluate("element => [element.scrollWidth, element.clientWidth]")
    assert scroll <= client
    expect(page.get_by_test_id("stException")).to_have_count(0)
    context.close()


def photo_upload(name: str, content: bytes) -> FilePayload:
    """A file as the browser sends it."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}
