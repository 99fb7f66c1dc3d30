"""What a newcomer gets: the first click on Train, the suggestions after it, and the first sweep.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.first_success [--seeds 5] [--json]
       [--part clicks|presets|steps|sweep]

On what the app would show, in its usual split:

clicks   the settings that the page Train offers first, on a warm worker, seed by seed: seconds from
         the click to the published run, and its accuracy on the test images
presets  the accuracy of the baseline after 1, 5 and 20 epochs, and of one-cycle after one
steps    from the baseline after one epoch along the suggestions until there is none, for each seed
sweep    the grid that the page Sweep offers first: seconds from the click to its last run, and the
         best configuration, chosen by validation images, on the test images
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from asl_core.config import BASELINE, ONE_CYCLE, TrainConfig
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.next_step import next_step
from asl_core.evaluation.verdict import Verdict
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.sweeps import submit_sweep
from asl_core.runs.describe import describe_config
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.sweeps.first_grid import first_grid
from asl_core.sweeps.sweep import find_sweep
from asl_core.training.first_config import first_config
from benchmarks.photos import shown

LOOK_SECONDS = 0.02
MOST_STEPS = 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings.cache_clear()
    report: dict[str, Any] = {"data": shown()[0].source.text, "load": os.getloadavg()[0]}
    for part in options.part or PARTS:
        report[part] = PARTS[part](range(options.seeds))
    print(json.dumps(report, indent=None if options.json else 2))


def clicks(seeds: Sequence[int]) -> dict[str, Any]:
    """The first click, seed by seed."""
    dataset, split = shown()
    config = first_config(dataset)
    store, jobs = RunStore(_folder() / "clicks"), Jobs()

    def click(config: TrainConfig) -> tuple[float, Run]:
        known = len(store.list())
        started = time.perf_counter()
        jobs.train(store, RunSpec(config, split.name, dataset.source.text))
        while len(store.list()) == known:
            time.sleep(LOOK_SECONDS)
        return time.perf_counter() - started, store.list()[0]

    try:
        for _ in range(settings().worker_count):  # the page gets them ready when it is opened
            click(BASELINE)
        done = [click(replace(config, seed=seed)) for seed in seeds]
    finally:
        jobs.close()
    return {
        "config": describe_config(config, seed=False),
        "seconds": _spread([seconds for seconds, _ in done]),
        "test_accuracy": _spread([run.results.test_accuracy for _, run in done]),
        "by_seed": [run.results.test_accuracy for _, run in done],
    }


def presets(seeds: Sequence[int]) -> dict[str, Any]:
    """What each preset comes to."""
    configs = (*(replace(BASELINE, epochs=n) for n in (1, 5, 20)), ONE_CYCLE)
    return {
        describe_config(config, seed=False): _spread(
            [_train(replace(config, seed=seed)).results.test_accuracy for seed in seeds]
        )
        for config in configs
    }


def steps(seeds: Sequence[int]) -> list[list[dict[str, Any]]]:
    """The way along the suggestions, seed by seed."""
    return [_follow(replace(BASELINE, seed=seed)) for seed in seeds]


def sweep(seeds: Sequence[int]) -> dict[str, Any]:
    """The first sweep, on warm workers."""
    del seeds  # it has its own
    dataset, split = shown()
    grid = first_grid(dataset)
    store, jobs = RunStore(_folder() / "sweep"), Jobs()
    try:
        jobs.train(store, RunSpec(BASELINE, split.name, dataset.source.text))
        while not store.list():
            time.sleep(LOOK_SECONDS)
        started = time.perf_counter()
        sweep_id = submit_sweep(jobs, store, lambda: grid.specs(split.name, dataset.source))
        while len(find_sweep(store, sweep_id).runs) < len(grid):
            time.sleep(10 * LOOK_SECONDS)
        seconds = time.perf_counter() - started
    finally:
        jobs.close()
    found = find_sweep(store, sweep_id)
    assert found.best
    return {
        "runs": len(grid),
        "seconds": seconds,
        "best": describe_config(found.best.config, seed=False),
        "test_accuracy_of_best": found.best.test_accuracy,
        "all": {
            describe_config(result.config, seed=False): [result.median, result.test_accuracy]
            for result in found.results
        },
    }


def _follow(config: TrainConfig) -> list[dict[str, Any]]:
    way: list[dict[str, Any]] = []
    change = "baseline"
    while len(way) < MOST_STEPS:
        run = _train(config)
        verdict = Verdict.of(run, Evaluation.of(run))
        results = run.results
        way.append(
            {
                "change": change,
                "train_accuracy": results.train_accuracy,
                "test_accuracy": results.test_accuracy,
                "seconds": results.seconds["total"],
            }
        )
        step = next_step(config, verdict)
        if step is None:
            break
        config, change = step.config, step.change
    return way


def _train(config: TrainConfig) -> Run:
    from asl_core.runs.train import train

    dataset, split = shown()
    return train(dataset.source.text, config, split.name, _folder())


def _folder() -> Path:
    """Where runs are kept that nobody looks at later."""
    return Path(_KEPT.name)


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "lowest": min(values), "highest": max(values)}


_KEPT = tempfile.TemporaryDirectory()

PARTS: dict[str, Callable[[Sequence[int]], Any]] = {
    "clicks": clicks,
    "presets": presets,
    "steps": steps,
    "sweep": sweep,
}


if __name__ == "__main__":
    main()
