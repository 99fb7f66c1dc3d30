"""The page Predict by Streamlit's own test runner, and what it shows of photos."""

import io
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from asl_core.evaluation.classify import open_classifier
from asl_core.evaluation.evaluation import Score
from asl_core.evaluation.generalization import ExternalTest, save_external_test
from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.prediction import Prediction
from asl_core.evaluation.stated_confidence import StatedConfidence
from asl_core.report.csv_tables import photos_csv
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, MAX_UPLOAD_FILES, NO_LETTER, ROOT, settings
from asl_core.ui.predict import photos
from asl_core.ui.predict.doubt import caution, verdict_of
from asl_core.ui.predict.examples import examples_for
from asl_core.web.kept_files import KEPT
from tests.data.raw_archives import picture
from tests.ui.pages import opened, press, text

LONG = "Tomato___Spider_mites Two-spotted_spider_mite and more of it"
IMAGE = np.zeros((50, 50, 3), np.uint8)
STATED = StatedConfidence(0.72, 0.95, 0.83, 7_722, "photos of people held out", lowest=0.88)
LETTERS = ("A", "B", "C", "L", NO_LETTER)


def cards(app: AppTest) -> str:
    """The words of all cards."""
    html = "\n".join(str(element.proto.body) for element in app.get("html"))
    return unescape(re.sub(r"<[^>]+>", "\n", html[html.find("asl-answer-box") :]))


def shown(run: Run, prediction: Prediction) -> str:
    def draw(run: "Run", prediction: "Prediction") -> None:  # a script, without the imports above
        from asl_core.ui.predict.answer import show_prediction
        from asl_core.ui.predict.photos import Photo

        show_prediction(run, Photo(prediction.name, b"content"), prediction)

    app = AppTest.from_function(draw, args=(run, prediction), default_timeout=60).run()
    assert not app.exception
    return cards(app)


def dropped(app: AppTest, *levels: int) -> AppTest:
    """The page after photos have been dropped, each gray in its own way."""
    for level in levels:
        app.file_uploader[0].upload(f"{level}.png", picture(level, 64), "image/png")
    app.run()
    assert not app.exception
    return app


def names(app: AppTest) -> list[str]:
    return [photo.name for photo in app.session_state["predict_photos"]]


def test_the_predicted_class_is_never_cut_and_never_read_as_html(drawn_run: Run) -> None:
    words = shown(drawn_run, Prediction("x.jpg", IMAGE, {LONG: 0.98, "<b>": 0.01, "A": 0.01}))
    assert words.count(LONG) == 2  # above, and beside its bar
    assert "<b>" in words
    assert "98.0 %" in words


def test_below_the_stated_confidence_it_does_not_know() -> None:
    answer = verdict_of(Prediction("x.jpg", IMAGE, {"M": 0.73, "N": 0.27}), STATED)
    assert (answer.kind, answer.headline) == ("answer", "M")
    assert "95 % of its answers are right, 88 % for the person whom it reads worst" in answer.why
    assert "it answers 83 % of photos" in answer.why
    assert "7,722 images: photos of people held out" in answer.why
    unsure = verdict_of(Prediction("x.jpg", IMAGE, {"M": 0.71, "N": 0.29}), STATED)
    assert (unsure.kind, unsure.headline) == ("unsure", "I don't know")
    assert "below 72 %" in unsure.why
    nothing = Prediction("x.jpg", IMAGE, {"M": 0.4, NO_LETTER: 0.6})
    assert verdict_of(nothing, STATED).kind == "no letter"
    no_hand = HandPrediction("x.jpg", IMAGE, {"M": 0.0, "no hand": 1.0}, None)
    assert verdict_of(no_hand, STATED).headline == "No hand found"


def test_what_a_run_gets_right_on_its_own_test_images_is_not_promised_for_a_photo() -> None:
    own = StatedConfidence(0.4, 1.0, 1.0, 400, "its test images")
    sure = verdict_of(Prediction("x.jpg", IMAGE, {"A": 0.99, "B": 0.01}), own)
    assert (sure.kind, sure.why) == ("answer", "")
    unsure = verdict_of(Prediction("x.jpg", IMAGE, {"A": 0.55, "B": 0.45}), own)
    assert unsure.kind == "unsure"
    strict = replace(own, threshold=0.995)
    assert verdict_of(Prediction("x.jpg", IMAGE, {"A": 0.99, "B": 0.01}), strict).kind == "unsure"


def test_a_card_without_an_answer_names_the_likeliest(drawn_run: Run) -> None:
    words = shown(drawn_run, Prediction("x.jpg", IMAGE, {"M": 0.41, "N": 0.38, "A": 0.21}))
    assert "I don't know" in words
    assert "M (41 %), N (38 %)" in words


def test_only_the_likeliest_of_many_classes_have_a_bar(drawn_run: Run) -> None:
    many = {chr(65 + number): 0.0 for number in range(24)} | {"X": 1.0}
    words = shown(drawn_run, Prediction("x.jpg", IMAGE, many))
    assert "The likeliest of 24 classes" in words
    assert words.count(" %\n") < 9


def test_the_caution_has_the_measured_figures_if_there_are_any(with_run: Run) -> None:
    (run,) = RunStore(settings().runs_dir).list()
    assert "expect it to be wrong on other hands" in caution(run, "before")
    for folder, correct in (("lee", 35), ("hackmit", 67)):
        name = f"external_test-{folder}"
        save_external_test(run, name, ExternalTest(folder, Score(correct, 100), 0.9))
    assert "on 2 other photo sets 35 to 67 % of its answers are right" in caution(run, "after")


def test_an_own_run_on_landmarks_is_doubted_as_one_on_pixels(landmark_run: Run) -> None:
    """It may have learned from one person; only the shipped one was tested on people held out."""
    assert "expect it to be wrong on other hands" in caution(landmark_run, landmark_run.id)
    shipped = replace(landmark_run, spec=replace(landmark_run.spec, data=ANY_HAND))
    assert caution(shipped, "shipped") == ""


def test_a_mirrored_image_is_told(drawn_run: Run) -> None:
    answer = {"A": 0.9, "B": 0.1}
    assert "left hand" not in shown(drawn_run, Prediction("a.jpg", IMAGE, answer))
    mirrored = Prediction("a.jpg", IMAGE[:, ::-1], answer, mirrored=True)
    assert "Read mirrored, as a left hand" in shown(drawn_run, mirrored)


def test_the_page_says_which_classes_a_run_knows(with_run: Run) -> None:
    app = opened("predict")
    assert ", ".join(with_run.results.classes) in text(app)
    assert app.selectbox(key="run_widget").value == with_run.id


def brings_too_many() -> None:
    """More photos than are kept, one of them twice: a script, without the imports above."""
    import streamlit as st
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
    from streamlit.runtime.scriptrunner import get_script_run_ctx
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    from asl_core.settings import MAX_UPLOAD_FILES
    from asl_core.ui.predict.photos import Photo, clear_photos, keep_photos, kept_photos
    from asl_core.web.kept_files import KEPT

    context = get_script_run_ctx()
    assert context
    KEPT.drop_session(context.session_id)  # of each page of such a test
    uploads = context.uploaded_file_mgr
    assert isinstance(uploads, MemoryUploadedFileManager)
    photos = [
        Photo(f"{number}.png", bytes([number]), f"upload {place}")
        for place, number in enumerate([0, *range(MAX_UPLOAD_FILES + 9)])
    ]
    for photo in photos:
        record = UploadedFileRec(photo.upload, photo.name, "image/png", photo.content)
        uploads.add_file(context.session_id, record)

    def held() -> int:
        ids = [photo.upload for photo in photos]
        of_streamlit = len(uploads.get_files(context.session_id, ids))
        return of_streamlit + KEPT.amount(context.session_id).files

    st.text(str(held()))
    keep_photos(photos)
    st.text(f"{held()} {len(kept_photos())}")
    clear_photos()
    st.text(str(held()))


def test_the_server_holds_no_photo_that_is_not_kept() -> None:
    app = AppTest.from_function(brings_too_many).run()
    assert not app.exception
    assert [line.value for line in app.text] == ["60", "50 50", "0"]


def test_photos_are_there_again_after_another_page_until_they_are_cleared(with_run: Run) -> None:
    app = dropped(opened("predict"), 10, 20)
    before = cards(app)
    assert names(app) == ["10.png", "20.png"]
    app.switch_page("pages/evaluate.py").run()
    app.switch_page("pages/predict.py").run()
    assert cards(app) == before
    assert "2 photos, in the memory of this session only" in text(app)
    dropped(app, 30, 10)
    assert names(app) == ["30.png", "10.png", "20.png"]  # the last first, none twice
    press(app, f"remove_{app.session_state['predict_photos'][0].id}")
    assert names(app) == ["10.png", "20.png"]
    press(app, "clear_photos")
    assert not names(app)
    assert "The answer to a photo comes here" in text(app)


def test_photos_that_others_needed_the_room_of_are_told(with_run: Run) -> None:
    app = dropped(opened("predict"), 10, 20)
    for session in KEPT.sessions():
        KEPT.drop_session(session)
    app.run()
    assert not app.exception
    assert not names(app)
    assert "2 photos had to make room for other visitors" in text(app)
    dropped(app, 30)
    assert "make room" not in text(app)


def test_what_came_first_makes_room_and_that_is_told(
    with_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "KEPT_BYTES", 2 * len(picture(10, 64)) + 20)
    app = dropped(opened("predict"), 10)
    assert "could not be kept" not in text(app)
    dropped(app, 20)
    dropped(app, 30)
    assert names(app) == ["30.png", "20.png"]
    assert "1 photo could not be kept" in text(app)
    monkeypatch.setattr(photos, "KEPT_BYTES", 2**30)
    dropped(app, *range(MAX_UPLOAD_FILES + 1))
    assert len(names(app)) == MAX_UPLOAD_FILES


def test_many_photos_are_a_table_of_which_a_row_opens(with_run: Run) -> None:
    app = opened("predict")
    app.file_uploader[0].upload("=1+1.png", picture(1, 64), "image/png")
    app.file_uploader[0].upload("broken.png", b"no picture", "image/png")
    dropped(app, 50, 60)
    (table,) = app.dataframe
    assert list(table.value["File"]) == ["'=1+1.png", "broken.png", "50.png", "60.png"]
    assert "broken.png is not a JPEG" in table.value["Answer"][1]
    assert table.value["Confidence"].isna().tolist() == [False, True, False, False]
    assert "**=1+1.png**" in text(app)  # the card of the first
    assert "**50.png**" not in text(app)


def test_a_file_of_answers_has_no_formulas() -> None:
    rows = [("=1+1.png", "A", {"A": 0.75, "B": 0.25}), ("+.png", "No hand found", {})]
    table = pd.read_csv(io.BytesIO(photos_csv(("A", "B"), rows)))
    assert table["file"].tolist() == ["'=1+1.png", "'+.png"]
    assert table.loc[0, ["answer", "likeliest"]].tolist() == ["A", "A"]
    assert table.loc[0, ["confidence", "p(A)", "p(B)"]].tolist() == [0.75, 0.75, 0.25]
    assert table.loc[1, ["likeliest", "confidence", "p(A)"]].isna().all()


def test_examples_are_hands_that_the_run_may_know() -> None:
    assert [each.words for each in examples_for(LETTERS)] == ["A", "L", NO_LETTER]
    assert [each.words for each in examples_for(("A", "B", "C"))] == ["A", "B", "C"]
    assert [each.words for each in examples_for(("a", "x"))] == ["A"]
    assert not examples_for(("cat", "dog"))


def test_an_example_is_answered_with_a_click(with_run: Run) -> None:
    app = opened("predict")
    press(app, "example_A")
    assert names(app) == ["Rendered, A.jpg"]
    assert "For comparison" in cards(app) or "I don't know" in cards(app)


@pytest.mark.parametrize("run", RunStore(ROOT / "models").list(), ids=lambda run: run.id)
def test_shipped_runs_are_right_on_their_examples(run: Run, request: pytest.FixtureRequest) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if run.spec.config.features == "landmarks":
            patch.setenv("ASL_HAND_FINDER_DIR", str(request.getfixturevalue("hand_finder")))
            settings.cache_clear()
        classifier = open_classifier(run)
        examples = examples_for(run.results.classes)
        assert len(examples) == 3
        for example in examples:
            answer = classifier.predict(example.photo.content, example.words)
            assert (answer.label, answer.confidence > 0.75) == (example.words, True)
    settings.cache_clear()


def test_the_nearest_training_images_are_looked_for_when_their_fold_is_open(
    with_run: Run, drawn: Path
) -> None:
    app = opened("predict")
    app.file_uploader[0].upload("A0.png", (drawn / "A" / "A0.png").read_bytes(), "image/png").run()
    (photo,) = app.session_state["predict_photos"]
    assert "mean absolute difference" not in text(app)
    app.session_state[f"nearest_{photo.id}"] = True
    app.run()
    assert not app.exception
    assert "mean absolute difference" in text(app)
    assert "Training image of" in "".join(str(each.proto.body) for each in app.get("html"))
