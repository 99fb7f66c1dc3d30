"""What the pages ask of one run, computed once per server. `run_id` is the key of each cache."""

import threading

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.data.near_duplicates import Leakage
from asl_core.data.nearest import Neighbors, nearest
from asl_core.evaluation.calibration import Calibration, calibrate, ece_under_calibration
from asl_core.evaluation.confusion import confusion_order, reordered
from asl_core.evaluation.embedding import Embedding, pca, tsne
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.generalization import leakage_of, train_indices
from asl_core.evaluation.hand_classifier import HandInspector
from asl_core.evaluation.layer_inspector import LayerInspector
from asl_core.jobs.tasks import run_leakage_task
from asl_core.landmarks.found import known_landmarks
from asl_core.runs.intervals import Interval
from asl_core.runs.run import Run
from asl_core.ui.shared.near_duplicates import FEW_IMAGES, offer_leakage
from asl_core.ui.shared.neighbors import SIMILAR
from asl_core.ui.shared.resources import sized
from asl_core.web.visitor import visitor

MOST_TSNE = 8
"""Maps that are kept, the newest."""

_tsne: dict[str, Embedding] = {}
_computing_tsne = threading.Lock()


@st.cache_resource(max_entries=4, show_spinner=False)  # it keeps all values of a pass
def layer_inspector_of(_run: Run, run_id: str) -> LayerInspector:
    """The network of a run, opened to be looked into."""
    return LayerInspector(_run)


@st.cache_resource(max_entries=8, show_spinner="Computing the features of each test image")
def features_of(_run: Run, run_id: str, _dataset: Dataset) -> np.ndarray:
    """float32 (n, m), what the last layer gets of each test image; on landmarks, whose hands are
    known, of each with a hand."""
    saved = _run.predictions()
    if _run.spec.config.features == "landmarks":
        hands = known_landmarks(_dataset, saved.indices[saved.found])
        assert hands  # the page asks for this only where they are known
        return HandInspector(_run).hidden(hands.features())
    images = sized(_dataset, _run.spec.config.image_size).images[saved.indices]
    return layer_inspector_of(_run, run_id).activations(images).features


@st.cache_resource(max_entries=8, show_spinner=False)
def pca_of(_run: Run, run_id: str, _dataset: Dataset) -> Embedding:
    """The test images as a map, at once."""
    return pca(features_of(_run, run_id, _dataset))


def tsne_of(run: Run, run_id: str, dataset: Dataset) -> Embedding:
    """The test images as a map in which neighbors stay neighbors; one is computed at a time."""
    with _computing_tsne:
        if run_id not in _tsne:
            with st.spinner("Computing the t-SNE map: some seconds, once"):
                _tsne[run_id] = tsne(features_of(run, run_id, dataset))
        while len(_tsne) > MOST_TSNE:
            del _tsne[next(iter(_tsne))]
        return _tsne[run_id]


def has_tsne(run_id: str) -> bool:
    """Whether the t-SNE map of a run is there at once."""
    return run_id in _tsne


@st.cache_resource(max_entries=20, show_spinner=False)
def _leakage(_run: Run, run_id: str, _dataset: Dataset, fingerprint: str) -> Leakage:
    """`run_id` and `fingerprint` are those of the arguments before, and the cache's key."""
    return leakage_of(_run, _dataset)


def near_duplicates_of(run: Run, dataset: Dataset) -> Leakage | None:
    """The closest training image of each test image. Many images are a task for a worker: None
    until it is done."""
    if run.results.n_test + run.results.n_train <= FEW_IMAGES:
        return _leakage(run, run.id, dataset, dataset.fingerprint)
    task = run_leakage_task(run, dataset, visitor())
    return offer_leakage(task)


@st.cache_resource(max_entries=200, show_spinner=False)
def similar_to(_run: Run, run_id: str, _dataset: Dataset, index: int) -> Neighbors:
    """The training images that resemble one image most.

    Args:
        _run: the run.
        run_id: its id.
        _dataset: its images.
        index: of the image.

    Returns:
        As `nearest`, with indices into the dataset (1, 6).
    """
    learned = train_indices(_run, _dataset)
    return nearest(_dataset.images[index][None], _dataset.images, SIMILAR, learned)


@st.cache_resource(max_entries=20, show_spinner=False)
def by_confusion(_run: Run, run_id: str) -> Evaluation:
    """A run's answers with its classes in an order in which confused ones are neighbors."""
    evaluation = Evaluation.of(_run)
    return reordered(evaluation, confusion_order(evaluation.confusion))


@st.cache_resource(max_entries=20, show_spinner=False)
def calibration_of(_run: Run, run_id: str) -> tuple[Calibration, Interval, Interval]:
    """How far a run's confidence can be believed, and the calibration errors to expect if it were
    calibrated, before and after scaling."""
    evaluation = Evaluation.of(_run).with_hand()
    found = calibrate(evaluation.probabilities, evaluation.labels)
    before, after = (
        ece_under_calibration(probabilities)
        for probabilities in (evaluation.probabilities, found.scaled)
    )
    return found, before, after
