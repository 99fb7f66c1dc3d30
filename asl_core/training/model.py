"""Builds the mission's CNN in Keras. Rescaling is inside, so training and upload can't drift."""

import random
from collections.abc import Iterator

import keras

from asl_core.config import TrainConfig
from asl_core.settings import IMAGE_SIZE
from asl_core.training.architecture import CHANNELS, KERNEL, POOL


def build_cnn(config: TrainConfig, n_classes: int) -> keras.Sequential:
    """A compiled model: two convolutions with max-pooling, and a softmax over the classes.

    Args:
        config: filters, optimizer, learning rate and seed.
        n_classes: number of outputs.

    Returns:
        A model from uint8 (n, 50, 50, 3) in [0, 255] to float32 (n, n_classes) probabilities;
        2,678 parameters for the mission's filters (5, 15) and three classes. Compiled with
        categorical cross-entropy and accuracy. Its first weights are those that Keras gives to
        these layers after `keras.utils.set_random_seed(config.seed)`.
    """
    first, second = config.filters
    layers, kernels = keras.layers, _initializers(config.seed)
    conv = {"padding": "same", "activation": "relu"}
    model = keras.Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE, CHANNELS), dtype="uint8", name="photo"),
            layers.Rescaling(1 / 255, name="rescaling"),
            layers.Conv2D(first, KERNEL, **conv, **next(kernels), name="conv_1"),
            layers.MaxPooling2D(POOL, name="pool_1"),
            layers.Conv2D(second, KERNEL, **conv, **next(kernels), name="conv_2"),
            layers.MaxPooling2D(POOL, name="pool_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(n_classes, activation="softmax", **next(kernels), name="letter"),
        ],
        name="asl_cnn",
    )
    optimizer = keras.optimizers.get(
        {"class_name": config.optimizer, "config": {"learning_rate": config.rate}}
    )
    model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def _initializers(seed: int) -> Iterator[dict[str, keras.Initializer]]:
    """Keras's usual initializer for each layer in turn, with the seed that Keras would draw.

    Keras draws it from Python's one source of chance, which the threads of a Dask worker use too.
    """
    source = random.Random(seed)
    while True:
        draw = source.randint(1, int(1e9))
        yield {"kernel_initializer": keras.initializers.GlorotUniform(seed=draw)}
