"""Prediction by LiteRT: equal to Keras, one bad file at a time, classes by name."""

from pathlib import Path

import keras
import numpy as np
import pytest

from asl_core import Classifier, Dataset, evaluate, predict, read_folder
from asl_core.errors import ClassMismatchError, ImageError
from asl_core.evaluation.prediction import Prediction, clearer_mirrored
from asl_core.runs.run import Run


def test_litert_agrees_with_keras_on_the_test_photos(mission: Dataset, mission_run: Run) -> None:
    images = mission.images[mission_run.predictions().indices]
    assert len(images) == 400
    model = keras.saving.load_model(mission_run.folder / "model.keras")
    by_keras = model.predict(np.asarray(images), verbose=0)
    by_litert = Classifier(mission_run).probabilities(images)
    np.testing.assert_allclose(by_litert, by_keras, rtol=0, atol=1e-5)
    np.testing.assert_allclose(mission_run.predictions().probabilities, by_keras, atol=1e-5)


def test_no_images_give_no_probabilities(drawn_run: Run) -> None:
    assert Classifier(drawn_run).probabilities(np.empty((0, 50, 50, 3), np.uint8)).shape == (0, 3)


def test_a_bad_file_does_not_stop_the_others(drawn: Path, drawn_run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "note.jpg"
    bad.write_text("not a picture")
    first, error, last = predict(drawn_run, [drawn / "A/A0.png", bad, drawn / "C/C3.png"])
    assert isinstance(error, ImageError)
    assert "note.jpg" in str(error)
    for prediction in (first, last):
        assert isinstance(prediction, Prediction)
        assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert prediction.confidence == max(prediction.probabilities.values())
        assert prediction.probabilities[prediction.label] == prediction.confidence


def test_an_upload_gets_the_answer_that_the_test_photo_got(
    mission: Dataset, mission_run: Run
) -> None:
    saved = mission_run.predictions()
    results = predict(mission_run, [mission.folder / file for file in saved.files[:20]])
    for result, expected in zip(results, saved.probabilities, strict=False):
        assert isinstance(result, Prediction)
        np.testing.assert_allclose(list(result.probabilities.values()), expected, atol=1e-5)


def test_a_letter_is_read_mirrored_where_that_is_far_clearer(
    drawn_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that is sure of an image that is bright at its right edge."""

    def answer(self: Classifier, images: np.ndarray) -> np.ndarray:
        is_sure = images[:, 0, -1, 0] > 128
        return np.where(is_sure[:, None], [0.99, 0.005, 0.005], [0.2, 0.5, 0.3])

    monkeypatch.setattr(Classifier, "probabilities", answer)
    left = np.zeros((50, 50, 3), np.uint8)
    left[:, 0] = 255
    classifier = Classifier(drawn_run)
    said = classifier.predict_pixels(left, "left.png")
    assert (said.label, said.confidence, said.mirrored) == ("A", 0.99, True)
    np.testing.assert_array_equal(said.image, left[:, ::-1])
    said = classifier.predict_pixels(left[:, ::-1], "right.png")
    assert (said.label, said.confidence, said.mirrored) == ("A", 0.99, False)
    classifier.classes = ("cat", "dog", "fox")  # which have no other hand
    said = classifier.predict_pixels(left, "cat.png")
    assert (said.label, said.confidence, said.mirrored) == ("dog", 0.5, False)


def test_a_mirrored_answer_must_be_ten_times_as_likely() -> None:
    as_is = np.array([[0.5, 0.5], [0.5, 0.5], [0.99999, 0.00001]])
    mirrored = np.array([[0.9, 0.1], [0.92, 0.08], [1.0, 0.0]])
    assert clearer_mirrored(as_is, mirrored).tolist() == [False, True, False]


def test_a_run_is_tested_on_another_folder_with_classes_by_name(
    drawn: Path, drawn_run: Run, tmp_path: Path
) -> None:
    for here, there in (("C", "C"), ("A", "Q"), ("B", "B")):
        (tmp_path / here).symlink_to(drawn / there if (drawn / there).exists() else drawn / here)
    (tmp_path / "A").rename(tmp_path / "Q")
    dataset = read_folder(tmp_path)
    assert dataset.classes == ("B", "C", "Q")
    with pytest.raises(ClassMismatchError, match=r"also has Q\. .*--known-only"):
        evaluate(drawn_run, dataset)
    known = evaluate(drawn_run, dataset, known_only=True)
    whole = evaluate(drawn_run, read_folder(drawn))
    assert known.classes == whole.classes
    assert known.confusion.sum() == 40
    np.testing.assert_array_equal(known.confusion[1:], whole.confusion[1:])
    assert known.confusion[0].sum() == 0


def test_a_test_on_another_folder_tells_how_far_it_is(
    drawn: Path, drawn_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asl_core.evaluation.prediction.BATCH", 25)
    dataset = read_folder(drawn)
    told: list[float] = []
    evaluation = evaluate(drawn_run, dataset, on_progress=told.append)
    assert told == [25 / 60, 50 / 60, 1]
    whole = Classifier(drawn_run).probabilities(dataset.images)
    np.testing.assert_array_equal(evaluation.probabilities, whole)


def test_a_folder_of_strangers_is_refused(drawn: Path, drawn_run: Run, tmp_path: Path) -> None:
    for name in ("X", "Y"):
        (tmp_path / name).symlink_to(drawn / "A")
    with pytest.raises(ClassMismatchError, match="X, Y"):
        evaluate(drawn_run, read_folder(tmp_path), known_only=True)
