"""The learning rate of each step of a training."""

import numpy as np

from asl_core.config import TrainConfig

WARM_UP_SHARE = 0.25
"""Share of the steps of `one-cycle` in which the learning rate grows."""

FIRST_SHARE = 0.04
"""Learning rate of the first step of `one-cycle`, as a share of its peak: 1 / 25, as in fastai."""


def learning_rates(config: TrainConfig, n_images: int) -> np.ndarray:
    """Learning rate of each step of all epochs.

    `one-cycle` grows along a straight line to its peak, the config's learning rate, and then
    falls to 0 along half a wave of the cosine. It follows Smith and Topin (2018),
    "Super-Convergence", arXiv:1708.07120, with the cosine of Loshchilov and Hutter (2017), "SGDR",
    arXiv:1608.03983.

    Args:
        config: the settings.
        n_images: images that are learned from.

    Returns:
        float32 (epochs * batches,), above 0.
    """
    n_steps = config.epochs * n_batches(config, n_images)
    if config.schedule == "constant":
        return np.full(n_steps, config.rate, np.float32)
    done = (np.arange(n_steps) + 0.5) / n_steps  # share of the steps, at the middle of each
    growing = FIRST_SHARE + (1 - FIRST_SHARE) * done / WARM_UP_SHARE
    falling = (1 + np.cos(np.pi * (done - WARM_UP_SHARE) / (1 - WARM_UP_SHARE))) / 2
    shares = np.where(done < WARM_UP_SHARE, growing, falling)
    return (config.rate * shares).astype(np.float32)


def n_batches(config: TrainConfig, n_images: int) -> int:
    """Steps of an epoch; the last one may have fewer images."""
    return -(-n_images // config.batch_size)
