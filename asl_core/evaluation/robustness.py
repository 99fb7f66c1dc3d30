"""Accuracy against what can happen to an image: a curve for each kind of change."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from functools import partial
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from asl_core.config import IMAGE_SIZES
from asl_core.data.dataset import Dataset
from asl_core.data.folder import at_size
from asl_core.evaluation.corruptions import CORRUPTIONS, Corruption
from asl_core.evaluation.evaluation import Score
from asl_core.evaluation.hand_classifier import HandClassifier
from asl_core.evaluation.prediction import Classifier, Probabilities
from asl_core.progress import OnShare
from asl_core.runs.run import Run
from asl_core.training.answers import n_correct

OLD_NAMES = {"scale": "zoom", "mirror": "horizontal flip"}
"""What earlier versions called some of them, in what is kept with runs."""

BLOCK = 256
"""Images that are changed at once, which bounds the memory."""

MOST = 1_000
"""Test images of a run that are tried, spread evenly, which bounds the time: an interval of 1,000
is at most 6.2 points wide."""

MOST_HANDS = 60
"""The same of a run on landmarks, which finds the hand in each changed image anew."""

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


def _step(values: Any) -> Any:
    match values:
        case [int() | float() as strength, int() as correct, int() as n]:
            values = Step(strength, Score(correct, n))
    return values  # what is no step of `Curve.to_json` is refused as such


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
    steps: tuple[Annotated[Step, BeforeValidator(_step)], ...]

    def to_json(self) -> dict[str, Any]:
        """The curve as JSON types."""
        steps = [[each.strength, *astuple(each.score)] for each in self.steps]
        return {"name": self.name, "unit": self.unit, "steps": steps}


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
        images: uint8 (n, size, size, 3), n at least 1; may be memory-mapped.
        labels: int (n,), true class.
        on_progress: told the share that is done after each step, 0 to 1.
        corruptions: what is tried.

    Returns:
        A curve for each corruption.
    """
    tell = on_progress or (lambda share: None)
    n_steps, done = sum(len(corruption.steps) for corruption in corruptions), 0
    unchanged = _n_correct(probabilities, images, labels, lambda few: few)
    curves = []
    for corruption in corruptions:
        steps = []
        for strength in corruption.steps:
            correct = unchanged
            if strength != corruption.neutral:
                change = partial(_apply, corruption, strength)
                correct = _n_correct(probabilities, images, labels, change)
            steps.append(Step(strength, Score(correct, len(labels))))
            done += 1
            tell(done / n_steps)
        curves.append(Curve(corruption.name, corruption.unit, tuple(steps)))
    return tuple(curves)


def _apply(corruption: Corruption, strength: float, images: np.ndarray) -> np.ndarray:
    return corruption.apply(images, strength)


def _n_correct(
    probabilities: Probabilities,
    images: np.ndarray,
    labels: np.ndarray,
    change: Callable[[np.ndarray], np.ndarray],
) -> int:
    correct = 0
    for i in range(0, len(labels), BLOCK):
        changed = change(np.asarray(images[i : i + BLOCK]))
        correct += n_correct(probabilities(changed), labels[i : i + BLOCK])
    return correct


def robustness_of(
    run: Run, dataset: Dataset, on_progress: OnShare | None = None
) -> tuple[Curve, ...]:
    """Test a run on its test images, changed in many ways.

    Args:
        run: the run.
        dataset: its images.
        on_progress: told the share that is done after each step, 0 to 1.
    """
    dataset = at_size(dataset, changed_side(run))
    saved, on_hands = run.predictions(), run.spec.config.features == "landmarks"
    most = min(MOST_HANDS if on_hands else MOST, len(saved.labels))
    chosen = np.linspace(0, len(saved.labels) - 1, most).astype(int)
    images, labels = dataset.images[saved.indices[chosen]], saved.labels[chosen]
    answer = HandClassifier(run).answers if on_hands else Classifier(run).probabilities
    return robustness(answer, images, labels, on_progress)


def changed_side(run: Run) -> int:
    """Side of the images that are changed, in pixels: of what the network gets, or, for one on
    landmarks, of what the hands are found in again."""
    config = run.spec.config
    return IMAGE_SIZES[-1] if config.features == "landmarks" else config.image_size


def save_robustness(run: Run, curves: tuple[Curve, ...]) -> None:
    """Keep what `robustness_of` has found with the run.

    Raises:
        RunError: the run's folder can't be written.
    """
    run.save_artifact(ROBUSTNESS, {"curves": [curve.to_json() for curve in curves]})


def load_robustness(run: Run) -> tuple[Curve, ...] | None:
    """What was kept for this run; None if it was not asked yet.

    Raises:
        DamagedRunError: the file was changed by others.
    """
    found = run.load_artifact(ROBUSTNESS, dict[str, tuple[Curve, ...]])
    curves = found.get("curves") if found else None
    return curves and tuple(map(_todays_words, curves))


def _todays_words(curve: Curve) -> Curve:
    """The curve with the name and the unit that its corruption has now."""
    name = OLD_NAMES.get(curve.name, curve.name)
    units = [corruption.unit for corruption in CORRUPTIONS if corruption.name == name]
    return replace(curve, name=name, unit=units[0] if units else curve.unit)
