"""Letters, hands and signs are spoken of only where the classes are letters of the alphabet."""

import json
import re
import shutil
from pathlib import Path

import pytest

from asl_core.data import read_folder
from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import Run
from asl_core.settings import ROOT, settings
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.words import moving_note
from tests.ui.pages import opened, rewrite, text

OF_HANDS = re.compile(r"\b(letters?|hands?|handshapes?|sign(ed|ing|er|ers)?|alphabet|ASL)\b")
TITLE = "ASL Explorer"
SHIPPED = "20261129-015719-340634ce0"  # on landmarks of any hand
NETWORK = "hand landmarks"  # a kind of network, offered with any images


@pytest.fixture
def animals(
    environment: Path,
    drawn: Path,
    drawn_run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server with photos of animals and a run on them."""
    folder = tmp_path / "animals"
    for letter, name in zip("ABC", ("bee", "cat", "dog"), strict=True):
        shutil.copytree(drawn / letter, folder / name)
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)  # no worker is needed here
    settings.cache_clear()
    shutil.copytree(drawn_run.folder, environment / drawn_run.id)
    call_animals(environment / drawn_run.id)
    assert not run_store().scan().damaged


def call_animals(run: Path) -> None:
    """Rename the classes of a run, wherever its results name them."""
    names = dict(zip("ABC", ("bee", "cat", "dog"), strict=True))
    results = json.loads((run / "results.json").read_text())
    counts = {
        key: {names[name]: value for name, value in values.items()}
        for key, values in results.items()
        if isinstance(values, dict) and values and set(values) <= set(names)
    }
    rewrite(run, "results.json", **{**counts, "classes": list(names.values())})


def test_of_animals_no_page_speaks_of_hands(animals: None) -> None:
    for page in ("home", "data", "train", "sweep", "evaluate", "compare", "predict"):
        app = opened(page)
        words = text(app).replace(TITLE, "").replace(NETWORK, "")
        assert not (found := OF_HANDS.search(words)), (page, found and words[found.start() :][:80])
        assert "The manual alphabet, rendered" not in [fold.label for fold in app.expander]
        assert not any("my_hand" in code.value for code in app.code)


def test_of_animals_predict_opens_with_the_run_on_them(
    animals: None,
    environment: Path,
    drawn_run: Run,
    hand_finder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASL_HAND_FINDER_DIR", str(hand_finder))
    settings.cache_clear()
    shown = read_folder(tmp_path / "animals").fingerprint
    rewrite(environment / drawn_run.id, "results.json", fingerprint=shown)
    shutil.copytree(ROOT / "models" / SHIPPED, environment / SHIPPED)
    assert opened("predict").selectbox[0].value == drawn_run.id


def test_of_letters_they_do(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    assert "read letters of the **ASL manual alphabet**" in text(opened("home"))
    assert "The manual alphabet, rendered" in [fold.label for fold in opened("data").expander]


def test_j_and_z_are_said_to_move_where_they_are_classes(
    environment: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)
    folder = tmp_path / "moving"
    for letter, name in zip("ABC", "AIJ", strict=True):
        shutil.copytree(drawn / letter, folder / name)
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    settings.cache_clear()
    assert "J is made with a movement, which an image can't show" in text(opened("data"))
    shutil.rmtree(folder / "J")
    settings.cache_clear()
    assert moving_note(("A", "I")) == ""
    assert moving_note(tuple("JZ")).startswith(" J and Z are made with a movement")
