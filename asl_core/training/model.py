"""Builds a CNN in Keras. Rescaling is inside, so training and upload can't drift."""

import random
from collections.abc import Iterator
from dataclasses import replace

import keras
import numpy as np

from asl_core.config import Architecture, TrainConfig
from asl_core.landmarks.network import NetworkConfig
from asl_core.landmarks.network import build as build_landmarks
from asl_core.training.architecture import CHANNELS, Block, blocks

RESCALING = 1 / 255


def build_cnn(config: TrainConfig, n_classes: int) -> keras.Sequential:
    """A compiled model: two or three convolutions with max-pooling, and a softmax over the classes.

    Args:
        config: architecture, optimizer, learning rate and seed.
        n_classes: number of outputs.

    Returns:
        A model from uint8 (n, size, size, 3) in [0, 255] to float32 (n, n_classes) probabilities;
        2,678 parameters for the mission's network and three classes. Compiled with categorical
        cross-entropy and accuracy. Its first weights, and what its dropout draws, are those that
        Keras gives to these layers after `keras.utils.set_random_seed(config.seed)`.
    """
    architecture, layers, seeds = config.architecture, keras.layers, _seeds(config.seed)
    size = architecture.image_size
    model = keras.Sequential(
        [
            layers.Input((size, size, CHANNELS), dtype="uint8", name="photo"),
            layers.Rescaling(RESCALING, name="rescaling"),
        ],
        name="asl_cnn",
    )
    for number, block in enumerate(blocks(architecture), start=1):
        for layer in _block_layers(architecture, block, number, next(seeds)):
            model.add(layer)
    model.add(layers.Flatten(name="flatten"))
    if architecture.dropout:
        model.add(layers.Dropout(architecture.dropout, seed=next(seeds), name="dropout"))
    model.add(
        layers.Dense(
            n_classes, "softmax", kernel_initializer=_initializer(next(seeds)), name="letter"
        )
    )
    return _compiled(model, config)


def build_network(config: TrainConfig, n_classes: int) -> keras.Sequential:
    """A compiled model on what the config says: `build_cnn`, or `asl_core.landmarks.network.build`
    with the settings of the config."""
    if config.features == "pixels":
        return build_cnn(config, n_classes)
    its = NetworkConfig(hidden=config.hidden, dropout=config.dropout, seed=config.seed)
    return _compiled(build_landmarks(n_classes, its), config)


def _compiled(model: keras.Sequential, config: TrainConfig) -> keras.Sequential:
    optimizer = keras.optimizers.get(
        {"class_name": config.optimizer, "config": {"learning_rate": config.rate}}
    )
    model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def _block_layers(
    architecture: Architecture, block: Block, number: int, seed: int
) -> list[keras.Layer]:
    layers, normed = keras.layers, architecture.batch_norm
    convolution = layers.Conv2D(
        block.filters,
        architecture.kernel_size,
        padding="same",
        activation=None if normed else "relu",
        use_bias=not normed,
        kernel_initializer=_initializer(seed),
        name=f"conv_{number}",
    )
    norm = [
        layers.BatchNormalization(name=f"norm_{number}"),
        layers.ReLU(name=f"relu_{number}"),
    ]
    pooling = layers.MaxPooling2D(block.pool, name=f"pool_{number}")
    return [convolution, *(norm if normed else []), pooling]


def _initializer(seed: int) -> keras.Initializer:
    """Keras's usual one."""
    return keras.initializers.GlorotUniform(seed=seed)


def _seeds(seed: int) -> Iterator[int]:
    """The seeds that Keras would draw for the kernels and the dropout, in turn.

    Keras draws them from Python's one source of chance, which the threads of a Dask worker use too.
    """
    source = random.Random(seed)
    while True:
        yield source.randint(1, int(1e9))


def architecture_of(model: keras.Sequential) -> Architecture:
    """What a model from `build_cnn` is made of."""
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    dropouts = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    return Architecture(
        filters=tuple(layer.filters for layer in convolutions),
        kernel_size=convolutions[0].kernel_size[0],
        dropout=sum(dropouts),
        batch_norm=any(isinstance(x, keras.layers.BatchNormalization) for x in model.layers),
        image_size=model.input_shape[1],
    )


def for_inference(model: keras.Sequential) -> tuple[Architecture, list[np.ndarray]]:
    """What is left of a trained model when it only answers: neither dropout, nor normalizations,
    which by then only scale and shift, so that their convolutions can do that.

    Args:
        model: from `build_cnn`.

    Returns:
        The plain architecture that gives the same answers, but for rounding, and its weights in
        Keras's order.
    """
    weights: list[np.ndarray] = []
    for layer in model.layers:
        values = layer.get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = values
            scale = gamma / np.sqrt(variance + layer.epsilon)
            weights[-1] = weights[-1] * scale
            values = [beta - mean * scale]  # the bias that the convolution is without
        weights += values
    return replace(architecture_of(model), dropout=0.0, batch_norm=False), weights
