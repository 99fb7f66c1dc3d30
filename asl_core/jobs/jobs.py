"""Background tasks on Dask: on this machine by default, or on the cluster at `ASL_SCHEDULER`."""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asl_core.background_task import BackgroundTask
from asl_core.errors import AslError, JobError, QueueFullError, RunError, TaskError
from asl_core.jobs import worker
from asl_core.jobs.checks import check_room, check_tasks, wants_checks
from asl_core.jobs.cluster import Connection
from asl_core.jobs.queue import check_queue, has_stepped_aside, others_under_way, queue_lock
from asl_core.permissions import A_PROGRAM, acting_as, check_may_change, requester
from asl_core.runs.pending import PendingRun, new_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore, open_run

if TYPE_CHECKING:
    from distributed import Client, Future

LATER, LAST = -1, -2
"""Priority of the runs of a sweep, and of tasks that step aside; all else has 0, and goes first."""

LOOK_SECONDS = 1.0
"""Time between two looks whether the workers are still there."""

MAX_RESTARTS = 3
"""Times that a task is handed to new workers after the old ones have died with it."""

START_SECONDS = 60.0
"""Longest wait of a click for workers that somebody else is starting."""


@dataclass
class _Held:
    """A task that this process has asked for, and that has not ended.

    Attributes:
        task: held by its `submitted` lock.
        future: Dask's word for it; None after the scheduler has died, and while it steps aside.
        restarts: how often it was handed over again.
    """

    task: BackgroundTask
    future: "Future | None" = None
    restarts: int = 0


class Jobs:
    """Hands tasks to workers. One per process is enough; may be shared by threads.

    A task goes on whatever becomes of the page that asked for it. If its worker dies, another one
    takes it up; if the scheduler dies, it is handed over again as soon as there is one.

    Args:
        scheduler: address of a Dask scheduler; None starts workers on this machine on first need.
    """

    def __init__(self, scheduler: str | None = None) -> None:
        self._connection = Connection(scheduler)
        self._lock = threading.RLock()
        self._held: dict[str, _Held] = {}
        self._published: deque[PendingRun] = deque()
        self._ended: threading.Event | None = None
        self._wake = threading.Event()
        self._warm = False
        self._unreachable = ""

    def submit(self, task: BackgroundTask) -> bool:
        """Queue a task, also one that failed or was interrupted, which then goes on.

        Args:
            task: the workers must see the same folders.

        Returns:
            False if it is under way already, or done.

        Raises:
            NotAllowedError: whoever asks may start nothing, or it is another's training.
            QueueFullError: too many wait already, of its owner or of all.
            TaskError: it can't be put down.
            JobError: the workers can't be started or reached.
        """
        check_may_change()
        if isinstance(task, PendingRun) and task.folder.exists():
            task.check_owner()
        with self._alone():
            client = self._connect()
            self._drop_canceled()
            with queue_lock(task.root):
                if task.state().phase in ("queued", "working", "done"):
                    return False
                if not task.request.group:
                    check_queue(task.root, task.request.owner)
                if not task.claim():
                    return False
            held = self._held[task.id] = _Held(task)
            self._start_watch()
            if not (task.request.steps_aside and others_under_way(task.root)):
                self._hand_over(client, held)
        return True

    def train(self, store: RunStore, spec: RunSpec, owner: str = "") -> str:
        """Queue a training.

        Args:
            store: where the run will be; the workers must see the same folder.
            spec: what to train. Runs of a sweep let all else go first.
            owner: who asks for it; empty: nobody in particular.

        Returns:
            Id of the run.

        Raises: as `submit`.
        """
        pending = new_pending(store, spec, owner)
        self.submit(pending)
        return pending.id

    def check(self, run: Run, source: str = "", owner: str = "") -> None:
        """Queue the checks of a run's accuracy that are not done yet (see `check_tasks`).

        Raises: as `submit` and `check_tasks`; QueueFullError also: too many are being checked.
        """
        check_may_change()
        with queue_lock(run.folder.parent, "checks"):
            check_room(run)
            for task in check_tasks(run, source, owner):
                self.submit(task)

    def warm_up(self) -> None:
        """Start the workers and let all get ready to train, in the background, once.

        One after the other, so that the first is ready soon. All: Dask takes idle ones in turn.
        """
        if not self._warm and requester().may_change:
            self._warm = True
            threading.Thread(target=self._warm_up, daemon=True).start()

    def close(self) -> None:
        """End the connection, and the workers of this machine."""
        with self._lock:
            if self._ended:
                self._ended.set()
                self._wake.set()
                self._ended = None
            self._connection.close()
            for held in tuple(self._held.values()):
                self._let_go(held)

    def _hand_over(self, client: "Client", held: _Held) -> None:
        task = held.task
        future = client.submit(
            worker.dispatch,
            str(task.root),
            task.id,
            pure=False,
            priority=_priority(task),
        )
        held.future = future
        future.add_done_callback(lambda ended: self._note_end(held, ended))

    def _note_end(self, held: _Held, future: Any) -> None:
        """The worker has told its own story in the state of the task, which waits no longer."""
        status = future.status
        if future is not held.future:
            return
        if status not in ("finished", "error"):  # the scheduler is gone
            held.future = None  # the watch hands it over again
        elif status == "finished" and has_stepped_aside(held.task):
            held.future = None  # as soon as nothing else is under way
        else:
            self._let_go(held)

    def _let_go(self, held: _Held) -> None:
        if self._held.get(held.task.id) is held:
            self._held.pop(held.task.id, None)
            if isinstance(held.task, PendingRun) and held.task.result.exists():
                self._published.append(held.task)
        held.task.submitted.release()
        self._wake.set()

    def _start_watch(self) -> None:
        if self._ended is None:
            self._ended = threading.Event()
            threading.Thread(target=self._look_after, args=(self._ended,), daemon=True).start()

    def _look_after(self, ended: threading.Event) -> None:
        """Hand over again what a scheduler that died had to do, and let go of what was canceled."""
        while not ended.is_set():
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            try:
                self._drop_canceled()
                gone = self._connection.client is None
                if any(gone or held.future is None for held in tuple(self._held.values())):
                    with self._lock:
                        if not ended.is_set():
                            self._restart(self._connect())
                with acting_as(A_PROGRAM):
                    self._follow_up()
            except AslError:  # not back yet
                continue
            except Exception:  # whatever it is, what waits needs somebody who looks after it
                logging.getLogger(__name__).exception("The tasks could not be looked after.")

    def _follow_up(self) -> None:
        """Begin the checks of runs that were trained to their end, where they were asked for."""
        while self._published:
            pending = self._published[0]
            try:
                run = open_run(pending.result)
                if wants_checks(run):
                    self.check(run, owner=pending.request.owner)
            except (QueueFullError, JobError):  # its turn comes
                return
            except (RunError, TaskError) as error:  # it was deleted meanwhile, or can't be written
                logging.getLogger(__name__).warning("%s is not checked: %s", pending.id, error)
            self._published.popleft()

    def _restart(self, client: "Client") -> None:
        waiting = [held for held in tuple(self._held.values()) if held.future is None]
        roots = {held.task.root for held in waiting if held.task.request.steps_aside}
        busy = {root for root in roots if others_under_way(root)}
        for held in waiting:
            if held.task.request.steps_aside and held.task.root in busy:
                continue
            if held.task.state().active and held.restarts < MAX_RESTARTS:
                held.restarts += held.task.begun
                self._hand_over(client, held)
            else:
                self._let_go(held)

    def _drop_canceled(self) -> None:
        """Forget what anybody has canceled, so that it can be asked for again."""
        for held in tuple(self._held.values()):
            if not held.task.folder.exists():
                future, held.future = held.future, None
                self._let_go(held)
                if future is not None:
                    future.cancel()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread at a time; the others wait for workers that start, not for those that are
        known to be away.

        Raises:
            JobError: somebody else has been waiting for the workers for too long.
        """
        if not self._lock.acquire(timeout=0 if self._unreachable else START_SECONDS):
            raise JobError(
                self._unreachable or "The workers are still starting. Try again in a minute."
            )
        try:
            yield
        finally:
            self._lock.release()

    def _warm_up(self) -> None:
        from distributed import fire_and_forget

        try:
            with self._lock:
                client, before = self._connect(), None  # type: tuple[Client, Future | None]
                for address in client.nthreads():
                    before = client.submit(
                        worker.get_ready,
                        before,
                        workers=[address],
                        allow_other_workers=True,  # else it would wait for ever for one that died
                        priority=LATER,
                        pure=False,
                    )
                    fire_and_forget(before)
        except JobError:
            self._warm = False  # `submit` will tell

    def _connect(self) -> "Client":
        if client := self._connection.client:
            return client
        for held in tuple(self._held.values()):  # of a scheduler that is gone
            held.future = None
        try:
            client = self._connection.open()
        except JobError as error:
            self._unreachable = str(error)
            raise
        self._unreachable = ""
        return client


def _priority(task: BackgroundTask) -> int:
    if task.request.steps_aside:
        return LAST
    return LATER if task.request.group else 0
