"""Classes of different size: what is said of them, and the class weights that make them alike."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.config import TrainConfig
from asl_core.jobs.jobs import Jobs
from asl_core.settings import settings
from asl_core.ui.shared.settings_link import from_text
from tests.ui.pages import opened, press, text

NOTE = "A has 20 images, C 2 images"


@pytest.fixture
def unequal(
    environment: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with 20 images of A and of B, and 2 of C."""
    folder = Path(shutil.copytree(drawn, tmp_path / "unequal"))
    for file in sorted((folder / "C").iterdir())[2:]:
        file.unlink()
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)  # no worker is needed here
    settings.cache_clear()


def test_train_suggests_class_weights_and_the_link_carries_them(unequal: None) -> None:
    app = opened("train")
    assert NOTE in text(app)
    press(app, "use_class_weights")
    assert NOTE not in text(app)
    assert app.toggle(key="class_weights").value
    link = app.query_params["settings"]
    link = link if isinstance(link, str) else link[0]
    assert from_text(link).class_weights == "balanced"
    assert "Class weights balanced" in text(app)
    assert any("class_weights='balanced'" in code.value for code in app.code)
    linked = opened("train", settings=link)
    assert linked.toggle(key="class_weights").value
    linked.toggle(key="class_weights").set_value(False).run()
    assert "settings" not in linked.query_params


def test_sweep_has_them_too(unequal: None) -> None:
    app = opened("sweep")
    assert NOTE in text(app)
    app.toggle(key="sweep_class_weights").set_value(True).run()
    assert NOTE not in text(app)
    assert any("class_weights='balanced'" in code.value for code in app.code)


def test_data_tells_it_and_says_nothing_of_classes_alike(unequal: None, drawn: Path) -> None:
    assert NOTE in text(opened("data"))


def test_of_classes_alike_nothing_is_said(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    for page in ("data", "train", "sweep"):
        assert "differ much in size" not in text(opened(page))


def told(counts: tuple[int, int], says: int) -> AppTest:
    """What is told of a model that always answers one class."""
    script = f"""
import numpy as np
from asl_core.evaluation.evaluation import Evaluation
from asl_core.ui.shared.imbalance import tell_balance
labels = np.repeat([0, 1], {counts})
probabilities = np.tile(np.eye(2)[{says}], (len(labels), 1))
files = tuple(map(str, labels))
tell_balance(Evaluation(labels, probabilities, ("*big*", "small"), files, labels))
"""
    app = AppTest.from_string(script).run()
    assert not app.exception
    return app


def test_the_accuracy_of_unlike_classes_is_not_told_alone() -> None:
    words = text(told((90, 9), 0))
    assert "Balanced accuracy 50.0 %" in words  # where the accuracy is 91 %
    assert "precision 45.5 %, recall 50.0 %, F1 47.6 %" in words
    assert "**Never predicted**, though they have test images: small" in words


def test_a_class_that_is_never_named_is_told_whatever_its_size() -> None:
    words = text(told((10, 10), 1))
    assert "Balanced accuracy" not in words
    assert "have test images: *big*" in words


def test_every_setting_of_a_config_has_its_control(environment: Path) -> None:
    """What the page shows of a link is what the link says."""
    link = "constant:epochs=3:class_weights=balanced"
    app = opened("train", settings=link)
    assert from_text(link) == TrainConfig(epochs=3, class_weights="balanced")
    assert app.query_params["settings"] in (link, [link])
