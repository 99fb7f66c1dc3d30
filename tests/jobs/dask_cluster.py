"""A Dask cluster on loopback, started with Dask's own commands, and the loss of a worker of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT
from tests.processes import PATIENCE_SECONDS, children, holder, wait_for

DASK = str(Path(sys.executable).with_name("dask"))


@dataclass
class Cluster:
    """A scheduler and its workers, each a process group of its own.

    Attributes:
        address: of the scheduler.
        folder: for the scheduler's file and the logs.
        options: for every command, such as those of TLS.
        workers: by their names.
    """

    address: str
    folder: Path
    options: Sequence[str]
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def add_worker(self, **environment: str) -> str:
        """Start a worker, and get its name. It is there when the scheduler knows it.

        Args:
            environment: of the worker, beside that of this process.
        """
        name = f"worker-{len(self.workers)}"
        self.workers[name] = launch(
            self.folder,
            *("worker", self.address, "--name", name, "--host", "127.0.0.1", "--nthreads", "1"),
            *("--nworkers", "1", "--memory-limit", "0", "--no-dashboard"),
            *("--local-directory", str(self.folder / name), *self.options),
            **environment,
        )
        return name

    def wait_for_workers(self, jobs: Jobs) -> None:
        """Wait until the scheduler knows all workers."""
        jobs._connect().wait_for_workers(len(self.workers), timeout=PATIENCE_SECONDS)

    def kill_worker(self, name: str) -> None:
        """`kill -9` of a worker and of what would start it again, as when its machine is lost."""
        os.killpg(self.workers[name].pid, signal.SIGKILL)
        self.workers[name].wait()

    def worker_of(self, store: RunStore, run_id: str) -> str | None:
        """Which worker trains a run right now."""
        for name, process in self.workers.items():
            if process.poll() is None and holder(store, run_id, children(process.pid)):
                return name
        return None


@contextmanager
def cluster(folder: Path, options: Sequence[str] = (), protocol: str = "tcp") -> Iterator[Cluster]:
    """A scheduler on loopback, without workers; ends with all workers.

    Args:
        folder: for its file and the logs.
        options: for the scheduler and the workers.
        protocol: `tcp` or `tls`.
    """
    told = folder / "scheduler.json"
    scheduler = launch(
        folder,
        *("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
        *("--protocol", protocol, "--scheduler-file", str(told), *options),
    )
    started: Cluster | None = None
    try:
        wait_for(told.exists)
        wait_for(lambda: bool(told.read_text().strip()))
        started = Cluster(json.loads(told.read_text())["address"], folder, options)
        yield started
    finally:
        for process in (scheduler, *(started.workers.values() if started else ())):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def launch(folder: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    """One of Dask's commands, in a process group of its own, that finds `asl_core`, and whose
    machine has a place for each of two workers."""
    with (folder / "dask.log").open("ab") as log:
        return subprocess.Popen(
            [DASK, *words],
            env={**os.environ, "PYTHONPATH": str(ROOT), "ASL_WORKER_COUNT": "2", **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def lose_a_worker(
    running: Cluster,
    jobs: Jobs,
    store: RunStore,
    spec: RunSpec,
    trainings: int,
    seconds: float = 2 * PATIENCE_SECONDS,
) -> tuple[dict[str, str], int]:
    """Kill a worker in the middle of a training, when half of all are done.

    Args:
        running: a cluster with two workers.
        jobs: submits to it.
        store: for the runs.
        spec: what each training is.
        trainings: how many.
        seconds: within which all must have finished.

    Returns:
        The worker that each run was last seen on, and how many were finished at the kill.

    Raises:
        TimeoutError: they have not.
    """
    runs = [jobs.train(store, spec) for _ in range(trainings)]
    seen: dict[str, str] = {}
    killed_after = 0

    def n_done() -> int:
        return sum((store.root / run_id).exists() for run_id in runs)

    def all_done() -> bool:
        nonlocal killed_after
        at_work = {run_id: name for run_id in runs if (name := running.worker_of(store, run_id))}
        seen.update(at_work)
        if not killed_after and n_done() >= trainings // 2 and at_work:
            killed_after = n_done()
            running.kill_worker(max(at_work.values()))
        return n_done() == trainings

    wait_for(all_done, seconds, 0.02)
    return seen, killed_after
