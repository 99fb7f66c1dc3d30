"""What the page says beside the camera."""

import numpy as np

from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.prediction import Prediction
from asl_core.ui.predict.live import live_answer
from asl_core.ui.shared.camera import LiveAnswer

FRAME = np.zeros((8, 8, 3), np.uint8)


def test_without_a_hand_there_is_no_percentage_and_no_bar() -> None:
    nothing = HandPrediction("frame", FRAME, {"A": 0.0, "B": 0.0, "no hand": 1.0}, None)
    assert live_answer(nothing) == LiveAnswer(label="No hand found")


def test_an_unsure_answer_is_called_a_guess() -> None:
    assert live_answer(Prediction("frame", FRAME, {"A": 0.55, "B": 0.45})).label == "A (a guess)"
    assert live_answer(Prediction("frame", FRAME, {"A": 0.95, "B": 0.05})).label == "A"
