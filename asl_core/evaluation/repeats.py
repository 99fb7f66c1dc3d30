"""A run's settings trained again: with other seeds, and without a block of the recordings.

One training with one seed on one split is one draw. Five other seeds say how much of its accuracy
is luck; five blocks of frames, each held out in turn (blocked cross-validation), say what it is on
stretches of the recordings that no network has seen a near-duplicate of. Each of these trainings is
kept with the run as soon as it is done.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Literal, get_args

from asl_core.config import MAX_SEED
from asl_core.data.dataset import Dataset
from asl_core.data.label_corrections import apply_label_corrections
from asl_core.data.splits import N_BLOCKS, numbered
from asl_core.data.splits_folds import frame_folds
from asl_core.data.trainable import training_data
from asl_core.errors import DatasetError, FileError
from asl_core.evaluation.evaluation import Score
from asl_core.files import read_arrays
from asl_core.progress import OnShare, part
from asl_core.runs.run import Run
from asl_core.training.answers import n_correct
from asl_core.training.cross_validation import fit_predict

RepeatKind = Literal["seeds", "blocked_cv"]
KINDS: tuple[RepeatKind, ...] = get_args(RepeatKind)

N_REPEATS: dict[RepeatKind, int] = {"seeds": 5, "blocked_cv": N_BLOCKS}
"""Trainings of each kind."""


@dataclass(frozen=True)
class Repeats:
    """A run's settings, trained again several times.

    Attributes:
        kind: what differs: `seeds`, on the run's own split, or `blocked_cv`: the block of frames
            that is held out.
        scores: of each network on its test images; None: not trained yet.
    """

    kind: RepeatKind
    scores: tuple[Score | None, ...]

    @property
    def done(self) -> tuple[Score, ...]:
        """Scores of those that are trained, in their order."""
        return tuple(score for score in self.scores if score)

    @property
    def complete(self) -> bool:
        """Whether all are trained."""
        return all(self.scores)

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Test accuracy of each that is trained, 0 to 1."""
        return tuple(score.accuracy for score in self.done)

    @property
    def median(self) -> float:
        """Median accuracy of those that are trained, 0 to 1; at least one is."""
        return median(self.accuracies)


@dataclass(frozen=True)
class _Whole:
    """`blocked_cv.json` of an earlier version, which kept all blocks in one file."""

    folds: tuple[Score, ...]


def kinds_of(run: Run) -> tuple[RepeatKind, ...]:
    """The kinds that make sense for a run: blocks need images that are frames of a video.

    Raises:
        RunNotFoundError, DamagedRunError: its test images can't be read.
    """
    return KINDS if has_blocks(run) else ("seeds",)


def has_blocks(run: Run) -> bool:
    """Whether the file names of a run's test images have numbers, which count frames, and there are
    enough of each class.

    Raises:
        RunNotFoundError, DamagedRunError: they can't be read.
    """
    results, path = run.results, run.folder / "predictions.npz"
    few = min(results.train[name] + results.test[name] for name in results.classes) < N_BLOCKS
    try:
        return not (run.spec.rendered or few) and _have_numbers(path)
    except (FileError, KeyError):
        return numbered(run.predictions().files)  # which says what is wrong


@lru_cache(1_000)
def _have_numbers(predictions: Path) -> bool:
    """Whether the test images of a run have numbers; its file of answers never changes."""
    return numbered(map(str, read_arrays(predictions)["files"]))


def artifact_name(kind: RepeatKind, number: int) -> str:
    """Under what one of the trainings is kept with the run; numbers count from 0."""
    return f"{kind}-{number}"


def load_repeats(run: Run, kind: RepeatKind) -> Repeats:
    """What is known so far.

    Raises:
        DamagedRunError: a file was changed by others.
    """
    found = [run.load_artifact(artifact_name(kind, i), Score) for i in range(N_REPEATS[kind])]
    if kind == "blocked_cv" and not any(found):
        whole = run.load_artifact("blocked_cv", _Whole, "frame_blocks")
        found = list(whole.folds) if whole else found
    return Repeats(kind, tuple(found))


def repeat_all(
    run: Run, dataset: Dataset, kind: RepeatKind, on_progress: OnShare | None = None
) -> Repeats:
    """Train what is not known yet, here, one after the other.

    `on_progress` is told the share of these trainings that is done; the rest is as for
    `train_again`.
    """
    known, tell = load_repeats(run, kind), on_progress or (lambda share: None)
    missing = [number for number, score in enumerate(known.scores) if score is None]
    for done, number in enumerate(missing):
        share = part(tell, done / len(missing), (done + 1) / len(missing))
        train_again(run, dataset, kind, number, share)
    return load_repeats(run, kind) if missing else known


def train_again(
    run: Run,
    dataset: Dataset,
    kind: RepeatKind,
    number: int,
    on_progress: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoint_file: Path | None = None,
) -> Score:
    """Train a network with a run's settings once more, and keep its score with the run.

    Loads TensorFlow when it is called: for a worker.

    Args:
        run: whose settings count.
        dataset: the run's images, all of them; what was decided about their labels when the run
            was trained counts here too.
        kind: what differs.
        number: which of them, from 0: the seed is the run's plus `number` + 1, or the block.
        on_progress: told the share that is done, several times an epoch.
        should_stop: asked as often; True ends it with a `StoppedError`.
        checkpoint_file: where the state of the training is kept, to go on from when it is asked
            for again; None: nowhere.

    Returns:
        Its score, on the run's test images or on the block that was held out.

    Raises:
        DatasetError: the dataset is not the run's, or its files have no frame numbers.
        StoppedError: it was stopped.
        TrainingError: it diverged, or took too long.
        RunError: the run's folder can't be written.
    """
    check_photos(run, dataset)
    config, corrections = run.spec.config, run.results.corrections
    if kind == "seeds":
        config = replace(config, seed=(config.seed + number + 1) % (MAX_SEED + 1))
        dataset, split = training_data(dataset, run.spec.split, corrections, config)
    else:
        fold = frame_folds(dataset)[number]
        dataset, split = apply_label_corrections(corrections, dataset, fold)
    probabilities = fit_predict(dataset, split, config, on_progress, should_stop, checkpoint_file)
    score = Score(n_correct(probabilities, dataset.labels[split.test]), len(split.test))
    run.save_artifact(artifact_name(kind, number), asdict(score))
    return score


def check_photos(run: Run, dataset: Dataset) -> None:
    """Make sure that these are the images that a run was trained and tested on.

    Raises:
        DatasetError: they are others.
    """
    if dataset.fingerprint != run.results.fingerprint:
        raise DatasetError(
            f"{dataset.source.name} does not hold the images that run {run.id} was trained on "
            f"(they were in {run.spec.source.name}). Give that folder, and this one with --also.",
            dataset.folder,
        )
