"""A class that can't be used is left out with a click, on every page, and comes back with one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.data import open_dataset
from asl_core.settings import settings
from tests.data.test_without import with_small_classes
from tests.ui.pages import opened, press, text

WITHOUT = "?without=Bad&without=One%2C%20or%20two%3F"


@pytest.fixture(autouse=True)
def folder(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server with three usual classes, and two of a single image that can be read."""
    folder = with_small_classes(drawn, tmp_path / "photos")
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    settings.cache_clear()
    yield folder
    settings.cache_clear()


def leave_out_button(app: AppTest) -> str:
    (button,) = (each for each in app.button if each.key == "leave_out_small")
    return button.label.replace("\\", "")


@pytest.mark.parametrize("page", ["home", "data", "train", "sweep"])
def test_small_classes_are_left_out_with_a_click_and_come_back(page: str) -> None:
    app = opened(page)
    assert "have only one image each" in app.error[0].value
    assert leave_out_button(app) == "Leave out Bad and One, or two?"
    press(app, "leave_out_small")
    assert not app.error
    assert app.query_params["data"] == WITHOUT
    if page == "home":
        return
    press(app, "use_all_classes")
    assert "have only one image each" in app.error[0].value
    assert "data" not in app.query_params


def test_the_way_to_other_images_stays_open() -> None:
    app = opened("data")
    assert [header.value for header in app.header] == ["Other images"]
    assert app.expander


def test_a_link_opens_the_rest_and_the_run_is_of_the_rest(folder: Path) -> None:
    app = opened("train", data=WITHOUT)
    assert not app.error
    assert "48 images" in text(app)
    code = app.code[-1].value
    assert repr(f"{folder.name}{WITHOUT}") in code  # as the command line takes it
    assert str(folder.parent) not in code
    assert open_dataset(f"{folder}{WITHOUT}").classes == ("A", "B", "C")


def test_any_classes_may_be_left_out() -> None:
    app = opened("data", data=WITHOUT)
    (chosen,) = (box for box in app.multiselect if box.label == "Classes to leave out")
    assert chosen.value == ["Bad", "One, or two?"]
    chosen.set_value(["Bad", "One, or two?", "C"])
    press(app, "Apply")
    assert "32 training" in app.header[0].value
    assert app.query_params["data"] == "?without=Bad&without=C&without=One%2C%20or%20two%3F"


def test_too_few_classes_left_are_told_with_the_ways_back() -> None:
    app = opened("data", data=f"{WITHOUT}&without=A&without=B")
    assert "at least 2 must be left" in app.error[0].value
    press(app, "use_all_classes_instead")
    assert "data" not in app.query_params
    assert "have only one image each" in app.error[0].value


def test_a_rendered_dataset_has_no_classes_to_leave_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASL_DATA_DIR", "rendered:AB:20:0")
    settings.cache_clear()
    app = opened("train", data="?without=A")
    assert "made of the letters that are asked for" in app.warning[0].value


def test_outside_of_a_link_nothing_names_a_folder_of_the_server(tmp_path: Path) -> None:
    app = opened("data", data=f"{tmp_path}?without=Bad")
    assert "which can't be rendered" in app.warning[0].value
