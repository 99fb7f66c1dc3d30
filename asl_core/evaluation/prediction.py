"""Classes of new images, by a run's LiteRT model. No TensorFlow."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from asl_core.data.manual_alphabet import are_letters
from asl_core.images import read_image
from asl_core.progress import OnShare
from asl_core.runs.run import Run

BATCH = 256

THREADS = min(2, os.cpu_count() or 1)
"""Of a prediction: as many as the images are decoded with."""

Probabilities: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""A model as a function: uint8 (n, size, size, 3) -> float (n, classes), rows sum to 1."""

ReadPixels: TypeAlias = Callable[[Path | bytes, str, int], np.ndarray]
"""What reads an image, as `read_image` does."""


CLEARER = 10.0
"""Times the odds of an image as it is that a mirrored one must have to count. Measured by
`benchmarks.reading`: with less, more right hands are misread than left hands are read."""

CERTAIN = 0.9999
"""Confidence beyond which one answer is no clearer than another."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a run says of one image.

    Attributes:
        name: of the file.
        image: uint8 (size, size, 3), what the model got.
        probabilities: per class, in the order of the run's classes; they sum to 1.
        mirrored: whether the model got it mirrored, as a left hand.
    """

    name: str
    image: np.ndarray
    probabilities: dict[str, float]
    mirrored: bool = field(default=False, kw_only=True)

    @property
    def label(self) -> str:
        """The most probable class."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])

    @property
    def confidence(self) -> float:
        """Probability of that class, 0 to 1."""
        return self.probabilities[self.label]


class Classifier:
    """The LiteRT model of a run, loaded. May be shared by threads.

    Args:
        run: the run.
    """

    def __init__(self, run: Run) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.classes = run.results.classes
        self.image_size = run.spec.config.image_size
        self._interpreter = Interpreter(str(run.model_file), num_threads=THREADS)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._lock = threading.Lock()

    def probabilities(
        self, images: np.ndarray, on_progress: OnShare = lambda share: None
    ) -> np.ndarray:
        """Softmax probabilities.

        Args:
            images: uint8 (n, size, size, 3), of the size that the network gets; may be
                memory-mapped, and is read batch by batch.
            on_progress: told the share that is done after each batch; what it raises ends it.

        Returns:
            float32 (n, classes); rows sum to 1.
        """
        batches = []
        for i in range(0, len(images), BATCH):
            with self._lock:
                batches.append(self._invoke(images[i : i + BATCH]))
            on_progress(min(1.0, (i + BATCH) / len(images)))
        return np.concatenate([np.empty((0, len(self.classes)), np.float32), *batches])

    def predict(self, source: Path | bytes, name: str, read: ReadPixels = read_image) -> Prediction:
        """The class of one image.

        Args:
            source: path or content of the file.
            name: what to call it.
            read: what reads it.

        Raises:
            ImageError: it is no image that can be read (see `read_image`).
        """
        return self.predict_pixels(read(source, name, self.image_size), name)

    def predict_pixels(self, image: np.ndarray, name: str) -> Prediction:
        """The class of an image that has been read.

        Either hand may sign a letter, and photo sets show mostly right ones: if the classes are
        letters, the image is tried mirrored too (see `clearer_mirrored`).

        Args:
            image: uint8 (size, size, 3), of the size that the network gets.
            name: what to call it.
        """
        images, mirrored = image[None], False
        if are_letters(self.classes):
            images = np.stack([image, image[:, ::-1]])
        answers = self.probabilities(images)
        if len(answers) > 1:
            mirrored = bool(clearer_mirrored(*answers))
        probabilities = dict(zip(self.classes, answers[int(mirrored)].tolist(), strict=True))
        return Prediction(name, images[int(mirrored)], probabilities, mirrored=mirrored)

    def _invoke(self, images: np.ndarray) -> np.ndarray:
        self._interpreter.resize_tensor_input(self._input, images.shape)
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(images))
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(self._output))


def clearer_mirrored(as_is: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """Whether the answer to a mirrored image counts: only where it is far more confident.

    Args:
        as_is: float (..., classes), probabilities of images as they are.
        mirrored: those of the same images, mirrored.

    Returns:
        bool (...).
    """
    clearer: np.ndarray = _odds(mirrored) > CLEARER * _odds(as_is)
    return clearer


def _odds(probabilities: np.ndarray) -> np.ndarray:
    confidence = np.minimum(probabilities.max(axis=-1).astype(float), CERTAIN)
    odds: np.ndarray = confidence / (1 - confidence)
    return odds
