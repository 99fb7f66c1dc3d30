"""The network, and the table that shows it without Keras."""

import json
from dataclasses import asdict

import keras
import numpy as np
import pytest

from asl_core import TrainConfig, build_cnn, layers
from asl_core.config import IMAGE_SIZES, KERNEL_SIZES, Architecture
from asl_core.errors import ConfigError
from asl_core.files import from_json
from asl_core.training.architecture import count_params
from asl_core.training.export import to_litert
from asl_core.training.keras_engine import predict
from asl_core.training.model import architecture_of


def test_the_missions_network_has_2678_parameters_layer_by_layer() -> None:
    assert [layer.params for layer in layers(Architecture(), 3)] == [0, 380, 0, 1890, 0, 0, 408]
    assert count_params(Architecture(), 3) == 2678


ARCHITECTURES = [
    Architecture(filters, kernel_size, dropout, batch_norm, image_size)
    for filters in ((5, 15), (1, 1), (3, 64, 2))
    for kernel_size in KERNEL_SIZES
    for dropout in (0.0, 0.4)
    for batch_norm in (False, True)
    for image_size in IMAGE_SIZES
]


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_the_table_tells_what_keras_builds(architecture: Architecture) -> None:
    model = build_cnn(TrainConfig(**asdict(architecture)), 24)
    built = [
        (type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in model.layers
    ]
    told = layers(architecture, 24)
    assert built == [(layer.name.split(" ")[0], layer.output_shape, layer.params) for layer in told]
    assert count_params(architecture, 24) == model.count_params()
    assert architecture_of(model) == architecture


@pytest.mark.parametrize(
    "architecture",
    [
        Architecture(),
        Architecture((6, 9), 3, dropout=0.3, batch_norm=True),
        Architecture((4, 6, 8), 3, batch_norm=True, image_size=64),
        Architecture((4, 6, 8), 5, dropout=0.5, image_size=96),
    ],
    ids=str,
)
def test_litert_and_predict_answer_as_keras(architecture: Architecture) -> None:
    """Weights as after a training: the normalizations' means and variances are none of 0 and 1."""
    from ai_edge_litert.interpreter import Interpreter

    model = build_cnn(TrainConfig(**asdict(architecture)), 3)
    rng = np.random.default_rng(0)
    model.set_weights(
        [w + rng.uniform(0.0, 0.3, w.shape).astype(np.float32) for w in model.get_weights()]
    )
    size = architecture.image_size
    images = rng.integers(0, 256, (5, size, size, 3), dtype=np.uint8)
    expected = model(images, training=False).numpy()
    assert expected.std() > 1e-3
    np.testing.assert_allclose(predict(model, images), expected, atol=1e-5)

    interpreter = Interpreter(model_content=to_litert(model))
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, images.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(place, images)
    interpreter.invoke()
    answers = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(answers, expected, atol=1e-5)


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
        ("filters", (5, 15, 15, 15)),
        ("filters", (5, 15, 0)),
        ("kernel_size", 4),
        ("dropout", 0.9),
        ("dropout", float("nan")),
        ("image_size", 51),
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
