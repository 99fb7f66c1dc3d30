"""The page Predict by Streamlit's own test runner, and what it shows of one photo."""

import numpy as np
from streamlit.testing.v1 import AppTest

from asl_core.evaluation.prediction import Prediction
from asl_core.runs.run import Run
from tests.ui.pages import opened, text

LONG = "Tomato___Spider_mites Two-spotted_spider_mite and more of it"
IMAGE = np.zeros((50, 50, 3), np.uint8)


def shown(prediction: Prediction) -> AppTest:
    def draw(prediction: "Prediction") -> None:  # run as a script, without the imports above
        from asl_core.ui.predict.answer import show_prediction

        show_prediction(prediction, 0)

    app = AppTest.from_function(draw, args=(prediction,), default_timeout=60).run()
    assert not app.exception
    return app


def test_the_predicted_class_is_never_cut() -> None:
    app = shown(Prediction("my *hand*.jpg", IMAGE, {LONG: 0.7, "<b>": 0.2, "A": 0.1}))
    assert text(app).splitlines()[0] == LONG
    assert not app.metric  # which would cut it
    assert "70.0 %" in text(app)
    assert "Low confidence" not in text(app)


def test_a_low_confidence_is_told() -> None:
    app = shown(Prediction("my_hand.jpg", IMAGE, {"<b>": 0.4, "A": 0.35, "B": 0.25}))
    assert text(app).splitlines()[0] == "<b>"
    assert "Low confidence" in text(app)


def test_a_mirrored_image_is_told() -> None:
    assert "left hand" not in text(shown(Prediction("a.jpg", IMAGE, {"A": 0.7, "B": 0.3})))
    app = shown(Prediction("a.jpg", IMAGE, {"A": 0.7, "B": 0.3}, mirrored=True))
    assert "Read mirrored, as a left hand" in text(app)


def test_the_page_says_which_classes_a_run_knows(with_run: Run) -> None:
    app = opened("predict")
    assert ", ".join(with_run.results.classes) in text(app)
    assert app.selectbox(key="run_widget").value == with_run.id
