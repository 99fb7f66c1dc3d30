"""The training images that resemble a visitor's photo most, in a fold of its card."""

import streamlit as st

from asl_core.data import Dataset
from asl_core.data.nearest import Neighbors, nearest
from asl_core.evaluation.generalization import train_indices
from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.hand_evidence import nearest_to_hand
from asl_core.evaluation.prediction import Prediction
from asl_core.landmarks.features import KeyPoints
from asl_core.landmarks.found import Landmarks
from asl_core.runs.run import Run
from asl_core.ui.predict.photos import Photo
from asl_core.ui.predict.square import square_id
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.landmarks import landmarks_of
from asl_core.ui.shared.neighbors import SIMILAR, show_neighbors
from asl_core.ui.shared.reading import offer_sized
from asl_core.ui.shared.resources import FORGOTTEN_SECONDS, dataset_of

NOT_HERE = "The images that this run learned from are not on this server."

NO_HANDS = (
    "The hands in its training images are not known on this server any more: *Evaluate* finds them "
    "again, below 'Embedding map'."
)

_BY_POSE = (
    "By how the fingers are held: mean distance of the 21 key points in three dimensions, in palms,"
    " seen from the palm."
)
_BY_PIXELS = (
    "By pixels: mean absolute difference; 0 is identical, 1 is black versus white. A network on "
    "pixels sees the room as well as the hand."
)


def offer_nearest(run: Run, photo: Photo, prediction: Prediction) -> None:
    """A fold with the nearest training images, found when it is opened; none without a hand."""
    if isinstance(prediction, HandPrediction) and prediction.hand is None:
        return
    key = f"nearest_{photo.id}"
    fold = lasting_fold("Nearest training images", ":material/compare:", key)
    if fold is None:
        return
    with fold:
        dataset = dataset_of(run)
        if dataset is None:
            st.caption(NOT_HERE)
        elif isinstance(prediction, HandPrediction):
            _show_by_pose(run, dataset, photo, prediction)
        elif read := offer_sized(dataset, len(prediction.image)):
            found = _by_pixels(run, run.id, read, prediction, square_id(photo))
            show_neighbors(dataset, found)
            st.caption(_BY_PIXELS)


def _show_by_pose(run: Run, dataset: Dataset, photo: Photo, prediction: HandPrediction) -> None:
    landmarks = landmarks_of(dataset)
    if landmarks is None:
        st.caption(NO_HANDS)
        return
    found = _by_pose(run, run.id, dataset, landmarks, prediction, photo.id)
    show_neighbors(dataset, found, landmarks)
    st.caption(_BY_POSE)


@st.cache_resource(max_entries=200, ttl=FORGOTTEN_SECONDS, show_spinner=False)
def _by_pose(
    _run: Run,
    run_id: str,
    _dataset: Dataset,
    _hands: Landmarks,
    _prediction: HandPrediction,
    photo_id: str,
) -> Neighbors:
    assert _prediction.hand
    hand = KeyPoints.of([_prediction.hand])
    return nearest_to_hand(_hands, hand, train_indices(_run, _dataset), SIMILAR)


@st.cache_resource(max_entries=200, ttl=FORGOTTEN_SECONDS, show_spinner=False)
def _by_pixels(
    _run: Run, run_id: str, _dataset: Dataset, _prediction: Prediction, photo_id: str
) -> Neighbors:
    """`_dataset` has images of the size that the run gets."""
    learned = train_indices(_run, _dataset)
    return nearest(_prediction.image[None], _dataset.images, SIMILAR, learned)
