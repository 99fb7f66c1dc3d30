"""Trainings under way, as every page and every visitor sees them: read from the run folders."""

from collections.abc import Mapping

import streamlit as st

from asl_core.errors import RunError, RunNotFoundError
from asl_core.runs.pending import PendingRun, Status, list_pending
from asl_core.runs.run import Run
from asl_core.sweeps.sweep import read_sweeps
from asl_core.ui.shared.poll import poll
from asl_core.ui.shared.resources import run_store

PHASES = {
    "queued": "queued",
    "starting": "starting (loading TensorFlow and images)",
    "training": "training",
    "evaluating": "evaluating on the test images",
    "failed": "failed",
    "interrupted": "interrupted: its process ended",
}
NOTICE_SECONDS = 2.0
_SEEN = "trainings_seen"
_FINISHED = "trainings_finished"


def unfinished() -> dict[PendingRun, Status]:
    """Runs that are not finished, oldest first; without those of sweeps."""
    found = {}
    for staged in list_pending(run_store()):
        try:
            if sweep_of(staged) is None:
                found[staged] = staged.status()
        except RunNotFoundError:  # published between the two looks
            continue
    return found


def sweep_of(staged: PendingRun) -> str | None:
    """Id of the sweep that a run is a part of; None also where that can't be read."""
    try:
        return staged.spec.sweep
    except RunError:
        return None


def active_ids(trainings: Mapping[PendingRun, Status]) -> set[str]:
    """Ids of those that something is being done for."""
    return {staged.id for staged, status in trainings.items() if status.active}


def just_finished(active: set[str]) -> list[Run]:
    """Runs that this visitor saw under way and that are finished now; each is told once."""
    seen: set[str] = st.session_state.get(_SEEN, set())
    st.session_state[_SEEN] = active
    if not seen - active:
        return []
    runs = [run for run in run_store().list() if run.id in seen - active]
    finished_here().extend(runs)
    return runs


def finished_here() -> list[Run]:
    """Runs that finished while this visitor was here, the oldest first."""
    finished: list[Run] = st.session_state.setdefault(_FINISHED, [])
    finished[:] = [run for run in finished if run.folder.is_dir()]  # not deleted meanwhile
    return finished


def headline(status: Status) -> str:
    """State of a training in one line."""
    if not status.progress or status.phase != "training":
        return PHASES[status.phase]
    progress = status.progress
    line = f"epoch {progress.epoch_under_way} of {progress.epochs}"
    line += f", batch {progress.batch} of {progress.batches}"
    if progress.seconds_left is not None:
        line += f", about {duration(progress.seconds_left)} left"
    return line


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def training_notice() -> None:
    """One line above a page while something is training; a toast when it is done."""
    poll(NOTICE_SECONDS, _draw_notice)()


def _draw_notice() -> None:
    trainings = unfinished()
    active = active_ids(trainings)
    for run in just_finished(active):
        st.toast(
            f"Training finished: test accuracy {100 * run.results.test_accuracy:.1f} %.",
            icon=":material/check_circle:",
        )
    for staged, status in trainings.items():
        if staged.id in active:
            share = status.progress.fraction_done if status.progress else 0.0
            more = f": {headline(status)}" if status.phase == "training" else ""
            st.progress(share, f":material/model_training: A run is {PHASES[status.phase]}{more}")
            st.page_link("pages/train.py", label="Watch it", icon=":material/visibility:")
            return
    _sweep_notice()


def _sweep_notice() -> None:
    """The same for the newest sweep under way."""
    if not any(map(sweep_of, list_pending(run_store()))):
        return
    for sweep in read_sweeps(run_store()):
        if sweep.active:
            done = f"{len(sweep.runs)} of {len(sweep)} runs are done"
            share = len(sweep.runs) / len(sweep)
            st.progress(share, f":material/tune: A sweep is under way: {done}")
            st.page_link(
                "pages/sweep.py",
                label="Watch it",
                icon=":material/visibility:",
                query_params={"sweep": sweep.id},
            )
            return
