"""Sweeps as background tasks: how one is queued, and how what is left of it goes on."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from filelock import FileLock

from asl_core.errors import QueueFullError, RunNotFoundError
from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import RunSpec
from asl_core.runs.store import STAGING, RunStore
from asl_core.settings import MAX_SWEEPS
from asl_core.sweeps.sweep import Sweep, read_sweeps


def submit_sweep(
    jobs: Jobs,
    store: RunStore,
    make_specs: Callable[[], Sequence[RunSpec]],
    visitor: str | None = None,
) -> str:
    """Queue the runs of a sweep; single trainings go before them.

    Args:
        jobs: the workers.
        store: where the runs will be.
        make_specs: asked once there is room; gives those of `Grid.specs` or `search.prepare`.
        visitor: who asks for it; None is not counted.

    Returns:
        Id of the sweep.

    Raises:
        QueueFullError: the visitor has a sweep under way, or too many are. Says what to do.
        JobError: the workers can't be started or reached.
    """
    (store.root / STAGING).mkdir(parents=True, exist_ok=True)
    with FileLock(store.root / STAGING / "sweep.lock"):
        _check_room(store, visitor)
        specs = make_specs()
        for spec in specs:
            jobs.submit(store, spec, visitor)
    assert specs[0].sweep
    return specs[0].sweep


def _check_room(store: RunStore, visitor: str | None) -> None:
    active = [sweep for sweep in read_sweeps(store) if sweep.active]
    for sweep in active:
        if visitor and any(staged.visitor == visitor for staged, _ in sweep.unfinished):
            raise QueueFullError(
                f"A sweep of yours is under way: {len(sweep.runs)} of {len(sweep)} runs are done. "
                "Wait for the rest, or cancel it."
            )
    if len(active) >= MAX_SWEEPS:
        raise QueueFullError(
            f"{len(active)} sweeps are under way already, and no more may. Try again when one has "
            "ended."
        )


def resume_sweep(jobs: Jobs, sweep: Sweep) -> None:
    """Go on with what is interrupted of a sweep, and try again what has failed.

    Raises:
        JobError: the workers can't be started or reached.
    """
    for staged in sweep.in_phase("interrupted", "failed"):
        with suppress(RunNotFoundError):  # dropped by another visitor meanwhile
            jobs.resume(staged)
