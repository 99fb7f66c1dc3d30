"""The network on key points: what is inside of it, and that it learns."""

from pathlib import Path

import keras
import numpy as np
import pytest

from asl_core.landmarks.features import N_FEATURES, features
from asl_core.landmarks.network import (
    MAX_DEVIATION,
    Examples,
    NetworkConfig,
    build,
    hidden,
    of_person,
    probabilities,
    standardization,
    train,
)
from asl_core.landmarks.rendered import rendered_key_points

LETTERS = "BLVY"
FEW = NetworkConfig(hidden=16, epochs=3, batch_size=16)


def examples_of(n: int, seed: int) -> Examples:
    hands, labels = rendered_key_points(LETTERS, n, seed)
    return Examples(features(hands), labels, np.ones(n, np.float32))


@pytest.fixture(scope="module")
def trained() -> keras.Sequential:
    return train(examples_of(400, 0), len(LETTERS), FEW)


def test_it_learns_rendered_letters(trained: keras.Sequential) -> None:
    test = examples_of(100, 1)
    said = probabilities([trained], test.features[:, None])
    assert said.shape == (100, 4)
    assert np.allclose(said.sum(axis=1), 1, atol=1e-5)
    assert (said.argmax(axis=1) == test.labels).mean() > 0.95


def test_a_seed_gives_the_same_network_again(trained: keras.Sequential) -> None:
    again = train(examples_of(400, 0), len(LETTERS), FEW)
    for one, other in zip(trained.get_weights(), again.get_weights(), strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_examples_of_no_weight_teach_nothing() -> None:
    right = examples_of(400, 0)
    wrong = Examples(right.features, (right.labels + 1) % 4, np.zeros(400, np.float32))
    model = train(Examples.joined([right, wrong]), len(LETTERS), FEW)
    test = examples_of(100, 1)
    said = probabilities([model], test.features[:, None])
    assert (said.argmax(axis=1) == test.labels).mean() > 0.95


def test_it_standardizes_and_cuts_off_by_itself() -> None:
    rng = np.random.default_rng(0)
    training = rng.normal(5, 3, (1_000, N_FEATURES)).astype(np.float32)
    training[:, 7] = 2.5  # a feature that never varies
    model = build(2, FEW, standardization(training))
    inner = keras.Model(model.inputs, model.layers[2].output)

    seen = inner.predict(training, verbose=0)
    varied = np.delete(seen, 7, axis=1)
    assert np.allclose(varied.mean(axis=0), 0, atol=1e-2)
    assert np.allclose(varied.std(axis=0), 1, atol=1e-2)
    assert np.isfinite(seen).all()

    extreme = np.stack([np.full(N_FEATURES, -1e4), np.full(N_FEATURES, 1e4)]).astype(np.float32)
    low, high = inner.predict(extreme, verbose=0)
    assert np.allclose(low, -MAX_DEVIATION)
    assert np.allclose(high, MAX_DEVIATION)


def test_a_person_with_many_images_counts_less_for_each() -> None:
    images = np.zeros((100, 6, N_FEATURES), np.float32)
    images[:, :, 0] = np.arange(100)[:, None]
    many, few = of_person(images, np.arange(100)), of_person(images[:4], np.arange(4))

    assert len(many) == 600
    assert np.array_equal(many.features[:, 0], many.labels), "each view has its image's label"
    assert np.isclose(many.weights.sum(), 10)
    assert np.isclose(few.weights.sum(), 2)


def test_views_and_networks_are_averaged(trained: keras.Sequential) -> None:
    other = train(examples_of(400, 0), len(LETTERS), NetworkConfig(16, epochs=1, seed=1))
    views = examples_of(20, 2).features.reshape(10, 2, N_FEATURES)
    alone = [
        probabilities([model], views[:, [view]]) for model in (trained, other) for view in (0, 1)
    ]
    assert np.allclose(probabilities([trained, other], views), np.mean(alone, axis=0), atol=1e-5)
    assert hidden(trained, views).shape == (10, 16)


def test_what_on_epoch_raises_ends_the_training() -> None:
    told: list[int] = []

    def stop(epoch: int) -> None:
        told.append(epoch)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(examples_of(40, 0), len(LETTERS), FEW, stop)
    assert told == [1]


def test_litert_says_the_same(trained: keras.Sequential, tmp_path: Path) -> None:
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    content = tf.lite.TFLiteConverter.from_keras_model(trained).convert()
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    image = examples_of(1, 3).features
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    said = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    assert np.allclose(said, trained.predict(image, verbose=0), atol=1e-5)

    trained.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.allclose(loaded.predict(image, verbose=0), said, atol=1e-5)
