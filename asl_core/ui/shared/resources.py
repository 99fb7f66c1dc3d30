"""The core's long-lived values, one per server."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from asl_core.config import SplitName
from asl_core.data import Dataset, Split, SyntheticSpec, make_split, open_dataset
from asl_core.data.dataset import Source
from asl_core.data.folder import at_size
from asl_core.data.own_dataset import last_change
from asl_core.data.synthetic_cache import CacheEntry
from asl_core.data.unread import Unread
from asl_core.errors import DatasetError, ImageError, NotRenderedError, UnreadError
from asl_core.evaluation.classify import open_classifier, predict_or_error
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.prediction import Classifier, Prediction
from asl_core.jobs.jobs import Jobs
from asl_core.runs.owner import asked_by
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.ui.shared.choose_dataset import current_source, may_prepare
from asl_core.web.decoding import Decoders
from asl_core.web.visitor import visitor

_DECODERS = Decoders()

LONG_SECONDS = 3.0
"""Time for decoding from which on it is not done here, where visitors wait for their pages."""

FORGOTTEN_SECONDS = 600
"""Time after which what was computed of a visitor's photo is forgotten."""

LARGE = 20_000
"""Images from which on a set is large."""

_large: set[str] = set()
"""Paths of large sets that were opened."""


def run_store() -> RunStore:
    """The runs that the pages show."""
    return _store_at(settings().runs_dir)


@cache
def _store_at(root: Path) -> RunStore:
    return RunStore(root)  # resolves the path, which a page would do eight times


def current_set() -> Dataset | SyntheticSpec:
    """What the pages show: a dataset, or the recipe of one that is still to be drawn.

    Raises:
        UnreadError: its images are not decoded yet, and a worker is to do it.
        DatasetError: the folder can't be used.
    """
    source = current_source()
    spec = source.spec
    if spec and not CacheEntry(spec).is_ready:
        return spec
    return _open(source)


def current_dataset() -> Dataset:
    """The dataset that the pages show.

    Raises:
        NotRenderedError: it is still to be drawn.
        DatasetError: the folder can't be used.
    """
    shown = current_set()
    if isinstance(shown, SyntheticSpec):
        raise NotRenderedError(shown.text)
    return shown


def dataset_of(run: Run) -> Dataset | None:
    """What a run was trained on, or None if it is not here (yet) as it was. Draws nothing."""
    finders: tuple[Callable[[], Dataset | None], ...] = (
        lambda: _open_if_here(run.spec.source),
        current_dataset,
    )
    for find in finders:
        try:
            dataset = find()
        except DatasetError:
            continue
        if dataset and dataset.fingerprint == run.results.fingerprint:
            return dataset
    return None


def unread_of(run: Run) -> UnreadError | None:
    """What is to be read before the images of a run can be shown; None if that is not why they
    can't."""
    try:
        _open_if_here(run.spec.source)
    except UnreadError as unread:
        return unread
    except DatasetError:
        return None
    return None


def _open_if_here(source: Source) -> Dataset | None:
    spec = source.spec
    if spec and not CacheEntry(spec).is_ready:
        return None
    return _open(source)


def dataset_at(source: Source) -> Dataset:
    """A dataset that need not be the one that the pages show.

    Raises:
        DatasetError: it can't be opened, or is not decoded yet.
    """
    return _open(source)


def sized(dataset: Dataset, size: int) -> Dataset:
    """The same with images of another size, if they are in the cache.

    Args:
        dataset: that is open.
        size: side of the images, in pixels.

    Raises:
        UnreadError: they are not.
        DatasetError: they can't be read.
    """

    def leave_to_worker(unread: Unread) -> None:
        raise UnreadError(dataset.source.text, unread.place.resolve(), len(dataset), size)

    return at_size(dataset, size, on_unread=leave_to_worker)


def _open(source: Source) -> Dataset:
    """As `open_dataset`, which looks at every file: here at most once in ten seconds, at those of a
    large set, which takes half a second, in two minutes; a set that grows by hand is seen at once.

    Raises:
        UnreadError: decoding takes so long that a worker is to do it, or nobody has asked for it.
        DatasetError: the dataset can't be opened.
    """
    changed = last_change(source.own_id) if source.own_id else 0
    may, all_of_it = may_prepare(source), replace(source, text=source.path)
    look = _look_seldom if source.path in _large else _look_often
    whole = look(all_of_it, changed, may or may_prepare(all_of_it))
    if len(whole) >= LARGE:
        _large.add(source.path)
    if not (out := set(source.left_out) & set(whole.classes)):  # an address may name any
        return whole
    return look(whole.source.without(*out), changed, may)


@st.cache_resource(ttl=120, max_entries=8, show_spinner="Reading the images")
def _look_seldom(source: Source, changed: int, _may_prepare: bool) -> Dataset:
    return _open_here(source, _may_prepare)


@st.cache_resource(ttl=10, max_entries=8, show_spinner="Reading the images")
def _look_often(source: Source, changed: int, _may_prepare: bool) -> Dataset:
    return _open_here(source, _may_prepare)


def _open_here(source: Source, may_prepare: bool) -> Dataset:
    def leave_to_worker(unread: Unread) -> None:
        place = unread.place.resolve()
        shared = place.parent == settings().decoded_dir.resolve()
        if not may_prepare or (shared and unread.seconds > LONG_SECONDS):
            raise UnreadError(source.text, place, unread.n_images)

    return open_dataset(source, on_unread=leave_to_worker)


_jobs: list[Jobs] = []
_jobs_lock = threading.Lock()


def jobs() -> Jobs:
    """The background tasks of this server; its workers end with it, since their input does.

    Not in Streamlit's cache, which any visitor may empty for all: then others would be started
    beside those that are there.
    """
    with _jobs_lock:
        if not _jobs:
            _jobs.append(Jobs(settings().scheduler))
    return _jobs[0]


def is_mine(run: Run) -> bool | None:
    """Whether this visitor has started a run; None where it is not known who did."""
    return asked_by(run.id, run.owner, visitor())


@st.cache_data(max_entries=20, show_spinner=False)
def split_of(_dataset: Dataset, fingerprint: str, name: SplitName | None) -> Split:
    """A dataset's split; `fingerprint` is the dataset's, and the key of the cache."""
    return make_split(_dataset, name)


@st.cache_resource(max_entries=20, show_spinner=False)
def evaluation_of(_run: Run, run_id: str) -> Evaluation:
    """A run on its own test images; `run_id` is the run's, and the key of the cache."""
    return Evaluation.of(_run)


@st.cache_resource(max_entries=8, show_spinner=False)
def classifier_of(_run: Run, run_id: str) -> Classifier:
    """The LiteRT model of a run, loaded; `run_id` is the run's, and the key of the cache."""
    return open_classifier(_run)


@st.cache_resource(max_entries=400, ttl=FORGOTTEN_SECONDS, show_spinner=False)
def prediction_of(
    _run: Run, run_id: str, _content: bytes, name: str, digest: str
) -> Prediction | ImageError:
    """What a run says of an uploaded file, or why it can't be read.

    Args:
        _run: the run.
        run_id: its id, which is in the key of the cache.
        _content: of the file.
        name: of the file.
        digest: of the content: it is in the key of the cache, so that megabytes are hashed once.
    """
    return predict_or_error(classifier_of(_run, run_id), _content, name, read_upload)


def read_upload(source: Path | bytes, name: str, size: int) -> np.ndarray:
    """As `read_image`, for what a visitor sends: in a process that can be ended, and is when the
    visitor has left."""
    assert isinstance(source, bytes)
    return _DECODERS.read(source, name, size, _visitor_is_here())


def get_ready_to_decode() -> None:
    """Start what decodes images, so that the first one need not wait for it."""
    _DECODERS.get_ready()


def _visitor_is_here() -> Callable[[], bool]:
    """Asks whether the browser that this page is drawn for is still connected."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():  # in a test of the page
        return lambda: True
    session = context.session_id
    return lambda: runtime.get_instance().is_active_session(session)
