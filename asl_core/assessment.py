"""How far a run's accuracy can be believed: the same score under ever more honest tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from asl_core.calibration import Calibration, calibrate
from asl_core.datasets.dataset import Dataset
from asl_core.datasets.splits import Split, has_frames, hold_out, make_split
from asl_core.decisions import apply_decisions
from asl_core.evaluation import Evaluation, Score
from asl_core.frame_blocks import FrameBlocks, check_photos, frame_blocks
from asl_core.near_copies import NEAR_COPY, Leakage, find_leakage
from asl_core.prediction import evaluate
from asl_core.progress import OnShare
from asl_core.run import Run


@dataclass(frozen=True)
class Elsewhere:
    """A run on photos of other people and rooms, of the classes that it knows.

    Attributes:
        folder: of the photos.
        score: on them.
        confidence: mean probability of the predicted class, 0 to 1: how sure it is.
    """

    folder: str
    score: Score
    confidence: float


@dataclass(frozen=True, eq=False)
class Assessment:
    """A run's accuracy, and what speaks for and against it.

    Attributes:
        run: id of the run.
        whole: score on its test images.
        leakage: the training photo that resembles each test image most.
        fresh: score on the test images without a near-copy in training; None if all have one.
        calibration: how far its confidence can be believed.
        frame_blocks: its settings across frame blocks; None if the photos have no frame numbers.
        elsewhere: other people and rooms.
    """

    run: str
    whole: Score
    leakage: Leakage
    fresh: Score | None
    calibration: Calibration
    frame_blocks: FrameBlocks | None
    elsewhere: tuple[Elsewhere, ...]

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON types."""
        blocks, fresh = self.frame_blocks, self.fresh
        return {
            "run": self.run,
            **_score_json(self.whole),
            "near_copies": self.leakage.share,
            "accuracy_without_near_copies": fresh.accuracy if fresh else None,
            "without_near_copies": _score_json(fresh) if fresh else None,
            "frame_blocks": blocks
            and {"accuracy": list(blocks.accuracies), "median": blocks.median},
            "ece": self.calibration.before.ece,
            "ece_after_scaling": self.calibration.after.ece,
            "temperature": self.calibration.temperature,
            "elsewhere": [
                {"folder": e.folder, **_score_json(e.score), "confidence": e.confidence}
                for e in self.elsewhere
            ],
        }


def _score_json(score: Score) -> dict[str, Any]:
    interval = score.interval
    return {
        "n": score.n,
        "accuracy": score.accuracy,
        "interval": [interval.low, interval.high],
    }


def assess(
    run: Run,
    dataset: Dataset,
    elsewhere: Sequence[Dataset] = (),
    on_progress: OnShare | None = None,
) -> Assessment:
    """Everything about a run in one value. Trains networks in this process: see `frame_blocks`.

    Args:
        run: the run.
        dataset: the photos that it was trained and tested on.
        elsewhere: other labelled photos; of their classes, those count that the run knows.
        on_progress: told the share of the trainings that is done.

    Raises:
        DatasetError: the dataset is not the run's.
        ClassMismatchError: a dataset has no class that the run knows.
    """
    evaluation = Evaluation.of(run)
    leakage = leakage_of(run, dataset)
    others = tuple(score_elsewhere(run, other) for other in elsewhere)
    return Assessment(
        run=run.id,
        whole=Score(evaluation.n_correct, len(evaluation)),
        leakage=leakage,
        fresh=Score.of(evaluation, ~leakage.near),
        calibration=calibrate(evaluation.probabilities, evaluation.labels),
        frame_blocks=frame_blocks(run, dataset, on_progress) if has_frames(dataset) else None,
        elsewhere=others,
    )


def leakage_of(
    run: Run,
    dataset: Dataset,
    threshold: float = NEAR_COPY,
    on_progress: OnShare | None = None,
) -> Leakage:
    """Near-copies of a run's test images among its training images, in their saved order.

    `threshold` and `on_progress` are those of `find_leakage`.

    Raises:
        DatasetError: the dataset is not the run's.
    """
    split = Split(learnt_by(run, dataset), run.predictions().indices, run.spec.split)
    return find_leakage(dataset, split, threshold, on_progress)


def learnt_by(run: Run, dataset: Dataset) -> np.ndarray:
    """int64 (n,), the images that a run has learnt from.

    Raises:
        DatasetError: the dataset is not the run's.
    """
    check_photos(run, dataset)
    split = make_split(dataset, run.spec.split)
    dataset, split = apply_decisions(run.results.decisions, dataset, split)
    learnt, _ = hold_out(dataset, split, run.spec.config)
    return learnt


def score_elsewhere(run: Run, dataset: Dataset) -> Elsewhere:
    """A run on other photos; classes that it does not know are left out.

    Raises:
        ClassMismatchError: it knows none of them.
    """
    evaluation = evaluate(run, dataset, known_only=True)
    return Elsewhere(
        folder=str(dataset.folder),
        score=Score(evaluation.n_correct, len(evaluation)),
        confidence=float(evaluation.probabilities.max(axis=1).mean()),
    )
