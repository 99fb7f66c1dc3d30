"""The run that a visitor looks at: kept in the URL, and from page to page."""

from collections.abc import Mapping, Sequence

import streamlit as st

from asl_core.data import SyntheticSpec
from asl_core.errors import DatasetError
from asl_core.landmarks.download import has_hand_finder
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND
from asl_core.ui.shared.about_data import shows_letters
from asl_core.ui.shared.resources import current_set, is_mine, run_store
from asl_core.ui.shared.words import describe, shown_value

_WIDGET = "run_widget"
_DURABLE = "run"
_OFFERED = "run_offered"
"""The run in the URL that nobody asked for: what a page shows by default. It is not a visitor's
choice, so that a newer run takes its place."""


def shown_here(run: Run) -> bool:
    """Whether a run is of the dataset that the pages show."""
    try:
        shown = current_set()
    except DatasetError:  # the pages that show images say why
        return False
    if isinstance(shown, SyntheticSpec):
        return run.spec.data == shown.text
    return run.results.fingerprint == shown.fingerprint


def newest_run(runs: Sequence[Run]) -> Run | None:
    """The newest run, as every page means it: of the dataset that the pages show, if there is one;
    then one of no sweep; then one that nobody else has started. None if there is no run.

    Args:
        runs: newest first.
    """

    def last(run: Run) -> tuple[bool, bool, bool]:
        return not shown_here(run), run.spec.sweep is not None, is_mine(run) is False

    return min(runs, key=last, default=None)


def follow(run: Run) -> None:
    """Show a run on every page that is opened from now on, as if the visitor had chosen it."""
    st.session_state[_DURABLE] = run.id


def choose_run(for_photos: bool = False) -> Run | None:
    """A select box of all runs, newest first; at first it shows `newest_run`. None, with a way out,
    if there is none yet.

    Args:
        for_photos: whether photos of anybody's hand will be shown to it: then at first it shows the
            shipped run on landmarks, if it is there, the pages show letters and the visitor has
            trained none; one on pixels, if the hand finder is not there.
    """
    found = run_store().scan()
    runs = {run.id: run for run in found.runs}
    warn_damaged(found.damaged)
    if not runs:
        offer_training()
        return None
    st.session_state[_WIDGET] = _asked_for(runs) or _offer(runs, for_photos)
    chosen = st.selectbox(
        "Run",
        list(runs),
        key=_WIDGET,
        format_func=lambda run_id: describe(runs[run_id], is_mine(runs[run_id])),
        on_change=lambda: _take_over(runs),
    )
    return run_store().load(chosen)


def offer_training() -> None:
    """What a page says while there is no run."""
    st.info("There is no trained run yet.", icon=":material/model_training:")
    st.page_link("pages/train.py", label="Train a run", icon=":material/arrow_forward:")


def _asked_for(runs: dict[str, Run]) -> str | None:
    """The run of the link, else the one that this visitor chose before."""
    linked = st.query_params.get("run")
    if linked and linked not in runs:
        st.warning(
            f"The link asks for run {shown_value(linked)}, which was not "
            "found; showing another run instead.",
            icon=":material/link_off:",
        )
    if linked in runs:
        if linked != st.session_state.get(_OFFERED):
            _remember(str(linked))
        return linked
    chosen: str | None = st.session_state.get(_DURABLE)
    if chosen not in runs:
        return None
    _remember(str(chosen))
    return chosen


def _offer(runs: dict[str, Run], for_photos: bool) -> str:
    run = newest_run(tuple(runs.values()))
    assert run
    if for_photos and not has_hand_finder():
        on_pixels = [its for its in runs.values() if its.spec.config.features == "pixels"]
        run = newest_run(on_pixels) or run
    elif for_photos and shows_letters() and not any(map(is_mine, runs.values())):
        run = next((its for its in runs.values() if its.spec.data == ANY_HAND), run)
    st.session_state[_OFFERED] = st.query_params["run"] = run.id
    return run.id


def _take_over(runs: Mapping[str, Run]) -> None:
    """Remember what the widget says, unless the run was renamed or deleted under the visitor: the
    browser sends the words of the option, and old ones name no run."""
    if st.session_state[_WIDGET] in runs:
        _remember(st.session_state[_WIDGET])


def _remember(run_id: str) -> None:
    st.session_state.pop(_OFFERED, None)
    st.session_state[_DURABLE] = st.query_params["run"] = run_id


def warn_damaged(damaged: Sequence[str]) -> None:
    """Name the runs that can't be shown, by their ids."""
    if damaged:
        st.warning(
            f"Runs not shown (damaged, or made by another version): {', '.join(damaged)}.",
            icon=":material/heart_broken:",
        )
