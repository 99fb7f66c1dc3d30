"""Trainings on a real cluster on loopback, started with Dask's own commands.

12 trainings on two workers, one of which is killed half way; and what two workers do in the time
that one takes.

Usage: python -m benchmarks.cluster --json
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT
from asl_core.synthetic import render_folder
from benchmarks.faults.app import holder, spec_of
from benchmarks.faults.kills import END_SECONDS, wait_for

PICTURES = 90
TRAININGS = 12
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

    def add_worker(self) -> str:
        """Start a worker, and get its name. It is there when the scheduler knows it."""
        name = f"worker-{len(self.workers)}"
        self.workers[name] = launch(
            self.folder,
            *("worker", self.address, "--name", name, "--host", "127.0.0.1", "--nthreads", "1"),
            *("--nworkers", "1", "--memory-limit", "0", "--no-dashboard"),
            *("--local-directory", str(self.folder / name), *self.options),
        )
        return name

    def wait_for_workers(self, jobs: Jobs) -> None:
        """Wait until the scheduler knows all workers."""
        jobs._connect().wait_for_workers(len(self.workers), timeout=END_SECONDS)

    def kill_worker(self, name: str) -> None:
        """`kill -9` of a worker and of what would start it again, as when its machine is lost."""
        os.killpg(self.workers[name].pid, signal.SIGKILL)
        self.workers[name].wait()

    def worker_of(self, store: RunStore, run_id: str) -> str | None:
        """Which worker trains a run right now."""
        for name, process in self.workers.items():
            if process.poll() is None:
                family = psutil.Process(process.pid).children(recursive=True)
                if holder(store, run_id, family):
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
        wait_for(told.exists, END_SECONDS)
        wait_for(lambda: bool(told.read_text().strip()), END_SECONDS)
        started = Cluster(json.loads(told.read_text())["address"], folder, options)
        yield started
    finally:
        for process in (scheduler, *(started.workers.values() if started else ())):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def launch(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """One of Dask's commands, in a process group of its own, that finds `asl_core`."""
    with (folder / "dask.log").open("ab") as log:
        return subprocess.Popen(
            [DASK, *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainings", type=int, default=TRAININGS)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = spec_of(render_folder(folder / "drawn", "ABC", PICTURES), options.epochs)
        report = measure(folder, replace(spec, sweep="cluster"), options.trainings)
    if options.json:
        print(json.dumps(report))
    else:
        print("\n".join(f"{name:>24}  {value}" for name, value in report.items()))


def measure(folder: Path, spec: RunSpec, trainings: int) -> dict[str, Any]:
    """Throughput of one and of two workers, then the loss of one of them.

    Args:
        folder: for the runs and the cluster's files.
        spec: what each training is; part of a sweep, so that all may be queued at once.
        trainings: how many each time.
    """
    store = RunStore(folder / "runs")
    with cluster(folder) as running:
        jobs = Jobs(running.address)
        running.add_worker()
        running.wait_for_workers(jobs)
        one = timed(jobs, store, spec, trainings)
        running.add_worker()
        running.wait_for_workers(jobs)
        two = timed(jobs, store, spec, trainings)
        before = {run.id for run in store.list()}
        spread, first_half = lose_a_worker(running, jobs, store, spec, trainings)
        jobs.close()
    for run in store.list():
        store.load(run.id)
    return {
        "trainings": trainings,
        "seconds_one_worker": round(one, 2),
        "seconds_two_workers": round(two, 2),
        "throughput_two_to_one": round(one / two, 2),
        "finished_with_a_worker_killed": len({run.id for run in store.list()} - before),
        "killed_after": first_half,
        "ran_on": dict(sorted(Counter(spread.values()).items())),
    }


def timed(jobs: Jobs, store: RunStore, spec: RunSpec, trainings: int) -> float:
    """Seconds of so many trainings, on workers that are warm."""
    wait_until_finished(store, [jobs.train(store, spec) for _ in range(trainings // 2)])
    started = time.perf_counter()
    wait_until_finished(store, [jobs.train(store, spec) for _ in range(trainings)])
    return time.perf_counter() - started


def wait_until_finished(store: RunStore, runs: Sequence[str]) -> None:
    """Wait for the end of trainings."""
    wait_for(lambda: all((store.root / run_id).exists() for run_id in runs), END_SECONDS)


def lose_a_worker(
    running: Cluster, jobs: Jobs, store: RunStore, spec: RunSpec, trainings: int
) -> tuple[dict[str, str], int]:
    """Kill a worker in the middle of a training, when half of all are done.

    Returns:
        The worker that each run was last seen on, and how many were finished at the kill.
    """
    runs = [jobs.train(store, spec) for _ in range(trainings)]
    seen: dict[str, str] = {}
    killed_after = 0

    def n_done() -> int:
        return sum((store.root / run_id).exists() for run_id in runs)

    end = time.monotonic() + END_SECONDS
    while n_done() < trainings:
        if time.monotonic() > end:
            raise TimeoutError(f"{n_done()} of {trainings} trainings finished")
        at_work = {run_id: name for run_id in runs if (name := running.worker_of(store, run_id))}
        seen |= at_work
        if not killed_after and n_done() >= trainings // 2 and at_work:
            killed_after = n_done()
            running.kill_worker(max(at_work.values()))
        time.sleep(0.02)
    return seen, killed_after


if __name__ == "__main__":
    main()
