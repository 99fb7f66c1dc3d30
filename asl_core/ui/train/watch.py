"""The trainings under way, drawn live: progress, curves, time left, stop."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from asl_core import figures
from asl_core.errors import AslError, RunError
from asl_core.jobs.queue import place_in_queue, waiting_runs
from asl_core.runs.describe import describe_spec
from asl_core.runs.pending import PendingRun, Status
from asl_core.runs.run import Run
from asl_core.ui.shared.charts import chart, history_charts, mode
from asl_core.ui.shared.poll import poll
from asl_core.ui.shared.resources import jobs, run_store
from asl_core.ui.shared.trainings import (
    active_ids,
    finished_here,
    headline,
    just_finished,
    unfinished,
)
from asl_core.ui.shared.words import describe, escape_markdown

ACTIVE_SECONDS = 0.5
IDLE_SECONDS = 4.0
ENDED = {
    "all epochs": "Finished",
    "stop": "Stopped early",
    "early stopping": "Stopped early: no improvement,",
    "time limit": "Stopped at the time limit,",
}


def watch_trainings() -> None:
    """Show all unfinished runs, and those that finished while this visitor watched."""
    active = bool(active_ids(unfinished()))
    poll(ACTIVE_SECONDS if active else IDLE_SECONDS, _draw)(active)


def _draw(was_active: bool) -> None:
    trainings = unfinished()
    active = active_ids(trainings)
    just_finished(active)
    if bool(active) != was_active:
        st.rerun()  # the page knows no other way to change how often it looks
    waiting = waiting_runs(run_store())
    for staged, status in trainings.items():
        if status.active:
            _draw_active(staged, status, waiting)
    for run in reversed(finished_here()[-3:]):
        _draw_finished(run)
    if not (active or finished_here()):
        _link_newest()
    for staged, status in trainings.items():
        if not status.active:
            _draw_ended(staged, status)


def _draw_active(staged: PendingRun, status: Status, waiting: Sequence[PendingRun]) -> None:
    with st.container(border=True):
        progress = status.progress
        line = headline(status).capitalize()
        if status.phase == "queued" and (before := place_in_queue(staged, waiting)):
            line += f": {before} other{'s' if before > 1 else ''} before it"
        st.progress(progress.fraction_done if progress else 0.0, f"**{line}**")
        _describe(staged)
        if progress and progress.points:
            _draw_curves(staged, status)
        if status.phase == "queued":
            st.button(
                "Cancel",
                key=f"cancel_{staged.id}",
                icon=":material/close:",
                on_click=staged.cancel,
            )
        elif staged.stop_requested():
            st.caption("Stopping after this batch; the best weights so far are kept.")
        else:
            st.button(
                "Stop and keep the best weights",
                key=f"stop_{staged.id}",
                icon=":material/stop_circle:",
                on_click=staged.request_stop,
            )


def _draw_curves(staged: PendingRun, status: Status) -> None:
    assert status.progress
    for column, metric in zip(st.columns(2), figures.METRICS, strict=True):
        last = status.progress.points[-1][1 if metric == "loss" else 2]
        with column:
            chart(
                figures.learning_curve(status.progress, metric, mode()),
                f"Training {metric} so far; the last value is {last:.3f}.",
                key=f"{metric}_{staged.id}",
            )


def _draw_ended(staged: PendingRun, status: Status) -> None:
    with st.container(border=True):
        if status.phase == "failed":
            st.error(
                f"A training failed: {escape_markdown(str(status.error))}", icon=":material/error:"
            )
        else:
            done = status.progress.epoch if status.progress else 0
            st.warning(
                f"A training was interrupted after {done} epoch{'' if done == 1 else 's'}: its "
                "process ended. It can be resumed from its last checkpoint.",
                icon=":material/power_off:",
            )
        _describe(staged)
        with st.container(horizontal=True):
            st.button(
                "Resume" if status.phase == "interrupted" else "Try again",
                key=f"resume_{staged.id}",
                icon=":material/resume:",
                type="primary",
                on_click=_resume,
                args=(staged,),
            )
            st.button(
                "Dismiss",
                key=f"dismiss_{staged.id}",
                icon=":material/close:",
                on_click=staged.discard,
            )
        log = staged.log()
        if log:
            with st.expander("Log", icon=":material/description:"):
                st.code(log, language=None)


def _resume(staged: PendingRun) -> None:
    try:
        jobs().resume(staged)
    except AslError as error:
        st.toast(escape_markdown(str(error)), icon=":material/error:")


def _describe(staged: PendingRun) -> None:
    with suppress(RunError):  # it ended between two looks, or can't be read
        st.caption(describe_spec(staged.spec))


def _link_newest() -> None:
    runs = run_store().list()
    if runs:
        st.page_link(
            "pages/evaluate.py",
            label=f"Newest run: {escape_markdown(describe(runs[0]))}",
            icon=":material/history:",
            query_params={"run": runs[0].id},
        )


def _draw_finished(run: Run) -> None:
    results = run.results
    with st.container(border=True):
        st.success(
            f"{ENDED[results.stop_reason]} after "
            f"{results.seconds['total']:.0f} s: **{100 * results.test_accuracy:.1f} %** of the "
            f"{results.n_test} test images are right.",
            icon=":material/check_circle:",
        )
        st.caption(describe_spec(run.spec))
        history_charts(run)
        st.page_link(
            "pages/evaluate.py",
            label="See its mistakes",
            icon=":material/arrow_forward:",
            query_params={"run": run.id},
        )
