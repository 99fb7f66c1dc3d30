"""What takes the steps of a training: one of two engines, behind the same few methods.

Networks like the mission's are trained by a compiled loop (`fused`), which needs no
TensorFlow; all others by Keras (`keras_engine`, and `landmark_engine` for key points of hands).
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from asl_core.config import Architecture, OptimizerName, TrainConfig
from asl_core.training.architecture import POOLS, multiply_adds

KEPT_ENGINES = 8

one_at_a_time = threading.Lock()
"""Held by whoever uses an engine, since trainings share them."""

_FUSED_POOLS = (4, 4)
_FUSED_KERNEL = 5

_FUSED_WORK = 1_300
"""Multiplications for a pixel in the largest network that it takes: with 10 and 30 filters it needs
0.7 of TensorFlow's time on one thread, with 16 and 16 as much, with 16 and 48 more."""


class Engine(Protocol):
    """A network whose weights and optimizer can be set, with all that a step needs."""

    def start(self, config: TrainConfig) -> None:
        """Begin with the first weights of the config's seed, and a new optimizer."""

    def restore(
        self,
        config: TrainConfig,
        weights: Sequence[np.ndarray],
        optimizer: Sequence[np.ndarray],
        steps: int,
    ) -> None:
        """Go on from a state that `weights` and `optimizer_state` gave after so many steps."""

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Take over weights, in Keras's order, and leave the optimizer as it is."""

    def weights(self) -> list[np.ndarray]:
        """Weights of the network, in Keras's order, as copies."""

    def optimizer_state(self) -> list[np.ndarray]:
        """Variables of the optimizer, in Keras's order, as copies."""

    def hold(
        self, images: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None
    ) -> Any:
        """Images to learn from, as `learn` wants them.

        Args:
            images: uint8 (n, size, size, 3).
            labels: int64 (n,).
            weights: float32 (n,), above 0, what the loss of each image is multiplied by; None: 1.
        """

    def learn(
        self, held: Any, order: np.ndarray, rates: np.ndarray, batch_size: int
    ) -> tuple[float, float]:
        """Take one step of the optimizer per batch.

        Args:
            held: what `hold` gave.
            order: int64 (m,), images to learn from, a batch after another.
            rates: float32 (steps,), learning rate of each step.
            batch_size: images per step; the last one takes the rest.

        Returns:
            Sum of the weighted losses of the m images, and how many of them were right, each before
            the step that learns from it.
        """

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), of images, uint8 (n, size, size, 3), n above 0."""


@lru_cache(KEPT_ENGINES)
def engine(architecture: Architecture, n_classes: int, optimizer: OptimizerName) -> Engine:
    """The engine of an architecture, which all trainings of this process share in turn."""
    if architecture.features == "landmarks":
        from asl_core.training.landmark_engine import LandmarkEngine

        return LandmarkEngine(architecture, n_classes, optimizer)
    if is_fused(architecture):
        from asl_core.training.fused import FusedEngine

        return FusedEngine(architecture, n_classes, optimizer)
    from asl_core.training.keras_engine import KerasEngine

    return KerasEngine(architecture, n_classes, optimizer)


def is_fused(architecture: Architecture) -> bool:
    """Whether the compiled loop trains such a network: a plain one in which it is faster. It always
    does or never, since the two engines differ in the last digits, and a training comes to the same
    weights again."""
    if architecture.features == "landmarks":
        return False
    plain = not architecture.dropout and not architecture.batch_norm
    pools = POOLS[len(architecture.filters)]
    small = multiply_adds(architecture, 0) <= _FUSED_WORK * architecture.image_size**2
    known = architecture.kernel_size == _FUSED_KERNEL and pools == _FUSED_POOLS
    return plain and small and known
