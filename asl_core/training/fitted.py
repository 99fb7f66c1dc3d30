"""What a training gives: weights that answer at once, and a Keras model for those who want one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from asl_core.config import TrainConfig
from asl_core.progress import History, StopReason
from asl_core.training.engine import engine, one_at_a_time

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a training gives.

    Attributes:
        config: its settings.
        n_classes: outputs of the network.
        weights: arrays in Keras's order.
        optimizer: variables of the optimizer as the training left it, in Keras's order.
        history: means of each epoch (see `History`); the last ones are of a part of an epoch if
            the training was stopped in it.
        stop_reason: why it was over. All but `all epochs` give the best weights so far.
        best_epoch: the epoch whose weights are kept, from 1.
        train: int64 (n,), indices of the images that were learned from.
        validation: int64 (m,), those that were put aside.
        seconds: time of the fit alone, also of what was done before an interruption.
    """

    config: TrainConfig
    n_classes: int
    weights: Sequence[np.ndarray]
    optimizer: Sequence[np.ndarray]
    history: History
    stop_reason: StopReason
    best_epoch: int
    train: np.ndarray
    validation: np.ndarray
    seconds: float

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), of `images` of `for_network`, n above 0; NaN where
        no hand was found."""
        with one_at_a_time:
            its = engine(self.config.architecture, self.n_classes, self.config.optimizer)
            its.set_weights(self.weights)
            return its.predict(images)

    @cached_property
    def model(self) -> "keras.Sequential":
        """The trained Keras model, compiled, with its optimizer. Loads TensorFlow."""
        from asl_core.training.model import build_network

        model = build_network(self.config, self.n_classes)
        model.set_weights(self.weights)
        model.optimizer.build(model.trainable_variables)
        for variable, value in zip(model.optimizer.variables, self.optimizer, strict=True):
            variable.assign(value)
        return model
