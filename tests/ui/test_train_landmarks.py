"""The page Train where the network gets hand landmarks."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from asl_core.config import LANDMARKS
from asl_core.data import read_folder
from asl_core.errors import HandFinderError
from asl_core.jobs.tasks import hand_finder_task, landmarks_task
from asl_core.jobs.worker import dispatch
from asl_core.landmarks.found import landmarks_folder
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.ui.shared.settings_link import from_text
from tests.made_hands import MISSING, keep_hands
from tests.ui.pages import opened, text

LINK = "landmarks:epochs=5:batch_size=32:hidden=48"


@pytest.fixture
def unknown(environment: Path, drawn: Path) -> None:
    """The hands of the server's photos have yet to be found."""
    folder = landmarks_folder(read_folder(drawn))
    for block in folder.glob("*.npz"):
        block.unlink()


def test_without_the_hand_finder_the_choice_says_what_is_missing(unknown: None) -> None:
    app = opened("train")
    assert app.button_group(key="features").value == "pixels"
    assert "hand finder" not in text(app)
    app.button_group(key="features").set_value("landmarks").run()
    assert not app.exception
    assert "download hand-finder" in text(app)
    assert _button(app, "Train").disabled
    task = hand_finder_task(RunStore(settings().runs_dir))
    assert _button(app, "Download the hand finder").key == f"start_{task.id}"


def test_with_it_hands_are_found_before_the_first_training(
    unknown: None, hand_finder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASL_HAND_FINDER_DIR", str(hand_finder))
    settings.cache_clear()
    app = opened("train", settings=LINK)
    assert "First the hand is found in each of the 60 images" in text(app)
    assert not _button(app, "Train").disabled


def test_the_controls_are_those_of_landmarks(environment: Path, drawn: Path) -> None:
    keep_hands(read_folder(drawn))
    app = opened("train", settings=LINK)
    assert not app.exception
    config = from_text(LINK)
    assert config == replace(LANDMARKS, epochs=5, batch_size=32, hidden=48)
    assert app.slider(key="hidden_units").value == 48
    labels = {control.label for control in (*app.slider, *app.toggle, *app.button_group)}
    assert labels.isdisjoint({"Preset", "Third block", "Kernel size", "Shift", "Image size"})
    assert not any("Filters" in label for label in labels)
    assert app.dataframe[0].value["Layer"].tolist()[-1] == "Dense (3, softmax)"
    assert "No hand was found in 3 of 48 training images" in text(app)
    assert "3 of 12 test images, which count as errors" in text(app)
    assert len(MISSING) == 6
    assert "trained on **45 images**" in text(app)

    app.slider(key="hidden_units").set_value(64).run()
    assert "hidden=64" in str(app.query_params["settings"])
    app.button_group(key="features").set_value("pixels").run()
    assert not app.exception
    assert app.slider(key="first_one-cycle").value == 8
    assert "settings" not in app.query_params


def test_a_task_finds_the_hands(environment: Path, drawn: Path) -> None:
    dataset = read_folder(drawn)
    keep_hands(dataset)
    task = landmarks_task(RunStore(environment), dataset)
    assert task.state().phase == "done"
    task.result.unlink()
    assert task.state().phase == "none"
    assert task.claim()
    with pytest.raises(HandFinderError):
        dispatch(str(task.root), task.id)
    task.submitted.release()
    assert "download hand-finder" in task.state().error


def _button(app: AppTest, label: str) -> Button:
    return next(button for button in app.button if button.label == label)
