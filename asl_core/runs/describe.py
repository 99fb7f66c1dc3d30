"""A run as a row of a table: for the page, the command line and a notebook."""

from typing import Any

from asl_core.runs.intervals import wilson_interval
from asl_core.runs.run import Run
from asl_core.settings import MISSION_FINGERPRINT


def row(run: Run) -> dict[str, Any]:
    """What a run was asked for and what came of it, as JSON types.

    Returns:
        Accuracies and their interval are 0 to 1, times in seconds, `made` in UTC (ISO 8601).
    """
    config, results = run.spec.config, run.results
    interval = wilson_interval(results.test_correct, results.n_test)
    return {
        "run": run.id,
        "state": "stopped" if results.stopped else "finished",
        "title": run.title,
        "made": run.created.isoformat(),
        "test_accuracy": results.test_accuracy,
        "interval": [interval.low, interval.high],
        "train_accuracy": results.train_accuracy,
        "params": results.params,
        "stopped": results.stopped,
        "stop_reason": results.stop_reason,
        **config.to_json(),
        "epochs": results.epochs,
        "learning_rate": config.rate,
        "photos": images_of(run),
        "split": run.spec.split,
        "classes": list(results.classes),
        "seconds": results.seconds["total"],
    }


def images_of(run: Run) -> str:
    """The photos of a run in words: never more of their folder than its name."""
    if run.results.fingerprint == MISSION_FINGERPRINT:
        return "the mission's photos"
    if run.spec.rendered:
        return "rendered hands"
    return run.spec.source.name


def classes_of(run: Run) -> str:
    """The classes of a run in a few words."""
    classes = run.results.classes
    if len(classes) <= 6:
        return " ".join(classes)
    return f"{classes[0]} to {classes[-1]} ({len(classes)})"
