"""Fits a model. Knows nothing of jobs, runs or pages: it reports, and asks whether to stop."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite

import keras
import numpy as np
import tensorflow as tf

from asl_core.config import TrainConfig
from asl_core.data.dataset import Dataset, one_hot
from asl_core.data.folder import at_size
from asl_core.data.splits import Split, train_validation_split
from asl_core.errors import TrainingError
from asl_core.progress import History, Progress, StopReason
from asl_core.training.augmentation import augment
from asl_core.training.checkpoint import Best, Checkpoint
from asl_core.training.engine import engine
from asl_core.training.learning_rate import learning_rates, n_batches
from asl_core.training.model import build_cnn
from asl_core.training.watched import Watched, knows_test

POINTS_PER_EPOCH = 10
"""Points of the live curve within an epoch."""

CHECKPOINT_SECONDS = 1.0
"""Least time between two checkpoints."""

"""Why a training was over."""

OnProgress = Callable[[Progress], None]
OnCheckpoint = Callable[[Checkpoint], None]
ShouldStop = Callable[[], bool]

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a training gives.

    Attributes:
        model: the trained Keras model, compiled, with its optimizer as the training left it.
        history: means of each epoch (see `History`); the last ones are of a part of an epoch if
            the training was stopped in it.
        stop_reason: why it was over. All but `all epochs` give the best weights so far.
        best_epoch: the epoch whose weights are kept, from 1.
        train: int64 (n,), indices of the images that were learned from.
        validation: int64 (m,), those that were put aside.
        seconds: time of the fit alone, also of what was done before an interruption.
    """

    model: keras.Sequential
    history: History
    stop_reason: StopReason
    best_epoch: int
    train: np.ndarray
    validation: np.ndarray
    seconds: float


def fit(
    dataset: Dataset,
    split: Split,
    config: TrainConfig,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    *,
    on_checkpoint: OnCheckpoint | None = None,
    checkpoint: Checkpoint | None = None,
    time_limit: float | None = None,
    watch_test: bool = False,
) -> Fitted:
    """Train the mission's CNN on the training part of a split.

    The same arguments on the same machine give identical weights: those of plain Keras that starts
    from the same seed and gets the images in the order of `epoch_order`.

    Args:
        dataset: the images; the network gets them in the size of the config.
        split: which of them to train on.
        config: the settings.
        on_progress: called about ten times an epoch.
        should_stop: asked as often; True ends the training with the best weights so far.
        on_checkpoint: called at the end of an epoch, at most once a second.
        checkpoint: state of the same training to go on from.
        time_limit: seconds after which the training ends with the best weights so far.
        watch_test: whether `test_loss` and `test_accuracy` are in the history, if no validation
            images are put aside. Nothing is chosen by them; they cost the test images' way forward
            once an epoch.

    Returns:
        The model with its history.

    Raises:
        TrainingError: the training diverged.
    """
    callbacks = _Callbacks(
        on_progress or (lambda progress: None),
        on_checkpoint or (lambda checkpoint: None),
        should_stop or (lambda: False),
        time_limit or float("inf"),
    )
    with _one_at_a_time:  # they share the graphs
        return _Training(dataset, split, config, callbacks, checkpoint, watch_test).run()


def epoch_order(config: TrainConfig, epoch: int, n_images: int) -> np.ndarray:
    """The order in which an epoch takes its images, int64 (n_images,); epochs count from 0."""
    return np.random.default_rng([config.seed, epoch]).permutation(n_images)


def augmentation_rng(config: TrainConfig, epoch: int) -> np.random.Generator:
    """The source of chance of an epoch's augmentation; epochs count from 0."""
    return np.random.default_rng([config.seed, epoch, 1])


@dataclass(frozen=True)
class _Callbacks:
    """What a fit tells, and asks (see `fit`)."""

    on_progress: OnProgress
    on_checkpoint: OnCheckpoint
    should_stop: ShouldStop
    time_limit: float


class _Training:
    """A fit under way."""

    def __init__(
        self,
        dataset: Dataset,
        split: Split,
        config: TrainConfig,
        callbacks: _Callbacks,
        checkpoint: Checkpoint | None,
        watch_test: bool,
    ) -> None:
        tf.config.experimental.enable_op_determinism()
        self.config, self.callbacks = config, callbacks
        dataset = at_size(dataset, config.image_size)
        self.train, self.validation = train_validation_split(dataset, split, config)
        self.images = np.asarray(dataset.images[self.train])
        self.labels = tf.constant(one_hot(dataset.labels[self.train], len(dataset.classes)))
        self.unchanged = None if config.augmentation else tf.constant(self.images)
        watch_test = watch_test and knows_test(checkpoint)
        self.watched = Watched.of(dataset, split, self.validation, watch_test)
        self.rates = learning_rates(config, len(self.train))
        self.batches = n_batches(config, len(self.train))
        self.model = build_cnn(config, len(dataset.classes))
        self.engine = engine(config.architecture, len(dataset.classes), config.optimizer)
        self.progress = Progress(config.epochs, self.batches)
        self.best = Best(0, float("inf"), [])
        self.stop_reason: StopReason = "all epochs"
        self.seconds_before = 0.0
        if checkpoint:
            self.engine.restore(checkpoint.weights, checkpoint.optimizer)
            self.progress, self.best = checkpoint.progress, checkpoint.best
            self.seconds_before = checkpoint.seconds
        else:
            self.engine.start(self.model.get_weights())
        self.engine.draw_dropout_as(self.model, self.progress.epoch * self.batches)
        self.started = self.saved = time.perf_counter()
        self.pace = _Pace()

    @property
    def seconds(self) -> float:
        """Time of the fit so far."""
        return self.seconds_before + time.perf_counter() - self.started

    def run(self) -> Fitted:
        """Learn until the end."""
        while self.stop_reason == "all epochs" and self.progress.epoch < self.config.epochs:
            self._learn_epoch()
            self._keep_checkpoint()
        kept = self.progress.epoch
        keep_best = self.stop_reason != "all epochs" or self.config.patience > 0
        self.model.set_weights(self.best.weights if keep_best else self.engine.weights())
        self.model.optimizer.build(self.model.trainable_variables)
        for variable, value in zip(
            self.model.optimizer.variables, self.engine.optimizer_state(), strict=True
        ):
            variable.assign(value)
        return Fitted(
            model=self.model,
            history=self.progress.history,
            stop_reason=self.stop_reason,
            best_epoch=self.best.epoch if keep_best else kept,
            train=self.train,
            validation=self.validation,
            seconds=self.seconds,
        )

    def _learn_epoch(self) -> None:
        """One epoch, in a few graph calls; less of one if somebody asks for the end."""
        epoch, size = self.progress.epoch, self.config.batch_size
        images = self._images_of(epoch)
        order = epoch_order(self.config, epoch, len(self.train)).astype(np.int32)
        rates = self.rates[epoch * self.batches :][: self.batches]
        stride = max(1, self.batches // POINTS_PER_EPOCH)
        loss_sum = n_right = n_seen = 0.0
        for first in range(0, self.batches, stride):
            chunk = order[first * size : (first + stride) * size]
            loss, right = self.engine.learn(
                images, self.labels, chunk, rates[first : first + stride], size
            )
            loss_sum, n_right = loss_sum + float(loss), n_right + float(right)
            n_seen += len(chunk)
            if not isfinite(loss_sum):
                raise TrainingError(
                    "The training diverged: its loss is no longer a number. "
                    "Lower the learning rate."
                )
            batch = min(first + stride, self.batches)
            self._report(
                self.progress.after_batch(
                    batch, float(loss) / len(chunk), float(right) / len(chunk)
                )
            )
            if self._must_end():
                break
        self._end_epoch({"loss": loss_sum / n_seen, "accuracy": n_right / n_seen})

    def _images_of(self, epoch: int) -> tf.Tensor:
        """uint8 (n, size, size, 3), what an epoch learns from."""
        if self.unchanged is not None:
            return self.unchanged
        rng = augmentation_rng(self.config, epoch)
        return tf.constant(augment(self.images, self.config.augmentation, rng))

    def _end_epoch(self, means: dict[str, float]) -> None:
        means |= self.watched.look(self.engine.model)
        self._report(self.progress.after_epoch(means))
        score = means.get("val_loss", means["loss"])
        if score < self.best.score:
            self.best = Best(self.progress.epoch, score, self.engine.weights())
        waited = self.progress.epoch - self.best.epoch
        if self.stop_reason == "all epochs" and 0 < self.config.patience <= waited:
            self.stop_reason = "early stopping"

    def _must_end(self) -> bool:
        if self.progress.fraction_done >= 1:
            return False
        if self.callbacks.should_stop():
            self.stop_reason = "stop"
        elif self.seconds > self.callbacks.time_limit:
            self.stop_reason = "time limit"
        return self.stop_reason != "all epochs"

    def _report(self, progress: Progress) -> None:
        self.progress = replace(progress, seconds_left=self.pace.left(progress.fraction_done))
        self.callbacks.on_progress(self.progress)

    def _keep_checkpoint(self) -> None:
        """Not after a stop within an epoch: from there another training would go on."""
        now = time.perf_counter()
        if self.stop_reason == "all epochs" and now - self.saved >= CHECKPOINT_SECONDS:
            self.saved = now
            self.callbacks.on_checkpoint(
                Checkpoint(
                    self.progress,
                    self.engine.weights(),
                    self.engine.optimizer_state(),
                    self.best,
                    self.seconds,
                )
            )


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
