"""Trainings as jobs on Dask: on this machine by default, or on the cluster at `ASL_SCHEDULER`."""

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from asl_core import tasks
from asl_core.config import SplitName
from asl_core.errand import Errand
from asl_core.errors import JobError, QueueFullError
from asl_core.frame_blocks import FRAME_BLOCKS
from asl_core.label_check import LabelCheck
from asl_core.queueing import check_queue, queue_lock
from asl_core.runs import Run, RunResults, RunSpec, RunStore
from asl_core.settings import ROOT, settings
from asl_core.staging import StagedRun, stage

if TYPE_CHECKING:
    from distributed import Client, Future
    from distributed.security import Security

CONNECT_SECONDS = 30
END_SECONDS = 10

SWEEP_PRIORITY = -1
"""Of the runs of a sweep; a training of its own has 0, and goes first."""


class Jobs:
    """Starts trainings on workers. One per process is enough; may be shared by threads.

    The workers of this machine live in a process of their own, started on first need. It ends when
    its standard input closes, that is with this process, however that ends.

    Args:
        scheduler: address of a Dask scheduler; None starts workers on this machine. One at
            `tls://` gets the certificates of the settings.
    """

    def __init__(self, scheduler: str | None = None) -> None:
        self._scheduler = scheduler
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._client: Client | None = None
        self._queued: dict[str, tuple[StagedRun | LabelCheck, Future]] = {}
        self._measurements: dict[tuple[str, SplitName], Future | None] = {}
        self._errands: dict[str, tuple[Errand, Future]] = {}
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

    def resume(self, staged: StagedRun) -> bool:
        """Go on with a run that is interrupted or has failed, from its last checkpoint.

        Returns:
            False if that is being done already.

        Raises:
            RunNotFoundError: it has been dismissed.
            JobError: the workers can't be started or reached.
        """
        with self._lock:
            client = self._connect()
            if not staged.take_up():
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
        if future is None or future.status == "pending":
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
        except JobError:
            del self._measurements[data, split]  # `submit` will tell

    def check_labels(self, check: LabelCheck, source: str) -> None:
        """Queue a search for wrong labels, unless it is under way or done.

        Args:
            check: of the dataset.
            source: what opens it, as the worker sees it.

        Raises:
            JobError: the workers can't be started or reached.
        """
        with self._lock:
            client = self._connect()
            if not check.ask():
                return
            root = str(check.folder.parent.parent)
            future = client.submit(tasks.check_labels, root, check.fingerprint, source, pure=False)
            self._keep(check, future)

    def find_frame_blocks(self, run: Run, source: str) -> bool:
        """Have a run's settings tried across frame blocks; the result is kept with the run.

        Trainings that wait go first. `Errand(run, FRAME_BLOCKS)` tells how far it is.

        Args:
            run: whose settings are tried.
            source: what opens its dataset, as the workers see it.

        Returns:
            False if that is being done already.

        Raises:
            QueueFullError: another run is tried so at the moment.
            RunError: the folder of the runs can't be written.
            JobError: the workers can't be started or reached.
        """
        with self._lock:
            client = self._connect()
            if run.id not in self._errands and self._errands:
                raise QueueFullError(
                    "Another run is tried across frame blocks. Ask again when that is done."
                )
            errand = Errand(run, FRAME_BLOCKS)
            if not errand.take():
                return False
            future = client.submit(
                tasks.find_frame_blocks,
                str(run.folder),
                source,
                pure=False,
                priority=SWEEP_PRIORITY,
            )
            self._errands[run.id] = errand, future
            future.add_done_callback(lambda done: self._end_errand(run.id))
        return True

    def _end_errand(self, run_id: str) -> None:
        ended = self._errands.pop(run_id, None)
        if ended:
            ended[0].release()

    def _hand_over(self, client: "Client", staged: StagedRun, spec: RunSpec) -> None:
        future = client.submit(
            tasks.train,
            str(staged.store.root),
            staged.id,
            pure=False,
            priority=SWEEP_PRIORITY if spec.sweep else 0,
        )
        self._keep(staged, future)

    def _keep(self, work: StagedRun | LabelCheck, future: "Future") -> None:
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
            self._disconnect()

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
        from distributed import Client

        if self._client and self._client.status == "running":
            return self._client
        for work_id in tuple(self._queued):  # of a scheduler that is gone
            self._let_go(work_id)
        for run_id in tuple(self._errands):
            self._end_errand(run_id)
        self._disconnect()
        address = self._scheduler or self._start_workers()
        try:
            self._client = Client(
                address,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                security=_security() if address.startswith("tls://") else None,
            )
        except (OSError, TimeoutError) as error:
            self._disconnect()
            raise JobError(f"The training workers at {address} can't be reached.") from error
        return self._client

    def _disconnect(self) -> None:
        if self._client:
            self._client.close(timeout=1)
        if self._process and self._process.stdin:
            self._process.stdin.close()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._client = self._process = None

    def _start_workers(self) -> str:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "asl_core", "workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._process.stdout
        address = self._process.stdout.readline().strip()
        if not address:
            raise JobError(
                f"The training workers ended at once, with code {self._process.wait()}; "
                "the reason is in the log of the app."
            )
        return address


def _security() -> "Security":
    """What a `tls://` scheduler asks for, from the settings.

    Raises:
        JobError: names the setting that is missing, or whose file is.
    """
    from distributed.security import Security

    told = settings()
    files = {
        "CA": told.scheduler_tls_ca,
        "CERT": told.scheduler_tls_cert,
        "KEY": told.scheduler_tls_key,
    }
    for name, path in files.items():
        if path is None or not path.is_file():
            raise JobError(
                f"A scheduler at tls:// needs the file that ASL_SCHEDULER_TLS_{name} names. "
                f"Received: {path}"
            )
    return Security(
        require_encryption=True,
        tls_ca_file=str(files["CA"]),
        tls_client_cert=str(files["CERT"]),
        tls_client_key=str(files["KEY"]),
    )
