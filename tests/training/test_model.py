"""The network, and the table that shows it without Keras."""

import json

import keras
import numpy as np
import pytest

from asl_core import TrainConfig, build_cnn, layers
from asl_core.errors import ConfigError
from asl_core.files import from_json
from asl_core.training.architecture import count_params


def test_the_missions_network_has_2678_parameters_layer_by_layer() -> None:
    assert [layer.params for layer in layers((5, 15), 3)] == [0, 380, 0, 1890, 0, 0, 408]
    assert count_params((5, 15), 3) == 2678


@pytest.mark.parametrize(("filters", "n_classes"), [((5, 15), 3), ((1, 1), 2), ((64, 33), 24)])
def test_the_table_tells_what_keras_builds(filters: tuple[int, int], n_classes: int) -> None:
    model = build_cnn(TrainConfig(filters=filters), n_classes)
    built = [(layer.output.shape[1:], layer.count_params()) for layer in model.layers]
    assert built == [(layer.output_shape, layer.params) for layer in layers(filters, n_classes)]


def test_rescaling_is_inside_the_model() -> None:
    keras.utils.set_random_seed(0)
    model = build_cnn(TrainConfig(), 3)
    photos = np.random.default_rng(0).integers(0, 256, (4, 50, 50, 3), dtype=np.uint8)
    core = keras.Sequential(model.layers[1:])
    np.testing.assert_allclose(
        model(photos), core(photos.astype(np.float32) / 255), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam", "sgd"])
def test_optimizer_and_learning_rate_reach_keras(optimizer: str) -> None:
    chosen = build_cnn(TrainConfig(optimizer=optimizer, learning_rate=0.0123), 3).optimizer  # type: ignore[arg-type]
    assert type(chosen).__name__.lower() == optimizer
    assert float(chosen.learning_rate) == pytest.approx(0.0123)
    default = build_cnn(TrainConfig(optimizer=optimizer), 3).optimizer  # type: ignore[arg-type]
    assert float(default.learning_rate) == pytest.approx(
        float(keras.optimizers.get(optimizer).learning_rate)
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("epochs", 101),
        ("epochs", 1.5),
        ("filters", (0, 15)),
        ("filters", (5, 65)),
        ("filters", (5,)),
        ("batch_size", 0),
        ("seed", -1),
        ("learning_rate", 0.0),
        ("learning_rate", 1.5),
        ("learning_rate", float("nan")),
        ("optimizer", "magic"),
    ],
)
def test_a_setting_out_of_range_is_named(setting: str, value: object) -> None:
    with pytest.raises(ConfigError, match=setting):
        TrainConfig(**{setting: value})  # type: ignore[arg-type]


def test_a_config_survives_json() -> None:
    config = TrainConfig(epochs=7, filters=(3, 9), optimizer="adam", learning_rate=0.01, seed=5)
    assert from_json(json.dumps(config.to_json()), TrainConfig) == config
