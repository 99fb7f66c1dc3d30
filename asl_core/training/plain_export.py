"""The model files of networks like the mission's, written without TensorFlow.

`templates/` has such a network as Keras saves it, for each optimizer, and as the converter of
LiteRT makes it. A file is a template with other numbers and sizes: that takes milliseconds, where
the converter takes half a second for each architecture, and TensorFlow three seconds to load.
`python -m asl_core.training.plain_export` makes the templates anew, with TensorFlow.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from asl_core.config import OPTIMIZERS, Architecture, TrainConfig
from asl_core.training.architecture import CHANNELS, blocks, n_features
from asl_core.training.first_weights import layer_seeds
from asl_core.training.fitted import Fitted

TEMPLATES = Path(__file__).with_name("templates")

RESCALING = np.float32(1 / 255)
"""The converter of LiteRT merges it into the first kernel."""

_CONV_2D, _MAX_POOL_2D, _FULLY_CONNECTED, _RESHAPE, _PACK, _CAST, _SOFTMAX = (
    3,
    17,
    9,
    22,
    83,
    53,
    25,
)
"""Operators of LiteRT, by their numbers in its schema."""

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def keras_file(fitted: Fitted) -> bytes:
    """The trained model as Keras saves it (`.keras`), with its optimizer.

    Args:
        fitted: of a network for which `is_fused` holds.
    """
    file = io.BytesIO()
    with (
        zipfile.ZipFile(TEMPLATES / f"{fitted.config.optimizer}.keras") as template,
        zipfile.ZipFile(file, "w") as saved,
    ):
        parts = {
            "metadata.json": json.loads(template.read("metadata.json"))
            | {"date_saved": datetime.now(UTC).strftime("%Y-%m-%d@%H:%M:%S")},
            "config.json": _keras_config(json.loads(template.read("config.json")), fitted),
        }
        for name, content in parts.items():
            saved.writestr(zipfile.ZipInfo(name, _ZIP_TIME), json.dumps(content))
        weights = _keras_weights(template.read("model.weights.h5"), fitted)
        saved.writestr(zipfile.ZipInfo("model.weights.h5", _ZIP_TIME), weights)
    return file.getvalue()


def _keras_config(content: dict[str, Any], fitted: Fitted) -> dict[str, Any]:
    """A template's `config.json` with the sizes, seeds and learning rate of a training."""
    architecture = fitted.config.architecture
    first, second = blocks(architecture)
    size, side = architecture.image_size, second.size // second.pool
    inputs: dict[str, list[int]] = {
        "rescaling": [size, size, CHANNELS],
        "conv_1": [size, size, CHANNELS],
        "conv_2": [second.size, second.size, first.filters],
        "flatten": [side, side, second.filters],
        "letter": [n_features(architecture)],
    }
    seeds = iter(layer_seeds(fitted.config.seed, 3))
    outputs = {"conv_1": ("filters", first.filters), "conv_2": ("filters", second.filters)}
    outputs["letter"] = ("units", fitted.n_classes)
    whole = [None, size, size, CHANNELS]
    content["build_config"]["input_shape"] = content["config"]["build_input_shape"] = whole
    for layer in content["config"]["layers"]:
        told, name = layer["config"], layer["config"]["name"]
        if name in inputs:
            layer["build_config"]["input_shape"] = [None, *inputs[name]]
        if name in outputs:
            key, n = outputs[name]
            told[key] = n
            told["kernel_initializer"]["config"]["seed"] = next(seeds)
        if "batch_shape" in told:
            told["batch_shape"] = whole
    rate = float(np.float32(fitted.optimizer[1]))
    content["compile_config"]["optimizer"]["config"]["learning_rate"] = rate
    return content


def _keras_weights(template: bytes, fitted: Fitted) -> bytes:
    """A template's weights file with the numbers of a training."""
    import h5py  # Keras's own writer

    of_layer = {
        name: fitted.weights[2 * i : 2 * i + 2]
        for i, name in enumerate(("conv_1", "conv_2", "letter"))
    }
    content = io.BytesIO(template)
    with h5py.File(content, "r+") as file:
        for layer in file["layers"].values():
            _replace(layer["vars"], of_layer.get(layer["vars"].attrs["name"], []))
        _replace(file["optimizer"]["vars"], fitted.optimizer)
    return content.getvalue()


def _replace(group: Any, arrays: Sequence[np.ndarray]) -> None:
    for i, array in enumerate(arrays):
        kind = group[str(i)].dtype
        del group[str(i)]
        group[str(i)] = np.asarray(array, kind)


def litert_file(architecture: Architecture, n_classes: int, weights: Sequence[np.ndarray]) -> bytes:
    """A network as a LiteRT (`.tflite`) file, in float32.

    Args:
        architecture: for which `is_fused` holds.
        n_classes: outputs.
        weights: arrays in Keras's order.
    """
    import flatbuffers
    from ai_edge_litert.schema_py_generated import ModelT

    model = ModelT.InitFromPackedBuf((TEMPLATES / "plain.tflite").read_bytes(), 0)
    graph = _Graph(model)
    size, features = architecture.image_size, n_features(architecture)
    graph.shape(graph.operators[_CAST][0].inputs[0], [size, size, CHANNELS])
    graph.shape(graph.operators[_CAST][0].outputs[0], [size, size, CHANNELS])
    for i, block in enumerate(blocks(architecture)):
        side = block.size // block.pool
        conv, pooling = graph.operators[_CONV_2D][i], graph.operators[_MAX_POOL_2D][i]
        scale = RESCALING if i == 0 else np.float32(1)
        graph.fill(conv.inputs[1], np.moveaxis(scale * weights[2 * i], -1, 0))
        graph.fill(conv.inputs[2], weights[2 * i + 1])
        graph.shape(conv.outputs[0], [block.size, block.size, block.filters])
        graph.shape(pooling.outputs[0], [side, side, block.filters])
    dense = graph.operators[_FULLY_CONNECTED][0]
    graph.fill(dense.inputs[1], weights[-2].T)
    graph.fill(dense.inputs[2], weights[-1])
    graph.fill(graph.operators[_PACK][0].inputs[1], np.array(features, np.int32))
    graph.shape(graph.operators[_RESHAPE][0].outputs[0], [features])
    for number in (_FULLY_CONNECTED, _SOFTMAX):
        graph.shape(graph.operators[number][0].outputs[0], [n_classes])
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


class _Graph:
    """The only graph of a LiteRT model, to be changed.

    Attributes:
        operators: those of a number, in order.
    """

    def __init__(self, model: Any) -> None:
        self.buffers, self.tensors = model.buffers, model.subgraphs[0].tensors
        self.operators: dict[int, list[Any]] = {}
        for operator in model.subgraphs[0].operators:
            number = model.operatorCodes[operator.opcodeIndex].builtinCode
            self.operators.setdefault(number, []).append(operator)

    def shape(self, tensor: int, of_one: Sequence[int]) -> None:
        """Set the shape that a tensor has for one image."""
        self.tensors[tensor].shape = [1, *of_one]
        self.tensors[tensor].shapeSignature = [-1, *of_one]

    def fill(self, tensor: int, values: np.ndarray) -> None:
        """Set the values of a constant."""
        self.tensors[tensor].shape = list(values.shape)
        content = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"))
        self.buffers[self.tensors[tensor].buffer].data = np.frombuffer(content.tobytes(), np.uint8)


def make_templates(folder: Path = TEMPLATES) -> None:
    """Make the templates anew, as today's TensorFlow and Keras write them."""
    from asl_core.training.export import to_litert
    from asl_core.training.model import build_cnn

    folder.mkdir(exist_ok=True)
    for optimizer in OPTIMIZERS:
        model = build_cnn(TrainConfig(optimizer=optimizer), 3)
        model.optimizer.build(model.trainable_variables)
        model.save(folder / f"{optimizer}.keras")
    (folder / "plain.tflite").write_bytes(to_litert(build_cnn(TrainConfig(), 3)))


if __name__ == "__main__":
    make_templates()
