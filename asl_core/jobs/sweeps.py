"""Sweeps as background tasks: how one is queued, and how what is left of it goes on."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from asl_core.errors import QueueFullError, RunError, TaskGoneError
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.queue import queue_lock
from asl_core.runs.pending import new_pending
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_SWEEPS
from asl_core.sweeps.sweep import Sweep, read_sweeps


def submit_sweep(
    jobs: Jobs,
    store: RunStore,
    make_specs: Callable[[], Sequence[RunSpec]],
    owner: str = "",
) -> str:
    """Queue the runs of a sweep; single trainings go before them.

    Args:
        jobs: the workers.
        store: where the runs will be.
        make_specs: asked once there is room; gives those of `Grid.specs` or `search.prepare`.
        owner: who asks for it; empty: nobody in particular, who is not counted.

    Returns:
        Id of the sweep.

    Raises:
        QueueFullError: the owner has a sweep under way, or too many are. Says what to do.
        JobError: the workers can't be started or reached.
    """
    with queue_lock(store.root, "sweeps"):
        _check_room(store, owner)
        runs = [new_pending(store, spec, owner) for spec in make_specs()]
        for run in runs:
            jobs.submit(run)
    return runs[0].request.group


def _check_room(store: RunStore, owner: str) -> None:
    active = [sweep for sweep in read_sweeps(store) if sweep.active]
    for sweep in active:
        if owner and any(run.request.owner == owner for run, _ in sweep.unfinished):
            raise QueueFullError(
                f"You already have a sweep under way: {len(sweep.runs)} of {len(sweep)} runs are "
                "done. Wait for the rest, or cancel it."
            )
    if len(active) >= MAX_SWEEPS:
        raise QueueFullError(
            f"{len(active)} sweeps are under way already, which is the limit. Try again when one "
            "has ended."
        )


def resume_sweep(jobs: Jobs, sweep: Sweep) -> None:
    """Go on with what is interrupted of a sweep, and try again what has failed.

    Raises:
        JobError: the workers can't be started or reached.
    """
    for run in sweep.in_phase("interrupted", "failed"):
        with suppress(TaskGoneError, RunError):  # dropped by another visitor meanwhile
            jobs.submit(run)
