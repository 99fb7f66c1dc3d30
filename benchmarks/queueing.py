"""Many visitors of two web replicas start trainings at once: the limits hold, and all is told.

Usage: python -m benchmarks.queueing --sessions 50 --starts 200 --json
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from asl_core.errors import QueueFullError
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.queue import queue_lock, waiting_tasks
from asl_core.runs.pending import PendingRun
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_QUEUED, MAX_QUEUED_PER_OWNER, ROOT
from asl_core.synthetic import render_folder
from benchmarks.cluster import wait_until_finished
from benchmarks.faults.app import spec_of
from benchmarks.faults.kills import END_SECONDS
from tests.jobs.dask_cluster import cluster
from tests.processes import wait_for

PICTURES = 90
REPLICAS = 2
PAUSE_SECONDS = 10.0
"""Longest time between two starts of a visitor who waits; every other one does not wait at all."""


@dataclass
class Starts:
    """What a replica's visitors got.

    Attributes:
        accepted: ids of runs.
        refused: words of each refusal.
        failed: anything else, which must not be.
        seconds: how long each start took.
    """

    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@dataclass
class Waiting:
    """The largest queue that was seen, of all and of one visitor."""

    samples: int = 0
    most: int = 0
    most_of_one: int = 0

    def sample(self, store: RunStore) -> None:
        """Count who waits. The lock keeps others from coming while it is counted."""
        with queue_lock(store.root):
            waiting = waiting_tasks(store.root)
            by_visitor = Counter(task.request.owner for task in waiting)
        self.samples += 1
        self.most = max(self.most, len(waiting))
        self.most_of_one = max([self.most_of_one, *by_visitor.values()])


def main() -> None:
    """Measure and print, or be a replica."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--replica", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.replica:
        be_replica(options.replica, options.sessions, options.starts, options.epochs)
        return
    with tempfile.TemporaryDirectory() as name:
        report = measure(Path(name), options.sessions, options.starts, options.epochs)
    if options.json:
        print(json.dumps(report))
    else:
        print("\n".join(f"{name:>24}  {value}" for name, value in report.items()))


def measure(folder: Path, sessions: int, starts: int, epochs: int) -> dict[str, Any]:
    """Let visitors start trainings, and watch the queue all along.

    Args:
        folder: an empty one.
        sessions: visitors in all, half of them at each replica.
        starts: in all.
        epochs: of each training.
    """
    data = render_folder(folder / "drawn", "ABC", PICTURES)
    store, waiting = RunStore(folder / "runs"), Waiting()
    with cluster(folder) as running:
        running.add_worker()
        first = Jobs(running.address)
        wait_until_finished(store, [first.train(store, spec_of(data, epochs))])  # is warm then
        first.close()
        replicas = [
            start_replica(number, running.address, store, data, sessions, starts, epochs)
            for number in range(REPLICAS)
        ]
        while any(replica.poll() is None for replica in replicas):
            waiting.sample(store)
            time.sleep(0.02)
        told = [Starts(**json.loads(replica.communicate()[0])) for replica in replicas]
    return report_of(told, waiting, store)


def report_of(told: list[Starts], waiting: Waiting, store: RunStore) -> dict[str, Any]:
    """The figures."""
    accepted = [run_id for one in told for run_id in one.accepted]
    refused = [words for one in told for words in one.refused]
    seconds = sorted(second for one in told for second in one.seconds)
    return {
        "starts": len(seconds),
        "accepted": len(accepted),
        "finished": len({run.id for run in store.list()} & set(accepted)),
        "refused": len(refused),
        "refused_for_the_visitor": sum("of yours" in words for words in refused),
        "refused_without_words": sum(len(words) < 20 for words in refused),
        "other_errors": [words for one in told for words in one.failed],
        "most_waiting": waiting.most,
        "most_may_wait": MAX_QUEUED,
        "most_waiting_of_a_visitor": waiting.most_of_one,
        "most_of_a_visitor_may_wait": MAX_QUEUED_PER_OWNER,
        "samples": waiting.samples,
        "start_seconds_median": round(seconds[len(seconds) // 2], 3),
        "start_seconds_worst": round(seconds[-1], 3),
    }


def start_replica(
    number: int, address: str, store: RunStore, data: Path, sessions: int, starts: int, epochs: int
) -> subprocess.Popen[str]:
    """A process that submits for its share of the visitors."""
    words = ["--replica", str(number), address, str(store.root), str(data)]
    sizes = {
        "--sessions": sessions // REPLICAS,
        "--starts": starts // REPLICAS,
        "--epochs": epochs,
    }
    for name, size in sizes.items():
        words += [name, str(size)]
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.queueing", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def be_replica(words: list[str], sessions: int, starts: int, epochs: int) -> None:
    """Start trainings for visitors, each a thread; end when all have ended."""
    number, address, root, data = words
    store, jobs, told = RunStore(root), Jobs(address), Starts()

    def visit(session: int) -> None:
        rng = random.Random(f"{number} {session}")
        pause = PAUSE_SECONDS * (session % 2)
        for _ in range(starts // sessions):
            started = time.perf_counter()
            try:
                visitor = f"{number}-{session}"
                run_id = jobs.train(store, spec_of(Path(data), epochs), visitor)
                told.accepted.append(run_id)
            except QueueFullError as error:
                told.refused.append(str(error))
            except Exception as error:  # noqa: BLE001 - it is counted, and reported as it is
                told.failed.append(repr(error))
            told.seconds.append(time.perf_counter() - started)
            time.sleep(rng.uniform(0, pause))

    visits = [threading.Thread(target=visit, args=(session,)) for session in range(sessions)]
    for thread in visits:
        thread.start()
    for thread in visits:
        thread.join()
    wait_for(lambda: not any(is_active(store, run_id) for run_id in told.accepted), END_SECONDS)
    jobs.close()
    print(json.dumps(asdict(told)))


def is_active(store: RunStore, run_id: str) -> bool:
    """Whether a run waits or is at work."""
    return PendingRun(store, run_id).state().active


if __name__ == "__main__":
    main()
