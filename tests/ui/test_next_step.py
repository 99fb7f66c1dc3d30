"""The suggestion under a poor result, by Streamlit's own test runner."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from asl_core import TrainConfig, read_folder, train
from asl_core.runs.pending import list_pending
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.training.first_config import first_config
from asl_core.ui.shared.resources import jobs
from asl_core.ui.shared.settings_link import from_text
from tests.processes import wait_for
from tests.ui.pages import opened, press, text

POOR = TrainConfig(epochs=2, learning_rate=1e-6)


@pytest.fixture(scope="module")
def trained_poorly(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that has learned nothing, since its learning rate is next to nothing."""
    return train(drawn, POOR, "random", tmp_path_factory.mktemp("runs"))


@pytest.fixture
def poor_run(environment: Path, trained_poorly: Run) -> Iterator[Run]:
    """It, on a server whose workers end with the test."""
    shutil.copytree(trained_poorly.folder, environment / trained_poorly.id)
    yield RunStore(environment).load(trained_poorly.id)
    jobs().close()


def test_evaluate_links_to_train_with_the_suggested_settings(poor_run: Run) -> None:
    app = opened("evaluate", run=poor_run.id)
    assert "Next step: learning rate 0.001." in text(app)
    (link,) = (each.proto for each in app.get("page_link") if "Set up" in each.proto.label)
    assert link.page == "train"
    query = {name: values[0] for name, values in parse_qs(link.query_string).items()}
    assert from_text(query.pop("settings")) == replace(POOR, learning_rate=None)
    assert query == {"split": "random"}
    linked = opened("train", **{k: v[0] for k, v in parse_qs(link.query_string).items()})
    assert linked.slider(key="epochs_constant").value == 2
    assert linked.number_input(key="rate_constant").value is None
    assert not list_pending(RunStore(poor_run.folder.parent))  # a link starts nothing


def test_a_good_run_has_no_suggestion(environment: Path, drawn: Path) -> None:
    run = train(drawn, first_config(read_folder(drawn)), "random", environment)
    assert run.results.test_accuracy == 1
    assert "Next step" not in text(opened("evaluate", run=run.id))


def test_train_tries_it_at_a_click(poor_run: Run) -> None:
    store = RunStore(poor_run.folder.parent)
    app = opened("train")
    app.session_state["trainings_finished"] = [poor_run]
    app.run()
    press(app, "Train with learning rate 0.001")
    started = [run.spec for run in store.list() if run.id != poor_run.id]
    started += [pending.spec for pending in list_pending(store)]
    config = replace(POOR, learning_rate=None)
    assert started == [replace(poor_run.spec, config=config, check_accuracy=True)]
    assert app.query_params["settings"] in ("constant:epochs=2", ["constant:epochs=2"])
    assert app.number_input(key="rate_constant").value is None
    wait_for(lambda: len(store.list()) == 2, 120)
