"""Images that a training does not learn from, looked at after each epoch."""

from dataclasses import dataclass

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.data.splits import Split
from asl_core.training.answers import n_correct
from asl_core.training.checkpoint import Checkpoint
from asl_core.training.engine import Engine

EPSILON = 1e-7
"""Least probability that a loss takes: Keras's."""


@dataclass(frozen=True, eq=False)
class Watched:
    """Such images, with what the history calls the figures on them.

    Attributes:
        prefix: `val` or `test`.
        images: what the network gets of them (see `for_network`); n may be 0.
        labels: int64 (n,).
    """

    prefix: str
    images: np.ndarray
    labels: np.ndarray

    @classmethod
    def of(
        cls, dataset: Dataset, split: Split, validation: np.ndarray, watch_test: bool
    ) -> "Watched":
        """The validation images; where none are put aside the test images, if they are wanted.

        Args:
            dataset: the images.
            split: which of them are for the test.
            validation: int64 (m,), indices of those that are put aside.
            watch_test: whether the test images are wanted.
        """
        test = watch_test and not len(validation)
        indices = split.test if test else validation
        prefix = "test" if test else "val"
        return cls(prefix, np.asarray(dataset.images[indices]), dataset.labels[indices])

    def look(self, engine: Engine) -> dict[str, float]:
        """Means of loss and accuracy, such as `val_loss` and `val_accuracy`; empty without images.

        Args:
            engine: with the weights so far.
        """
        if not len(self.labels):
            return {}
        probabilities = engine.predict(self.images)
        guess = 1 / probabilities.shape[1]
        of_truth = probabilities[np.arange(len(self.labels)), self.labels]
        of_truth = np.nan_to_num(of_truth, nan=guess)  # without a hand, it would be a guess
        return {
            f"{self.prefix}_loss": float(-np.log(of_truth.clip(EPSILON, 1)).mean()),
            f"{self.prefix}_accuracy": n_correct(probabilities, self.labels) / len(self.labels),
        }


def knows_test(checkpoint: Checkpoint | None) -> bool:
    """Whether a training that goes on from a checkpoint has watched the test images so far; one of
    an earlier version has not, and its history must stay of one length."""
    return not (checkpoint and checkpoint.progress.epoch) or (
        "test_loss" in checkpoint.progress.history
    )
