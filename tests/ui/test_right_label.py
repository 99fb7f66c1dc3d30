"""'Wrong? Say the right label' on Predict: nothing is kept unasked; what is kept is one's own."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.data.dataset_store import DatasetStore
from asl_core.data.grow_dataset import GrowingDataset
from asl_core.data.new_images import NewImage
from asl_core.data.own_dataset import OwnDataset
from asl_core.errors import StoreError
from asl_core.runs.run import Run
from asl_core.ui.predict.right_label import _keep
from asl_core.ui.shared.resources import run_store
from asl_core.web.visitor import browser_of
from tests.data.raw_archives import picture
from tests.ui.pages import opened, press, text

VISITOR = "abcdef"


def mine() -> tuple[OwnDataset, ...]:
    return DatasetStore(run_store().root).list(browser_of(VISITOR))


def answered(level: int = 90) -> AppTest:
    """The page with a photo and its answer, unfolded."""
    app = opened("predict")
    app.session_state["visitor"] = VISITOR
    app.file_uploader[0].set_value(("hand.png", picture(level, 64), "image/png")).run()
    app.session_state[f"right_label_{photo_of(app)}"] = True
    app.run()
    assert not app.exception
    return app


def photo_of(app: AppTest) -> str:
    (photo,) = app.session_state["predict_photos"]
    return str(photo.id)


def say(app: AppTest, label: str) -> None:
    app.selectbox(key=f"right_class_{photo_of(app)}").set_value(label).run()
    press(app, f"keep_{photo_of(app)}")


def test_a_photo_is_kept_with_the_label_that_is_said(with_run: Run) -> None:
    app = answered()
    assert "kept on this server in your own dataset 'My images' until you delete it" in text(app)
    assert app.button(key=f"keep_{photo_of(app)}").disabled
    assert not mine()  # an answer keeps nothing
    say(app, "B")
    (card,) = mine()
    assert (card.name, card.counts) == ("My images", {"B": 1})
    assert f"keep_{photo_of(app)}" not in [button.key for button in app.button]
    say(answered(30), "B")  # on another visit
    (card,) = mine()
    assert card.counts == {"B": 2}
    made = GrowingDataset(DatasetStore(run_store().root), card.id, card.owner)
    assert made.files("B") == ("B/photo-1/0001.jpg", "B/photo-2/0001.jpg")


def test_a_label_may_be_new_but_no_path(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asl_core.ui.predict.right_label.visitor", lambda: browser_of(VISITOR))
    image = NewImage(picture(30, 64), "hand.png")
    card, label = _keep(" thumb  up ", image)
    assert (card.counts, label) == ({"thumb up": 1}, "thumb up")
    assert _keep("thumb up", image)[0].counts == {"thumb up": 2}
    with pytest.raises(StoreError):
        _keep("../../etc", image)
    assert mine()[0].counts == {"thumb up": 2}


def test_a_folded_part_asks_nothing(with_run: Run, tmp_path: Path) -> None:
    app = opened("predict")
    app.file_uploader[0].set_value(("hand.png", picture(9, 64), "image/png")).run()
    assert f"right_class_{photo_of(app)}" not in [box.key for box in app.selectbox]
