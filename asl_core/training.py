"""Fits a model. Knows nothing of jobs, runs or pages: it reports, and asks whether to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import keras
import numpy as np
import tensorflow as tf

from asl_core.config import TrainConfig
from asl_core.datasets.dataset import Dataset, one_hot
from asl_core.datasets.splits import Split
from asl_core.model import build_cnn
from asl_core.progress import History, Progress

POINTS_PER_EPOCH = 10
"""Points of the live curve within an epoch."""

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a training gives.

    Attributes:
        model: the trained Keras model.
        history: `loss` and `accuracy` of each epoch, on the training images as they were learnt;
            the last one is of a part of an epoch if the training was stopped in it.
        stopped: whether it was stopped before its last epoch was done.
        seconds: time of the fit alone.
    """

    model: keras.Sequential
    history: History
    stopped: bool
    seconds: float


def fit(
    dataset: Dataset,
    split: Split,
    config: TrainConfig,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Fitted:
    """Train the mission's CNN on the training part of a split.

    The same arguments on the same machine give identical weights.

    Args:
        dataset: photos, uint8 (n, 50, 50, 3).
        split: which of them to train on.
        config: the settings.
        on_progress: called about ten times an epoch.
        should_stop: asked as often; True ends the training with the weights it has.

    Returns:
        The model with its history.
    """
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    model = build_cnn(config, len(dataset.classes))
    images = np.asarray(dataset.images[split.train])
    labels = one_hot(dataset.labels[split.train], len(dataset.classes))
    reporter = _Reporter(config, len(images), on_progress, should_stop)
    started = time.perf_counter()
    model.fit(
        images,
        labels,
        batch_size=config.batch_size,
        epochs=config.epochs,
        verbose=0,
        callbacks=[reporter],
    )
    return Fitted(model, reporter.progress.history, reporter.stopped, time.perf_counter() - started)


class _Reporter(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Turns Keras's batches into `Progress`, and a wish to stop into an early end."""

    def __init__(
        self,
        config: TrainConfig,
        n_images: int,
        on_progress: OnProgress | None,
        should_stop: ShouldStop | None,
    ) -> None:
        super().__init__()
        self.progress = Progress(config.epochs, batches=-(-n_images // config.batch_size))
        self.stopped = False
        self._batch_size, self._n_images = config.batch_size, n_images
        self._stride = max(1, self.progress.batches // POINTS_PER_EPOCH)
        self._pace = _Pace()
        self._on_progress = on_progress or (lambda progress: None)
        self._should_stop = should_stop or (lambda: False)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        done = batch + 1
        if done % self._stride and done != self.progress.batches:
            return
        samples = min(done * self._batch_size, self._n_images)
        self._report(self.progress.after_batch(done, samples, logs or {}))
        if self._should_stop():
            self.stopped = self.progress.done_share < 1
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._report(self.progress.after_epoch(epoch + 1, logs or {}))

    def _report(self, progress: Progress) -> None:
        self.progress = replace(progress, seconds_left=self._pace.left(progress.done_share))
        self._on_progress(self.progress)


class _Pace:
    """Estimates the time left; starts to count at the first report, since tracing is over then."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None

    def left(self, share: float) -> float | None:
        now = time.perf_counter()
        if self._first is None:
            self._first = (now, share)
            return None
        started, first_share = self._first
        return (now - started) / max(share - first_share, 1e-9) * (1 - share)
