"""What the page says beside the camera."""

import numpy as np

from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.prediction import Prediction
from asl_core.evaluation.stated_confidence import StatedConfidence
from asl_core.ui.predict.live import live_answer
from asl_core.ui.shared.camera import LiveAnswer

FRAME = np.zeros((8, 8, 3), np.uint8)


def test_without_a_hand_there_is_no_percentage_and_no_bar() -> None:
    nothing = HandPrediction("frame", FRAME, {"A": 0.0, "B": 0.0, "no hand": 1.0}, None)
    assert live_answer(nothing) == LiveAnswer(label="No hand found")


def test_an_unsure_answer_is_none_as_for_a_photo() -> None:
    unsure, sure = {"A": 0.55, "B": 0.45}, {"A": 0.95, "B": 0.05}
    assert live_answer(Prediction("frame", FRAME, unsure)).label == "I don't know"
    assert live_answer(Prediction("frame", FRAME, sure)).label == "A"
    stated = StatedConfidence(0.97, 0.95, 0.8, 400, "photos of people", lowest=0.9)
    assert live_answer(Prediction("frame", FRAME, sure), stated).label == "I don't know"
    assert live_answer(Prediction("frame", FRAME, {"A": 0.98, "B": 0.02}), stated).label == "A"
