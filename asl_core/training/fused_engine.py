"""An engine of the compiled loop (`fused`), which speaks of weights as Keras does."""

from collections.abc import Sequence
from math import prod

import numpy as np

from asl_core.config import Architecture, OptimizerName, TrainConfig
from asl_core.training.first_weights import first_weights
from asl_core.training.fused import (
    ADAM,
    BETA_1,
    BETA_2,
    ONLY_ANSWER,
    RMSPROP,
    SGD,
    run,
)
from asl_core.training.fused_memory import new_net, weight_shapes

_OPTIMIZERS: dict[OptimizerName, int] = {"rmsprop": RMSPROP, "adam": ADAM, "sgd": SGD}


class FusedEngine:
    """See `Engine`. It knows networks for which `is_fused` holds.

    Args:
        architecture: of the network.
        n_classes: outputs.
        optimizer: its name.
    """

    def __init__(
        self, architecture: Architecture, n_classes: int, optimizer: OptimizerName
    ) -> None:
        self.optimizer = optimizer
        self.shapes = weight_shapes(architecture, n_classes)
        self.net = new_net(architecture, n_classes)
        self.steps, self.rate = 0, np.float32(0)

    def start(self, config: TrainConfig) -> None:
        """Begin with the first weights of a seed."""
        self.set_weights(first_weights(config, self.shapes))
        self.net.momentum[:] = self.net.velocity[:] = 0
        self.steps, self.rate = 0, np.float32(config.rate)

    def restore(
        self,
        config: TrainConfig,
        weights: Sequence[np.ndarray],
        optimizer: Sequence[np.ndarray],
        steps: int,
    ) -> None:
        """Go on from a state that `weights` and `optimizer_state` gave."""
        self.start(config)
        self.set_weights(weights)
        self.steps, self.rate = int(optimizer[0]), np.float32(optimizer[1])
        remembered = [np.ravel(part) for part in optimizer[2:]]
        if self.optimizer == "rmsprop":
            self.net.velocity[:] = np.concatenate(remembered)
        elif self.optimizer == "adam":
            self.net.momentum[:] = np.concatenate(remembered[::2])
            self.net.velocity[:] = np.concatenate(remembered[1::2])

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Weights of the network, in Keras's order."""
        self.net.weights[:] = np.concatenate([np.ravel(weight) for weight in weights])

    def weights(self) -> list[np.ndarray]:
        """Weights of the network, in Keras's order."""
        return self._split(self.net.weights)

    def optimizer_state(self) -> list[np.ndarray]:
        """Variables of the optimizer, in Keras's order."""
        state = [np.array(self.steps), np.array(self.rate)]
        momenta, velocities = self._split(self.net.momentum), self._split(self.net.velocity)
        if self.optimizer == "rmsprop":
            state += velocities
        elif self.optimizer == "adam":
            state += [part for pair in zip(momenta, velocities, strict=True) for part in pair]
        return state

    def gradients(self) -> list[np.ndarray]:
        """Those of the last step, in the order of the weights."""
        return self._split(self.net.memory[self.net.gradient_at] * self.net.scales)

    def hold(self, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Images to learn from, with their labels."""
        return np.ascontiguousarray(images).reshape(-1), np.asarray(labels, np.int64)

    def learn(
        self,
        held: tuple[np.ndarray, np.ndarray],
        order: np.ndarray,
        rates: np.ndarray,
        batch_size: int,
    ) -> tuple[float, int]:
        """Take one step of the optimizer per batch."""
        images, labels = held
        steps = self.steps + np.arange(1, len(rates) + 1, dtype=np.float32)
        self.steps, self.rate = self.steps + len(rates), rates[-1]
        if self.optimizer == "adam":  # its estimates are too small at first
            rates = rates * np.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps)
        optimizer = _OPTIMIZERS[self.optimizer]
        rates, order = rates.astype(np.float32), order.astype(np.int64)
        logits = run(self.net, images, labels, order, rates, batch_size, optimizer)
        loss = -_log_softmax(logits)[np.arange(len(order)), labels[order]].sum(dtype=float)
        return float(loss), int((logits.argmax(axis=1) == labels[order]).sum())

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes)."""
        held, n = self.hold(images, np.zeros(0)), len(images)
        logits = run(self.net, *held, np.arange(n), np.zeros(1, np.float32), n, ONLY_ANSWER)
        probabilities: np.ndarray = np.exp(_log_softmax(logits))
        return probabilities

    def _split(self, values: np.ndarray) -> list[np.ndarray]:
        ends = np.cumsum([prod(shape) for shape in self.shapes])[:-1]
        parts = zip(np.split(values.copy(), ends), self.shapes, strict=True)
        return [part.reshape(shape) for part, shape in parts]


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    found: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found
