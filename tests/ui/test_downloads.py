"""The part Download of Evaluate: what is offered, and when."""

import shutil
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.evaluation.export_check import (
    EXPORT_CHECK,
    KERAS_FILE,
    LITERT_FILE,
    ExportCheck,
    save_export_check,
)
from asl_core.files import sha256
from asl_core.report.bundle import RESCALES
from asl_core.runs.run import Run
from asl_core.runs.store import open_run
from asl_core.settings import ROOT
from tests.ui.pages import opened, text

CHECK, ALL = "Check and offer the files", "Everything (zip)"
TABLES = (
    "Confusion matrix (CSV)",
    "Scores of each class (CSV)",
    "Prediction of each test image (CSV)",
)


@pytest.fixture
def run(environment: Path, with_run: Run) -> Run:
    return open_run(environment / with_run.id)


def downloads(app: AppTest) -> list[str]:
    return [element.proto.label for element in app.get("download_button")]


def checked(run: Run, difference: float = 3e-7) -> None:
    files = {name: sha256(run.folder / name) for name in (KERAS_FILE, LITERT_FILE)}
    save_export_check(run, ExportCheck(32, difference, difference, files))


def test_a_link_checks_nothing_and_offers_no_model_unchecked(run: Run) -> None:
    app = opened("evaluate", part="download", run=run.id)
    assert CHECK in [button.label for button in app.button]
    assert ALL not in downloads(app)
    assert set(TABLES) <= set(downloads(app))
    assert not run.artifact_file(EXPORT_CHECK).exists()
    assert f"**{RESCALES}**" in text(app)


def test_what_was_checked_is_offered(run: Run) -> None:
    checked(run)
    app = opened("evaluate", part="download", run=run.id)
    assert {ALL, "Keras", "LiteRT", "Labels", *TABLES, "Report (HTML)"} <= set(downloads(app))
    assert "On 32 test images" in text(app)
    assert CHECK not in [button.label for button in app.button]
    assert f"**{RESCALES}**" in text(app)


@pytest.mark.parametrize("what", ["answers otherwise", "was changed"])
def test_what_does_not_hold_is_refused_and_the_tables_are_not(run: Run, what: str) -> None:
    checked(run, 0.25 if what == "answers otherwise" else 3e-7)
    if what == "was changed":
        files = dict.fromkeys((KERAS_FILE, LITERT_FILE), 64 * "0")
        save_export_check(run, ExportCheck(32, 0, 0, files))
    app = opened("evaluate", part="download", run=run.id)
    (error,) = app.error
    assert ("not offered" if what == "answers otherwise" else "not the file") in error.value
    assert not {ALL, "Keras", "LiteRT"} & set(downloads(app))
    assert set(TABLES) <= set(downloads(app))


def test_without_its_images_a_model_is_offered_with_a_word(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asl_core.ui.evaluate.download.dataset_of", lambda run: None)
    app = opened("evaluate", part="download", run=run.id)
    assert ALL in downloads(app)
    assert "Not checked against the run: its images are not here" in text(app)


@pytest.mark.parametrize("page", ["predict", "train"])
def test_the_way_to_it(run: Run, page: str) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(f"pages/{page}.py")
    app.session_state["trainings_finished"] = [run]
    app.run()
    assert not app.exception
    (query,) = (
        parse_qs(link.proto.query_string)
        for link in app.get("page_link")
        if link.proto.label == "Use this model elsewhere"
    )
    assert query == {"run": [run.id], "part": ["download"]}


def test_a_read_only_copy_with_its_check_is_offered(run: Run) -> None:
    checked(run)
    folder = Path(shutil.copytree(run.folder, run.folder.parent / "20250101-000000-aaaaaa"))
    folder.chmod(0o555)
    app = opened("evaluate", part="download", run=folder.name)
    folder.chmod(0o755)
    assert ALL in downloads(app)
