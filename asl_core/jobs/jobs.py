"""Trainings as jobs on Dask: on this machine by default, or on the cluster at `ASL_SCHEDULER`."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from asl_core.config import SplitName
from asl_core.data.dataset import Dataset
from asl_core.errors import JobError, QueueFullError
from asl_core.evaluation.blocked_cv import blocked_cv_task
from asl_core.evaluation.label_check import label_check
from asl_core.jobs import tasks
from asl_core.jobs.cluster import Connection
from asl_core.jobs.queue import check_queue, queue_lock
from asl_core.runs.pending import PendingRun, stage
from asl_core.runs.run import Run, RunResults, RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_ERRANDS
from asl_core.task_state import Errand

if TYPE_CHECKING:
    from distributed import Client, Future

LATER = -1
"""Priority of the runs of a sweep, and of errands; a training of its own has 0, and goes first."""


class Jobs:
    """Starts trainings on workers. One per process is enough; may be shared by threads.

    Args:
        scheduler: address of a Dask scheduler; None starts workers on this machine on first need.
    """

    def __init__(self, scheduler: str | None = None) -> None:
        self._connection = Connection(scheduler)
        self._lock = threading.Lock()
        self._queued: dict[str, tuple[PendingRun | Errand, Future]] = {}
        self._measurements: dict[tuple[str, SplitName], Future | JobError | None] = {}
        self._warm = False

    def submit(self, store: RunStore, spec: RunSpec, visitor: str | None = None) -> str:
        """Queue a training. It goes on whatever becomes of the page that asked for it.

        If its worker dies, another one goes on from the last checkpoint.

        Args:
            store: where the run will be; the workers must see the same folder.
            spec: what to train. Runs of a sweep let others go first.
            visitor: who asks for it; None is not counted.

        Returns:
            Id of the run.

        Raises:
            QueueFullError: too many wait already, of this visitor or of all.
            JobError: the workers can't be started or reached.
        """
        with self._lock:
            client = self._connect()
            with queue_lock(store):
                if spec.sweep is None:
                    check_queue(store, visitor)
                staged = stage(store, spec, visitor)
            self._hand_over(client, staged, spec)
        return staged.id

    def resume(self, staged: PendingRun) -> bool:
        """Go on with a run that is interrupted or has failed, from its last checkpoint.

        Returns:
            False if that is being done already.

        Raises:
            RunNotFoundError: it has been dismissed.
            QueueFullError: too many wait already, of its visitor or of all.
            JobError: the workers can't be started or reached.
        """
        with self._lock:
            client = self._connect()
            with queue_lock(staged.store):
                if staged.spec.sweep is None:
                    check_queue(staged.store, staged.visitor)
                if not staged.claim():
                    return False
            self._hand_over(client, staged, staged.spec)
        return True

    def measured(self, data: str, split: SplitName) -> RunResults | None:
        """Results, with their times, of a short training that a worker does for this.

        Args:
            data: folder of the photos, as the worker sees it.
            split: how training and test photos are told apart.

        Returns:
            Those of the mission's settings; None until known. The first call asks for them.

        Raises:
            JobError: it failed. The next call tries again.
        """
        key = data, split
        if key not in self._measurements:
            self._measurements[key] = None
            threading.Thread(target=self._measure, args=key, daemon=True).start()
        future = self._measurements[key]
        if future is None:
            return None
        if isinstance(future, JobError):
            del self._measurements[key]
            raise future
        if future.status == "pending":
            return None
        if future.status != "finished":
            del self._measurements[key]
            reason = future.exception() if future.status == "error" else "its worker is gone"
            raise JobError(f"The time of a training can't be measured: {reason}")
        results: RunResults = future.result()
        return results

    def _measure(self, data: str, split: SplitName) -> None:
        try:
            with self._lock:
                future = self._connect().submit(tasks.measure, data, split, pure=False)
            self._measurements[data, split] = future
        except JobError as error:
            self._measurements[data, split] = error

    def check_labels(self, store: RunStore, dataset: Dataset) -> bool:
        """Have wrong labels looked for in a dataset; `label_check` tells how far that is.

        Args:
            store: of the runs, beside which the result is kept.
            dataset: which the workers can open by its `source`, too.

        Returns:
            False if it is under way or done.

        Raises:
            QueueFullError: others wait for such work.
            RunError: the folder of the runs can't be written.
            JobError: the workers can't be started or reached.
        """
        errand = label_check(store.root, dataset.fingerprint)
        words = str(store.root), dataset.fingerprint, dataset.source.text
        return self._send(errand, tasks.check_labels, words)

    def run_blocked_cv(self, run: Run, source: str) -> bool:
        """Have a run's settings tried across frame blocks; `blocked_cv_task` tells how far.

        Args:
            run: whose settings are tried.
            source: what opens its dataset, as the workers see it.

        Returns:
            False if it is under way or done.

        Raises:
            QueueFullError: others wait for such work.
            RunError: the folder of the runs can't be written.
            JobError: the workers can't be started or reached.
        """
        words = str(run.folder), source
        return self._send(blocked_cv_task(run), tasks.run_blocked_cv, words)

    def _send(self, errand: Errand, task: Callable[..., None], words: tuple[str, ...]) -> bool:
        """Trainings that somebody waits for go first."""
        with self._lock:
            client = self._connect()
            others = [work for work, _ in self._queued.values() if isinstance(work, Errand)]
            if len(others) >= MAX_ERRANDS and errand.id not in self._queued:
                raise QueueFullError(
                    f"The workers have {MAX_ERRANDS} other searches of this kind to do. "
                    "Ask again when one of them is done."
                )
            if not errand.take():
                return False
            self._keep(errand, client.submit(task, *words, pure=False, priority=LATER))
        return True

    def _hand_over(self, client: "Client", staged: PendingRun, spec: RunSpec) -> None:
        future = client.submit(
            tasks.train,
            str(staged.store.root),
            staged.id,
            pure=False,
            priority=LATER if spec.sweep else 0,
        )
        self._keep(staged, future)

    def _keep(self, work: PendingRun | Errand, future: "Future") -> None:
        self._queued[work.id] = work, future
        future.add_done_callback(lambda done: self._let_go(work.id))

    def warm_up(self) -> None:
        """Start the workers and let them load TensorFlow, in the background, once."""
        if not self._warm:
            self._warm = True
            threading.Thread(target=self._warm_up, daemon=True).start()

    def close(self) -> None:
        """End the connection, and the workers of this machine."""
        with self._lock:
            self._connection.close()

    def _warm_up(self) -> None:
        from distributed import fire_and_forget

        try:
            with self._lock:
                fire_and_forget(self._connect().submit(tasks.load_tensorflow, pure=False))
        except JobError:
            self._warm = False  # `submit` will tell

    def _let_go(self, work_id: str) -> None:
        """The worker has told its own story in the status of the work, which waits no longer."""
        queued = self._queued.pop(work_id, None)
        if queued:
            queued[0].submitted.release()

    def _connect(self) -> "Client":
        if client := self._connection.client:
            return client
        for work_id in tuple(self._queued):  # of a scheduler that is gone
            self._let_go(work_id)
        return self._connection.open()
