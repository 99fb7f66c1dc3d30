"""The commands that train a run again."""

import shlex
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from asl_core.config import BASELINE, PRESETS
from asl_core.data.dataset import Source
from asl_core.runs.run import Run
from asl_core.settings import MISSION_FINGERPRINT

FOLDER = "FOLDER"
"""Stands for the folder of the images: where they are is nobody else's business."""

ALWAYS = ("epochs", "seed")
"""Settings that are named even if they are the usual ones."""


def train_commands(run: Run) -> tuple[str, ...]:
    """The lines of a shell that train a run again, on any machine that has its images.

    A folder of images is called `FOLDER` (see `needs_folder`).
    """
    fetch = ["python -m asl_core download"] if _is_mission(run) else []
    words = ["python", "-m", "asl_core", "train", "--data", _data(run), "--split", run.spec.split]
    words += [word for name, value in _changed(run) for word in _option(name, value)]
    if not run.spec.use_corrections:
        words.append("--ignore-corrections")
    return (*fetch, shlex.join(words))


def needs_folder(run: Run) -> bool:
    """Whether the commands name a folder that a reader must have."""
    return _data(run).startswith(FOLDER)


def _is_mission(run: Run) -> bool:
    return run.results.fingerprint == MISSION_FINGERPRINT


def _data(run: Run) -> str:
    source = run.spec.source
    if _is_mission(run):
        return "data/asl_abc"
    if source.spec or source.own_id:
        return source.text
    return Source(FOLDER).without(*source.left_out).text


def _changed(run: Run) -> Iterator[tuple[str, Any]]:
    """Settings that differ from what the command takes by itself."""
    config = run.spec.config
    on_landmarks = config.features == "landmarks"
    base = PRESETS["landmarks" if on_landmarks else config.schedule]
    usual = replace(base, seed=2, validation_fraction=0.0, patience=0)
    values, usual_values = (
        {**asdict(one), **asdict(one.augmentation), "learning_rate": one.rate}
        for one in (config, usual)
    )
    if on_landmarks:
        yield "features", config.features
    if config.schedule != (usual if on_landmarks else BASELINE).schedule:
        yield "schedule", config.schedule
    for name, value in values.items():
        if name not in ("features", "schedule", "augmentation") and (
            name in ALWAYS or value != usual_values[name]
        ):
            yield name, value


def _option(name: str, value: Any) -> list[str]:
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    if isinstance(value, tuple):
        return [f"--{option}", ",".join(map(str, value))]
    return [f"--{option}", str(value)]
