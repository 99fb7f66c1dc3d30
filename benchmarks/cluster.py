"""Trainings on a real cluster on loopback, started with Dask's own commands.

12 trainings on two workers, one of which is killed half way; and what two workers do in the time
that one takes.

Usage: python -m benchmarks.cluster --json
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.synthetic import render_folder
from benchmarks.faults.app import spec_of
from benchmarks.faults.kills import END_SECONDS
from tests.jobs.dask_cluster import cluster, lose_a_worker
from tests.processes import wait_for

PICTURES = 90
TRAININGS = 12


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
        spread, first_half = lose_a_worker(running, jobs, store, spec, trainings, END_SECONDS)
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


if __name__ == "__main__":
    main()
