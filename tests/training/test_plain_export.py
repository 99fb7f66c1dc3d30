"""Model files that are made from templates are those that Keras and its converter would write."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from asl_core import TrainConfig
from asl_core.settings import ROOT
from asl_core.training.engine import engine
from asl_core.training.export import to_litert
from asl_core.training.fitted import Fitted
from asl_core.training.plain_export import TEMPLATES, keras_file, litert_file, make_templates

KINDS = [
    (TrainConfig(), 3),
    (TrainConfig(filters=(16, 48), optimizer="adam", seed=9, image_size=64), 24),
    (TrainConfig(filters=(1, 2), optimizer="sgd", learning_rate=0.05, image_size=96), 2),
]


def trained(config: TrainConfig, n_classes: int) -> tuple[Fitted, np.ndarray]:
    """A network after two steps, and what it learned from."""
    size = config.image_size
    images = np.random.default_rng(0).integers(0, 256, (8, size, size, 3)).astype(np.uint8)
    its = engine(config.architecture, n_classes, config.optimizer)
    its.start(config)
    rates = np.full(2, config.rate, np.float32)
    its.learn(its.hold(images, np.arange(8) % n_classes), np.arange(8), rates, 4)
    weights, state, none = its.weights(), its.optimizer_state(), np.zeros(0, int)
    return Fitted(config, n_classes, weights, state, {}, "all epochs", 1, none, none, 0.0), images


def settings_in(path: Path) -> Any:
    """What a `.keras` file says of the model, without the numbers of objects in memory."""
    with zipfile.ZipFile(path) as file:
        return without_object_ids(json.loads(file.read("config.json")))


def without_object_ids(value: Any) -> Any:
    if isinstance(value, dict):
        named = {key: without_object_ids(each) for key, each in value.items()}
        return {key: each for key, each in named.items() if key != "shared_object_id"}
    return [without_object_ids(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("config", "n_classes"), KINDS)
def test_keras_loads_what_it_would_have_saved(
    tmp_path: Path, config: TrainConfig, n_classes: int
) -> None:
    fitted, images = trained(config, n_classes)
    ours, theirs = tmp_path / "ours.keras", tmp_path / "theirs.keras"
    ours.write_bytes(keras_file(fitted))
    fitted.model.save(theirs)
    told = settings_in(ours), settings_in(theirs)
    for each in told:  # Keras numbers the optimizers of a process
        del each["compile_config"]["optimizer"]["config"]["name"]
    assert told[0] == told[1]
    loaded = keras.models.load_model(ours)
    for a, b in zip(loaded.get_weights(), fitted.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    for variable, value in zip(loaded.optimizer.variables, fitted.optimizer, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    by_keras = loaded.predict(images, verbose=0)
    np.testing.assert_allclose(by_keras, fitted.predict(images), atol=1e-6)


@pytest.mark.parametrize(("config", "n_classes"), KINDS)
def test_litert_answers_as_what_its_converter_makes(config: TrainConfig, n_classes: int) -> None:
    fitted, images = trained(config, n_classes)
    ours = litert_file(config.architecture, n_classes, fitted.weights)
    answers = [answers_of(content, images) for content in (ours, to_litert(fitted.model))]
    np.testing.assert_array_equal(answers[0], answers[1])
    np.testing.assert_allclose(answers[0], fitted.predict(images), atol=1e-6)


def answers_of(content: bytes, images: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=content)
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, images.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(place, images)
    interpreter.invoke()
    answers: np.ndarray = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return answers


def test_templates_are_those_that_todays_keras_makes(tmp_path: Path) -> None:
    make_templates(tmp_path)
    names = sorted(path.name for path in TEMPLATES.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        if name.endswith(".keras"):
            told = settings_in(TEMPLATES / name), settings_in(tmp_path / name)
            for each in told:
                del each["compile_config"]["optimizer"]["config"]["name"]
            assert told[0] == told[1]
    versions = [
        json.loads(zipfile.ZipFile(folder / "sgd.keras").read("metadata.json"))["keras_version"]
        for folder in (TEMPLATES, tmp_path)
    ]
    assert versions[0] == versions[1]


TRAIN = """
import sys
from asl_core import TrainConfig, train
run = train(sys.argv[1], TrainConfig(), "random", sys.argv[2])
assert "tensorflow" not in sys.modules
assert "keras" not in sys.modules
print(run.results.epochs)
"""


def test_a_run_is_published_without_tensorflow(drawn: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", TRAIN, str(drawn), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "1\n", done.stderr
