"""How far a run's accuracy can be believed: the same score under ever more honest tests."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.data.label_corrections import apply_label_corrections
from asl_core.data.near_duplicates import NEAR_DUPLICATE, Leakage, find_leakage
from asl_core.data.splits import Split, has_frames, make_split, train_validation_split
from asl_core.errors import RunNotFoundError
from asl_core.evaluation.calibration import Calibration, calibrate
from asl_core.evaluation.classify import evaluate
from asl_core.evaluation.evaluation import Evaluation, Score
from asl_core.evaluation.repeats import Repeats, check_photos, repeat_all
from asl_core.progress import OnShare, part
from asl_core.runs.run import Run

EXTERNAL_TEST = "external_test"
"""What the names begin with, under which they are kept with a run."""


@dataclass(frozen=True)
class ExternalTest:
    """A run on images of other people and rooms, of the classes that it knows.

    Attributes:
        folder: of the images.
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
        overall: score on its test images.
        leakage: the training image that resembles each test image most.
        deduplicated: score on the test images without a near-duplicate in training; None if all
            have one.
        calibration: how far its confidence can be believed.
        seeds: its settings with other seeds.
        blocked_cv: its settings across frame blocks; None if the images have no frame numbers.
        external_tests: other people and rooms.
    """

    run: str
    overall: Score
    leakage: Leakage
    deduplicated: Score | None
    calibration: Calibration
    seeds: Repeats
    blocked_cv: Repeats | None
    external_tests: tuple[ExternalTest, ...]

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON types."""
        deduplicated = self.deduplicated
        return {
            "run": self.run,
            **_score_json(self.overall),
            "near_duplicates": self.leakage.share,
            "accuracy_without_near_duplicates": deduplicated.accuracy if deduplicated else None,
            "without_near_duplicates": _score_json(deduplicated) if deduplicated else None,
            "seeds": repeats_json(self.seeds),
            "blocked_cv": self.blocked_cv and repeats_json(self.blocked_cv),
            "ece": self.calibration.before.ece,
            "ece_after_scaling": self.calibration.after.ece,
            "temperature": self.calibration.temperature,
            "external_tests": [
                {"folder": e.folder, **_score_json(e.score), "confidence": e.confidence}
                for e in self.external_tests
            ],
        }


def repeats_json(repeats: Repeats) -> dict[str, Any] | None:
    """Accuracies, 0 to 1, as JSON types; None before the first is trained."""
    if not repeats.done:
        return None
    return {"accuracy": list(repeats.accuracies), "median": repeats.median}


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
    external_tests: Sequence[Dataset] = (),
    on_progress: OnShare | None = None,
) -> Assessment:
    """Everything about a run in one value. Trains networks in this process: see `repeat_all`.

    Args:
        run: the run.
        dataset: the images that it was trained and tested on.
        external_tests: other labeled images; of their classes, those count that the run knows.
        on_progress: told the share of the trainings that is done.

    Raises:
        DatasetError: the dataset is not the run's.
        ClassMismatchError: a dataset has no class that the run knows.
    """
    evaluation = Evaluation.of(run)
    answered = evaluation.with_hand()
    leakage = leakage_of(run, dataset)
    others = tuple(run_external_test(run, other) for other in external_tests)
    frames, tell = has_frames(dataset), on_progress or (lambda share: None)
    middle = 0.5 if frames else 1.0
    seeds = repeat_all(run, dataset, "seeds", part(tell, 0, middle))
    blocks = repeat_all(run, dataset, "blocked_cv", part(tell, middle, 1)) if frames else None
    return Assessment(
        run=run.id,
        overall=Score(evaluation.n_correct, len(evaluation)),
        leakage=leakage,
        deduplicated=Score.of(evaluation, ~leakage.near),
        calibration=calibrate(answered.probabilities, answered.labels),
        seeds=seeds,
        blocked_cv=blocks,
        external_tests=others,
    )


def leakage_of(
    run: Run,
    dataset: Dataset,
    threshold: float = NEAR_DUPLICATE,
    on_progress: OnShare | None = None,
) -> Leakage:
    """Near-duplicates of a run's test images among its training images, in their saved order.

    `threshold` and `on_progress` are those of `find_leakage`.

    Raises:
        DatasetError: the dataset is not the run's.
    """
    split = Split(train_indices(run, dataset), run.predictions().indices, run.spec.split)
    return find_leakage(dataset, split, threshold, on_progress)


def train_indices(run: Run, dataset: Dataset) -> np.ndarray:
    """int64 (n,), the images that a run has learned from.

    Raises:
        DatasetError: the dataset is not the run's.
    """
    check_photos(run, dataset)
    split = make_split(dataset, run.spec.split)
    dataset, split = apply_label_corrections(run.results.corrections, dataset, split)
    learned, _ = train_validation_split(dataset, split, run.spec.config)
    return learned


def run_external_test(
    run: Run, dataset: Dataset, on_progress: OnShare = lambda share: None
) -> ExternalTest:
    """A run on other images; classes that it does not know are left out.

    Args:
        run: the run.
        dataset: the images.
        on_progress: told the share that is done, often; what it raises ends it.

    Raises:
        ClassMismatchError: it knows none of them.
    """
    evaluation = evaluate(run, dataset, known_only=True, on_progress=on_progress)
    return ExternalTest(
        folder=str(dataset.folder),
        score=Score(evaluation.n_correct, len(evaluation)),
        confidence=float(evaluation.probabilities.max(axis=1).mean()),
    )


def save_external_test(run: Run, name: str, found: ExternalTest) -> None:
    """Keep what `run_external_test` has found with the run.

    Args:
        run: that was tested.
        name: under which it is kept, which tells the images by their content.
        found: to be kept.

    Raises:
        RunError: the run's folder can't be written.
    """
    run.save_artifact(name, asdict(found))


def load_external_tests(run: Run) -> tuple[ExternalTest, ...]:
    """All that were kept with a run, one for each folder, by name; of a folder that was tested in
    several states, the last.

    Raises:
        DamagedRunError: a file was changed by others.
        RunNotFoundError: the run was deleted meanwhile.
    """
    paths = list(run.folder.glob(f"{EXTERNAL_TEST}-*.json"))
    try:
        oldest_first = sorted(paths, key=lambda path: path.stat().st_mtime)
    except FileNotFoundError:
        raise RunNotFoundError(f"Run {run.id} has been deleted.") from None
    found = [load_external_test(run, path.stem) for path in oldest_first]
    by_folder = {test.folder: test for test in found if test}
    return tuple(by_folder[folder] for folder in sorted(by_folder))


def load_external_test(run: Run, name: str) -> ExternalTest | None:
    """What was kept for this run and these images; None if nobody has asked yet.

    Raises:
        DamagedRunError: the file was changed by others.
    """
    return run.load_artifact(name, ExternalTest)
