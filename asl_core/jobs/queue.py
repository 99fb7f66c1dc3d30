"""How many trainings may wait, and which is next."""

from collections.abc import Iterable

from filelock import FileLock

from asl_core.errors import QueueFullError, RunError
from asl_core.runs.pending import PendingRun, list_pending
from asl_core.runs.store import STAGING, RunStore
from asl_core.settings import MAX_QUEUED, MAX_QUEUED_PER_VISITOR


def queue_lock(store: RunStore) -> FileLock:
    """Held while a training is counted and queued, so that no two are counted as one."""
    staging = store.root / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    return FileLock(staging / "queue.lock")


def check_queue(store: RunStore, visitor: str | None) -> None:
    """Refuse a training when too many wait. The caller holds `queue_lock`.

    Args:
        store: the runs.
        visitor: who asks; None: nobody in particular, and only all are counted.

    Raises:
        QueueFullError: says why, and what to do.
    """
    waiting = waiting_runs(store)
    if visitor and sum(staged.visitor == visitor for staged in waiting) >= MAX_QUEUED_PER_VISITOR:
        raise QueueFullError(
            f"{MAX_QUEUED_PER_VISITOR} trainings of yours wait already. Cancel one, or start this "
            "one when one of them has begun."
        )
    if len(waiting) >= MAX_QUEUED:
        raise QueueFullError(
            f"{len(waiting)} trainings wait already, and no more may. Try again when one has begun."
        )


def waiting_runs(store: RunStore) -> list[PendingRun]:
    """Trainings that wait for a worker, the next one first; without those of sweeps."""
    return [staged for staged in list_pending(store) if _waits(staged)]


def place_in_queue(staged: PendingRun, waiting: Iterable[PendingRun]) -> int:
    """How many trainings begin before a waiting one.

    Args:
        staged: the one.
        waiting: from `waiting_runs`.
    """
    return sum(other.id < staged.id for other in waiting)


def _waits(staged: PendingRun) -> bool:
    try:
        return staged.status().phase == "queued" and staged.spec.sweep is None
    except RunError:  # it is finished, or was dismissed
        return False
