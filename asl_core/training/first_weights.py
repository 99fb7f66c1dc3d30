"""The first weights of a plain network, as Keras draws them, without loading it.

Keras's `GlorotUniform` draws from TensorFlow's stateless generator, which is Philox 4x32-10 (Salmon
et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") with a key that is made of the seed.
"""

import random
from collections.abc import Sequence
from math import prod, sqrt

import numpy as np

from asl_core.config import TrainConfig

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_SCRAMBLE = (0x3EC8F720, 0x02461E29)
_ROUNDS = 10
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MANTISSA = np.uint32(0x7FFFFF)
_ONE = np.float32(1).view(np.uint32)


def layer_seeds(seed: int, n: int) -> list[int]:
    """The seeds that Keras draws for the layers of a model after `set_random_seed(seed)`.

    Keras draws them from Python's one source of chance, which the threads of a Dask worker use too.
    """
    source = random.Random(seed)
    return [source.randint(1, int(1e9)) for _ in range(n)]


def first_weights(config: TrainConfig, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Weights and biases, as `build_cnn` gives them to a network without normalization.

    Args:
        config: its seed.
        shapes: of the kernels, each followed by that of its bias, which is 0.

    Returns:
        float32 arrays of these shapes.
    """
    seeds = iter(layer_seeds(config.seed, len(shapes)))
    return [
        np.zeros(shape, np.float32) if len(shape) == 1 else _glorot_uniform(shape, next(seeds))
        for shape in shapes
    ]


def _glorot_uniform(shape: tuple[int, ...], seed: int) -> np.ndarray:
    *taps, inputs, outputs = shape
    limit = np.float32(sqrt(3 / max(1.0, prod(taps) * (inputs + outputs) / 2)))
    drawn: np.ndarray = _uniform(prod(shape), seed).reshape(shape) * (limit + limit) - limit
    return drawn


def _uniform(n: int, seed: int) -> np.ndarray:
    """float32 (n,) in [0, 1)."""
    key = _philox(np.array([[seed, 0, 0, 0]], np.uint64), _SCRAMBLE)[0]
    counters = np.zeros((-(-n // 4), 4), np.uint64)
    counters[:, 0] = np.arange(len(counters))
    counters[:, 2:] = key[2:]
    bits = _philox(counters, (int(key[0]), int(key[1]))).ravel()[:n].astype(np.uint32)
    drawn: np.ndarray = (bits & _MANTISSA | _ONE).view(np.float32) - np.float32(1)
    return drawn


def _philox(counters: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Four numbers of 32 bits for each counter of four, all as uint64 (n, 4)."""
    a, b, c, d = counters.T
    keys = [np.uint64(part) for part in key]
    for _ in range(_ROUNDS):
        first, third = a * np.uint64(_MULTIPLIERS[0]), c * np.uint64(_MULTIPLIERS[1])
        a, b = third >> _HALF ^ b ^ keys[0], third & _LOW
        c, d = first >> _HALF ^ d ^ keys[1], first & _LOW
        keys = [old + np.uint64(step) & _LOW for old, step in zip(keys, _KEY_STEPS, strict=True)]
    return np.stack([a, b, c, d], axis=1)
