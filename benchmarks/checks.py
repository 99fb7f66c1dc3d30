"""How soon the accuracy of a run is checked, and what that costs a training of somebody else.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.checks [--settings baseline augmented] [--json]

On the workers that the app would start, warm, for the mission's photos: `baseline` is the mission's
network for 20 epochs, `augmented` the settings of the shipped run. Of each, the seconds from the
submission of a training to its run and to all of its checks (five seeds, five blocks of frames).
Then a training of the baseline alone and one that is submitted while checks are under way, in turn,
and the ratio of the medians. The machine's load is printed beside them.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import replace

from asl_core.config import BASELINE, TrainConfig
from asl_core.data import find_source, open_dataset
from asl_core.data.splits import default_split
from asl_core.jobs.checks import Checks
from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT

LOOK_SECONDS = 0.02
ROUNDS = 3
SETTLE_SECONDS = 1.0
"""Time that the checks get before another training is submitted."""

SHIPPED = "models"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = ("baseline", "augmented")
    parser.add_argument("--settings", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(RunStore(folder), options.settings, options.rounds)
    told = {"data": find_source().text, "load_before": round(os.getloadavg()[0], 1)}
    told |= {name: round(value, 2) for name, value in figures.items()}
    print(json.dumps(told) if options.json else "\n".join(f"{k}: {v}" for k, v in told.items()))


def measure(store: RunStore, kinds: list[str], rounds: int) -> dict[str, float]:
    """Seconds, and the ratio of a training beside checks to one alone."""
    dataset = open_dataset(find_source())
    spec = RunSpec(
        replace(BASELINE, epochs=20),
        default_split(dataset),
        dataset.source.text,
        marked=dataset.source.marked,
        check_accuracy=True,
    )
    jobs = Jobs()
    figures: dict[str, float] = {}
    try:
        for config in (spec.config, spec.config, shipped()):  # both workers are warm then
            trained(jobs, store, replace(spec, config=config))
        for kind in kinds:
            wanted = replace(spec, config=shipped() if kind == "augmented" else spec.config)
            figures |= {
                f"{kind}_{name}": value for name, value in check(jobs, store, wanted).items()
            }
        figures |= beside(jobs, store, spec, rounds)
    finally:
        jobs.close()
    return figures


def shipped() -> TrainConfig:
    """Settings of the augmented run that the project ships, of the mission's photos."""
    runs = RunStore(ROOT / SHIPPED).list()
    return next(run.spec.config for run in runs if run.spec.config.augmentation)


def trained(jobs: Jobs, store: RunStore, spec: RunSpec) -> Run:
    """A run, when its checks are over too."""
    run = submitted(jobs, store, spec)
    while not Checks.of(run).complete:
        time.sleep(LOOK_SECONDS)
    return run


def submitted(jobs: Jobs, store: RunStore, spec: RunSpec) -> Run:
    """A run as soon as it is there."""
    run_id = jobs.train(store, spec)
    while not (store.root / run_id / "manifest.json").exists():
        time.sleep(LOOK_SECONDS)
    return store.load(run_id)


def check(jobs: Jobs, store: RunStore, spec: RunSpec) -> dict[str, float]:
    """Seconds from the submission to the run, from there to its first check and to the last."""
    started = time.perf_counter()
    run = submitted(jobs, store, spec)
    published = time.perf_counter()
    while not Checks.of(run).n_done:
        time.sleep(LOOK_SECONDS)
    first = time.perf_counter()
    while not Checks.of(run).complete:
        time.sleep(LOOK_SECONDS)
    return {
        "to_run_seconds": published - started,
        "to_first_check_seconds": first - published,
        "to_all_checks_seconds": time.perf_counter() - published,
    }


def beside(jobs: Jobs, store: RunStore, spec: RunSpec, rounds: int) -> dict[str, float]:
    """A training alone, and one that begins while the checks of another are under way."""
    alone, meanwhile = [], []
    plain = replace(spec, check_accuracy=False)
    for _ in range(rounds):
        alone.append(timed(jobs, store, plain))
        checked = submitted(jobs, store, spec)
        time.sleep(SETTLE_SECONDS)
        assert Checks.of(checked).states, "the checks were over before the training began"
        meanwhile.append(timed(jobs, store, plain))
        while not Checks.of(checked).complete:
            time.sleep(LOOK_SECONDS)
    first, second = statistics.median(alone), statistics.median(meanwhile)
    return {
        "training_alone_seconds": first,
        "training_beside_checks_seconds": second,
        "training_beside_checks_to_alone": second / first,
    }


def timed(jobs: Jobs, store: RunStore, spec: RunSpec) -> float:
    """Seconds from the submission of a training to its run."""
    started = time.perf_counter()
    submitted(jobs, store, spec)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
