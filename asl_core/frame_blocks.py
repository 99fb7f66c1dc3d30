"""A run's settings tried on stretches of the recordings that were held out, each in turn."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

from asl_core.cross_fit import cross_fit
from asl_core.datasets.dataset import Dataset
from asl_core.datasets.splits import frame_folds
from asl_core.decisions import apply_decisions
from asl_core.errors import DamagedRunError, DatasetError, RunError
from asl_core.evaluation import Score
from asl_core.files import write_json
from asl_core.progress import OnShare
from asl_core.runs import Run

FRAME_BLOCKS = "frame_blocks"
"""Name of this work while a worker does it (see `asl_core.errand`)."""

FRAME_BLOCKS_FILE = f"{FRAME_BLOCKS}.json"
"""Beside the files of a run: made on demand, and not part of what its manifest lists."""


@dataclass(frozen=True)
class FrameBlocks:
    """A run's settings tried on blocks of frames, each held out in turn.

    Attributes:
        folds: score of each network on the block that it has not seen.
    """

    folds: tuple[Score, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Accuracy on each block, 0 to 1."""
        return tuple(fold.accuracy for fold in self.folds)

    @property
    def median(self) -> float:
        """Median accuracy of the blocks, 0 to 1."""
        return median(self.accuracies)


def frame_blocks(
    run: Run,
    dataset: Dataset,
    on_progress: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> FrameBlocks:
    """Train five networks with a run's settings, each on all blocks of frames but one.

    The result is kept in the run's folder, and read from there the next time. Loads TensorFlow
    otherwise: for a worker.

    Args:
        run: whose settings are tried.
        dataset: the run's photos, all of them; what was decided about them when it was trained
            counts here too.
        on_progress: told the share that is done.
        should_stop: asked often; True ends it with a `TrainingError`.

    Raises:
        DatasetError: the dataset is not the run's, or its files have no frame numbers.
        TrainingError: it was stopped, or a training diverged.
        RunError: the run's folder can't be written.
    """
    kept = kept_frame_blocks(run)
    if kept:
        return kept
    check_photos(run, dataset)
    decided = [
        apply_decisions(run.results.decisions, dataset, fold) for fold in frame_folds(dataset)
    ]
    dataset, folds = decided[0][0], [fold for _, fold in decided]
    answers = cross_fit(dataset, folds, run.spec.config, on_progress, should_stop).argmax(axis=1)
    right = answers == dataset.labels
    blocks = FrameBlocks(tuple(Score(int(right[f.test].sum()), len(f.test)) for f in folds))
    _keep(run, blocks)
    return blocks


def _keep(run: Run, blocks: FrameBlocks) -> None:
    try:
        write_json(run.folder / FRAME_BLOCKS_FILE, asdict(blocks))
    except OSError as error:
        raise RunError(
            f"The accuracy across frame blocks is {blocks.median:.3f} (median), but {run.folder} "
            f"can't be written to keep it: {error.strerror}."
        ) from error


def kept_frame_blocks(run: Run) -> FrameBlocks | None:
    """What `frame_blocks` has found for this run before; None if it was not asked yet.

    Raises:
        DamagedRunError: the file was changed by others.
    """
    path = run.folder / FRAME_BLOCKS_FILE
    if not path.exists():
        return None
    try:
        return FrameBlocks(tuple(Score(**fold) for fold in json.loads(path.read_text())["folds"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedRunError(f"{path} is damaged ({error}). Delete it and ask again.") from error


def check_photos(run: Run, dataset: Dataset) -> None:
    """Make sure that these are the photos that a run was trained and tested on.

    Raises:
        DatasetError: they are others.
    """
    if dataset.fingerprint != run.results.fingerprint:
        raise DatasetError(
            f"{dataset.folder} does not hold the photos that run {run.id} was trained on (they "
            f"were in {run.spec.data}). Give that folder, and this one with --also."
        )
