"""What leaves a training: the model as a LiteRT file."""

import contextlib
import io

import keras
import tensorflow as tf


def to_litert(model: keras.Sequential) -> bytes:
    """The model as a LiteRT (`.tflite`) file, in float32, which `asl_core.prediction` runs.

    Args:
        model: from `build_cnn`, trained.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # the converter prints its endpoints
        return bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
