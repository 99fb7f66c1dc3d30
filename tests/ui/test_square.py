"""The square of a photo that a network on pixels gets, on the page Predict."""

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from asl_core.evaluation.classify import open_classifier
from asl_core.evaluation.prediction import Prediction
from asl_core.images import encode, read_image
from asl_core.runs.intervals import percent
from asl_core.runs.run import Run
from asl_core.ui.predict.photos import Photo
from asl_core.ui.predict.square import CENTER, Square, in_square
from tests.ui.pages import opened

WIDE = np.zeros((100, 160, 3), np.uint8)
WIDE[:, 100:] = 210  # gray as the pictures of C: all else is black


def test_the_square_stays_in_the_photo() -> None:
    assert CENTER.box(100, 160) == (30, 0, 130, 100)
    assert CENTER.box(160, 101) == (0, 29, 101, 130)
    assert Square(right=100).box(100, 160) == (60, 0, 160, 100)
    assert Square(right=-100, down=100, size=50).box(100, 160) == (0, 50, 50, 100)
    for right in (-100, -35, 100):
        for size in (20, 55, 100):
            square = Square(right, -right, size)
            assert square.of(WIDE).shape == (size, size, 3)


def test_the_first_square_is_the_one_that_the_network_gets_anyway() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (90, 133, 3), np.uint8)
    square = Image.fromarray(CENTER.of(photo)).resize((50, 50), Image.Resampling.NEAREST)
    np.testing.assert_array_equal(read_image(encode(photo), "photo.png"), np.asarray(square))


def answered(app: AppTest) -> list[str]:
    """The pictures and words of all cards."""
    return [str(element.proto.body) for element in app.get("html")]


def test_the_answer_follows_the_square(with_run: Run) -> None:
    app = opened("predict", run=with_run.id)
    app.file_uploader[0].upload("wide.png", encode(WIDE), "image/png")
    app.run()
    assert not app.exception
    center = answered(app)
    assert any("the center square, 50 x 50 pixels" in html for html in center)
    photo_id = Photo("wide.png", encode(WIDE)).id
    app.session_state[f"square_{photo_id}_once"] = True  # as if its fold had been opened
    app.run()
    app.slider(key=f"square_right_{photo_id}").set_value(100)
    app.slider(key=f"square_size_{photo_id}").set_value(40).run()
    assert not app.exception
    moved = answered(app)
    assert any("your square, 50 x 50 pixels" in html for html in moved)
    gray = open_classifier(with_run).predict_pixels(np.full((50, 50, 3), 210, np.uint8), "gray")
    card = next(html for html in moved if "your square" in html)
    assert percent(gray.confidence) in card
    assert percent(gray.confidence) not in next(html for html in center if "center square" in html)
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/predict.py").run()
    assert any("your square" in html for html in answered(app))


def test_a_network_that_finds_the_hand_has_no_square_to_move(landmark_run: Run) -> None:
    photo = Photo("wide.png", encode(WIDE))
    found = Prediction("wide.png", WIDE, {"A": 1.0})
    assert in_square(landmark_run, photo, found) is found
