"""A map of images: those that look alike to the network lie close together."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

SEED = 0
PERPLEXITY = 30.0
"""Neighbors that t-SNE keeps close, as van der Maaten and Hinton (2008) suggest (5 to 50)."""


@dataclass(frozen=True, eq=False)
class Embedding:
    """Images as points in the plane.

    Attributes:
        points: float32 (n, 2).
        method: how the points were found.
        explained: share of the variance along each axis, 0 to 1; None for t-SNE, whose axes mean
            nothing.
    """

    points: np.ndarray
    method: Literal["pca", "tsne"]
    explained: tuple[float, float] | None


def pca(features: np.ndarray) -> Embedding:
    """Principal component analysis: the plane in which the features vary most.

    Args:
        features: float (n, m), n and m at least 2, such as `Activations.features`.

    Returns:
        Points in the units of the features. Of the two directions of an axis, the one along which
        the strongest feature grows is taken, so that the same features give the same map.
    """
    centered = features - features.mean(axis=0, dtype=np.float64)
    _, strengths, axes = np.linalg.svd(centered, full_matrices=False)
    axes = axes[:2]
    strongest = axes[np.arange(2), np.abs(axes).argmax(axis=1)]
    axes = axes * np.where(strongest < 0, -1, 1)[:, None]
    shares = strengths**2 / max(float((strengths**2).sum()), np.finfo(np.float64).tiny)
    return Embedding(
        (centered @ axes.T).astype(np.float32), "pca", (float(shares[0]), float(shares[1]))
    )


def tsne(features: np.ndarray) -> Embedding:
    """t-SNE: neighbors stay neighbors; distances between groups mean nothing.

    van der Maaten, Hinton (2008): Visualizing data using t-SNE, JMLR 9. By scikit-learn, which is
    loaded here and takes a second or more; the same features give the same map.

    Args:
        features: float (n, m), n at least 4.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    model = TSNE(init="pca", perplexity=perplexity, random_state=SEED)
    with threadpool_limits(
        1
    ):  # threads that wait for each other beside a training: four times slower
        points = model.fit_transform(features)
    return Embedding(points.astype(np.float32), "tsne", None)
