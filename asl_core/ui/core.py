"""The core's long-lived values, one per server."""

import atexit
import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from asl_core.config import SplitName
from asl_core.datasets import Dataset, Split, find_photos, make_split, read_folder
from asl_core.errors import DatasetError, ImageError
from asl_core.evaluation import Evaluation
from asl_core.jobs import Jobs
from asl_core.prediction import Classifier, Prediction, predict_or_error
from asl_core.runs import Run, RunStore
from asl_core.settings import settings

_BROWSER_COOKIE = "_streamlit_xsrf"
"""Set by Streamlit in each browser."""


def run_store() -> RunStore:
    """The runs that the pages show."""
    return RunStore(settings().runs_dir)


def current_dataset() -> Dataset:
    """The photos that the pages show.

    Raises:
        NoPhotosError: there are none yet.
        DatasetError: the folder can't be used.
    """
    return _read_folder(find_photos())


def dataset_of(run: Run) -> Dataset | None:
    """The photos that a run was trained on, or None if they are not here as they were."""
    finders: tuple[Callable[[], Path], ...] = (lambda: Path(run.spec.data), find_photos)
    for find_folder in finders:
        try:
            dataset = _read_folder(find_folder())
        except DatasetError:
            continue
        if dataset.fingerprint == run.results.fingerprint:
            return dataset
    return None


@st.cache_resource(ttl=10, max_entries=4, show_spinner="Reading the photos")
def _read_folder(folder: Path) -> Dataset:
    """As `read_folder`, which looks at every file: here at most once in ten seconds."""
    return read_folder(folder)


@st.cache_resource
def jobs() -> Jobs:
    """The trainings of this server; its workers end with it."""
    started = Jobs(settings().scheduler)
    atexit.register(started.close)
    return started


def visitor() -> str:
    """Who looks at the page: the same in all tabs of a browser, and nothing that names a person."""
    mark = st.context.cookies.get(_BROWSER_COOKIE)
    if mark is None:  # cookies are off: then each tab counts for one
        mark = st.session_state.setdefault("visitor", secrets.token_hex(8))
    return hashlib.sha256(mark.encode()).hexdigest()[:16]


@st.cache_data(max_entries=20, show_spinner=False)
def split_of(_dataset: Dataset, fingerprint: str, name: SplitName | None) -> Split:
    """A dataset's split; `fingerprint` is the dataset's, and the key of the cache."""
    return make_split(_dataset, name)


@st.cache_resource(max_entries=20, show_spinner=False)
def evaluation_of(_run: Run, run_id: str) -> Evaluation:
    """A run on its own test images; `run_id` is the run's, and the key of the cache."""
    return Evaluation.of(_run)


@st.cache_resource(max_entries=8, show_spinner=False)
def _classifier_of(_run: Run, run_id: str) -> Classifier:
    return Classifier(_run)


@st.cache_resource(max_entries=100, show_spinner=False)
def prediction_of(_run: Run, run_id: str, content: bytes, name: str) -> Prediction | ImageError:
    """What a run says of an uploaded file, or why it can't be read.

    Args:
        _run: the run.
        run_id: its id, which is in the key of the cache.
        content: of the file.
        name: of the file.
    """
    return predict_or_error(_classifier_of(_run, run_id), content, name)
