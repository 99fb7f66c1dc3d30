"""A run's settings tried on stretches of the recordings that were held out, each in turn."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

from asl_core.data.dataset import Dataset
from asl_core.data.label_corrections import apply_label_corrections
from asl_core.data.splits import frame_folds
from asl_core.errors import DatasetError, RunError
from asl_core.evaluation.evaluation import Score
from asl_core.progress import OnShare
from asl_core.runs.run import Run
from asl_core.training.cross_validation import cross_val_predict

BLOCKED_CV = "blocked_cv"
"""Name under which it is kept with the run."""


@dataclass(frozen=True)
class BlockedCV:
    """A run's settings tried on blocks of frames, each held out in turn.

    Attributes:
        folds: score of each network on the block that it has not seen.
    """

    folds: tuple[Score, ...]

    def __post_init__(self) -> None:
        if not self.folds:
            raise ValueError("there is no block")

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Accuracy on each block, 0 to 1."""
        return tuple(fold.accuracy for fold in self.folds)

    @property
    def median(self) -> float:
        """Median accuracy of the blocks, 0 to 1."""
        return median(self.accuracies)


def blocked_cv(
    run: Run,
    dataset: Dataset,
    on_progress: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> BlockedCV:
    """Train five networks with a run's settings, each on all blocks of frames but one.

    The result is kept in the run's folder, and read from there the next time. Loads TensorFlow
    otherwise.

    Args:
        run: whose settings are tried.
        dataset: the run's images, all of them; what was decided about them when it was trained
            counts here too.
        on_progress: told the share that is done.
        should_stop: asked often; True ends it with a `TrainingError`.

    Raises:
        DatasetError: the dataset is not the run's, or its files have no frame numbers.
        TrainingError: it was stopped, or a training diverged.
        RunError: the run's folder can't be written; the error tells the median.
    """
    known = load_blocked_cv(run)
    if known:
        return known
    check_photos(run, dataset)
    decided = [
        apply_label_corrections(run.results.corrections, dataset, fold)
        for fold in frame_folds(dataset)
    ]
    dataset, folds = decided[0][0], [fold for _, fold in decided]
    answers = cross_val_predict(dataset, folds, run.spec.config, on_progress, should_stop).argmax(
        axis=1
    )
    right = answers == dataset.labels
    blocks = BlockedCV(tuple(Score(int(right[f.test].sum()), len(f.test)) for f in folds))
    try:
        run.save_artifact(BLOCKED_CV, asdict(blocks))
    except RunError as error:
        raise RunError(
            f"The median across frame blocks is {blocks.median:.3f}, but {error}"
        ) from error
    return blocks


def load_blocked_cv(run: Run) -> BlockedCV | None:
    """What `blocked_cv` has found for this run before; None if it was not asked yet.

    Raises:
        DamagedRunError: the file was changed by others.
    """
    return run.load_artifact(BLOCKED_CV, BlockedCV, "frame_blocks")


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
