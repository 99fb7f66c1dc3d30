"""What stands beside the controls of Train: the result, its first mistakes, what is compiled."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from asl_core import TrainConfig, train
from asl_core.config import MANY_CLASSES, ONE_CYCLE
from asl_core.evaluation.evaluation import Evaluation
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.ui.shared.resources import jobs
from asl_core.ui.train.network import compile_call
from tests.ui.pages import opened, press, text

COMPILED = (
    TrainConfig(),
    ONE_CYCLE,
    MANY_CLASSES,
    TrainConfig(optimizer="sgd", learning_rate=0.3),
    TrainConfig(optimizer="sgd"),
    TrainConfig(optimizer="adam", learning_rate=1e-6),
)


@pytest.fixture(scope="module")
def poor(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that has learned next to nothing, so that it has mistakes."""
    config = TrainConfig(epochs=2, learning_rate=1e-6)
    return train(drawn, config, "random", tmp_path_factory.mktemp("runs"))


@pytest.fixture
def three_runs(environment: Path, poor: Run) -> Iterator[list[Run]]:
    """A server with three runs that have mistakes, the oldest first."""
    ids = [f"20250{n}01-000000-aaaaaa" for n in (1, 2, 3)]
    for run_id in ids:
        shutil.copytree(poor.folder, environment / run_id)
    yield [RunStore(environment).load(run_id) for run_id in ids]
    jobs().close()


def after(finished: list[Run]) -> AppTest:
    """Train, as it is after these runs finished before the visitor's eyes."""
    app = opened("train")
    app.session_state["trainings_finished"] = finished
    app.run()
    assert not app.exception
    return app


def links(app: AppTest) -> dict[str, tuple[str, dict[str, str]]]:
    """The page and the query of each link, by its label."""
    return {
        link.proto.label: (
            link.proto.page,
            {name: values[0] for name, values in parse_qs(link.proto.query_string).items()},
        )
        for link in app.get("page_link")
    }


def test_the_first_mistakes_are_in_the_result_and_open(three_runs: list[Run]) -> None:
    run = three_runs[0]
    evaluation = Evaluation.of(run)
    assert len(evaluation.mistakes) > 3
    app = after([run])
    assert "Finished. Total time" in text(app)
    mistakes = [(page, query) for page, query in links(app).values() if "image" in query]
    first = [evaluation.files[row] for row in evaluation.ranked(evaluation.rows())[:3]]
    assert [query["image"] for _, query in mistakes] == first
    page, query = mistakes[0]
    assert page == "evaluate"
    opened_there = opened(page, **query)
    assert not opened_there.warning
    assert opened_there.query_params["image"] in (first[0], [first[0]])
    ((page, query),) = (
        link for label, link in links(app).items() if label.startswith("See its mistakes")
    )
    assert (page, query) == ("evaluate", {"run": run.id, "part": "mistakes"})


def test_a_mistake_opens_also_where_a_cell_was_chosen_before(three_runs: list[Run]) -> None:
    run = three_runs[0]
    app = opened("evaluate", run=run.id, true="A", predicted="A")
    app.switch_page("pages/train.py")
    app.session_state["trainings_finished"] = [run]
    app.query_params.clear()
    app.run()
    query = next(query for _, query in links(app).values() if "image" in query)
    app.switch_page("pages/evaluate.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not app.warning
    assert app.query_params["image"] in (query["image"], [query["image"]])


def test_older_results_are_a_line_each_and_the_last_two_are_compared(
    three_runs: list[Run],
) -> None:
    app = after(three_runs)
    assert text(app).count("Finished. Total time") == 1
    assert len(app.metric) == len(after(three_runs[:1]).metric)
    found = links(app)
    page, query = found["Compare with the previous run"]
    assert (page, query) == ("compare", {"runs": f"{three_runs[1].id},{three_runs[2].id}"})
    older = [query["run"] for label, (_, query) in found.items() if label.endswith("aaaaaa")]
    assert older == [three_runs[1].id, three_runs[0].id]
    assert "Compare with the previous run" not in links(after(three_runs[:1]))


def test_who_has_not_trained_yet_sees_what_to_expect_and_the_newest_run(
    three_runs: list[Run],
) -> None:
    app = opened("train")
    assert "What to expect: " in text(app)
    assert "Newest run:" in text(app)
    ids = {query["run"] for _, query in links(app).values() if "image" in query}
    assert ids == {three_runs[-1].id}


@pytest.mark.parametrize("config", COMPILED)
def test_what_is_said_to_be_compiled_is_compiled(config: TrainConfig) -> None:
    keras = pytest.importorskip("keras")
    from asl_core.training.model import build_cnn

    trained = build_cnn(config, 3)
    told = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3, "softmax")])
    exec(compile_call(config), {"model": told, **vars(keras.optimizers)})
    assert type(told.optimizer) is type(trained.optimizer)
    assert float(told.optimizer.learning_rate) == float(trained.optimizer.learning_rate)
    assert told.loss == trained.loss
    assert told._compile_config.config["metrics"] == trained._compile_config.config["metrics"]
    assert ("anneals to 0" in compile_call(config)) == (config.schedule == "one-cycle")


def test_the_call_that_compiles_is_on_the_page(environment: Path) -> None:
    shown = [code.value for code in opened("train", settings="constant").code]
    assert compile_call(TrainConfig()) in shown
    assert "# learning rate: 0.001, constant" in shown[0]
    assert 'optimizer="rmsprop"' in shown[0]


def test_a_link_that_changes_what_is_folded_away_unfolds_it(environment: Path) -> None:
    def unfolded(**query: str) -> bool:
        app = opened("train", **query)
        (found,) = (each for each in app.expander if each.label == "Advanced")
        return bool(found.proto.expanded)

    assert not unfolded()
    assert not unfolded(settings="constant:epochs=20:filters=8,15")
    assert unfolded(settings="constant:rotation=5.0")
    assert unfolded(settings="constant:filters=5,15,25")
    assert unfolded(settings="constant:learning_rate=0.01")


def test_what_differs_from_the_preset_is_named_and_can_be_undone(environment: Path) -> None:
    app = opened("train", settings="constant:epochs=9:filters=8,16:mirror=1:dropout=0.25")
    said = "Changed from Baseline: Epochs 9, Filters 8 and 16, Dropout 0.25, Horizontal flip on"
    assert said in text(app)
    app.button_group(key="preset").set_value("one-cycle").run()
    assert "Changed from" not in text(app)
    app.button_group(key="preset").set_value("constant").run()
    assert said in text(app)  # a preset keeps its own
    press(app, "Reset")
    assert "Changed from" not in text(app)
    assert app.slider(key="epochs_constant").value == 5
    assert app.slider(key="first_constant").value == 5
    assert not app.toggle(key="mirror_constant").value


def test_another_value_at_first_than_the_presets_own_is_no_change(environment: Path) -> None:
    app = opened("train")
    assert app.slider(key="epochs_one-cycle").value == 40  # for so few images
    assert "Changed from" not in text(app)


def test_baseline_says_how_it_differs_from_the_mission(environment: Path) -> None:
    help_text = opened("train").button_group(key="preset").proto.help
    assert "the mission trained for one" in help_text
    assert replace(TrainConfig(), epochs=1) == TrainConfig()
