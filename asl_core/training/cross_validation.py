"""Answers for every image of a set by a network that has not seen it. Runs in a worker."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from asl_core.config import TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.splits import Split
from asl_core.errors import TrainingError
from asl_core.progress import OnShare
from asl_core.settings import MAX_TRAINING_SECONDS


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
        TrainingError: it was stopped, it took too long, or a training diverged.
    """
    from asl_core.training.engine import predict
    from asl_core.training.fit import fit

    ends = time.monotonic() + time_limit
    tell = on_progress or (lambda share: None)
    probabilities = np.full((len(dataset), len(dataset.classes)), np.nan, np.float32)
    for done, fold in enumerate(folds):
        fitted = fit(
            dataset,
            fold,
            config,
            on_progress=lambda progress, done=done: tell(
                (done + progress.fraction_done) / len(folds)
            ),  # type: ignore[misc]
            should_stop=should_stop,
            time_limit=ends - time.monotonic(),
        )
        if fitted.stop_reason in ("stop", "time limit"):
            why = (
                "Stopped"
                if fitted.stop_reason == "stop"
                else f"{time_limit / 60:.0f} minutes are over"
            )
            raise TrainingError(
                f"{why}: {done} of {len(folds)} networks are trained, and all are needed."
            )
        probabilities[fold.test] = predict(fitted.model, dataset.images[fold.test])
    return probabilities
