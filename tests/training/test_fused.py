"""The compiled loop: the gradients of Keras, its first weights, and machine code kept on disk."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from asl_core import Dataset, TrainConfig
from asl_core.config import Architecture
from asl_core.data.dataset import one_hot
from asl_core.settings import ROOT
from asl_core.training.engine import engine, is_fused
from asl_core.training.fused import FusedEngine
from asl_core.training.model import build_cnn

FILTERS = [(5, 15), (7, 3), (16, 48)]
BATCH = 32


def gradients_of(
    model: keras.Sequential, images: np.ndarray, labels: np.ndarray
) -> list[np.ndarray]:
    """Those of Keras, of the mean loss of a batch, in a graph as `fit` makes one."""

    @tf.function  # type: ignore[untyped-decorator]
    def step(images: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            losses = keras.losses.categorical_crossentropy(labels, model(images, training=True))
            loss = tf.reduce_mean(losses)
        return list(tape.gradient(loss, [weight.value for weight in model.trainable_variables]))

    wanted = one_hot(labels, model.output_shape[-1])
    return [gradient.numpy() for gradient in step(tf.constant(images), wanted)]


def apart(
    config: TrainConfig, weights: list[np.ndarray], images: np.ndarray, labels: np.ndarray
) -> float:
    """Largest difference of our gradients from Keras's, as a share of the norm of each array."""
    n_classes = len(weights[-1])
    model = build_cnn(config, n_classes)
    model.set_weights(weights)
    ours = FusedEngine(config.architecture, n_classes, "sgd")
    ours.start(config)
    ours.set_weights(weights)
    order = np.arange(len(images))
    ours.learn(ours.hold(images, labels), order, np.ones(1, np.float32), len(images))
    pairs = zip(ours.gradients, gradients_of(model, images, labels), strict=True)
    return max(
        float(np.linalg.norm(a - b) / max(np.linalg.norm(b), np.finfo(np.float32).tiny))
        for a, b in pairs
    )


@pytest.mark.parametrize("filters", FILTERS)
def test_gradients_of_real_batches_are_those_of_keras(
    mission: Dataset, filters: tuple[int, int]
) -> None:
    config, rng = TrainConfig(filters=filters), np.random.default_rng(5)
    trained = engine(config.architecture, 3, "rmsprop")
    trained.start(config)
    images, labels = np.asarray(mission.images), mission.labels
    held, differences = trained.hold(images, labels), []
    for _ in range(8):
        batch = rng.choice(len(images), BATCH, replace=False)
        differences.append(apart(config, trained.weights(), images[batch], labels[batch]))
        order = rng.permutation(len(images))[: 5 * BATCH]
        trained.learn(held, order, np.full(5, 1e-3, np.float32), BATCH)
    # Where two pixels of a window differ by less than float32 can tell, each program may take
    # another for the maximum: that happens to one window of several batches.
    assert np.median(differences) < 1e-5
    assert max(differences) < 1e-3


@pytest.mark.parametrize("size", [50, 64, 96])
def test_the_first_of_equal_maxima_is_followed_back(size: int) -> None:
    config, rng = TrainConfig(image_size=size), np.random.default_rng(1)
    weights = build_cnn(config, 3).get_weights()
    plain = np.broadcast_to(rng.integers(0, 256, (6, 1, 1, 3)), (6, size, size, 3))
    striped = plain * (np.arange(size) // 9 % 2)[:, None]
    images = np.concatenate([plain, striped, np.zeros_like(plain)]).astype(np.uint8)
    labels = np.arange(len(images)) % 3
    assert apart(config, weights, images, labels) < 1e-5


def test_a_batch_that_is_all_wrong_beyond_doubt_has_keras_gradients(mission: Dataset) -> None:
    config = TrainConfig()
    weights = build_cnn(config, 3).get_weights()
    weights[-1] = np.array([200, 0, -200], np.float32)
    images = np.asarray(mission.images[:BATCH])
    assert apart(config, weights, images, np.full(BATCH, 2)) < 1e-5


@pytest.mark.parametrize("seed", [0, 2, 2**32 - 1])
def test_first_weights_are_those_that_keras_draws(seed: int) -> None:
    for filters in FILTERS:
        config = TrainConfig(filters=filters, seed=seed)
        ours = FusedEngine(config.architecture, 24, "rmsprop")
        ours.start(config)
        for a, b in zip(ours.weights(), build_cnn(config, 24).get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("filters", [*FILTERS, (1, 64)])
def test_answers_are_those_of_keras(mission: Dataset, filters: tuple[int, int]) -> None:
    config = TrainConfig(filters=filters, seed=3)
    ours = FusedEngine(config.architecture, 60, "rmsprop")
    ours.start(config)
    images = np.asarray(mission.images[::50])
    by_keras = build_cnn(config, 60).predict(images, verbose=0)
    np.testing.assert_allclose(ours.predict(images), by_keras, atol=1e-6)


def test_only_networks_like_the_missions_are_fused() -> None:
    assert is_fused(Architecture((1, 64)))
    assert is_fused(Architecture((10, 30), image_size=96))
    assert not is_fused(Architecture((16, 16)))  # TensorFlow is as fast there
    for other in (
        Architecture((5, 15, 20)),
        Architecture(kernel_size=3),
        Architecture(dropout=0.1),
        Architecture(batch_norm=True),
    ):
        assert not is_fused(other)


TRAIN = """
import numpy as np
from asl_core import TrainConfig
from asl_core.training.engine import engine
its = engine(TrainConfig().architecture, 3, "rmsprop")
its.start(TrainConfig())
print(its.predict(np.zeros((1, 50, 50, 3), np.uint8)).shape)
import sys
assert "tensorflow" not in sys.modules
"""


@pytest.mark.slow
def test_machine_code_is_kept_in_the_cache_and_not_beside_the_code(tmp_path: Path) -> None:
    code = tmp_path / "code"
    shutil.copytree(
        ROOT / "asl_core", code / "asl_core", ignore=shutil.ignore_patterns("__pycache__")
    )
    before = sorted(code.rglob("*"))
    environment = {
        **os.environ, "PYTHONDONTWRITEBYTECODE": "1", "ASL_CACHE_DIR": str(tmp_path / "cache"),
    }  # fmt: skip
    command = [sys.executable, "-c", TRAIN]
    done = subprocess.run(command, cwd=code, env=environment, capture_output=True, text=True)
    assert done.stdout == "(1, 3)\n", done.stderr
    assert sorted(code.rglob("*")) == before
    assert list((tmp_path / "cache" / "compiled").rglob("fused.run*.nbc"))


@pytest.mark.slow
def test_without_a_place_for_machine_code_it_is_compiled_anew(tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # no folder can be made in it, whoever asks
    environment = {**os.environ, "ASL_CACHE_DIR": str(tmp_path / "file" / "cache")}
    command = [sys.executable, "-c", TRAIN]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout == "(1, 3)\n", done.stderr
