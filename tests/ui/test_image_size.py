"""A run whose network gets larger images than the pages show, on the pages."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from asl_core import Classifier, open_dataset, read_folder, read_image
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.generalization import load_external_test
from asl_core.evaluation.prediction import Prediction
from asl_core.evaluation.robustness import load_robustness
from asl_core.jobs.tasks import external_test_task, robustness_task
from asl_core.runs.run import Run
from asl_core.runs.store import open_run
from asl_core.settings import settings
from asl_core.ui.shared.resources import prediction_of
from tests.background_tasks import done_here
from tests.ui.pages import opened, text
from tests.ui.test_predict import shown


@pytest.fixture
def run(
    drawn: Path, deep_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """A server with the drawn photos, a run of 64 pixels, and other photos of two classes."""
    folder = shutil.copytree(deep_run.folder, tmp_path / "runs" / deep_run.id)
    for letter in "AB":
        shutil.copytree(drawn / letter, tmp_path / "others" / letter)
    monkeypatch.setenv("ASL_DATA_DIR", str(drawn))
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("ASL_ALSO_DIRS", os.pathsep.join([str(tmp_path / "others")]))
    settings.cache_clear()
    yield open_run(Path(folder))
    settings.cache_clear()


def test_every_part_of_evaluate_feeds_the_network_its_own_size(run: Run, drawn: Path) -> None:
    evaluation = Evaluation.of(run)
    true, predicted = (
        evaluation.classes[values[0]] for values in (evaluation.labels, evaluation.predicted)
    )
    app = opened("evaluate", true=true, predicted=predicted, image=evaluation.files[0])
    assert "3, 4 and 5 filters · 3x3 kernels · batch norm · dropout 0.2 · 64 px" in text(
        app
    ) + " ".join(app.selectbox(key="run_widget").options)
    sheets = "".join(element.proto.body for element in app.get("html"))
    assert "Network input (64 x 64 pixels)" in sheets
    assert "16 by 16 cells" in text(app)
    for part in ("generalization", "calibration", "robustness", "map"):
        opened("evaluate", part=part)


def test_robustness_and_external_tests_start_from_the_runs_own_figures(
    run: Run, drawn: Path
) -> None:
    done_here(robustness_task(run, read_folder(drawn)))
    curves = load_robustness(run)
    assert curves
    unchanged = [step for step in curves[0].steps if step.strength == 0]
    assert unchanged[0].score.correct == run.results.test_correct
    assert "Horizontal flip" in text(opened("evaluate", part="robustness"))

    others = settings().elsewhere[0]
    task = external_test_task(run, others)
    done_here(task)
    found = load_external_test(run, task.result.stem)
    assert found
    images = open_dataset(others, size=64)
    answers = Classifier(run).probabilities(images.images).argmax(axis=1)
    assert found.score.correct == (answers == images.labels).sum()


def test_an_upload_is_read_at_the_size_of_the_run(run: Run, drawn: Path) -> None:
    file = drawn / "C" / "C3.png"
    prediction = prediction_of(run, run.id, file.read_bytes(), "my hand.png", "")
    assert isinstance(prediction, Prediction)
    np.testing.assert_array_equal(prediction.image, read_image(file, "file", 64))
    expected = Classifier(run).probabilities(open_dataset(drawn, size=64).images)
    index = read_folder(drawn).files.index("C/C3.png")
    np.testing.assert_allclose(list(prediction.probabilities.values()), expected[index], atol=1e-6)
    assert "the center square, 64 x 64 pixels" in shown(run, prediction)
