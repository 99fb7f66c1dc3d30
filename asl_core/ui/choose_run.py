"""The run that a visitor looks at: kept in the URL, and from page to page."""

import streamlit as st

from asl_core.runs import Run
from asl_core.ui.core import run_store

_WIDGET = "run_widget"
_DURABLE = "run"


def choose_run() -> Run | None:
    """A select box of all runs, newest first. None, with a way out, if there is none yet."""
    runs = {run.id: run for run in run_store().list()}
    _tell_damaged()
    if not runs:
        st.info("There is no trained run yet.", icon=":material/model_training:")
        st.page_link("pages/train.py", label="Train one", icon=":material/arrow_forward:")
        return None
    st.session_state[_WIDGET] = _asked_for(runs)
    chosen = st.selectbox(
        "Run",
        list(runs),
        key=_WIDGET,
        format_func=lambda run_id: describe(runs[run_id]),
        on_change=lambda: _remember(st.session_state[_WIDGET]),
    )
    _remember(chosen)
    return run_store().load(chosen)


def describe(run: Run) -> str:
    """A run in one line."""
    config, results = run.spec.config, run.results
    stopped = ", stopped early" if results.stopped else ""
    return (
        f"{run.created:%d %b %Y %H:%M} UTC · {100 * results.test_accuracy:.1f} % · "
        f"{config.epochs} epochs{stopped} · {config.filters[0]} and {config.filters[1]} filters · "
        f"{run.id[-6:]}"
    )


def _asked_for(runs: dict[str, Run]) -> str:
    linked = st.query_params.get("run")
    if linked and linked not in runs:
        st.warning(
            f"The link asks for run {linked}, which is not here. This is another one.",
            icon=":material/link_off:",
        )
    for wish in (linked, st.session_state.get(_DURABLE)):
        if wish in runs:
            return str(wish)
    return next(iter(runs))


def _remember(run_id: str) -> None:
    st.session_state[_DURABLE] = run_id
    st.query_params["run"] = run_id


def _tell_damaged() -> None:
    if damaged := run_store().damaged():
        st.warning(
            f"Damaged and left out: {', '.join(damaged)}. Delete the folder and train again.",
            icon=":material/heart_broken:",
        )
