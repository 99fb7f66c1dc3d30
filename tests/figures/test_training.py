"""The curves of a training: what is learned from, and beside it what is only watched."""

import pytest

from asl_core import figures
from asl_core.progress import Progress, held_out

TRAINED = {"loss": [1.0, 0.5], "accuracy": [0.4, 0.8]}
TESTED = {**TRAINED, "test_loss": [1.1, 0.7], "test_accuracy": [0.35, 0.7]}
VALIDATED = {**TRAINED, "val_loss": [1.1, 0.6], "val_accuracy": [0.35, 0.75]}


@pytest.mark.parametrize("metric", figures.METRICS)
def test_test_accuracy_is_dashed_beside_the_training_accuracy(metric: figures.Metric) -> None:
    progress = Progress(3, 10, 2, points=((0.5, 1.2, 0.3), (2.0, 0.5, 0.8)), history=TESTED)
    live, finished = figures.learning_curve(progress, metric), figures.history_curve(TESTED, metric)
    for figure in (live, finished):
        *_, training, test = figure.data
        assert (training.line.dash, test.line.dash) == ("solid", "dash")
        assert list(training.y) == TRAINED[metric]
        assert list(test.y) == TESTED[f"test_{metric}"]
        assert figure.layout.title.text == f"{metric.capitalize()}: training and, dashed, test"
        assert f"test {metric}" in test.hovertemplate


def test_the_curve_names_validation_where_images_are_put_aside() -> None:
    figure = figures.history_curve(VALIDATED, "accuracy")
    assert figure.layout.title.text == "Accuracy: training and, dashed, validation"
    assert list(figure.data[-1].y) == VALIDATED["val_accuracy"]


def test_a_history_of_an_earlier_version_has_one_line() -> None:
    assert held_out(TRAINED, "accuracy") is None
    figure = figures.history_curve(TRAINED, "accuracy")
    assert len(figure.data) == 1
    assert figure.layout.title.text == "Training accuracy"
