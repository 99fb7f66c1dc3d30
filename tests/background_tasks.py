"""Background tasks, asked for and done in the process of the test."""

from asl_core.background_task import BackgroundTask
from asl_core.jobs.worker import dispatch
from asl_core.runs.pending import PendingRun, new_pending
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore


def asked(store: RunStore, spec: RunSpec, owner: str = "") -> PendingRun:
    """A training that this process has asked for, and holds."""
    pending = new_pending(store, spec, owner)
    assert pending.claim()
    return pending


def done_here(task: BackgroundTask) -> None:
    """Do a task as a worker does."""
    assert task.claim()
    dispatch(str(task.root), task.id)
    task.submitted.release()
    assert task.state().phase == "done"
