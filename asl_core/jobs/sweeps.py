"""Sweeps as background tasks: how one is queued, and how what is left of it goes on."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from asl_core.errors import AslError, QueueFullError, RunError, TaskError
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.queue import queue_lock
from asl_core.permissions import check_may_change
from asl_core.runs.pending import PendingRun, new_pending
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_SWEEPS
from asl_core.sweeps.search import SearchFolder
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
        NotAllowedError: whoever asks may start nothing.
        QueueFullError: the owner has a sweep under way, or too many are. Says what to do.
        TaskError: a run can't be put down. None of the sweep is queued then.
        JobError: the workers can't be started or reached.
    """
    check_may_change()
    with queue_lock(store.root, "sweeps"):
        _check_room(store, owner)
        runs = [new_pending(store, spec, owner) for spec in make_specs()]
        _submit_all(jobs, runs)
    return runs[0].request.group


def _submit_all(jobs: Jobs, runs: Sequence[PendingRun]) -> None:
    """Queue all runs of a new sweep, or none."""
    for i, run in enumerate(runs):
        try:
            jobs.submit(run)
        except BaseException:
            for begun in runs[: i + 1]:  # this one may have been put down before it failed
                with suppress(OSError, TaskError):  # the first error is the one to tell
                    begun.cancel()
            raise


def _check_room(store: RunStore, owner: str, resumed: str = "") -> None:
    """Refuse a sweep when its owner has another one under way, or too many are.

    Args:
        store: where the runs are.
        owner: of the sweep; empty: nobody in particular.
        resumed: id of a sweep that goes on, and does not stand in its own way.
    """
    active = [sweep for sweep in read_sweeps(store) if sweep.active and sweep.id != resumed]
    for sweep in active:
        if owner and any(_owner(run) == owner for run, _ in sweep.unfinished):
            raise QueueFullError(
                f"You already have a sweep under way: {len(sweep.runs)} of {len(sweep)} runs are "
                "done. Wait for the rest, or cancel it."
            )
    if len(active) >= MAX_SWEEPS:
        raise QueueFullError(
            f"{len(active)} sweeps are under way already, which is the limit. Try again when one "
            "has ended."
        )


def _owner(run: PendingRun) -> str:
    """Who asked for a run; empty where that can't be read: it has ended, or is damaged."""
    try:
        return run.request.owner
    except (RunError, TaskError):
        return ""


def resume_sweep(jobs: Jobs, sweep: Sweep) -> None:
    """Go on with what is interrupted of a sweep, and try again what has failed.

    A run that can't be gone on with does not stop the others; it stays as it is.

    Raises:
        NotAllowedError: it is another's.
        QueueFullError: the owner has another sweep under way, or too many are. Says what to do.
        RunError, TaskError: not one of its runs can be gone on with; tells of the first.
        JobError: the workers can't be started or reached.
    """
    runs = [run for run in sweep.in_phase("interrupted", "failed") if run.folder.exists()]
    if not runs:  # dropped by another visitor meanwhile
        return
    for run in runs:
        run.check_owner()
    store = runs[0].store
    if sweep.is_search:
        SearchFolder(store, sweep.id).restart_clock()
    refused: list[AslError] = []
    with queue_lock(store.root, "sweeps"):
        _check_room(store, next(filter(None, map(_owner, runs)), ""), sweep.id)
        for run in runs:
            try:
                jobs.submit(run)
            except (RunError, TaskError) as error:
                refused.append(error)
    if len(refused) == len(runs):
        raise refused[0]
