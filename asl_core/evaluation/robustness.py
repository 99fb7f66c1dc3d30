"""Accuracy against what can happen to an image: a curve for each kind of change.

All take uint8 (n, size, size, 3) and return the same shape and type. What lies beyond an edge is
the inside, reflected: the mission's photos have a blue rim, which would be drawn out to a bar if
the edge were repeated. The kinds follow Hendrycks and Dietterich (2019): Benchmarking neural
network robustness to common corruptions and perturbations, ICLR; the steps are this project's, from
hardly visible to hard for a person at 50x50 pixels.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from asl_core.data.dataset import Dataset
from asl_core.data.folder import at_size
from asl_core.evaluation.evaluation import Score
from asl_core.evaluation.prediction import Classifier, Probabilities
from asl_core.evaluation.warp import warp
from asl_core.progress import OnShare
from asl_core.runs.run import Run

WHITE = 255
NOISE_SEED = 0


@dataclass(frozen=True)
class Corruption:
    """One kind of change, with the strengths at which it is tried.

    Attributes:
        name: what is changed.
        unit: what the strength counts.
        apply: (images, strength) -> images.
        steps: the strengths, rising; one of them is `neutral`.
        neutral: the strength that changes nothing.
    """

    name: str
    unit: str
    apply: Callable[[np.ndarray, float], np.ndarray]
    steps: tuple[float, ...]
    neutral: float


def brightness(images: np.ndarray, offset: float) -> np.ndarray:
    """Every pixel brighter (or darker, below 0) by a share of the full scale, -1 to 1."""
    return _to_uint8(images.astype(np.float32) + WHITE * offset)


def contrast(images: np.ndarray, factor: float) -> np.ndarray:
    """Distances from each image's own mean times a factor; 0 leaves one gray."""
    values = images.astype(np.float32)
    mean = values.mean(axis=(1, 2, 3), keepdims=True)
    return _to_uint8((values - mean) * factor + mean)


def blur(images: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur with a standard deviation in pixels, cut off at three of them; 0: none."""
    if sigma == 0:
        return images.copy()
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    values = images.astype(np.float32)
    for _ in range(2):
        values = np.ascontiguousarray(_smooth_rows(values, kernel).swapaxes(1, 2))
    return _to_uint8(values)


def noise(images: np.ndarray, deviation: float) -> np.ndarray:
    """Gaussian noise on every value, its standard deviation a share of the full scale.

    The same call gives the same noise.
    """
    rng = np.random.default_rng(NOISE_SEED)
    grain = rng.standard_normal(images.shape, dtype=np.float32)
    return _to_uint8(images + WHITE * deviation * grain)


def rotation(images: np.ndarray, degrees: float) -> np.ndarray:
    """Turned about the center, counter-clockwise as one looks at it."""
    angle = np.deg2rad(degrees)
    return _to_uint8(warp(images, np.cos(angle), np.sin(angle), 0.0))


def shift(images: np.ndarray, share: float) -> np.ndarray:
    """Moved to the right (left, below 0) by a share of the width."""
    return _to_uint8(warp(images, 1.0, 0.0, share * images.shape[2]))


def zoom(images: np.ndarray, factor: float) -> np.ndarray:
    """Larger about the center by a factor (smaller, below 1)."""
    return _to_uint8(warp(images, 1 / factor, 0.0, 0.0))


def mirror(images: np.ndarray, mirrored: float) -> np.ndarray:
    """Left and right exchanged if `mirrored` is 1, as a left-handed signer looks; 0: as it is."""
    return np.ascontiguousarray(images[:, :, ::-1]) if mirrored else images.copy()


CORRUPTIONS = (
    Corruption(
        "brightness", "fraction of full scale", brightness, (-0.4, -0.2, -0.1, 0, 0.1, 0.2, 0.4), 0
    ),
    Corruption("contrast", "factor", contrast, (0.2, 0.4, 0.7, 1, 1.5, 2), 1),
    Corruption("blur", "sigma in pixels", blur, (0, 0.5, 1, 1.5, 2, 3), 0),
    Corruption(
        "noise", "standard deviation, fraction of full scale", noise, (0, 0.02, 0.05, 0.1, 0.2), 0
    ),
    Corruption("rotation", "degrees", rotation, (-30, -20, -10, 0, 10, 20, 30), 0),
    Corruption("shift", "fraction of width, to the right", shift, (-0.2, -0.1, 0, 0.1, 0.2), 0),
    Corruption("zoom", "factor", zoom, (0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4), 1),
    Corruption("horizontal flip", "0: as it is, 1: flipped", mirror, (0, 1), 0),
)
"""Everything that is tried, with its steps."""


OLD_NAMES = {"scale": "zoom", "mirror": "horizontal flip"}
"""What earlier versions called some of them, in what is kept with runs."""


def _to_uint8(values: np.ndarray) -> np.ndarray:
    pixels: np.ndarray = np.rint(values).clip(0, WHITE).astype(np.uint8)
    return pixels


def _smooth_rows(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Weighted sums down the columns."""
    reach, height = len(kernel) // 2, values.shape[1]
    padded = np.pad(values, ((0, 0), (reach, reach), (0, 0), (0, 0)), mode="reflect")
    total = np.zeros_like(values)
    for i, weight in enumerate(kernel):
        total += weight * padded[:, i : i + height]
    return total


BLOCK = 256
"""Images that are changed at once, which bounds the memory."""

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
        dataset: its images.
        on_progress: told the share that is done after each step, 0 to 1.
    """
    dataset = at_size(dataset, run.spec.config.image_size)
    saved = run.predictions()
    chosen = np.linspace(0, len(saved.labels) - 1, min(MOST, len(saved.labels))).astype(int)
    images, labels = dataset.images[saved.indices[chosen]], saved.labels[chosen]
    return robustness(Classifier(run).probabilities, images, labels, on_progress)


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
