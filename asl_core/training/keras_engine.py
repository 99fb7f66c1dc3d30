"""Steps of a training as one graph call: traced once per architecture, reused by later trainings.

Plain Keras calls the graph once a batch and traces it anew for each model. Here a call goes over
many batches, and the traced graph is kept. The operations are Keras's own, so that the weights are
those of plain Keras.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache

import keras
import numpy as np
import tensorflow as tf

from asl_core.config import Architecture, OptimizerName, TrainConfig
from asl_core.data.dataset import one_hot
from asl_core.training.architecture import CHANNELS
from asl_core.training.model import build_cnn, build_network, for_inference

KEPT_GRAPHS = 8

PREDICTION_BATCH = 256
"""Images that are predicted at a time."""


class KerasEngine:
    """See `Engine`: a model with its graphs.

    Args:
        architecture: of the model.
        n_classes: outputs.
        optimizer: its name.
    """

    _images = tf.TensorSpec([None, None, None, CHANNELS], tf.uint8)
    """Of any size, since the graph of `learn` is told apart by its engine alone."""

    def __init__(
        self, architecture: Architecture, n_classes: int, optimizer: OptimizerName
    ) -> None:
        tf.config.experimental.enable_op_determinism()
        config = TrainConfig(**asdict(architecture), optimizer=optimizer)
        self.n_classes = n_classes
        self.model = build_network(config, n_classes)
        self.optimizer = self.model.optimizer
        self.optimizer.build(self.model.trainable_variables)
        self._start = [variable.numpy() for variable in self.optimizer.variables]
        self._learn = tf.function(
            self._steps,
            input_signature=[
                self._images,
                tf.TensorSpec([None, None], tf.float32),  # labels
                tf.TensorSpec([None], tf.float32),  # how much each image counts
                tf.TensorSpec([None], tf.int32),  # order
                tf.TensorSpec([None], tf.float32),  # rates
                tf.TensorSpec([], tf.int32),  # batch size
            ],
        )

    def start(self, config: TrainConfig) -> None:
        """Begin with the first weights of the config's seed, and a new optimizer."""
        first = build_network(config, self.n_classes).get_weights()
        self.restore(config, first, self._start, 0)

    def restore(
        self,
        config: TrainConfig,
        weights: Sequence[np.ndarray],
        optimizer: Sequence[np.ndarray],
        steps: int,
    ) -> None:
        """Go on from a state that `weights` and `optimizer_state` gave after so many steps."""
        self.set_weights(weights)
        for variable, value in zip(self.optimizer.variables, optimizer, strict=True):
            variable.assign(value)
        if config.dropout:
            self._draw_dropout_as(build_network(config, self.n_classes), steps)

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Take over weights, in Keras's order, and leave the optimizer as it is."""
        self.model.set_weights(weights)

    def _draw_dropout_as(self, model: keras.Sequential, steps: int) -> None:
        """Let dropout leave out from now on what it would in a new model after so many steps."""
        for ours, theirs in zip(self.model.layers, model.layers, strict=True):
            if isinstance(ours, keras.layers.Dropout):
                seed, _ = theirs.seed_generator.state.numpy()
                ours.seed_generator.state.assign([seed, steps])  # it counts its steps there

    def weights(self) -> list[np.ndarray]:
        """Weights of the model, in Keras's order."""
        values: list[np.ndarray] = self.model.get_weights()
        return values

    def optimizer_state(self) -> list[np.ndarray]:
        """Variables of the optimizer, in Keras's order."""
        return [variable.numpy() for variable in self.optimizer.variables]

    def hold(
        self, images: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Images to learn from, with their labels and weights."""
        counts = np.ones(len(labels)) if weights is None else weights
        hot = one_hot(labels, self.n_classes)
        return tf.constant(images), tf.constant(hot), tf.constant(counts, tf.float32)

    def learn(
        self,
        held: tuple[tf.Tensor, tf.Tensor, tf.Tensor],
        order: np.ndarray,
        rates: np.ndarray,
        batch_size: int,
    ) -> tuple[float, float]:
        """Take one step of the optimizer per batch (see `Engine`)."""
        loss, right = self._learn(*held, order.astype(np.int32), rates, batch_size)
        return float(loss), float(right)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes)."""
        return predict(self.model, images)

    def _steps(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        counts: tf.Tensor,
        order: tf.Tensor,
        rates: tf.Tensor,
        batch_size: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """One step per batch of `batch_size` images of `order`, each at a rate of its own."""
        weights = self.model.trainable_variables
        loss, correct = tf.constant(0.0), tf.constant(0.0)
        for step in tf.range(tf.size(rates)):
            chosen = order[step * batch_size : (step + 1) * batch_size]
            x, y = tf.gather(images, chosen), tf.gather(labels, chosen)
            x = tf.ensure_shape(x, self.model.input_shape)
            with tf.GradientTape() as tape:
                probabilities = self.model(x, training=True)
                losses = keras.losses.categorical_crossentropy(y, probabilities)
                losses *= tf.gather(counts, chosen)
                mean = tf.reduce_mean(losses)
            gradients = tape.gradient(mean, [weight.value for weight in weights])
            self.optimizer.learning_rate.assign(rates[step])
            self.optimizer.apply(gradients, weights)
            loss += tf.reduce_sum(losses)
            correct += _n_right(y, probabilities)
        return loss, correct


def predict(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Probabilities by Keras, without the new graph that `model.predict` traces for each model.

    Args:
        model: from `build_cnn`.
        images: uint8 (n, size, size, 3), n at least 1, of the size that the model gets.

    Returns:
        float32 (n, classes).
    """
    architecture, weights = for_inference(model)
    answers = _answers(architecture, model.output_shape[-1])
    starts = range(0, len(images), PREDICTION_BATCH)
    batches = (np.asarray(images[start : start + PREDICTION_BATCH]) for start in starts)
    return np.concatenate([answers(weights, batch).numpy() for batch in batches])


@lru_cache(KEPT_GRAPHS)
def _answers(architecture: Architecture, n_classes: int) -> Callable[..., tf.Tensor]:
    """The graph of a plain architecture that takes the weights along with the images."""
    model = build_cnn(TrainConfig(**asdict(architecture)), n_classes)
    shapes = [tf.TensorSpec(weight.shape, tf.float32) for weight in model.weights]

    images_spec = tf.TensorSpec(model.input_shape, tf.uint8)

    @tf.function(input_signature=[shapes, images_spec])  # type: ignore[untyped-decorator]
    def answers(weights: Sequence[tf.Tensor], images: tf.Tensor) -> tf.Tensor:
        return model.stateless_call(weights, [], images, training=False)[0]

    graph: Callable[..., tf.Tensor] = answers
    return graph


def _n_right(labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    right = tf.argmax(labels, axis=1) == tf.argmax(probabilities, axis=1)
    return tf.reduce_sum(tf.cast(right, tf.float32))
