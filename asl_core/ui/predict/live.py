"""What a run says of what the camera sees, several times a second. No frame is kept."""

import threading
from collections import OrderedDict

import streamlit as st

from asl_core.data.manual_alphabet import are_letters
from asl_core.evaluation.hand_classifier import HandClassifier
from asl_core.evaluation.prediction import Classifier, Prediction
from asl_core.evaluation.stated_confidence import StatedConfidence
from asl_core.images import WHOLE
from asl_core.landmarks.video import HandFollower
from asl_core.runs.run import Run
from asl_core.ui.predict.doubt import least_confidence, stated_of, verdict_of
from asl_core.ui.predict.spell import edit_word, moving_words, spell, spelled_word
from asl_core.ui.shared.camera import LIVE_PER_SECOND, Frame, LiveAnswer, live_camera
from asl_core.ui.shared.resources import classifier_of, read_upload
from asl_core.web.rates import TokenBucket
from asl_core.web.visitor import visitor

EARLY = 2.0
"""Frames that may come at once: one that follows a late one seems to come early."""

MAX_VISITORS = 1_000
"""Visitors whose frames are counted; those whose last one is longest ago are forgotten."""

NAME = "The frame"

_FOLLOWER = "hand_follower"

_buckets: OrderedDict[str, TokenBucket] = OrderedDict()
_buckets_lock = threading.Lock()


@st.fragment
def live_prediction(run: Run) -> None:
    """The camera, and the answer to each frame beside it; it runs apart from the page. Of a run on
    letters, those that are held become words.

    Args:
        run: that is asked.
    """
    spells = are_letters(run.results.classes)
    stated = stated_of(run, run.id)

    def answer(frame: Frame) -> LiveAnswer:
        if seconds := seconds_to_wait(visitor()):
            return LiveAnswer(wait=seconds)
        prediction = predict_frame(classifier_of(run, run.id), frame.content)
        if spells:
            spell(prediction, frame.at, least_confidence(stated))
        return live_answer(prediction, stated)

    live_camera("live_camera", answer, spelled_word() if spells else None, edit_word)
    if words := moving_words(run.results.classes, run.spec.config.features == "landmarks"):
        st.caption(words)


def predict_frame(classifier: Classifier, frame: bytes) -> Prediction:
    """What is said of a frame; a hand is looked for first where the visitor's last one was.

    Raises:
        ImageError: it is no image that can be read.
    """
    if not isinstance(classifier, HandClassifier):
        return classifier.predict(frame, NAME, read_upload)
    follower: HandFollower = st.session_state.setdefault(_FOLLOWER, HandFollower())
    return classifier.predict_pixels(read_upload(frame, NAME, WHOLE), NAME, follower)


def live_answer(prediction: Prediction, stated: StatedConfidence | None = None) -> LiveAnswer:
    """What is shown of a prediction beside the camera.

    Args:
        prediction: of a frame; without a hand there are no probabilities to show.
        stated: from which confidence on the run answers, as for a photo.
    """
    verdict = verdict_of(prediction, stated)
    shown = {} if verdict.kind == "no hand" else prediction.probabilities
    return LiveAnswer(shown, verdict.headline)


def seconds_to_wait(owner: str) -> float:
    """Count a frame of a visitor, in all tabs together.

    Args:
        owner: the visitor.

    Returns:
        0.0 if it may be answered; else seconds until the next one may.
    """
    with _buckets_lock:
        bucket = _buckets.setdefault(owner, TokenBucket(LIVE_PER_SECOND, EARLY))
        _buckets.move_to_end(owner)
        if len(_buckets) > MAX_VISITORS:
            _buckets.popitem(last=False)
        return bucket.take(1)
