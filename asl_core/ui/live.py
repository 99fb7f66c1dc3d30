"""The trainings under way, drawn live: progress, curves, time left, stop."""

import streamlit as st

from asl_core import figures
from asl_core.runs import Run
from asl_core.staging import StagedRun, Status
from asl_core.ui.charts import chart, history_charts, mode
from asl_core.ui.trainings import active_ids, finished_here, headline, just_finished, unfinished

ACTIVE_SECONDS = 0.7
IDLE_SECONDS = 4.0


def watch_trainings() -> None:
    """Show all unfinished runs, and those that finished while this visitor watched."""
    active = bool(active_ids(unfinished()))
    st.fragment(_draw, run_every=ACTIVE_SECONDS if active else IDLE_SECONDS)(active)


def _draw(was_active: bool) -> None:
    trainings = unfinished()
    active = active_ids(trainings)
    just_finished(active)
    if bool(active) != was_active:
        st.rerun()  # the page knows no other way to change how often it looks
    for run in reversed(finished_here()[-3:]):
        _draw_finished(run)
    for staged, status in trainings.items():
        if status.active:
            _draw_active(staged, status)
        else:
            _draw_ended(staged, status)


def _draw_active(staged: StagedRun, status: Status) -> None:
    with st.container(border=True):
        progress = status.progress
        st.progress(
            progress.done_share if progress else 0.0, f"**{headline(status).capitalize()}**"
        )
        if progress and progress.points:
            _draw_curves(staged, status)
        if staged.stop_requested():
            st.caption("Stopping after this batch; what it has learnt is kept.")
        else:
            st.button(
                "Stop and keep what it has learnt",
                key=f"stop_{staged.id}",
                icon=":material/stop_circle:",
                on_click=staged.request_stop,
            )


def _draw_curves(staged: StagedRun, status: Status) -> None:
    assert status.progress
    for column, metric in zip(st.columns(2), figures.METRICS, strict=True):
        last = status.progress.points[-1][1 if metric == "loss" else 2]
        with column:
            chart(
                figures.learning_curve(status.progress, metric, mode()),
                f"Training {metric} so far; the last value is {last:.3f}.",
                key=f"{metric}_{staged.id}",
            )


def _draw_ended(staged: StagedRun, status: Status) -> None:
    with st.container(border=True):
        if status.phase == "failed":
            st.error(f"A training failed: {status.error}", icon=":material/error:")
        else:
            st.warning(
                "A training was interrupted: its process ended. Start it again.",
                icon=":material/power_off:",
            )
        config = staged.spec.config
        st.caption(f"{config.epochs} epochs, {config.filters[0]} and {config.filters[1]} filters")
        st.button(
            "Dismiss", key=f"dismiss_{staged.id}", icon=":material/close:", on_click=staged.discard
        )


def _draw_finished(run: Run) -> None:
    results = run.results
    with st.container(border=True):
        st.success(
            f"{'Stopped early' if results.stopped else 'Finished'} after "
            f"{results.seconds['total']:.0f} s: **{100 * results.test_accuracy:.1f} %** of the "
            f"{results.n_test} test photos are right.",
            icon=":material/check_circle:",
        )
        history_charts(run)
        st.page_link(
            "pages/evaluate.py",
            label="See where it errs",
            icon=":material/arrow_forward:",
            query_params={"run": run.id},
        )
