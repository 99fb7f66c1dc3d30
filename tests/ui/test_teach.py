"""A dataset made by hand on the page Data: classes, images, the way to Train; what a browser may
send as frames, and how many."""

import base64

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.data.dataset_store import DatasetStore
from asl_core.data.grow_dataset import GrowingDataset
from asl_core.data.new_images import RECORDING, NewImage
from asl_core.errors import ImageError
from asl_core.settings import MAX_ADDED_IMAGES
from asl_core.ui.predict.live import EARLY, seconds_to_wait
from asl_core.ui.shared.camera import (
    LIVE_PER_SECOND,
    MAX_FRAME_CHARACTERS,
    LiveAnswer,
    _frames,
    _recording,
    _shown,
)
from asl_core.ui.shared.resources import run_store
from asl_core.web.visitor import browser_of
from tests.data.raw_archives import picture
from tests.ui.pages import opened, press

VISITOR = "abcdef"
START = "data:image/jpeg;base64,"


pytestmark = pytest.mark.usefixtures("environment")


def visited(by: str = VISITOR, **query: str) -> AppTest:
    """The page with the part unfolded, as a visitor without cookies gets it."""
    app = opened("data", **query)
    app.session_state["visitor"] = by
    app.session_state["teach_open"] = True
    app.run()
    assert not app.exception
    return app


def name_class(app: AppTest, name: str) -> None:
    app.text_input(key="teach_name").set_value(name)
    press(app, "Add class")


def the_set() -> GrowingDataset:
    """What the visitor has made."""
    (card,) = DatasetStore(run_store().root).list(browser_of(VISITOR))
    return GrowingDataset(DatasetStore(run_store().root), card.id, card.owner)


def record(name: str, level: int, n: int = 6) -> None:
    images = [NewImage(picture(level + i, 64), "frame") for i in range(n)]
    the_set().add_images(name, images, RECORDING)


def test_two_classes_are_named_filled_and_trained_on() -> None:
    app = visited()
    assert not DatasetStore(run_store().root).list()  # looking makes nothing
    name_class(app, "A")
    assert app.query_params["teach"] == the_set().card().id
    assert app.button(key="teach_train").disabled
    record("A", 10)
    name_class(app, "thumb up")
    assert app.session_state["teach_class"] == "thumb up"
    record("thumb up", 200)
    app.run()
    assert app.session_state["teach_class"] == "thumb up"
    app.button(key="teach_train").click().run()
    assert not app.exception
    assert app.title[0].value == "Train"
    assert app.query_params["data"] == the_set().card().text


def test_a_set_with_one_class_is_told_where_a_link_asks_for_it() -> None:
    app = visited()
    name_class(app, "A")
    record("A", 10)
    linked = opened("data", data=the_set().card().text)
    assert "has images of 1 class so far" in linked.warning[0].value
    assert "48 training" in linked.header[0].value


def test_an_image_more_is_on_the_page_at_once() -> None:
    app = visited()
    for name, level in (("A", 10), ("B", 200)):
        name_class(app, name)
        record(name, level, 10)
    linked = opened("data", data=the_set().card().text)
    press(linked, "Read the images")  # which no link begins
    assert "16 training" in linked.header[0].value
    record("A", 90, 10)
    linked.run()
    assert "24 training" in linked.header[0].value


def test_a_class_is_renamed_deleted_and_put_back() -> None:
    app = visited()
    name_class(app, "A")
    record("A", 10)
    app.run()
    app.text_input(key="teach_rename_A").set_value("B")
    press(app, "teach_rename")
    assert the_set().card().counts == {"B": 6}
    press(app, "delete_class")
    assert the_set().card().counts == {}
    press(app, "teach_undo")
    assert the_set().card().counts == {"B": 6}


def test_what_was_taken_out_goes_back_to_its_own_dataset_alone() -> None:
    app = visited()
    name_class(app, "A")
    record("A", 10)
    app.run()
    press(app, "delete_class")
    app.selectbox(key="teach_set").set_value("new").run()
    name_class(app, "A")
    assert "teach_undo" not in [button.key for button in app.button]


@pytest.mark.parametrize(
    "told", [None, 3, [START], {"target": 1, "images": []}, {"target": "a/b", "images": "x"}]
)
def test_what_is_no_recording_is_refused(told: object) -> None:
    with pytest.raises(ImageError):
        _recording(told)


def test_a_name_that_can_t_be_is_told_and_nothing_is_made() -> None:
    app = visited()
    name_class(app, "train")
    assert "can't be called" in app.warning[0].value
    assert not DatasetStore(run_store().root).list()


def choices(app: AppTest) -> list[str]:
    """What all the groups of buttons on the page offer."""
    return [option for group in app.button_group for option in group.options]


def test_nobody_adds_to_what_another_makes() -> None:
    app = visited()
    name_class(app, "A")
    other = visited("somebody else", teach=the_set().card().id)
    assert "A · 0" in choices(app)
    assert "A · 0" not in choices(other)
    name_class(other, "B")
    assert list(the_set().card().counts) == ["A"]


def test_a_folded_part_looks_at_nothing() -> None:
    app = opened("data")
    assert "teach_name" not in [box.key for box in app.text_input]


@pytest.mark.parametrize(
    "told",
    [[None], [3], [""], ["data:text/html;base64,AAAA"], [START + "*"], [{"image": "x"}],
     [START + "A" * MAX_FRAME_CHARACTERS], [START] * (MAX_ADDED_IMAGES + 1)],
)  # fmt: skip
def test_what_is_no_frame_is_refused(told: list[object]) -> None:
    with pytest.raises(ImageError):
        _frames(told)


def test_a_frame_is_the_file_in_it() -> None:
    content = picture(3, image_format="JPEG")
    assert _frames([START + base64.b64encode(content).decode()]) == [content]


def test_a_visitor_gets_so_many_answers_and_another_as_many() -> None:
    answered = [seconds_to_wait("one") == 0.0 for _ in range(20)]
    assert sum(answered) == EARLY
    assert 0 < seconds_to_wait("one") <= 1 / LIVE_PER_SECOND
    assert seconds_to_wait("two") == 0.0


def test_of_many_classes_the_most_probable_are_shown() -> None:
    few = _shown(LiveAnswer({"A": 0.2, "B": 0.8}))
    assert (few["label"], few["confidence"]) == ("B", "80.0 %")
    assert [name for name, _ in few["bars"]] == ["A", "B"]
    many = _shown(LiveAnswer({f"c{i}": i / 300 for i in range(25)}))
    assert [name for name, _ in many["bars"]] == ["c24", "c23", "c22", "c21", "c20"]
    assert _shown(LiveAnswer(wait=0.1)) == {"wait": 0.1}
    assert _shown(LiveAnswer(label="A B"))["label"] == "A B"
