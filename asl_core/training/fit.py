"""Fits a model. Knows nothing of jobs, runs or pages: it reports, and asks whether to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from asl_core.config import TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.splits import Split, train_validation_split
from asl_core.errors import TrainingError
from asl_core.progress import Progress, StopReason
from asl_core.training.augmentation import augment
from asl_core.training.checkpoint import Best, Checkpoint
from asl_core.training.engine import engine, one_at_a_time
from asl_core.training.fitted import Fitted
from asl_core.training.inputs import examples, for_network, with_input
from asl_core.training.learning_rate import learning_rates, n_batches
from asl_core.training.watched import Watched, knows_test

POINTS_PER_EPOCH = 10
"""Points of the live curve within an epoch."""

CHECKPOINT_SECONDS = 1.0
"""Least time between two checkpoints."""

OnProgress = Callable[[Progress], None]
OnCheckpoint = Callable[[Checkpoint], None]
ShouldStop = Callable[[], bool]


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
    """Train a network on the training part of a split.

    The same arguments on the same machine give identical weights: those of plain Keras that starts
    from the same seed and gets the images in the order of `epoch_order`.

    Args:
        dataset: the images; the network gets of them what the config says (see `for_network`).
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
    with one_at_a_time:  # they share the graphs
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
        self.config, self.callbacks = config, callbacks
        dataset = for_network(dataset, config, should_stop=callbacks.should_stop)
        train, self.validation = train_validation_split(dataset, split, config)
        self.train, self.n_classes = with_input(dataset, train), len(dataset.classes)
        self.images, self.labels, self.counts = examples(dataset, self.train, config)
        watch_test = watch_test and knows_test(checkpoint)
        self.watched = Watched.of(dataset, split, self.validation, watch_test)
        self.rates = learning_rates(config, len(self.labels))
        self.batches = n_batches(config, len(self.labels))
        self.engine = engine(config.architecture, self.n_classes, config.optimizer)
        self.held = None if config.augmentation else self._hold(self.images)
        self.progress = Progress(config.epochs, self.batches)
        self.best = Best(0, float("inf"), [])
        self.stop_reason: StopReason = "all epochs"
        self.seconds_before = 0.0
        if checkpoint:
            self.progress, self.best = checkpoint.progress, checkpoint.best
            steps = self.progress.epoch * self.batches
            self.engine.restore(config, checkpoint.weights, checkpoint.optimizer, steps)
            self.seconds_before = checkpoint.seconds
        else:
            self.engine.start(config)
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
        return Fitted(
            config=self.config,
            n_classes=self.n_classes,
            weights=self.best.weights if keep_best else self.engine.weights(),
            optimizer=self.engine.optimizer_state(),
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
        held = self._held_in(epoch)
        order = epoch_order(self.config, epoch, len(self.labels))
        rates = self.rates[epoch * self.batches :][: self.batches]
        stride = max(1, self.batches // POINTS_PER_EPOCH)
        loss_sum = n_right = n_seen = 0.0
        for first in range(0, self.batches, stride):
            chunk = order[first * size : (first + stride) * size]
            loss, right = self.engine.learn(held, chunk, rates[first : first + stride], size)
            loss_sum, n_right = loss_sum + loss, n_right + right
            n_seen += len(chunk)
            if not isfinite(loss_sum):
                raise TrainingError(
                    "The training diverged: its loss is no longer a number. "
                    "Lower the learning rate."
                )
            batch = min(first + stride, self.batches)
            self._report(self.progress.after_batch(batch, loss / len(chunk), right / len(chunk)))
            if self._must_end():
                break
        self._end_epoch({"loss": loss_sum / n_seen, "accuracy": n_right / n_seen})

    def _held_in(self, epoch: int) -> Any:
        """What an epoch learns from, as the engine holds it."""
        if self.held is not None:
            return self.held
        rng = augmentation_rng(self.config, epoch)
        changed = augment(self.images, self.config.augmentation, rng)
        return self._hold(changed)

    def _hold(self, images: np.ndarray) -> Any:
        return self.engine.hold(images, self.labels, self.counts)

    def _end_epoch(self, means: dict[str, float]) -> None:
        means |= self.watched.look(self.engine)
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
