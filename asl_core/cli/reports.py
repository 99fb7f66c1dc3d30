"""What the command line prints, as JSON types."""

from collections.abc import Sequence
from typing import Any

from asl_core.background_task import BackgroundTask
from asl_core.errors import ImageError
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.prediction import Prediction
from asl_core.jobs.queue import place_in_queue
from asl_core.runs.intervals import Interval, percent
from asl_core.runs.pending import PendingRun
from asl_core.task_state import TaskState


def evaluation_report(evaluation: Evaluation) -> dict[str, Any]:
    """Accuracy with its interval, scores of each class, confusion matrix."""
    return {
        "n": len(evaluation),
        "accuracy": evaluation.accuracy,
        "balanced_accuracy": evaluation.balanced_accuracy,
        "interval": [evaluation.interval.low, evaluation.interval.high],
        "per_class": {
            score.name: {
                "precision": score.precision,
                "recall": score.recall,
                "f1": score.f1,
                "support": score.support,
            }
            for score in evaluation.per_class
        },
        "classes": list(evaluation.classes),
        "confusion": evaluation.confusion.tolist(),
    }


def prediction_report(result: Prediction | ImageError) -> dict[str, Any]:
    """The letter of an image, or why it can't be read."""
    if isinstance(result, ImageError):
        return {"file": result.name, "error": str(result)}
    return {
        "file": result.name,
        "label": result.label,
        "probabilities": result.probabilities,
        "mirrored": result.mirrored,
    }


def unfinished_report(
    pending: PendingRun, state: TaskState, waiting: Sequence[BackgroundTask]
) -> dict[str, Any]:
    """How far a training is.

    Args:
        pending: the training.
        state: of it.
        waiting: from `waiting_tasks`, for its place in the queue.
    """
    progress = state.progress
    report: dict[str, Any] = {"run": pending.id, "state": state.step or state.phase}
    if state.phase == "queued":
        report["others_before"] = place_in_queue(pending, waiting)
    if progress:
        report |= {
            "epochs_done": progress.epoch,
            "epochs": progress.epochs,
            "batch": progress.batch,
            "batches": progress.batches,
            "seconds_left": progress.seconds_left,
        }
    if state.error:
        report["error"] = state.error
    return report


def run_line(values: dict[str, Any]) -> str:
    """A row of the table of runs (see `run_json`) in a line."""
    interval = Interval(*values["interval"])
    filters = "/".join(str(count) for count in values["filters"])
    return (
        f"{values['run']:<26}{values['state']:<12}"
        f"{percent(values['test_accuracy']):>7} ({interval})  "
        f"epochs {values['epochs']}  filters {filters}  seed {values['seed']}  "
        f"{values['data']}, split {values['split']}  {values['title']}".rstrip()
    )


def unfinished_line(report: dict[str, Any]) -> str:
    """An `unfinished_report` in a line."""
    line = f"{report['run']:<26}{report['state']:<12}"
    if report.get("others_before"):
        line += f"{report['others_before']} before it  "
    if "epochs" in report:
        line += f"epoch {min(report['epochs_done'] + 1, report['epochs'])} of {report['epochs']}  "
    if report.get("seconds_left") is not None:
        line += f"about {report['seconds_left']:.0f} s left  "
    return f"{line}{report.get('error', '')}".rstrip()
