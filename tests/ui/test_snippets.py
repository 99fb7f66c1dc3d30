"""'The same in Python': every snippet runs and prints what the page shows."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

import asl_core
from asl_core import Evaluation, TrainConfig
from asl_core.data.label_corrections import decide, decision
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.sweeps.search import Search
from asl_core.sweeps.sweep import Grid, read_sweeps
from asl_core.ui.shared import snippets


def printed(source: str) -> str:
    """What a snippet prints."""
    output = StringIO()
    with redirect_stdout(output):
        exec(compile(source, "snippet", "exec"), {})
    return output.getvalue()


def test_data(drawn: Path) -> None:
    output = printed(snippets.data(str(drawn), "random"))
    assert "{'A': 16, 'B': 16, 'C': 16} {'A': 4, 'B': 4, 'C': 4}" in output
    assert "[0. 1. 0.]" in output


def test_data_follows_the_filters(drawn: Path) -> None:
    output = printed(snippets.data(str(drawn), "random", "test", "B", 2))
    assert "['B', 'B']" in output


def test_train(drawn: Path, tmp_path: Path) -> None:
    config = TrainConfig(epochs=2, filters=(2, 3), optimizer="adam", learning_rate=0.01)
    output = printed(snippets.train(str(drawn), "frames", config, str(tmp_path)))
    (run,) = RunStore(tmp_path).list()
    assert run.id in output
    assert run.spec.config == config
    assert run.spec.split == "frames"


def test_sweep(drawn: Path, tmp_path: Path) -> None:
    base = TrainConfig(batch_size=8, validation_fraction=0.25)
    grid = Grid(filters=((2, 3),), epochs=(1, 2), seeds=(1,), base=base)
    output = printed(snippets.sweep(str(drawn), "random", grid, str(tmp_path)))
    (sweep,) = read_sweeps(RunStore(tmp_path))
    assert tuple(result.config for result in sweep.results) == grid.configs
    assert sweep.best
    assert output.splitlines()[-1] == f"{sweep.best.config} {sweep.best.test_accuracy}"


def test_search(drawn: Path, tmp_path: Path) -> None:
    search = Search(trials=1, minutes=2, max_epochs=1)
    output = printed(snippets.search(str(drawn), "random", search, str(tmp_path)))
    (run,) = RunStore(tmp_path).list()
    assert output.splitlines()[-1] == f"{run.spec.config} {run.results.test_accuracy}"


def test_decisions_count_or_not(drawn: Path, tmp_path: Path) -> None:
    dataset, config = asl_core.read_folder(drawn), TrainConfig(batch_size=8)
    decide(tmp_path, *(decision(dataset, i, "exclude") for i in range(20)))
    printed(snippets.train(str(drawn), "random", config, str(tmp_path), use_corrections=False))
    printed(snippets.train(str(drawn), "random", config, str(tmp_path)))
    after, before = RunStore(tmp_path).list()
    assert (before.results.n_test, after.results.n_test) == (12, 8)
    output = printed(snippets.keras(str(drawn), "random", config, str(tmp_path)))
    assert eval(output.splitlines()[-1])[1] == pytest.approx(after.results.test_accuracy, abs=1e-6)


@pytest.mark.parametrize("name", ["drawn_run", "deep_run"])
def test_plain_keras_learns_the_same_as_the_core(
    drawn: Path, name: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(name)
    output = printed(snippets.keras(str(drawn), "random", run.spec.config))
    assert f"{run.results.params:,}" in output
    loss, accuracy = eval(output.splitlines()[-1])
    assert accuracy == pytest.approx(run.results.test_accuracy, abs=1e-6)
    assert loss > 0
    last_loss = run.history()["loss"][-1]
    assert f"loss: {last_loss:.4f}" in output


def test_evaluate(drawn_run: Run) -> None:
    output = printed(snippets.evaluate(str(drawn_run.folder.parent), drawn_run.id))
    assert str(drawn_run.results.test_accuracy) in output
    assert f"{Evaluation.of(drawn_run).interval} " in output
    assert output.count("ClassScore(") == 3


def test_evaluate_follows_the_filters(drawn_run: Run) -> None:
    mistakes = Evaluation.of(drawn_run).mistakes
    assert mistakes
    true, predicted = mistakes[0].true, mistakes[0].predicted
    output = printed(snippets.evaluate(str(drawn_run.folder.parent), drawn_run.id, true, predicted))
    same = [m for m in mistakes if (m.true, m.predicted) == (true, predicted)]
    assert output.count(" (pred: ") == output.count(f"{true} (pred: {predicted})") == len(same)


def test_compare(drawn_run: Run) -> None:
    assert drawn_run.id in printed(snippets.compare(str(drawn_run.folder.parent)))


def test_compare_two(drawn_run: Run) -> None:
    output = printed(snippets.compare(str(drawn_run.folder.parent), drawn_run.id, drawn_run.id))
    assert drawn_run.id in output
    right, n = drawn_run.results.test_correct, drawn_run.results.n_test
    assert str(np.array([[right, 0], [0, n - right]])) in output
    assert "tell them apart" in output


def test_predict(drawn: Path, drawn_run: Run) -> None:
    photo = str(drawn / "B" / "B1.png")
    output = printed(snippets.predict(str(drawn_run.folder.parent), drawn_run.id, photo))
    assert output.split()[0] in "ABC"
    assert "'C': " in output
