"""The page Train by Streamlit's own test runner."""

from pathlib import Path

from asl_core import TrainConfig
from asl_core.runs.pending import stage
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from tests.ui.pages import opened, text


def test_the_layer_table_follows_the_controls(environment: Path) -> None:
    app = opened("train")
    assert app.dataframe[0].value["Parameters"].tolist() == [0, 380, 0, 1890, 0, 0, 408]
    app.slider(key="first").set_value(8).run()
    assert app.dataframe[0].value["Parameters"].tolist() == [0, 608, 0, 3015, 0, 0, 408]
    assert "4,031 parameters" in text(app)


def test_controls_survive_a_change_of_page(environment: Path) -> None:
    app = opened("train")
    app.slider(key="epochs_constant").set_value(42).run()
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/train.py").run()
    assert app.slider(key="epochs_constant").value == 42


def test_an_unreadable_status_is_an_interrupted_run(environment: Path) -> None:
    store = RunStore(environment)
    staged = stage(store, RunSpec(TrainConfig(), "random", "nowhere"))
    (staged.folder / "status.json").write_text("")
    assert "interrupted" in text(opened("train"))
    assert not opened("home").error
    staged.submitted.release()
