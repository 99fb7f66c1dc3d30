"""Kills trainings and their apps at random moments, and counts what is lost.

Usage: python -m benchmarks.faults --kills 100 --json
"""

import argparse
import json
import random
import statistics
import tempfile
import threading
from pathlib import Path
from typing import Any

from asl_core.runs import RunStore
from asl_core.synthetic import render_folder
from benchmarks.faults import control, server
from benchmarks.faults.kills import Lane, Tally
from benchmarks.faults.reader import Reader

PICTURES = 90


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10, help="of workers, and as many of apps")
    parser.add_argument(
        "--servers", type=int, default=3, help="of the apps: `streamlit run app.py`"
    )
    parser.add_argument("--lanes", type=int, default=2, help="apps at a time")
    parser.add_argument("--epochs", type=int, default=40, help="of each training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        data = render_folder(base / "drawn", "ABC", PICTURES)
        report = measure(
            base, data, options.kills, options.servers, options.lanes, options.epochs, options.seed
        )
    if options.json:
        print(json.dumps(report))
    else:
        print("\n".join(f"{name:>24}  {value}" for name, value in report.items()))


def measure(
    base: Path, data: Path, kills: int, servers: int, lanes: int, epochs: int, seed: int = 0
) -> dict[str, Any]:
    """Kill, and report.

    Args:
        base: an empty folder.
        data: folder of photos.
        kills: of workers, and as many of apps.
        servers: so many of the latter are real web servers.
        lanes: apps at a time.
        epochs: of each training.
        seed: of the moments.
    """
    store = RunStore(base / "runs")
    reader = Reader(store)
    worker_kills, app_kills = _shares(kills, lanes), _shares(kills - servers, lanes)
    tallies: list[Tally] = []

    def run_lane(number: int) -> None:
        rng = random.Random(f"{seed} {number}")
        lane = Lane(store, data, epochs, f"lane {number}", rng)
        tallies.append(lane.tally)
        for _ in range(worker_kills[number]):
            lane.kill_worker()
        for _ in range(app_kills[number]):
            lane.kill_app()
        lane.finish()

    threads = [threading.Thread(target=run_lane, args=(number,)) for number in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if servers:
        tallies.append(server.measure(store, data, base, servers, random.Random(seed)))
    seen = reader.finish()
    plain, left_half = control.measure(
        RunStore(base / "plain"), data, max(2, kills // 10), random.Random(seed)
    )
    if len(tallies) < lanes + bool(servers):
        raise RuntimeError("a lane did not come to its end")
    return {
        **_merge(tallies),
        "half_read": len(seen.half_read),
        "reader_rounds": seen.rounds,
        "reader_loads": seen.loads,
        "lost": len(seen.lost.union(*(tally.lost for tally in tallies))),
        "control_half_written": len(plain.half_read),
        "control_left_half_written": left_half,
    }


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


def _shares(total: int, lanes: int) -> list[int]:
    return [total // lanes + (number < total % lanes) for number in range(lanes)]


if __name__ == "__main__":
    main()
