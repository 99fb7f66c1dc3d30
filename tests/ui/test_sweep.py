"""The page Sweep by Streamlit's own test runner: what it refuses to start."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import Run
from asl_core.settings import settings
from tests.ui.pages import opened


def primary_button(app: AppTest, name: str) -> bool:
    """Whether the button that starts something can be pressed."""
    return any(button.label == name and not button.disabled for button in app.button)


@pytest.mark.parametrize("method", ["Grid search", "Optuna search"])
def test_a_class_of_one_image_is_refused_as_on_train(
    environment: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)  # no worker is needed here
    folder = Path(shutil.copytree(drawn, tmp_path / "set"))
    shutil.copytree(folder / "A", folder / "D")
    for file in sorted((folder / "D").iterdir())[1:]:
        file.unlink()
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    settings.cache_clear()
    sweep, train = opened("sweep"), opened("train")
    sweep.segmented_control(key="sweep_how").set_value(method).run()
    for app, button in ((sweep, "Start sweep"), (train, "Train")):
        assert "D has only one image" in app.error[0].value
        assert not primary_button(app, button)


def test_what_can_be_trained_on_can_be_started(
    with_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    app = opened("sweep")
    assert not app.error
    assert primary_button(app, "Start sweep")


def test_a_grid_may_have_a_third_block(with_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    app = opened("sweep")
    (third,) = (each for each in app.multiselect if "third conv layer" in each.label)
    before = app.code[0].value
    third.set_value(["8", "32"]).run()
    assert not app.exception
    filters = [line for line in app.code[0].value.splitlines() if "filters=" in line]
    assert ", 8), (" in filters[0]
    assert ", 32)" in filters[0]
    assert filters[0] not in before
