"""What is inside a run's network for given images, read from its LiteRT file."""

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from asl_core.errors import RunError
from asl_core.runs.run import Run

BATCH = 128
"""Images at once: their inner values take 16 MB."""

HEAD = ("CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX")
"""Operations from the last convolution on, without those that only compute a shape."""

_SHAPES = {"SHAPE", "STRIDED_SLICE", "PACK"}


@dataclass(frozen=True, eq=False)
class Activations:
    """Inner values for some images.

    Attributes:
        maps: float32 (n, height, width, filters), what the last convolution gives, after its ReLU:
            (n, 12, 12, 15) for the mission's network.
        features: float32 (n, m), the flattened input of the last layer; m is 135 for that network.
        logits: float32 (n, classes), before the softmax.
    """

    maps: np.ndarray
    features: np.ndarray
    logits: np.ndarray


def operations_of(interpreter: Any) -> list[dict[str, Any]]:
    """The operations of a LiteRT model, in order, with their names and tensors."""
    operations: list[dict[str, Any]] = interpreter._get_ops_details()  # the only way to the graph
    return operations


class LayerInspector:
    """The LiteRT model of a run, loaded so that its inner values can be read.

    It keeps all values of a pass and uses no fast kernels, so for mere answers `Classifier` is the
    better choice. May be shared by threads.

    Args:
        run: the run.

    Raises:
        RunError: its network does not end as the mission's does (see `HEAD`).
    """

    def __init__(self, run: Run) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self._interpreter = Interpreter(
            model_path=str(run.model_file),
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        self._interpreter.allocate_tensors()
        operations = [o for o in operations_of(self._interpreter) if o["op_name"] not in _SHAPES]
        if tuple(operation["op_name"] for operation in operations[-len(HEAD) :]) != HEAD:
            raise RunError(f"Run {run.id} has another network than can be looked into here.")
        self._find_tensors(operations[-len(HEAD)], operations[-2])
        self._lock = threading.Lock()

    def _find_tensors(self, convolution: dict[str, Any], dense: dict[str, Any]) -> None:
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._maps = int(convolution["outputs"][0])
        self._features = int(dense["inputs"][0])
        self._logits = int(dense["outputs"][0])
        self.weights: np.ndarray = self._read(int(dense["inputs"][1]))
        """float32 (classes, m): the last layer's weights for each feature."""

    def activations(self, images: np.ndarray) -> Activations:
        """Look at some images.

        Args:
            images: uint8 (n, size, size, 3), n at least 1; may be memory-mapped.
        """
        with self._lock:
            parts = [self._pass(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
        maps, features, logits = (np.concatenate(values) for values in zip(*parts, strict=True))
        return Activations(maps, features, logits)

    def _pass(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        self._interpreter.resize_tensor_input(self._input, images.shape)
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(images))
        self._interpreter.invoke()
        return self._read(self._maps), self._read(self._features), self._read(self._logits)

    def _read(self, tensor: int) -> np.ndarray:
        return np.array(self._interpreter.get_tensor(tensor))
