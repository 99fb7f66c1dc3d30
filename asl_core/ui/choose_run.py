"""The run that a visitor looks at: kept in the URL, and from page to page."""

from collections.abc import Mapping

import streamlit as st

from asl_core.runs import Run
from asl_core.ui.core import run_store
from asl_core.ui.words import describe, plain

_WIDGET = "run_widget"
_DURABLE = "run"


def choose_run() -> Run | None:
    """A select box of all runs, newest first. None, with a way out, if there is none yet."""
    runs = {run.id: run for run in run_store().list()}
    tell_damaged()
    if not runs:
        offer_training()
        return None
    st.session_state[_WIDGET] = _asked_for(runs)
    chosen = st.selectbox(
        "Run",
        list(runs),
        key=_WIDGET,
        format_func=lambda run_id: describe(runs[run_id]),
        on_change=lambda: _take_over(runs),
    )
    _remember(chosen)
    return run_store().load(chosen)


def offer_training() -> None:
    """What a page says while there is no run."""
    st.info("There is no trained run yet.", icon=":material/model_training:")
    st.page_link("pages/train.py", label="Train one", icon=":material/arrow_forward:")


def _asked_for(runs: dict[str, Run]) -> str:
    linked = st.query_params.get("run")
    if linked and linked not in runs:
        st.warning(
            f"The link asks for run {plain(linked)}, which is not here. This is another one.",
            icon=":material/link_off:",
        )
    for wish in (linked, st.session_state.get(_DURABLE)):
        if wish in runs:
            return str(wish)
    return next(iter(runs))


def _take_over(runs: Mapping[str, Run]) -> None:
    """Remember what the widget says, unless the run was renamed or deleted under the visitor: the
    browser sends the words of the option, and old ones name no run."""
    if st.session_state[_WIDGET] in runs:
        _remember(st.session_state[_WIDGET])


def _remember(run_id: str) -> None:
    st.session_state[_DURABLE] = run_id
    st.query_params["run"] = run_id


def tell_damaged() -> None:
    """Name the runs that can't be shown."""
    if damaged := run_store().damaged():
        st.warning(
            f"Damaged, or made by another version, and left out: {', '.join(damaged)}, in "
            f"{plain(str(run_store().root))}.",
            icon=":material/heart_broken:",
        )
