"""A sweep on a page: which one, how far it is, and what came of it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from asl_core.config import TrainConfig
from asl_core.errors import JobError, RunNotFoundError
from asl_core.evaluation import wilson_interval
from asl_core.pace import Estimate, estimate, pace_of
from asl_core.search import SearchFolder
from asl_core.sweep import Cell, Sweep, find_sweep, read_sweeps
from asl_core.sweep_figures import AXES, heat_map, parallel_coordinates, spread, values_of
from asl_core.ui.charts import chart, mode
from asl_core.ui.core import jobs, run_store
from asl_core.ui.sweep_settings import span
from asl_core.ui.trainings import duration
from asl_core.ui.words import plain

ACTIVE_SECONDS = 1.5
IDLE_SECONDS = 6.0
_WIDGET = "sweep_widget"


def choose_sweep() -> str | None:
    """A select box of all sweeps, newest first; the shown one is in the URL. None if there is
    none."""
    sweeps = {sweep.id: sweep for sweep in read_sweeps(run_store())}
    if not sweeps:
        st.info("There is no sweep yet.", icon=":material/tune:")
        return None
    linked = st.query_params.get("sweep")
    if linked and linked not in sweeps:
        st.warning(
            f"The link asks for sweep {plain(linked)}, which is not here. This is another one.",
            icon=":material/link_off:",
        )
    st.session_state[_WIDGET] = linked if linked in sweeps else next(iter(sweeps))
    chosen: str = st.selectbox(
        "Sweep",
        list(sweeps),
        key=_WIDGET,
        format_func=lambda sweep_id: _describe(sweeps[sweep_id]),
        on_change=lambda: st.query_params.update(sweep=st.session_state[_WIDGET]),
    )
    st.query_params["sweep"] = chosen
    return chosen


def watch_sweep(sweep_id: str) -> None:
    """Show a sweep, live while it is under way."""
    active = find_sweep(run_store(), sweep_id).active
    st.fragment(_draw, run_every=ACTIVE_SECONDS if active else IDLE_SECONDS)(sweep_id, active)


def _draw(sweep_id: str, was_active: bool) -> None:
    try:
        sweep = find_sweep(run_store(), sweep_id)
    except RunNotFoundError:  # all of it was cancelled or deleted
        st.rerun()
    if sweep.active != was_active:
        st.rerun()  # the page knows no other way to change how often it looks
    _draw_state(sweep)
    if sweep.is_search:
        _tell_trials(sweep)
    if sweep.best:
        _draw_results(sweep, sweep.best)


def _draw_state(sweep: Sweep) -> None:
    if sweep.active:
        shares = [status.progress.done_share for _, status in sweep.unfinished if status.progress]
        left = _time_left(sweep)
        st.progress(
            min(1.0, (len(sweep.runs) + sum(shares)) / len(sweep)),
            f"**{len(sweep.runs)} of {len(sweep)} runs are done**" + (f", {left}" if left else ""),
        )
        st.button(
            "Cancel the rest, keep what is done",
            icon=":material/stop_circle:",
            on_click=sweep.cancel_rest,
        )
    elif interrupted := sweep.in_phase("interrupted"):
        st.warning(
            f"{len(sweep.runs)} of {len(sweep)} runs are done. The process of the other "
            f"{len(interrupted)} ended; they can go on.",
            icon=":material/power_off:",
        )
        with st.container(horizontal=True):
            resume = st.button("Resume", icon=":material/resume:", type="primary")
            st.button("Drop the rest", icon=":material/close:", on_click=sweep.cancel_rest)
        if resume:
            _resume(sweep)
    if failed := [status for _, status in sweep.unfinished if status.phase == "failed"]:
        st.error(
            f"{len(failed)} of {len(sweep)} runs failed. The first: {plain(str(failed[0].error))}",
            icon=":material/error:",
        )


def _resume(sweep: Sweep) -> None:
    if sweep.is_search:
        SearchFolder(run_store(), sweep.id).restart_clock()
    try:
        sweep.resume(jobs())
    except JobError as error:
        st.error(plain(str(error)), icon=":material/error:")
    else:
        st.rerun()


def _time_left(sweep: Sweep) -> str:
    """In words; empty while nothing is known."""
    if sweep.is_search:
        seconds = SearchFolder(run_store(), sweep.id).seconds_left()
        return f"at most {duration(max(0.0, seconds))} left" if seconds is not None else ""
    pace = pace_of(reversed(sweep.runs))
    if pace is None:
        return ""
    results = sweep.runs[0].results
    low = high = 0.0
    for staged, status in sweep.unfinished:
        share = status.progress.done_share if status.progress else 0.0
        needed = estimate(
            [staged.spec.config], results.n_train + results.n_validation, len(results.classes), pace
        )
        low, high = low + needed.low * (1 - share), high + needed.high * (1 - share)
    at_once = max(1, len(sweep.in_phase("starting", "training", "evaluating")))
    return f"about {span(Estimate(low / at_once, high / at_once))} left"


def _tell_trials(sweep: Sweep) -> None:
    folder = SearchFolder(run_store(), sweep.id)
    status, asked = folder.status(), folder.search().trials
    words = [f"{status.complete} of {asked} trainings went to their end"]
    if status.given_up:
        words.append(f"{status.given_up} were given up, as others were better by then")
    if status.cut_short:
        words.append(f"{status.cut_short} was under way when the time was over")
    not_begun = asked - status.complete - status.given_up - status.cut_short
    if not_begun > 0 and not sweep.active:
        words.append(f"{not_begun} did not begin")
    st.caption("; ".join(words) + ".")


def _draw_results(sweep: Sweep, best: Cell) -> None:
    _tell_best(sweep, best)
    axes = [axis for axis in AXES if len(values_of(sweep.cells, axis)) > 1]
    part = "validation" if sweep.by_validation else "test"
    if axes and not sweep.is_search:
        st.subheader(f"Median {part} accuracy")
        _draw_heat_map(sweep, best, axes)
    if len(sweep.cells) > 1:
        st.subheader("All runs")
        chart(
            parallel_coordinates(sweep, mode()),
            f"Every run as a line through its settings to its {part} accuracy.",
            key=f"parallel_{sweep.id}",
        )
        st.caption("Drag along an axis to see only the runs that pass there.")
        _draw_table(sweep, part)


def _draw_heat_map(sweep: Sweep, best: Cell, axes: Sequence[str]) -> None:
    """Two axes of a grid; of every other one, the value that is chosen."""
    choices = [*axes, *(axis for axis in AXES if axis not in axes)]
    if len(axes) > 2:
        with st.container(horizontal=True):
            across = st.selectbox("Across", axes, key="sweep_across", width=260)
            rest = [axis for axis in axes if axis != across]
            down = st.selectbox("Down", rest, key="sweep_down", width=260)
            fixed = {
                axis: st.selectbox(
                    f"With {axis}",
                    values_of(sweep.cells, axis),
                    values_of(sweep.cells, axis).index(AXES[axis](best.config)),
                    format_func="{:g}".format,
                    key=f"sweep_fixed_{axis}_{sweep.id}",
                    width=260,
                )
                for axis in rest
                if axis != down
            }
    else:
        across, down, fixed = choices[0], choices[1], {}
    cells = [
        cell
        for cell in sweep.cells
        if all(AXES[axis](cell.config) == value for axis, value in fixed.items())
    ]
    told = "; ".join(
        f"{AXES[across](cell.config):g}, {AXES[down](cell.config):g}: {100 * cell.median:.1f} %"
        for cell in cells
    )
    chart(
        heat_map(cells, across, down, mode()),
        f"Median accuracy by {across} and {down}: {told}",
        key=f"heat_map_{sweep.id}",
    )
    st.caption("Median over the seeds, and below it the lowest and the highest.")


def _tell_best(sweep: Sweep, best: Cell) -> None:
    part = "validation" if sweep.by_validation else "test"
    n_seeds = f"{len(best.runs)} seeds" if len(best.runs) > 1 else "one seed"
    known = f"**{100 * best.median:.1f} %** of the {part} photos"
    if len(best.runs) > 1:
        known = f"a median of {known} ({spread(best)} %, {n_seeds})"
    st.markdown(f"**Best{' so far' if sweep.active else ''}: {words(best.config)}**, with {known}.")
    rivals = sum(cell.high >= best.low for cell in sweep.cells if cell is not best)
    if rivals:
        st.caption(
            f"{rivals} other setting{'s reach' if rivals > 1 else ' reaches'} into its range: "
            "chance may decide between them. Try more seeds."
        )
    if sweep.active:
        return
    if not sweep.by_validation:
        st.warning(
            "The settings were compared on the test photos, so this figure is of the luckiest of "
            "them, and too good. Put validation photos aside, and the test photos stay unseen.",
            icon=":material/balance:",
        )
    else:
        st.markdown(
            "On the **test photos**, which had no say in the choice: "
            f"**{100 * best.test_accuracy:.1f} %** ({_test_spread(best)})."
        )
    st.page_link(
        "pages/evaluate.py",
        label="See where it errs",
        icon=":material/arrow_forward:",
        query_params={"run": best.middle_run.id},
    )


def _test_spread(cell: Cell) -> str:
    """How far to trust the accuracy on the test images, in words."""
    accuracies = [run.results.test_accuracy for run in cell.runs]
    if len(accuracies) > 1:
        return f"the median of {100 * min(accuracies):.1f} to {100 * max(accuracies):.1f} %"
    results = cell.runs[0].results
    return f"95 % interval: {wilson_interval(results.test_correct, results.n_test)}"


def _draw_table(sweep: Sweep, part: str) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Setting": words(cell.config),
                f"Median {part} accuracy": 100 * cell.median,
                "Lowest": 100 * cell.low,
                "Highest": 100 * cell.high,
                "Runs": len(cell.runs),
            }
            for cell in sorted(sweep.cells, key=lambda cell: -cell.median)
        ),
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.1f %%")
            for name in (f"Median {part} accuracy", "Lowest", "Highest")
        },
    )


def words(config: TrainConfig) -> str:
    """A setting in words, without its seed."""
    first, second = config.filters
    return (
        f"{first} and {second} filters, {config.epochs} epoch{'s' if config.epochs > 1 else ''}, "
        f"{config.optimizer} at {config.rate:.3g}, batch {config.batch_size}, {config.schedule}"
    )


def _describe(sweep: Sweep) -> str:
    kind = "search" if sweep.is_search else "grid"
    n_done = len(sweep.runs)
    state = "under way" if sweep.active else f"{n_done} of {len(sweep)} runs done"
    return f"{sweep.made:%d %b %Y %H:%M} UTC · {kind} · {state} · {sweep.id[-6:]}"
