"""The page Sweep by Streamlit's own test runner: what it refuses to start."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import UnknownElement

from asl_core.config import TrainConfig
from asl_core.data import read_folder
from asl_core.jobs.jobs import Jobs
from asl_core.landmarks.found import landmarks_folder
from asl_core.runs.intervals import percent
from asl_core.runs.pending import new_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.sweeps.sweep import selection_score
from tests.made_hands import keep_hands
from tests.ui.pages import opened, rewrite, text

SWEEP = "grid-20260101-000000-abcdef"


def primary_button(app: AppTest, name: str) -> bool:
    """Whether the button that starts something can be pressed."""
    return any(button.label == name and not button.disabled for button in app.button)


def figures(app: AppTest) -> list[str]:
    """What the figures of a page say to those who can't see them."""
    charts = [element for element in app.get("plotly_chart") if isinstance(element, UnknownElement)]
    return [chart.proto.alt for chart in charts]


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


def test_networks_on_landmarks_are_compared_by_hidden_units(
    with_run: Run, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    keep_hands(read_folder(drawn))
    app = opened("sweep")
    app.button_group(key="sweep_features").set_value("landmarks").run()
    assert not app.exception
    assert not app.error
    assert primary_button(app, "Start sweep")
    labels = [each.label for each in app.multiselect]
    assert labels == ["Hidden units", "Epochs", "Learning rates"]
    app.multiselect[0].set_value(["48", "192"]).run()
    (plan,) = figures(app)
    assert plan.startswith("Plan by hidden units and epochs: 48 hidden units, 8: to be measured")
    assert "hidden=(48, 192)," in app.code[0].value
    assert "features='landmarks'" in app.code[0].value
    assert "filters" not in app.code[0].value
    assert "No hand was found in 3 of 48 training images" in text(app)


def test_without_the_hand_finder_no_sweep_on_landmarks_starts(
    with_run: Run, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    for block in landmarks_folder(read_folder(drawn)).glob("*.npz"):
        block.unlink()
    app = opened("sweep")
    app.button_group(key="sweep_features").set_value("landmarks").run()
    assert "download hand-finder" in text(app)
    assert not primary_button(app, "Start sweep")


def test_the_plan_is_seen_before_the_start_and_follows_the_controls(
    with_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    app = opened("sweep")
    (plan,) = figures(app)
    assert plan.startswith("Plan by filters and epochs: ")
    assert plan.count("to be measured") == 4
    assert "Each cell: 3 seeds" in text(app)
    (epochs,) = (each for each in app.multiselect if each.label == "Epochs")
    epochs.set_value(["7"]).run()
    (plan,) = figures(app)
    assert plan.count(", 7: to be measured") == plan.count("to be measured") == 2


def test_progress_has_the_place_of_the_plan_and_its_grid_fills_in(
    with_run: Run, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    store = RunStore(environment)
    rewrite(environment / with_run.id, "config.json", sweep=SWEEP)
    run = store.load(with_run.id)
    other = TrainConfig(filters=(8, 24), epochs=run.spec.config.epochs)
    pending = new_pending(store, RunSpec(other, run.spec.split, run.spec.data, SWEEP))
    pending.claim()
    try:
        app = opened("sweep")
        assert "1 of 2 runs are done" in app.get("progress")[0].proto.text
        (grid,) = figures(app)
        accuracy = percent(selection_score(run))
        filters = " and ".join(map(str, run.spec.config.filters))
        epochs = run.spec.config.epochs
        assert f"{filters} filters, {epochs}: {accuracy}" in grid
        assert f"8 and 24 filters, {epochs}: to be measured" in grid
        pending.cancel()
    finally:
        pending.submitted.release()
    app.run()
    assert not app.get("progress")
    assert figures(app)[0].startswith("Median accuracy")  # it stays until something else is wanted
    (epochs_chosen,) = (each for each in app.multiselect if each.label == "Epochs")
    epochs_chosen.set_value(["7"]).run()
    assert figures(app)[0].startswith("Plan")
