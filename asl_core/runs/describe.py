"""A run as JSON and in words: the same for the pages, the command line and a notebook."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from asl_core.config import BASELINE, LANDMARKS, TrainConfig
from asl_core.data.dataset import Source
from asl_core.progress import StopReason
from asl_core.runs.intervals import wilson_interval
from asl_core.runs.run import Run, RunSpec
from asl_core.settings import MISSION_FINGERPRINT

BETWEEN = " · "

STOP_REASONS: Mapping[StopReason, str] = {
    "all epochs": "Finished",
    "stop": "Stopped manually",
    "early stopping": "Stopped early: no improvement",
    "time limit": "Stopped at the time limit",
}
"""What a visitor reads for the reason that a training ended."""


def run_json(run: Run) -> dict[str, Any]:
    """What a run was asked for and what came of it, as JSON types. The one shape of a run.

    Returns:
        Accuracies and their interval are 0 to 1, times in seconds, `made` in UTC (ISO 8601), a
        metric that is no number is None.

    Raises:
        RunNotFoundError: the run was deleted meanwhile.
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
        "mistakes": results.n_test - results.test_correct,
        "params": results.params,
        "stopped": results.stopped,
        "stop_reason": results.stop_reason,
        **config.to_json(),
        "epochs": results.epochs,
        "learning_rate": config.rate,
        "data": images_of(run),
        "split": run.spec.split,
        "sweep": run.spec.sweep,
        "classes": list(results.classes),
        "train": results.train,
        "test": results.test,
        "n_without_hand": results.n_without_hand,
        "corrections": len(results.corrections.history),
        "history": {
            name: [value if isfinite(value) else None for value in values]  # JSON knows no NaN
            for name, values in run.history().items()
        },
        "seconds": results.seconds,
    }


def describe_config(config: TrainConfig, seed: bool = True) -> str:
    """The settings of a training in one line.

    Args:
        config: the settings.
        seed: whether it is told; not where several seeds are meant.
    """
    parts = [
        f"{config.epochs} epoch{'s' if config.epochs > 1 else ''}",
        describe_network(config),
        f"batch {config.batch_size}",
        f"{config.optimizer} at {config.rate:.3g}",
        *_unusual(config),
    ]
    return BETWEEN.join([*parts, f"seed {config.seed}"] if seed else parts)


def describe_network(config: TrainConfig) -> str:
    """The network of a training in a few words, such as `5 and 15 filters`, or, on landmarks,
    `hand landmarks, 192 units`."""
    if config.features == "landmarks":
        return f"hand landmarks, {config.hidden} units"
    *others, last = config.filters
    return f"{', '.join(map(str, others))} and {last} filters"


def describe_spec(spec: RunSpec) -> str:
    """What was asked for, in one line."""
    part = ["in a sweep"] if spec.sweep else []
    return BETWEEN.join([describe_config(spec.config), *part, f"split {spec.split}"])


def distinctive_settings(spec: RunSpec) -> list[str]:
    """What sets a training apart from the mission's, besides its numbers."""
    return [*_unusual(spec.config), *(["in a sweep"] if spec.sweep else [])]


def _unusual(config: TrainConfig) -> list[str]:
    usual = LANDMARKS if config.features == "landmarks" else BASELINE
    unusual = {
        config.schedule: config.schedule != usual.schedule,
        f"{config.kernel_size}x{config.kernel_size} kernels": (
            config.kernel_size != BASELINE.kernel_size
        ),
        "batch norm": config.batch_norm,
        f"dropout {config.dropout:g}": config.dropout != usual.dropout,
        f"{config.image_size} px": config.image_size != BASELINE.image_size,
        "class weights": config.class_weights != BASELINE.class_weights,
        "augmented": bool(config.augmentation),
    }
    return [name for name, is_so in unusual.items() if is_so]


def images_of(run: Run) -> str:
    """The images of a run in words: never more of their folder than its name."""
    return name_images(run.spec.source, run.results.fingerprint)


def name_images(source: Source, fingerprint: str) -> str:
    """The images of a dataset in words: never more of their folder than its name.

    Args:
        source: that opens it.
        fingerprint: of the dataset.
    """
    if fingerprint == MISSION_FINGERPRINT:
        return "the mission's photos"
    return "rendered hands" if source.rendered else source.name


def classes_of(run: Run) -> str:
    """The classes of a run in a few words."""
    classes = run.results.classes
    if len(classes) <= 6:
        return " ".join(classes)
    return f"{classes[0]} to {classes[-1]} ({len(classes)})"
