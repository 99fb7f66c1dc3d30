"""The trainings under way, drawn live: progress, curves, time left, stop; then their results."""

import time
from collections.abc import Sequence
from contextlib import suppress

import streamlit as st
from plotly.graph_objects import Figure

from asl_core import figures
from asl_core.background_task import BackgroundTask
from asl_core.errors import RunError
from asl_core.jobs.queue import place_in_queue, waiting_tasks
from asl_core.progress import Progress
from asl_core.runs.describe import describe_spec
from asl_core.runs.pending import PendingRun
from asl_core.runs.run import Run
from asl_core.task_state import TaskState
from asl_core.ui.shared.accuracy import checks_of
from asl_core.ui.shared.charts import chart, drawn_once, in_numbers, mode, tell_held_out
from asl_core.ui.shared.choose_run import newest_run
from asl_core.ui.shared.notice import active_ids, finished_here, just_finished, unfinished
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import (
    headline,
    resume_buttons,
    show_progress,
    stop_button,
    tell_end,
)
from asl_core.ui.shared.watch import ACTIVE_SECONDS, times_as_seldom, watch
from asl_core.ui.shared.words import count_of
from asl_core.ui.train.result import draw_newest, draw_older, draw_result

SHOWN = 6
"""Runs that are shown after their end: the newest one in full, the others in a line each."""

LIVE_HEIGHT = 230  # pixels of a live curve

PLACE = "train_progress"
"""Key of the container that keeps its height from the first progress to the result."""


def watch_trainings(expected: str) -> None:
    """Show all unfinished runs, and those that finished while this visitor watched.

    Args:
        expected: what a training comes to, in words, for a visitor who has not trained yet.
    """
    watch(
        unfinished,
        lambda trainings: _draw(trainings, expected),
        lambda trainings: bool(active_ids(trainings)) or _checking(),
    )


def _checking() -> bool:
    """Whether the accuracy of the run that is shown here in full is being checked."""
    found = map(checks_of, finished_here()[-1:])
    return any(checks.active for checks in found if checks)


def _draw(trainings: dict[PendingRun, TaskState], expected: str) -> None:
    active = active_ids(trainings)
    just_finished(active)
    finished = finished_here()[-SHOWN:][::-1]
    if active or finished:
        with st.container(key=PLACE):
            _draw_under_way(trainings)
            _draw_finished(finished, in_full=not active)
    else:
        _draw_idle(expected)
    for pending, state in trainings.items():
        if not state.active:
            with st.container(border=True):
                tell_end(state, "Training")
                _describe(pending)
                resume_buttons(pending, state)


def _draw_under_way(trainings: dict[PendingRun, TaskState]) -> None:
    waiting = waiting_tasks(run_store().root)
    for pending, state in trainings.items():
        if state.active:
            _draw_active(pending, state, waiting)


def _draw_active(pending: PendingRun, state: TaskState, waiting: Sequence[BackgroundTask]) -> None:
    with st.container(border=True):
        line = headline(state).capitalize()
        in_line = state.phase == "queued" and not state.step
        if in_line and (before := place_in_queue(pending, waiting)):
            line += f": {count_of(before, 'task')} ahead"
        with st.container(horizontal=True, vertical_alignment="bottom"):
            show_progress(state.fraction_done, f"**{line}**")
            stop_button(
                pending,
                state,
                "Stop and keep the best weights" if state.progress else "Stop",
                "Stopping after this batch; the best weights so far are kept.",
                help="The best are those of the epoch with the lowest loss: on the validation "
                "images if there are any, else on the training images.",
            )
        if state.progress and state.progress.points:
            _draw_curves(pending, state)
        _describe(pending)


def _draw_curves(pending: PendingRun, state: TaskState) -> None:
    assert state.progress
    for column, metric in zip(st.columns(2), figures.METRICS, strict=True):
        last = state.progress.points[-1][1 if metric == "loss" else 2]
        with column:
            chart(
                _live_curve(pending.id, state.progress, metric),
                f"Training {metric} so far; the last value is {last:.3f}. "
                + in_numbers(state.progress.history, metric),
                key=f"{metric}_{pending.id}",
            )
    if told := tell_held_out(state.progress.history):
        st.caption(told)


def _live_curve(run_id: str, progress: Progress, metric: figures.Metric) -> Figure:
    """A curve as it is now, drawn once for all who watch. Of many each sees another state: they get
    the same curve, as old as their last look at most."""
    drawn_in = mode()
    state: tuple[float, ...] = (progress.epoch, progress.batch, len(progress.points))
    if (seldom := times_as_seldom()) > 1:
        state = (seldom, time.monotonic() // (ACTIVE_SECONDS * seldom))
    return drawn_once(
        lambda: figures.learning_curve(progress, metric, drawn_in).update_layout(
            height=LIVE_HEIGHT
        ),
        "live",
        run_id,
        state,
        metric,
        drawn_in,
    )


def _describe(pending: PendingRun) -> None:
    with suppress(RunError):  # it ended between two looks, or can't be read
        st.caption(describe_spec(pending.spec))


def _draw_finished(finished: Sequence[Run], in_full: bool) -> None:
    """The runs of this visit, the newest first.

    Args:
        finished: the runs.
        in_full: whether the newest has the place for itself, as nothing is under way.
    """
    if in_full and finished:
        newest, *finished = finished
        before = newest_run([run for run in run_store().list() if run.created < newest.created])
        draw_result(newest, finished[0] if finished else before, suggest=True)
    for run in finished:
        draw_older(run)


def _draw_idle(expected: str) -> None:
    st.caption(f"What to expect: {expected}")
    if run := newest_run(run_store().list()):
        with suppress(RunError):  # told where it is opened
            draw_newest(run)
