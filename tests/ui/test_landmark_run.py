"""A run on landmarks on the pages Evaluate, Compare and Predict."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.data import read_folder
from asl_core.evaluation.by_group import NOT_LETTERS, scores_by_group
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.hand_classifier import HandClassifier, HandPrediction
from asl_core.images import encode
from asl_core.landmarks.found import landmarks_folder
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, ROOT, settings
from asl_core.synthetic import View, render
from asl_core.ui.shared.words import percent
from tests.made_hands import keep_hands
from tests.ui.pages import opened, text

PARTS = ("mistakes", "generalization", "calibration", "robustness", "map")


@pytest.fixture
def run(environment: Path, landmark_run: Run, drawn: Path) -> Run:
    """The server has the run, and knows the hands of its images."""
    shutil.copytree(landmark_run.folder, environment / landmark_run.id)
    keep_hands(read_folder(drawn))
    return landmark_run


@pytest.fixture
def forgotten(run: Run, drawn: Path) -> Run:
    """The same server, which knows the hands no more."""
    for block in landmarks_folder(read_folder(drawn)).glob("*.npz"):
        block.unlink()
    return run


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_shown(run: Run, part: str) -> None:
    shown = text(opened("evaluate", run=run.id, part=part))
    if part in ("calibration", "map"):
        assert "In 3 of 12 test images no hand was found" in shown
    if part == "robustness":
        assert "download hand-finder" in shown
    assert "3 training images without a hand left out" in shown


@pytest.mark.parametrize("part", PARTS)
def test_without_the_hands_every_part_says_what_is_missing(forgotten: Run, part: str) -> None:
    shown = text(opened("evaluate", run=forgotten.id, part=part))
    assert ("download hand-finder" in shown) == (part in ("robustness", "map"))


def test_an_image_opens_with_its_hand_or_says_that_there_is_none(run: Run) -> None:
    saved = run.predictions()
    for found in (True, False):
        file = saved.files[int(np.flatnonzero(saved.found == found)[0])]
        app = opened("evaluate", run=run.id, image=file)
        html = "".join(str(element.proto.body) for element in app.get("html"))
        assert ("21 key points" in html) == found
        assert ("No hand found: no answer" in html) != found
        shown = text(app)
        assert ("which key points it needs" in shown) == found
        assert ("Nearest training hands" in shown) == found


def test_an_image_opens_without_the_hands_too(forgotten: Run) -> None:
    app = opened("evaluate", run=forgotten.id, image=forgotten.predictions().files[0])
    assert "download hand-finder" in text(app)


def test_the_matrix_has_a_column_for_images_without_a_hand(run: Run) -> None:
    app = opened("evaluate", run=run.id, predicted="no hand")
    assert "predicted to be no hand" in text(app)
    assert "3 images predicted" in text(app).replace(",", "")


def test_it_is_compared_with_pixels(run: Run, drawn_run: Run, environment: Path) -> None:
    shutil.copytree(drawn_run.folder, environment / drawn_run.id)
    app = opened("compare", runs=f"{run.id},{drawn_run.id}")
    assert "Network: landmarks vs. pixels" in text(app)
    assert "Filters: none vs. 5, 15" in text(app)


def test_predict_says_what_is_missing(run: Run) -> None:
    assert "download hand-finder" in text(opened("predict", run=run.id))


def test_predict_shows_the_hand_or_that_there_is_none(
    run: Run, hand_finder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASL_HAND_FINDER_DIR", str(hand_finder))
    settings.cache_clear()
    app = opened("predict", run=run.id)
    photo = encode(render("B", View(), size=300))
    mirrored = encode(np.asarray(Image.open(io.BytesIO(photo)))[:, ::-1].copy())
    blank = encode(np.full((80, 120, 3), 128, np.uint8))
    for name, content in (("right.png", photo), ("left.png", mirrored), ("blank.png", blank)):
        app.file_uploader[0].upload(name, content, "image/png")
    app.run()
    assert not app.exception
    shown = "".join(str(element.proto.body) for element in app.get("html"))
    assert shown.count("Likeliest") + shown.count("Predicted class") == 2
    assert "Right hand" in shown
    assert "Left hand, mirrored" in shown
    assert "No hand found" in shown
    photo = app.session_state["predict_photos"][0]
    app.session_state[f"nearest_{photo.id}"] = True
    app.run()
    assert not app.exception
    assert "By how the fingers are held" in text(app)


def test_a_large_photo_is_looked_at_whole_and_kept_small(run: Run, hand_finder: Path) -> None:
    image = np.full((900, 1400, 3), 200, np.uint8)
    image[150:850, 600:1300] = render("B", View(), size=700)
    classifier = HandClassifier(run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASL_HAND_FINDER_DIR", str(hand_finder))
        settings.cache_clear()
        answer = classifier.predict(encode(image), "hand.png")
    settings.cache_clear()
    assert isinstance(answer, HandPrediction)
    assert answer.hand
    assert answer.image.shape == (225, 350, 3)  # by 2 to be looked at, by 2 to be kept
    x, y = answer.hand.points[:, 0].mean(), answer.hand.points[:, 1].mean()
    assert 150 < x < 325
    assert 37 < y < 213


def test_predict_opens_with_any_hand_where_hands_can_be_found(
    run: Run, drawn_run: Run, environment: Path, hand_finder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(drawn_run.folder, environment / drawn_run.id)
    (shipped,) = (each for each in RunStore(ROOT / "models").list() if each.spec.data == ANY_HAND)
    shutil.copytree(shipped.folder, environment / shipped.id)
    without = opened("predict")
    assert without.selectbox(key="run_widget").value == drawn_run.id
    assert "Networks on hand landmarks read people that they have never seen" in text(without)
    assert "download hand-finder" in text(without)

    monkeypatch.setenv("ASL_HAND_FINDER_DIR", str(hand_finder))
    settings.cache_clear()
    app = opened("predict")
    assert app.selectbox(key="run_widget").value == shipped.id
    assert "Of most hands that sign nothing it says 'no letter'" in text(app)
    assert "hand finder:" not in text(app)


def test_the_shipped_run_is_told_by_the_people_held_out_for_it(environment: Path) -> None:
    (shipped,) = (each for each in RunStore(ROOT / "models").list() if each.spec.data == ANY_HAND)
    shutil.copytree(shipped.folder, environment / shipped.id)
    app = opened("evaluate", run=shipped.id, part="generalization")
    scores = scores_by_group(shipped, Evaluation.of(shipped), None)
    of_people = [score.accuracy for name, score in scores.items() if name != NOT_LETTERS]
    assert len(of_people) == 6 == len(scores) - 1
    assert f"{percent(float(np.median(of_people)))} of the letters of a person" in text(app)
    assert "not computed yet" not in text(app)
    assert "don't come with it" in text(opened("evaluate", run=shipped.id))
