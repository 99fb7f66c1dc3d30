"""What leaves a training: the model as a LiteRT file."""

import contextlib
import io
from dataclasses import asdict
from functools import lru_cache

import keras
import numpy as np
import tensorflow as tf

from asl_core.config import Architecture, TrainConfig
from asl_core.training.model import RESCALING, build_cnn, for_inference

_SEED = 1


def to_litert(model: keras.Sequential) -> bytes:
    """The model as a LiteRT (`.tflite`) file, in float32, which `asl_core.evaluation.prediction`
    runs.

    The converter takes half a second, which is longer than an epoch. So each architecture is
    converted once in a process, and later models put their weights in the place of its weights. The
    file holds a plain network: what dropout and batch normalization come to is in the weights.

    Args:
        model: from `build_network`, trained. One on landmarks is converted as it is.
    """
    if model.name == "asl_landmarks":
        return _converted(model)
    (architecture, weights), n_classes = for_inference(model), model.output_shape[-1]
    content, its_weights = _template(architecture, n_classes)
    for i, (old, new) in enumerate(zip(its_weights, weights, strict=True)):
        # The converter merges the rescaling into the first kernel.
        scale = np.float32(RESCALING) if i == 0 else np.float32(1)
        place = _bytes(scale * old)
        if content.count(place) != 1:
            return _convert(architecture, n_classes, weights)
        content = content.replace(place, _bytes(scale * new))
    return content


@lru_cache(8)
def _template(architecture: Architecture, n_classes: int) -> tuple[bytes, list[np.ndarray]]:
    """A converted model of an architecture, with weights that occur nowhere else."""
    model = build_cnn(TrainConfig(**asdict(architecture)), n_classes)
    rng = np.random.default_rng(_SEED)
    weights = [rng.normal(size=weight.shape).astype(np.float32) for weight in model.get_weights()]
    return _convert(architecture, n_classes, weights), weights


def _bytes(weight: np.ndarray) -> bytes:
    """A weight as LiteRT keeps it: what makes the output comes first, not last."""
    return bytes(np.moveaxis(weight, -1, 0).astype("<f4").tobytes())


def _convert(architecture: Architecture, n_classes: int, weights: list[np.ndarray]) -> bytes:
    model = build_cnn(TrainConfig(**asdict(architecture)), n_classes)
    model.set_weights(weights)
    return _converted(model)


def _converted(model: keras.Sequential) -> bytes:
    with contextlib.redirect_stdout(io.StringIO()):  # the converter prints its endpoints
        return bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
