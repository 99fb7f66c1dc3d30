"""Answers for every image of a set by a network that has not seen it. Runs in a worker."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from asl_core.config import TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.splits import Split
from asl_core.errors import StoppedError, TrainingError
from asl_core.progress import OnShare, part
from asl_core.settings import MAX_TRAINING_SECONDS
from asl_core.training.checkpoint import Checkpoint
from asl_core.training.inputs import for_network


def cross_val_predict(
    dataset: Dataset,
    folds: Sequence[Split],
    config: TrainConfig,
    on_progress: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
    time_limit: float = MAX_TRAINING_SECONDS,
) -> np.ndarray:
    """Train a network on each fold, and let it answer on what was held out.

    Loads TensorFlow when it is called.

    Args:
        dataset: the images.
        folds: whose test parts together are the whole dataset (`frame_folds`, `random_folds`), but
            for images that were excluded.
        config: of each training.
        on_progress: told the share that is done, several times an epoch.
        should_stop: asked as often.
        time_limit: seconds for all of them.

    Returns:
        float32 (n, classes), out-of-sample probabilities in the dataset's order; NaN for
        images that no fold tests.

    Raises:
        StoppedError, TrainingError: as `fit_predict`.
    """
    ends, tell = time.monotonic() + time_limit, on_progress or (lambda share: None)
    probabilities = np.full((len(dataset), len(dataset.classes)), np.nan, np.float32)
    for done, fold in enumerate(folds):
        share = part(tell, done / len(folds), (done + 1) / len(folds))
        left = ends - time.monotonic()
        probabilities[fold.test] = fit_predict(
            dataset, fold, config, share, should_stop, time_limit=left
        )
    return probabilities


def fit_predict(
    dataset: Dataset,
    split: Split,
    config: TrainConfig,
    on_progress: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoint_file: Path | None = None,
    time_limit: float = MAX_TRAINING_SECONDS,
) -> np.ndarray:
    """Train a network to its end, and let it answer on the test images of its split.

    Loads TensorFlow when it is called.

    Args:
        dataset: the images.
        split: of them.
        config: of the training.
        on_progress: told the share that is done, several times an epoch.
        should_stop: asked as often.
        checkpoint_file: where the state of the training is kept, to go on from when the same is
            asked for again; None: nowhere.
        time_limit: seconds for it.

    Returns:
        float32 (len(split.test), classes), probabilities.

    Raises:
        StoppedError: it was stopped.
        TrainingError: it took too long, or diverged.
    """
    from asl_core.training.fit import fit

    dataset = for_network(dataset, config, should_stop=should_stop)
    tell = on_progress or (lambda share: None)

    def keep(state: Checkpoint) -> None:
        if checkpoint_file:
            state.save(checkpoint_file)

    fitted = fit(
        dataset,
        split,
        config,
        on_progress=lambda progress: tell(progress.fraction_done),
        should_stop=should_stop,
        on_checkpoint=keep,
        checkpoint=Checkpoint.load(checkpoint_file) if checkpoint_file else None,
        time_limit=time_limit,
    )
    if fitted.stop_reason == "stop":
        raise StoppedError("The training was stopped.")
    if fitted.stop_reason == "time limit":
        raise TrainingError("The training took longer than it may. Try fewer epochs or filters.")
    return fitted.predict(dataset.images[split.test])
