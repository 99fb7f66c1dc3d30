"""Steps of a training on landmarks (see `asl_core.training.keras_engine`)."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from asl_core.config import TrainConfig
from asl_core.landmarks.features import N_FEATURES
from asl_core.landmarks.network import STANDARDIZE, standardization
from asl_core.training.inputs import has_input
from asl_core.training.keras_engine import KerasEngine

_BATCH = 4096
"""Readings of hands that are answered at a time."""


class LandmarkEngine(KerasEngine):
    """See `Engine`: images are readings of hands, float32 (n, 295), where it learns from them, and
    float32 (n, views, 295), NaN without a hand, where it answers."""

    _images = tf.TensorSpec([None, N_FEATURES], tf.float32)
    _standardization: Sequence[np.ndarray] = ()

    def start(self, config: TrainConfig) -> None:
        """Begin with the first weights of the config's seed; what is held tells the scale."""
        super().start(config)
        self.model.get_layer(STANDARDIZE).set_weights(self._standardization)

    def hold(
        self, images: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Readings to learn from, with their labels and weights."""
        self._standardization = standardization(images)
        return super().hold(images, labels, weights)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), means over the views; NaN without a hand."""
        n, views = images.shape[:2]
        probabilities = np.full((n, self.n_classes), np.nan, np.float32)
        there = has_input(images)
        flat = images[there].reshape(-1, N_FEATURES)
        said = [
            self.model(flat[start : start + _BATCH], training=False).numpy()
            for start in range(0, len(flat), _BATCH)
        ]
        if said:
            each = np.concatenate(said).reshape(-1, views, self.n_classes)
            probabilities[there] = each.mean(axis=1)
        return probabilities
