"""All that a report tells of a run, as one value: what is known already; nothing is trained."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.data.folder import at_size
from asl_core.data.near_duplicates import FEW_IMAGES, Leakage
from asl_core.errors import DatasetError
from asl_core.evaluation.accuracy_summary import AccuracySummary
from asl_core.evaluation.calibration import Calibration, calibrate, ece_under_calibration
from asl_core.evaluation.confusion import MacroAverage
from asl_core.evaluation.evaluation import Evaluation, Score
from asl_core.evaluation.generalization import leakage_of
from asl_core.evaluation.robustness import Curve, load_robustness
from asl_core.evaluation.verdict import Verdict
from asl_core.files import read_json
from asl_core.images import data_url, without_edge
from asl_core.jobs.tasks import LEAKAGE
from asl_core.progress import History
from asl_core.runs.intervals import Interval
from asl_core.runs.run import Run

N_WORST = 12
"""Mistakes that are shown, those that the network is most confident of."""

LEAST_FOR_CALIBRATION = 2
"""Test images that are needed: one to fit a temperature on, one to try it on."""


@dataclass(frozen=True, eq=False)
class CalibrationReport:
    """How far the confidence can be believed.

    Attributes:
        found: before and after temperature scaling.
        expected: calibration error of a calibrated network on as many images, before and after.
    """

    found: Calibration
    expected: tuple[Interval, Interval]

    @classmethod
    def of(cls, evaluation: Evaluation) -> "CalibrationReport | None":
        """Of all answers that have probabilities; None if there are too few."""
        evaluation = evaluation.with_hand()
        if len(evaluation) < LEAST_FOR_CALIBRATION:
            return None
        found = calibrate(evaluation.probabilities, evaluation.labels)
        before, after = map(ece_under_calibration, (evaluation.probabilities, found.scaled))
        return cls(found, (before, after))


@dataclass(frozen=True)
class WorstMistake:
    """A test image that the network is confident of and wrong about.

    Attributes:
        file: of the image, below the dataset's folder.
        true: its class.
        predicted: what the network says.
        confidence: probability of the predicted class, 0 to 1.
        image: the image as a `data:` address; empty if it is left out.
    """

    file: str
    true: str
    predicted: str
    confidence: float
    image: str


@dataclass(frozen=True, eq=False)
class RunReport:
    """A run with all that is known about it.

    Attributes:
        run: the run.
        evaluation: its answers on its test images.
        verdict: what its accuracies say together.
        accuracy: its accuracy, and what checks have found so far.
        history: of its training.
        calibration: None where there are too few test images.
        leakage: near-duplicates of test images in training; None where they are not known.
        curves: accuracy on changed images; empty where it was not measured.
        worst: the most confident mistakes.
        environment: versions that it was trained with.
        written: when the report is made (UTC).
    """

    run: Run
    evaluation: Evaluation
    verdict: Verdict
    accuracy: AccuracySummary
    history: History
    calibration: CalibrationReport | None
    leakage: Leakage | None
    curves: tuple[Curve, ...]
    worst: tuple[WorstMistake, ...]
    environment: dict[str, str | int | float | None]
    written: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, run: Run, dataset: Dataset | None = None, images: bool = True) -> "RunReport":
        """Gather what is known. Trains nothing; takes a second or two.

        Args:
            run: the run.
            dataset: its images; None if they are not here.
            images: whether the mistakes are shown, if they are here.

        Raises:
            DatasetError: the dataset is not the run's, or can't be read.
            RunNotFoundError: the run was deleted meanwhile.
            DamagedRunError: a file of it was changed by others.
        """
        evaluation = Evaluation.of(run)
        return cls(
            run=run,
            evaluation=evaluation,
            verdict=Verdict.of(run, evaluation),
            accuracy=AccuracySummary.of(run),
            history=run.history(),
            calibration=CalibrationReport.of(evaluation),
            leakage=_leakage(run, dataset),
            curves=load_robustness(run) or (),
            worst=_worst(run, evaluation, dataset if images else None),
            environment=read_json(
                run.folder / "environment.json", dict[str, str | int | float | None]
            ),
        )

    @property
    def macro(self) -> MacroAverage:
        """Means over the classes."""
        return MacroAverage.of(self.evaluation.per_class)

    @property
    def deduplicated(self) -> Score | None:
        """Score on the test images without a near-duplicate in training; None if that is not known,
        or if all have one."""
        return Score.of(self.evaluation, ~self.leakage.near) if self.leakage else None

    @property
    def name(self) -> str:
        """What people call the run: any text, one line."""
        return self.run.title or f"Run {self.run.id}"


def _leakage(run: Run, dataset: Dataset | None) -> Leakage | None:
    kept = run.folder / f"{LEAKAGE}.npz"
    if kept.is_file():
        found = Leakage.load(kept)
        if found.near.shape != (run.results.n_test,):
            raise DatasetError(f"{kept.name} is of another run. Delete it and search again.", kept)
        return found
    if dataset is None or run.results.n_test + run.results.n_train > FEW_IMAGES:
        return None
    return leakage_of(run, dataset)


def _worst(run: Run, evaluation: Evaluation, dataset: Dataset | None) -> tuple[WorstMistake, ...]:
    mistakes = evaluation.mistakes[:N_WORST]
    pixels = at_size(dataset, run.spec.config.image_size).images if dataset else None
    rendered = bool(dataset and dataset.rendered)
    return tuple(
        WorstMistake(
            mistake.file,
            mistake.true,
            mistake.predicted,
            mistake.confidence,
            "" if pixels is None else _address(pixels[mistake.index], rendered),
        )
        for mistake in mistakes
    )


def _address(pixels: np.ndarray, rendered: bool) -> str:
    return data_url(without_edge(pixels) if rendered else pixels, "JPEG")
