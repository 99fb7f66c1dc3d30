"""Kills trainings and their apps at random moments, and counts what is lost.

Usage: python -m benchmarks.faults --kills 100 --json
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asl_core.runs.store import RunStore
from asl_core.synthetic import render_folder
from benchmarks.faults import checks, control, server
from benchmarks.faults.kills import Lane, Tally
from benchmarks.faults.reader import Reader

PICTURES = 90


@dataclass(frozen=True)
class Plan:
    """What to kill.

    Attributes:
        workers: processes that train.
        apps: processes that submit, with their workers or alone.
        servers: `streamlit run app.py`, likewise.
        controls: plain writers.
        checks: processes that check the accuracy of a run, and their apps.
        lanes: apps at a time.
        epochs: of each training.
        seed: of the moments.
    """

    workers: int
    apps: int
    servers: int
    controls: int
    checks: int = 0
    lanes: int = 2
    epochs: int = 40
    seed: int = 0


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10, help="of workers, and as many of apps")
    parser.add_argument(
        "--servers", type=int, default=3, help="of the apps: `streamlit run app.py`"
    )
    parser.add_argument("--checks", type=int, help="of what checks an accuracy; default: --kills")
    parser.add_argument("--lanes", type=int, default=2, help="apps at a time")
    parser.add_argument("--epochs", type=int, default=40, help="of each training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    servers = min(options.servers, options.kills)
    plan = Plan(
        workers=options.kills,
        apps=options.kills - servers,
        servers=servers,
        controls=max(1, options.kills // 10),
        checks=options.kills if options.checks is None else options.checks,
        lanes=options.lanes,
        epochs=options.epochs,
        seed=options.seed,
    )
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        report = measure(base, render_folder(base / "drawn", "ABC", PICTURES), plan)
    if options.json:
        print(json.dumps(report))
    else:
        print("\n".join(f"{name:>26}  {value}" for name, value in report.items()))


def measure(base: Path, data: Path, plan: Plan) -> dict[str, Any]:
    """Kill, and report.

    Args:
        base: an empty folder.
        data: folder of photos.
        plan: what to kill.

    Raises:
        TimeoutError: a training did not come to its end.
    """
    store, started = RunStore(base / "runs"), time.monotonic()
    reader = Reader(store)
    with ThreadPoolExecutor(plan.lanes) as lanes:
        numbers = range(plan.lanes)
        tallies = list(lanes.map(lambda number: _run_lane(store, data, plan, number), numbers))
    if plan.servers:
        rng = random.Random(plan.seed)
        tallies.append(server.measure(store, data, base, plan.servers, rng))
    seen = reader.finish()
    checked = {}
    if plan.checks:
        rng = random.Random(plan.seed)
        checked = checks.measure(RunStore(base / "checked"), data, plan.checks, plan.epochs, rng)
    plain, left_half = control.measure(
        RunStore(base / "plain"), data, plan.controls, random.Random(plan.seed)
    )
    return {
        **_merge(tallies),
        **checked,
        "lost": len(seen.lost.union(*(tally.lost for tally in tallies))),
        "half_read": len(seen.half_read),
        "reader_rounds": seen.rounds,
        "reader_loads": seen.loads,
        "control_kills": plan.controls,
        "control_half_written": len(plain.half_read),
        "control_left_half_written": left_half,
        "minutes": round((time.monotonic() - started) / 60, 1),
    }


def _run_lane(store: RunStore, data: Path, plan: Plan, number: int) -> Tally:
    name = f"lane {number}"
    lane = Lane(store, data, plan.epochs, name, random.Random(f"{plan.seed} {name}"))
    for _ in range(_share(plan.workers, plan.lanes, number)):
        lane.kill_worker()
    for _ in range(_share(plan.apps, plan.lanes, number)):
        lane.kill_app()
    lane.finish()
    return lane.tally


def _merge(tallies: list[Tally]) -> dict[str, Any]:
    interrupted = set[str]().union(*(tally.interrupted for tally in tallies))
    finished = set[str]().union(*(tally.finished for tally in tallies))
    seconds = [second for tally in tallies for second in tally.state_seconds]
    kinds = {kind for tally in tallies for kind in tally.kills}
    return {
        "kills": {kind: sum(tally.kills[kind] for tally in tallies) for kind in sorted(kinds)},
        "while_publishing": sum(tally.publishing for tally in tallies),
        "stuck": sum(len(tally.stuck) for tally in tallies),
        "stuck_how": [how for tally in tallies for how in tally.stuck],
        "interrupted": len(interrupted),
        "resumed": len(interrupted & finished),
        "state_seconds_median": round(statistics.median(seconds or [0]), 2),
        "state_seconds_worst": round(max(seconds, default=0), 2),
        "largest_difference": max(tally.difference for tally in tallies),
    }


def _share(total: int, lanes: int, number: int) -> int:
    return total // lanes + (number < total % lanes)


if __name__ == "__main__":
    main()
