"""A sweep on a page: which one, and how far it is."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import streamlit as st

from asl_core.config import TrainConfig
from asl_core.errors import AslError, RunError, RunNotFoundError, TaskError
from asl_core.files import disk_errors_as
from asl_core.jobs.sweeps import resume_sweep
from asl_core.runs.pending import PendingRun
from asl_core.runs.run import Run
from asl_core.runs.time_estimate import Estimate, estimate, estimate_throughput
from asl_core.sweeps.search import SearchFolder
from asl_core.sweeps.sweep import Sweep, find_sweep, read_sweeps
from asl_core.ui.shared.errors import show_error, without_paths
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import jobs, run_store
from asl_core.ui.shared.tasks import duration, show_progress, whose_task
from asl_core.ui.shared.watch import watch
from asl_core.ui.shared.words import count_of, escape_markdown, shown_value
from asl_core.ui.sweep.plan import draw_grid
from asl_core.ui.sweep.results import draw_runs, tell_best
from asl_core.ui.sweep.settings import span

LOOK_SECONDS = 1.5
"""Time between two looks: each reads all runs of the sweep."""

_WIDGET = "sweep_widget"


def choose_sweep(runs: Sequence[Run]) -> Sweep | None:
    """A select box of all sweeps, newest first; the shown one is in the URL. None if there is none.

    Args:
        runs: the finished ones, newest first.
    """
    sweeps = {sweep.id: sweep for sweep in read_sweeps(run_store(), runs)}
    if not sweeps:
        return None
    st.header("Results")
    linked = st.query_params.get("sweep")
    if linked and linked not in sweeps:
        st.warning(
            f"The link asks for sweep {shown_value(linked)}, which was not "
            "found; showing another sweep instead.",
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
    return sweeps[chosen]


def watch_sweep(sweep: Sweep) -> None:
    """Show how far a sweep is, live while it is under way, and its grid, which fills in."""
    first = [sweep]

    def look() -> Sweep | None:
        if first:
            return first.pop()
        try:
            return find_sweep(run_store(), sweep.id)
        except RunNotFoundError:  # all of it was cancelled or deleted
            return None

    watch(look, _draw, lambda seen: seen is not None and seen.active, LOOK_SECONDS)


def show_sweep(sweep: Sweep) -> None:
    """A sweep that is not under way: what is left of it to do, if anything is, and how good its
    best setting is."""
    draw_state(sweep)
    if sweep.best:
        tell_best(sweep, sweep.best)


def _draw(sweep: Sweep | None) -> None:
    if sweep is None:
        st.rerun()
    draw_state(sweep)
    if not sweep.is_search:
        draw_grid(_configs(sweep), sweep.results, f"grid_{sweep.id}")
    if sweep.best:
        tell_best(sweep, sweep.best)
    if sweep.is_search and sweep.active and len(sweep.results) > 1:
        draw_runs(sweep)


def _configs(sweep: Sweep) -> list[TrainConfig]:
    """Of all runs of a sweep, done or not."""
    configs = [run.spec.config for run in sweep.runs]
    for pending, _ in sweep.unfinished:
        with suppress(RunError):  # it has ended since
            configs.append(pending.spec.config)
    return configs


def draw_state(sweep: Sweep) -> None:
    """How far a sweep is, and what can be done about it."""
    whose = next(filter(None, (whose_task(run) for run, _ in sweep.unfinished)), "")
    if sweep.is_search:
        _tell_trials(sweep)
    if sweep.active:
        begun = sum(state.fraction_done for _, state in sweep.unfinished)
        left = _time_left(sweep)
        show_progress(
            (len(sweep.runs) + begun) / len(sweep),
            f"**{len(sweep.runs)} of {len(sweep)} runs are done**" + (f", {left}" if left else ""),
        )
        if change_button("Cancel the remaining runs", whose, icon=":material/stop_circle:"):
            _attempt(lambda: _cancel(sweep))
        return
    interrupted, failed = sweep.in_phase("interrupted"), sweep.in_phase("failed")
    if not (interrupted or failed):
        return
    done = f"{len(sweep.runs)} of {len(sweep)} runs are done."
    if interrupted:
        one = len(interrupted) == 1
        st.warning(
            f"{done} {count_of(len(interrupted), 'run')} {'was' if one else 'were'} interrupted "
            f"because the process ended. You can resume {'it' if one else 'them'}.",
            icon=":material/power_off:",
        )
    if failed:
        _tell_failure(sweep, failed, done)
    with st.container(horizontal=True):
        words = "Resume" if interrupted else "Try again"
        resume = change_button(words, whose, icon=":material/resume:", type="primary")
        discard = change_button("Discard the remaining runs", whose, icon=":material/close:")
    if resume:
        _attempt(lambda: resume_sweep(jobs(), sweep))
    if discard:
        _attempt(lambda: _cancel(sweep))


def _tell_failure(sweep: Sweep, failed: Sequence[PendingRun], done: str) -> None:
    reasons = {state.error for _, state in sweep.unfinished if state.phase == "failed"}
    told = escape_markdown(without_paths(" ".join(sorted(map(str, reasons)))))
    st.error(
        f"{done} {len(failed)} failed: {told}",
        icon=":material/error:",
    )


def _cancel(sweep: Sweep) -> None:
    with disk_errors_as(TaskError, "The remaining runs can't be canceled", run_store().root):
        sweep.cancel_rest()


def _attempt(action: Callable[[], None]) -> None:
    """Do what a button is for, and draw the page anew; a refusal is told below the button."""
    try:
        action()
    except AslError as error:
        show_error(error)
    else:
        st.rerun()


def _time_left(sweep: Sweep) -> str:
    """In words; empty while nothing is known."""
    if sweep.is_search:
        seconds = SearchFolder(run_store(), sweep.id).seconds_left()
        return f"at most {duration(max(0.0, seconds))} left" if seconds is not None else ""
    throughput = estimate_throughput(reversed(sweep.runs))
    if throughput is None:
        return ""
    results = sweep.runs[0].results
    low = high = 0.0
    n_images = results.n_train + results.n_validation
    for pending, state in sweep.unfinished:
        try:
            config = pending.spec.config
        except RunError:  # it has ended since
            continue
        share = state.fraction_done
        needed = estimate([config], n_images, len(results.classes), throughput)
        low, high = low + needed.low * (1 - share), high + needed.high * (1 - share)
    at_once = max(1, len(sweep.in_phase("working")))
    return f"about {span(Estimate(low / at_once, high / at_once))} left"


def _tell_trials(sweep: Sweep) -> None:
    folder = SearchFolder(run_store(), sweep.id)
    status, asked = folder.status(), folder.search().trials
    parts = [f"{status.complete} of {asked} trials completed"]
    if status.given_up:
        parts.append(f"{status.given_up} pruned (worse than the median, or diverged)")
    if status.cut_short:
        parts.append(f"{status.cut_short} cut short by the time limit")
    not_begun = asked - status.complete - status.given_up - status.cut_short
    if not_begun > 0 and not sweep.active:
        parts.append(f"{not_begun} not started")
    st.caption("; ".join(parts) + ".")


def _describe(sweep: Sweep) -> str:
    kind = "search" if sweep.is_search else "grid"
    n_done = len(sweep.runs)
    state = "in progress" if sweep.active else f"{n_done} of {len(sweep)} runs done"
    return f"{sweep.made:%d %b %Y %H:%M} UTC · {kind} · {state} · {sweep.id[-6:]}"
