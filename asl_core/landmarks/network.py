"""The network that reads key points: one hidden layer, with all that it needs inside. Keras."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from asl_core.landmarks.features import N_FEATURES

MAX_DEVIATION = 6.0
"""Where a feature is cut off, in standard deviations of the training images."""


@dataclass(frozen=True)
class NetworkConfig:
    """Settings of a network on key points.

    Attributes:
        hidden: units of the hidden layer.
        dropout: share of them that is left out of each step.
        epochs: passes over the training examples.
        batch_size: examples of a step.
        learning_rate: of Adam at the first step; it anneals to 0 along a cosine.
        seed: of first weights, order and dropout.
    """

    hidden: int = 192
    dropout: float = 0.3
    epochs: int = 4
    batch_size: int = 64
    learning_rate: float = 1e-3
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Examples:
    """What a network learns from.

    Attributes:
        features: float32 (n, 295).
        labels: int64 (n,).
        weights: float32 (n,), how much each counts.
    """

    features: np.ndarray
    labels: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def joined(cls, parts: "list[Examples]") -> "Examples":
        """All examples of several."""
        return cls(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.labels for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )


def of_person(features: np.ndarray, labels: np.ndarray) -> Examples:
    """Examples of one person's images, so weighted that many images of one count less each.

    Args:
        features: float32 (n, views, 295), of images that show a hand.
        labels: int64 (n,).

    Returns:
        n * views examples; the weights of an image add up to 1 / sqrt(n).
    """
    n, views = features.shape[:2]
    each = 1 / (views * max(n, 1) ** 0.5)
    return Examples(
        features.reshape(n * views, -1),
        np.repeat(labels, views),
        np.full(n * views, each, np.float32),
    )


STANDARDIZE, HIDDEN = "standardize", "hidden"
"""Names of layers."""

_LEAST_VARIANCE = 1e-6
"""Added to the variance of each feature."""


def standardization(features: np.ndarray) -> list[np.ndarray]:
    """The weights of the layer `STANDARDIZE` for training examples, float32 (n, 295).

    Returns:
        What becomes 0, `MAX_DEVIATION` deviations below the mean, so that a ReLU with a ceiling
        cuts both ends, a layer that every converter knows; and the variance.
    """
    mean, variance = features.mean(axis=0, dtype=float), features.var(axis=0, dtype=float)
    lowest = mean - MAX_DEVIATION * np.sqrt(variance + _LEAST_VARIANCE)
    return [lowest.astype(np.float32), variance.astype(np.float32)]


def build(
    n_classes: int, config: NetworkConfig, scale: Sequence[np.ndarray] = ()
) -> keras.Sequential:
    """An untrained network that standardizes and cuts off its own input.

    Args:
        n_classes: classes.
        config: its settings.
        scale: of `standardization`; empty: to be set later.

    Returns:
        A model from float32 (n, 295) to probabilities, float32 (n, classes).
    """
    layers, first = keras.layers, keras.initializers.GlorotUniform
    model = keras.Sequential(
        [
            layers.Input((N_FEATURES,), name="landmarks"),
            layers.BatchNormalization(
                center=False,
                scale=False,
                epsilon=_LEAST_VARIANCE,
                trainable=False,
                name=STANDARDIZE,
            ),
            layers.ReLU(max_value=2 * MAX_DEVIATION, name="clip"),
            layers.Rescaling(1.0, offset=-MAX_DEVIATION, name="center"),
            layers.Dense(config.hidden, "relu", kernel_initializer=first(config.seed), name=HIDDEN),
            layers.Dropout(config.dropout, seed=config.seed, name="dropout"),
            layers.Dense(
                n_classes, "softmax", kernel_initializer=first(config.seed + 1), name="letter"
            ),
        ],
        name="asl_landmarks",
    )
    if scale:
        model.get_layer(STANDARDIZE).set_weights(scale)
    return model


def train(
    examples: Examples,
    n_classes: int,
    config: NetworkConfig = NetworkConfig(),
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> keras.Sequential:
    """Train a network.

    Args:
        examples: what it learns from.
        n_classes: classes.
        config: settings.
        on_epoch: told the number of epochs that are done; what it raises ends the training.

    Returns:
        The trained model (see `build`).
    """
    keras.utils.set_random_seed(config.seed)
    model = build(n_classes, config, standardization(examples.features))
    steps = config.epochs * -(-len(examples) // config.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    told = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: on_epoch(epoch + 1))
    model.fit(
        examples.features,
        examples.labels,
        batch_size=config.batch_size,
        epochs=config.epochs,
        sample_weight=examples.weights / examples.weights.mean(),
        callbacks=[told],
        verbose=0,
    )
    return model


def probabilities(models: list[keras.Sequential], features: np.ndarray) -> np.ndarray:
    """What networks say of images, averaged over them and over the views of each.

    Args:
        models: at least one.
        features: float32 (n, views, 295).

    Returns:
        float32 (n, classes); rows sum to 1.
    """
    n, views = features.shape[:2]
    flat = features.reshape(n * views, -1)
    said = np.mean([model.predict(flat, batch_size=4096, verbose=0) for model in models], axis=0)
    means: np.ndarray = said.reshape(n, views, -1).mean(axis=1)
    return means


def hidden(model: keras.Sequential, features: np.ndarray) -> np.ndarray:
    """The hidden layer's answer to images, averaged over their views.

    Args:
        model: a network.
        features: float32 (n, views, 295).

    Returns:
        float32 (n, hidden).
    """
    n, views = features.shape[:2]
    inner = keras.Model(model.inputs, model.get_layer(HIDDEN).output)
    said = inner.predict(features.reshape(n * views, -1), batch_size=4096, verbose=0)
    means: np.ndarray = said.reshape(n, views, -1).mean(axis=1)
    return means
