"""Accuracy against what can happen to a photo: a curve for each kind of change."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from asl_core.corruptions import CORRUPTIONS, Corruption
from asl_core.datasets.dataset import Dataset
from asl_core.evaluation import Score
from asl_core.kept import keep, kept
from asl_core.prediction import Classifier, Probabilities
from asl_core.progress import OnShare
from asl_core.run import Run

BLOCK = 256
"""Photos that are changed at once, which bounds the memory."""

MOST = 1_000
"""Test images of a run that are tried, spread evenly, which bounds the time: an interval of 1,000
is at most 6.2 points wide."""

ROBUSTNESS = "robustness"
"""Name under which it is kept with the run."""


@dataclass(frozen=True)
class Step:
    """A model on all images, each changed by the same strength.

    Attributes:
        strength: in the unit of the corruption.
        score: right answers, with accuracy and interval.
    """

    strength: float
    score: Score


@dataclass(frozen=True)
class Curve:
    """Accuracy over the strength of one corruption.

    Attributes:
        name: of the corruption.
        unit: of the strength.
        steps: by rising strength.
    """

    name: str
    unit: str
    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """The curve as JSON types; `from_json` takes it back."""
        steps = [[step.strength, step.score.correct, step.score.n] for step in self.steps]
        return {"name": self.name, "unit": self.unit, "steps": steps}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Curve":
        """The curve of `to_json`."""
        steps = tuple(Step(strength, Score(*score)) for strength, *score in values["steps"])
        return cls(values["name"], values["unit"], steps)


def robustness(
    probabilities: Probabilities,
    images: np.ndarray,
    labels: np.ndarray,
    on_progress: OnShare | None = None,
    corruptions: tuple[Corruption, ...] = CORRUPTIONS,
) -> tuple[Curve, ...]:
    """Test a model on images that are changed in many ways.

    Args:
        probabilities: of the model, such as `Classifier(run).probabilities`.
        images: uint8 (n, 50, 50, 3), n at least 1; may be memory-mapped.
        labels: int (n,), true class.
        on_progress: told the share that is done after each step, 0 to 1.
        corruptions: what is tried.

    Returns:
        A curve for each corruption.
    """
    tell = on_progress or (lambda share: None)
    n_steps, done = sum(len(corruption.steps) for corruption in corruptions), 0
    curves = []
    for corruption in corruptions:
        steps = []
        for strength in corruption.steps:
            correct = _n_correct(probabilities, images, labels, corruption, strength)
            steps.append(Step(strength, Score(correct, len(labels))))
            done += 1
            tell(done / n_steps)
        curves.append(Curve(corruption.name, corruption.unit, tuple(steps)))
    return tuple(curves)


def _n_correct(
    probabilities: Probabilities,
    images: np.ndarray,
    labels: np.ndarray,
    corruption: Corruption,
    strength: float,
) -> int:
    correct = 0
    for i in range(0, len(labels), BLOCK):
        changed = corruption.apply(np.asarray(images[i : i + BLOCK]), strength)
        correct += int((probabilities(changed).argmax(axis=1) == labels[i : i + BLOCK]).sum())
    return correct


def robustness_of(
    run: Run, dataset: Dataset, on_progress: OnShare | None = None
) -> tuple[Curve, ...]:
    """Test a run on its test images, changed in many ways.

    Args:
        run: the run.
        dataset: its photos.
        on_progress: told the share that is done after each step, 0 to 1.
    """
    saved = run.predictions()
    chosen = np.linspace(0, len(saved.labels) - 1, min(MOST, len(saved.labels))).astype(int)
    images, labels = dataset.images[saved.indices[chosen]], saved.labels[chosen]
    return robustness(Classifier(run).probabilities, images, labels, on_progress)


def keep_robustness(run: Run, curves: tuple[Curve, ...]) -> None:
    """Keep what `robustness_of` has found with the run.

    Raises:
        RunError: the run's folder can't be written.
    """
    keep(run, ROBUSTNESS, {"curves": [curve.to_json() for curve in curves]})


def kept_robustness(run: Run) -> tuple[Curve, ...] | None:
    """What was kept for this run; None if it was not asked yet.

    Raises:
        DamagedRunError: the file was changed by others.
    """
    return kept(run, ROBUSTNESS, lambda values: tuple(map(Curve.from_json, values["curves"])))
