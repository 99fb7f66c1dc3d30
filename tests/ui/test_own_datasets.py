"""Images of one's own on the page Data: dropped, taken in, used, renamed, deleted; others' are not
shown."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.data import dataset_store
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.import_dataset import Import, import_dataset
from asl_core.data.own_dataset import OwnDataset
from asl_core.ui.shared.resources import jobs, run_store
from asl_core.web.visitor import browser_of
from tests.data.raw_archives import Raw, picture, raw_zip
from tests.ui.pages import opened, press, text

VISITOR = "abcdef"


pytestmark = pytest.mark.usefixtures("environment")


def hands(n: int = 10) -> bytes:
    """An archive of two classes."""
    return raw_zip(
        Raw(f"hands/{name}/{i}.png".encode(), picture(10 * i + level))
        for name, level in (("A", 3), ("B", 90))
        for i in range(n)
    )


def visited() -> AppTest:
    """The page, unfolded, as a visitor without cookies gets it."""
    app = opened("data")
    app.session_state["visitor"] = VISITOR
    app.session_state["own_sets_open"] = True
    app.run()
    assert not app.exception
    return app


def owner() -> str:
    return browser_of(VISITOR)


def brought(tmp_path: Path, name: str, by: str) -> OwnDataset:
    path = tmp_path / "hands.zip"
    path.write_bytes(hands())
    return import_dataset(Import(path, name, by, root=run_store().root))


def drop(app: AppTest, name: str, content: bytes, title: str) -> None:
    app.file_uploader(key="dropped_archive").set_value((name, content, "application/zip"))
    (field,) = (box for box in app.text_input if box.placeholder == "Name of the file")
    field.set_value(title)
    (button,) = (each for each in app.button if each.label == "Import")
    button.click().run()
    assert not app.exception


def test_what_is_dropped_is_taken_in_used_and_trained_on() -> None:
    app = visited()
    drop(app, "hands.zip", hands(), "My *hands*")
    for _ in range(600):
        if cards := DatasetStore(run_store().root).list():
            break
        time.sleep(0.1)
    jobs().close()
    (card,) = cards
    assert (card.name, card.owner, card.counts) == ("My *hands*", owner(), {"A": 10, "B": 10})
    app.run()
    assert "**My *hands***" in text(app)
    press(app, "Use this dataset")
    assert app.query_params["data"] == card.text
    assert "16 training" in app.header[0].value
    assert "the dataset 'My *hands*', which was brought here" in text(app)
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert any(card.text in code.value for code in app.code)


def test_a_hostile_archive_is_refused_with_its_reason() -> None:
    app = visited()
    drop(app, "evil.zip", raw_zip([Raw(b"../canary.png", b"x")]), "")
    for _ in range(600):
        app.run()
        if app.error:
            break
        time.sleep(0.1)
    jobs().close()
    assert "which leads out of it" in app.error[0].value
    press(app, "Discard")
    assert not app.error
    assert DatasetStore(run_store().root).list() == ()


def test_nobody_sees_or_changes_what_others_brought(tmp_path: Path) -> None:
    mine = brought(tmp_path, "Mine", owner())
    brought(tmp_path, "Theirs", "somebody else")
    brought(tmp_path, "The server's", "")
    app = visited()
    words = text(app)
    assert "Mine" in words
    assert "Theirs" not in words
    assert "The server's" not in words
    app.text_input(key=f"name_{mine.id}").set_value("Renamed")
    press(app, f"rename_{mine.id}")
    assert "Renamed" in text(app)
    press(app, f"use_{mine.id}")
    press(app, f"delete_{mine.id}")
    assert "Renamed" not in text(app)
    assert "data" not in app.query_params
    assert [card.name for card in DatasetStore(run_store().root).list()] == [
        *("The server's", "Theirs")
    ]


def test_a_link_opens_one_for_anybody_until_it_is_deleted(tmp_path: Path) -> None:
    card = brought(tmp_path, "Shared", "somebody else")
    app = opened("data", data=card.text)
    assert "16 training" in app.header[0].value
    DatasetStore(run_store().root).delete(card.id)
    app = opened("data", data=card.text)
    assert "48 training" in app.header[0].value
    assert "which can't be used. This dataset has been deleted" in app.warning[0].value
    assert not opened("data", data="set:../../etc").error


def test_a_folded_part_draws_nothing() -> None:
    assert not opened("data").file_uploader


def wait_for_import() -> OwnDataset:
    for _ in range(600):
        if cards := DatasetStore(run_store().root).list():
            break
        time.sleep(0.1)
    jobs().close()
    (card,) = cards
    return card


@pytest.mark.slow
def test_what_came_of_an_import_is_shown_with_its_account_and_its_split() -> None:
    content = raw_zip(
        (
            *(
                Raw(f"hands/{name}/{who}/{i}.png".encode(), picture(20 * i + level))
                for name, level in (("A", 3), ("B", 90))
                for who in ("ann", "bob")
                for i in range(5)
            ),
            Raw(b"hands/A/ann/notes.doc", b"x"),
        )
    )
    app = visited()
    drop(app, "hands.zip", content, "Mine")
    card = wait_for_import()
    app.run()
    assert "Mine** is here: 20 images in 2 classes (A, B)" in text(app)
    assert "Files that are no images: 1 .doc." in text(app)
    split = app.selectbox(key=f"split_{card.id}")
    assert split.options[0] == "groups (recommended)"  # who is on them: the honest one
    assert "tells how well others are read" in text(app)
    split.set_value("random").run()
    assert "Split 'groups' is the more honest one here." in text(app)
    press(app, f"use_new_{card.id}")
    assert app.query_params["data"] in (card.text, [card.text])
    assert app.query_params["split"] in ("random", ["random"])
    assert "is here" not in text(app)


def test_at_a_limit_the_oldest_dataset_is_offered_for_deletion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_store, "MAX_SETS_PER_OWNER", 1)
    card = brought(tmp_path, "My *first*", owner())
    app = visited()
    assert "You keep 1 datasets" in app.error[0].value
    assert not app.file_uploader  # nothing is dropped in vain
    press(app, "delete_oldest")
    assert not app.error
    assert app.file_uploader
    assert card.text not in [left.text for left in DatasetStore(run_store().root).list()]
