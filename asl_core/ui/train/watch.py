"""The trainings under way, drawn live: progress, curves, time left, stop."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from asl_core import figures
from asl_core.background_task import BackgroundTask
from asl_core.errors import RunError
from asl_core.jobs.queue import place_in_queue, waiting_tasks
from asl_core.runs.describe import describe_spec
from asl_core.runs.pending import PendingRun
from asl_core.runs.run import Run
from asl_core.task_state import TaskState
from asl_core.ui.shared.accuracy import checks_of, draw_accuracy
from asl_core.ui.shared.charts import chart, history_charts, in_numbers, mode, tell_held_out
from asl_core.ui.shared.choose_run import newest_run
from asl_core.ui.shared.next_step import offer_next_step
from asl_core.ui.shared.notice import active_ids, finished_here, just_finished, unfinished
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import (
    duration,
    headline,
    resume_buttons,
    show_progress,
    stop_button,
    tell_end,
)
from asl_core.ui.shared.watch import watch
from asl_core.ui.shared.words import STOP_REASONS, count_of, describe, escape_markdown

SHOWN = 3
"""Runs that are shown after their end, the newest first."""


def watch_trainings() -> None:
    """Show all unfinished runs, and those that finished while this visitor watched."""
    watch(unfinished, _draw, lambda trainings: bool(active_ids(trainings)) or _checking())


def _checking() -> bool:
    """Whether the accuracy of a run that is shown here is being checked."""
    found = map(checks_of, finished_here()[-SHOWN:])
    return any(checks.active for checks in found if checks)


def _draw(trainings: dict[PendingRun, TaskState]) -> None:
    active = active_ids(trainings)
    just_finished(active)
    waiting = waiting_tasks(run_store().root)
    for pending, state in trainings.items():
        if state.active:
            _draw_active(pending, state, waiting)
    for number, run in enumerate(reversed(finished_here()[-SHOWN:])):
        _draw_finished(run, suggest=number == 0 and not active)
    if not (active or finished_here()):
        _link_newest()
    for pending, state in trainings.items():
        if not state.active:
            with st.container(border=True):
                tell_end(state, "Training")
                _describe(pending)
                resume_buttons(pending, state)


def _draw_active(pending: PendingRun, state: TaskState, waiting: Sequence[BackgroundTask]) -> None:
    with st.container(border=True):
        line = headline(state).capitalize()
        if state.phase == "queued" and (before := place_in_queue(pending, waiting)):
            line += f": {count_of(before, 'task')} ahead"
        show_progress(state.fraction_done, f"**{line}**")
        _describe(pending)
        if state.progress and state.progress.points:
            _draw_curves(pending, state)
        stop_button(
            pending,
            state,
            "Stop and keep the best weights",
            "Stopping after this batch; the best weights so far are kept.",
        )


def _draw_curves(pending: PendingRun, state: TaskState) -> None:
    assert state.progress
    for column, metric in zip(st.columns(2), figures.METRICS, strict=True):
        last = state.progress.points[-1][1 if metric == "loss" else 2]
        with column:
            chart(
                figures.learning_curve(state.progress, metric, mode()),
                f"Training {metric} so far; the last value is {last:.3f}. "
                + in_numbers(state.progress.history, metric),
                key=f"{metric}_{pending.id}",
            )
    if told := tell_held_out(state.progress.history):
        st.caption(told)


def _describe(pending: PendingRun) -> None:
    with suppress(RunError):  # it ended between two looks, or can't be read
        st.caption(describe_spec(pending.spec))


def _link_newest() -> None:
    if run := newest_run(run_store().list()):
        st.page_link(
            "pages/evaluate.py",
            label=f"Newest run: {escape_markdown(describe(run))}",
            icon=":material/history:",
            query_params={"run": run.id},
        )


def _draw_finished(run: Run, suggest: bool) -> None:
    results = run.results
    end = STOP_REASONS[results.stop_reason]
    with st.container(border=True):
        st.success(
            f"{end}. Total time {duration(results.seconds['total'])}.",
            icon=":material/check_circle:",
        )
        draw_accuracy(run, checks_of(run))
        st.caption(describe_spec(run.spec))
        history_charts(run)
        st.page_link(
            "pages/evaluate.py",
            label="See its mistakes",
            icon=":material/arrow_forward:",
            query_params={"run": run.id},
        )
        if suggest:
            offer_next_step(run)
