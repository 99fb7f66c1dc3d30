"""How much an image counts by its class, so that small classes are learned like large ones."""

import numpy as np

from asl_core.config import ClassWeights


def class_weights(kind: ClassWeights, labels: np.ndarray, n_classes: int) -> np.ndarray:
    """What to multiply the loss of an image by, as Keras's `class_weight` does.

    The mean over a batch is over its images, not over their weights.

    Args:
        kind: `none`, or `balanced`: images / (classes with images * images of the class), as
            scikit-learn's `compute_class_weight`, so that the weights of all images sum to their
            number.
        labels: int (n,), of the images that are learned from.
        n_classes: classes of the dataset.

    Returns:
        float32 (n_classes,); 1 for a class without images.
    """
    weights = np.ones(n_classes, np.float32)
    if kind == "balanced":
        counts = np.bincount(labels, minlength=n_classes)
        there = counts > 0
        weights[there] = len(labels) / (there.sum() * counts[there])
    return weights
