"""Classes of new images by a run on landmarks: the hand is found first. No TensorFlow."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from asl_core.errors import RunError
from asl_core.evaluation.evaluation import NO_HAND
from asl_core.evaluation.layer_inspector import operations_of
from asl_core.evaluation.prediction import Classifier, Prediction, ReadPixels
from asl_core.images import WHOLE, read_image
from asl_core.landmarks.features import N_FEATURES, KeyPoints, features
from asl_core.landmarks.finder import MIN_PRESENCE, N_VIEWS, HandFinder
from asl_core.landmarks.hand import Hand
from asl_core.landmarks.video import HandFollower
from asl_core.progress import OnShare
from asl_core.runs.run import Run
from asl_core.training.inputs import has_input

KEPT_SIDE = 480
"""Longest side of the image of a prediction, in pixels: many are kept in memory."""


@dataclass(frozen=True, eq=False)
class HandPrediction(Prediction):
    """What a run on landmarks says of one image.

    Attributes:
        name: of the file.
        image: uint8 (height, width, 3), the image in which a hand was looked for, averaged down by
            a whole factor if it is larger than `KEPT_SIDE`.
        probabilities: per class; they sum to 1. Without a hand, `NO_HAND` has 1, and all others 0.
        hand: in pixels of `image`; None if there is none.
    """

    hand: Hand | None


class HandClassifier(Classifier):
    """The LiteRT model of a run on landmarks, loaded. May be shared by threads.

    Args:
        run: the run.
    """

    @cached_property
    def finder(self) -> HandFinder:
        """What finds a hand.

        Raises:
            HandFinderError: it is not here.
        """
        return HandFinder()

    def probabilities(
        self, images: np.ndarray, on_progress: OnShare = lambda share: None
    ) -> np.ndarray:
        """Softmax probabilities.

        Args:
            images: float32 (n, views, 295), as `for_network` gives them; NaN without a hand.
            on_progress: told the share that is done; what it raises ends it.

        Returns:
            float32 (n, classes), means over the views; rows sum to 1, or are NaN without a hand.
        """
        return over_views(super().probabilities, images, on_progress)

    def answers(self, images: np.ndarray) -> np.ndarray:
        """Probabilities as `probabilities` gives them, of images in which the hand is yet to be
        found.

        Args:
            images: uint8 (n, height, width, 3).

        Raises:
            HandFinderError: there is no hand finder.
        """
        inputs = np.full((len(images), N_VIEWS, N_FEATURES), np.nan, np.float32)
        for its, image in zip(inputs, images, strict=True):
            views = self.finder.views(image)
            if views[0].presence >= MIN_PRESENCE:
                its[:] = features(KeyPoints.of(views))
        return self.probabilities(inputs)

    def predict(
        self, source: Path | bytes, name: str, read: ReadPixels = read_image
    ) -> HandPrediction:
        """The class of the hand in one image (see `Classifier.predict`).

        Raises:
            HandFinderError: there is no hand finder.
            ImageError: it is no image that can be read.
        """
        return self.predict_pixels(read(source, name, WHOLE), name)

    def predict_pixels(
        self, image: np.ndarray, name: str, follower: HandFollower | None = None
    ) -> HandPrediction:
        """The class of the hand in an image that has been read.

        Args:
            image: uint8 (height, width, 3), RGB, upright.
            name: what to call it.
            follower: of the film that the image is a frame of; None: it is a photo, in which all is
                tried.

        Raises:
            HandFinderError: there is no hand finder.
        """
        finder = self.finder
        views = follower.views(finder, image) if follower else finder.views(image)
        factor = -(-max(image.shape[:2]) // KEPT_SIDE)
        image = np.asarray(Image.fromarray(image).reduce(factor))
        if not views or views[0].presence < MIN_PRESENCE:
            nothing = {**dict.fromkeys(self.classes, 0.0), NO_HAND: 1.0}
            return HandPrediction(name, image, nothing, None)
        its = self.probabilities(features(KeyPoints.of(views))[None])[0].tolist()
        hand = views[0].scaled(1 / factor)
        return HandPrediction(name, image, dict(zip(self.classes, its, strict=True)), hand)


def over_views(
    answer: Callable[[np.ndarray, OnShare], np.ndarray], images: np.ndarray, on_progress: OnShare
) -> np.ndarray:
    """Means over the views of each image of what is answered on them; NaN without a hand.

    Args:
        answer: told inputs float32 (m, 295) and `on_progress`, gives float32 (m, classes).
        images: float32 (n, views, 295), NaN without a hand.
        on_progress: told the share that is done.
    """
    there = has_input(images)
    flat = np.ascontiguousarray(images[there]).reshape(-1, N_FEATURES)
    each = answer(flat, on_progress)
    means = np.full((len(images), each.shape[1]), np.nan, np.float32)
    means[there] = each.reshape(-1, images.shape[1], each.shape[1]).mean(axis=1)
    return means


class HandInspector:
    """The LiteRT model of a run on landmarks, loaded so that its hidden layer can be read.

    Args:
        run: the run.

    Raises:
        RunError: it has no hidden layer.
    """

    def __init__(self, run: Run) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self._interpreter = Interpreter(
            model_path=str(run.model_file),
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        self._interpreter.allocate_tensors()
        operations = operations_of(self._interpreter)
        dense = [o for o in operations if o["op_name"] == "FULLY_CONNECTED"]
        if len(dense) < 2:
            raise RunError(f"Run {run.id} has another network than can be looked into here.")
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._hidden = int(dense[-1]["inputs"][0])

    def hidden(self, images: np.ndarray) -> np.ndarray:
        """What the hidden layer gives, float32 (n, units), means over the views; NaN without a
        hand.

        Args:
            images: as `HandClassifier.probabilities` gets them, n at least 1.
        """
        return over_views(lambda flat, told: self._pass(flat), images, lambda share: None)

    def _pass(self, flat: np.ndarray) -> np.ndarray:
        self._interpreter.resize_tensor_input(self._input, flat.shape)
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(self._input, flat)
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(self._hidden))
