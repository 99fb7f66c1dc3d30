"""How an epoch grows with filters, images, classes and pixels: part of `benchmarks.training`.

The images are noise: how long an epoch takes does not depend on what they show.
"""

import time
from dataclasses import replace

import numpy as np

from asl_core.config import BASELINE, TrainConfig
from asl_core.data.dataset import one_hot

Case = tuple[TrainConfig, int, int]
"""Settings, number of images, number of classes."""

N_IMAGES, N_CLASSES = 1_600, 3

CASES: dict[str, Case] = {
    **{
        f"filters_{first}_{second}": (replace(BASELINE, filters=(first, second)), N_IMAGES, 3)
        for first, second in ((5, 15), (16, 48), (32, 64), (64, 64))
    },
    **{f"images_{n}": (BASELINE, n, N_CLASSES) for n in (7_200, 29_000, 87_000)},
    **{f"classes_{n}": (BASELINE, N_IMAGES, n) for n in (24, 60)},
    **{f"size_{n}": (replace(BASELINE, image_size=n), N_IMAGES, N_CLASSES) for n in (64, 96)},
}


def ours() -> dict[str, list[float]]:
    """Seconds of an epoch of each case, in the engine that trains it."""
    from asl_core.training.engine import engine

    found = {}
    for name, (config, n, n_classes) in CASES.items():
        images, labels = made(config, n, n_classes)
        its = engine(config.architecture, n_classes, config.optimizer)
        its.start(config)
        held, order = its.hold(images, labels), np.arange(n)
        rates = np.full(-(-n // config.batch_size), config.rate, np.float32)
        its.learn(held, order[: config.batch_size], rates[:1], config.batch_size)  # traced
        started = time.perf_counter()
        its.learn(held, order, rates, config.batch_size)
        found[name] = [time.perf_counter() - started]
    return found


def plain() -> dict[str, list[float]]:
    """The same by plain Keras."""
    import keras

    from asl_core.training.model import build_cnn

    keras.utils.set_random_seed(BASELINE.seed)
    found = {}
    for name, (config, n, n_classes) in CASES.items():
        images, labels = made(config, n, n_classes)
        wanted, first = one_hot(labels, n_classes), slice(config.batch_size)
        model = build_cnn(config, n_classes)
        model.fit(images[first], wanted[first], config.batch_size, verbose=0)  # traced
        started = time.perf_counter()
        model.fit(images, wanted, config.batch_size, verbose=0)
        found[name] = [time.perf_counter() - started]
    return found


def made(config: TrainConfig, n: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of noise, with labels."""
    shape = (n, config.image_size, config.image_size, 3)
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return images, np.arange(n) % n_classes


def compared(ours: dict[str, list[float]], plain: dict[str, list[float]]) -> dict[str, float]:
    """Seconds of ours, and the ratio to plain Keras with oneDNN, of each case."""
    figures = {}
    for name, (seconds,) in ours.items():
        figures[f"epoch_{name}_seconds"] = seconds
        figures[f"epoch_{name}_to_plain_onednn"] = seconds / plain[name][0]
    return figures
