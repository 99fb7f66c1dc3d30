"""A model is checked, downloaded, unpacked and used, in real Chromium."""

import csv
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from asl_core.runs.run import Run
from tests.browser.server import LAPTOP, PHONE, Server, no_tensorflow_in, opened, screen
from tests.odd_images import write_odd_images
from tests.report.test_bundle import assert_answers_as_the_page

pytestmark = pytest.mark.slow


def saved(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_model_is_taken_along_and_answers_as_the_page(
    browser: Browser,
    with_drawn_run: Server,
    drawn_run: Run,
    drawn: Path,
    tmp_path: Path,
    size: tuple[int, int],
) -> None:
    with screen(browser, size, touch=size == PHONE) as page:
        opened(page, f"{with_drawn_run.url}/predict?run={drawn_run.id}")
        page.get_by_role("link", name="Use this model elsewhere").click()
        everything = page.get_by_role("button", name="Everything (zip)")
        check = page.get_by_role("button", name="Check and offer the files")
        expect(everything.or_(check)).to_be_visible()
        if check.is_visible():
            check.click()
        expect(everything).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
        with zipfile.ZipFile(saved(page, "Everything (zip)", tmp_path)) as archive:
            archive.extractall(tmp_path)
        script = tmp_path / f"asl-model-{drawn_run.id}" / "predict.py"
        files = [*write_odd_images(tmp_path / "odd"), *sorted(drawn.glob("?/?1*.png"))]
        assert_answers_as_the_page(drawn_run, script, files)
        table = saved(page, "Prediction of each test image (CSV)", tmp_path)
        with table.open(newline="") as opened_table:
            rows = list(csv.DictReader(opened_table))
        assert [row["file"] for row in rows] == list(drawn_run.predictions().files)
        for button, suffix in (("Keras", ".keras"), ("LiteRT", ".tflite"), ("Labels", ".txt")):
            assert saved(page, button, tmp_path).suffix == suffix
    no_tensorflow_in(with_drawn_run.process.pid)
