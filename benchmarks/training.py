"""Training against plain Keras: epochs, whole trainings, clicks, commands, and how they grow.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.training [--parts epoch click ...] [--rounds 3]
       [--seeds 10] [--json]

Plain Keras is measured twice: as TensorFlow sets itself up on this machine, and with oneDNN
switched on, which asl_core does, and which is most of the gain where it is off by default. Each
kind has processes of its own, in turn, so that a busy moment of the machine meets all of them;
figures are medians. All learn from what the app would show; accuracies, and `ten`, want the
mission's photos. The parts:

`epoch`      an epoch of the mission's network, and a training of 20 epochs in a warm process
`click`      from the submission to a warm worker to the first point of the curve, and to the run
`memory`     of that worker; then of one that has trained a network which needs TensorFlow
`cold`       `python -m asl_core train --epochs 5` against a script of plain Keras, from nothing
`ten`        five seeds and five blocks of frames, one after another on one thread
`one_cycle`  test accuracy after one epoch of one-cycle
`growth`     an epoch with more filters, images, classes and pixels; takes minutes
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from asl_core import Grid
from asl_core.config import BASELINE, ONE_CYCLE, TrainConfig
from asl_core.data import find_source
from asl_core.data.dataset import one_hot
from asl_core.jobs.jobs import Jobs
from asl_core.runs.pending import PendingRun
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from benchmarks import growth, ten_trainings
from benchmarks.photos import shown
from benchmarks.sweep import plain_keras, save_arrays

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
KINDS = {"plain": None, "plain_onednn": "1", "ours": "1"}
"""What is measured, and the setting of oneDNN in its process; None: TensorFlow's own."""

PLAIN_KINDS = ("plain", "plain_onednn")
PARTS = ("epoch", "click", "memory", "cold", "ten", "one_cycle", "growth")
EPOCHS = 20
COLD_EPOCHS = 5

CLICKS = 3
"""Submissions to a warm worker in a round."""

Times = dict[str, list[float]]


def main() -> None:
    """Print the figures; each kind also runs as a child of this script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS[:-1])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kind", choices=[*KINDS, *ten_trainings.KINDS], help=argparse.SUPPRESS)
    parser.add_argument("--grown", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.kind:
        print(json.dumps(measure(options.kind, options.grown)))
        return
    told: dict[str, Any] = {"data": find_source().text, "load_before": round(os.getloadavg()[0], 1)}
    figures = compare(options.parts, options.rounds)
    if "ten" in options.parts:
        figures |= {
            name: each[0] for kind in ten_trainings.KINDS for name, each in child(kind).items()
        }
    if "one_cycle" in options.parts:
        figures |= one_cycle(options.seeds)
    if "growth" in options.parts:
        figures |= growth.compared(*(child(kind, "--grown") for kind in ("ours", "plain_onednn")))
    told |= {name: round(value, 3) for name, value in figures.items()}
    print(json.dumps(told) if options.json else "\n".join(f"{k}: {v}" for k, v in told.items()))


def compare(parts: list[str], rounds: int) -> dict[str, float]:
    """Medians over all rounds, in seconds (memory in MB), and their ratios."""
    times: Times = {}
    measured: list[tuple[set[str], Callable[[], Times]]] = [
        ({"epoch", "click"}, partial(child, "plain")),
        ({"epoch", "click"}, partial(child, "plain_onednn")),
        ({"epoch"}, partial(child, "ours")),
        ({"click", "memory"}, partial(clicks, "memory" in parts)),
        ({"cold"}, cold),
    ]
    for _ in range(rounds):
        for wanted_by, call in measured:
            if wanted_by & set(parts):
                for name, values in call().items():
                    times.setdefault(name, []).extend(values)
    figures = {name: statistics.median(values) for name, values in times.items()}
    for ours, theirs in (
        ("ours_epoch_seconds", "epoch_seconds"),
        ("ours_fit_seconds", "fit_seconds"),
        ("click_to_run_seconds", "whole_seconds"),
        ("cold_command_seconds", "cold_script_seconds"),
        ("cold_command_on_a_fresh_machine_seconds", "cold_script_seconds"),
    ):
        for kind in PLAIN_KINDS:
            if ours in figures and f"{kind}_{theirs}" in figures:
                ratio = figures[ours] / figures[f"{kind}_{theirs}"]
                figures[f"{ours.removesuffix('_seconds')}_to_{kind}"] = ratio
    return figures


def child(kind: str, *more: str) -> Times:
    """What a process of one kind measures."""
    environment = {name: value for name, value in os.environ.items() if name != ONEDNN}
    command = [sys.executable, "-m", "benchmarks.training", "--kind", kind, *more]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    times: Times = json.loads(done.stdout.splitlines()[-1])
    return times


def measure(kind: str, grown: bool) -> Times:
    """In this process, which has just started."""
    if kind in ten_trainings.KINDS:
        return ten_trainings.measure(kind)
    setting = KINDS[kind]
    os.environ.pop(ONEDNN, None)  # asl_core has set it
    if setting:
        os.environ[ONEDNN] = setting
    if grown:
        return growth.ours() if kind == "ours" else growth.plain()
    return ours() if kind == "ours" else plain(kind)


def plain(kind: str) -> Times:
    """Plain Keras as its users write it: build, fit, evaluate on the test photos."""
    import keras

    from asl_core.training.model import build_cnn

    keras.utils.set_random_seed(BASELINE.seed)
    dataset, split = shown()
    labels, n_classes = one_hot(dataset.labels, len(dataset.classes)), len(dataset.classes)
    x, y = dataset.images[split.train], labels[split.train]
    test_x, test_y = dataset.images[split.test], labels[split.test]
    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )

    def fit(epochs: int) -> keras.Sequential:
        model = build_cnn(BASELINE, n_classes)
        model.fit(x, y, BASELINE.batch_size, epochs, verbose=0, callbacks=[clock])
        return model

    def whole() -> None:
        fit(1).evaluate(test_x, test_y, verbose=0)

    whole()  # imports and caches are warm from here on
    ends.clear()
    seconds = timed(lambda: fit(EPOCHS))
    return {
        f"{kind}_epoch_seconds": [b - a for a, b in pairwise(ends)],  # not the first, which traces
        f"{kind}_fit_seconds": [seconds],
        f"{kind}_whole_seconds": [timed(whole) for _ in range(CLICKS)],
    }


def ours() -> Times:
    """The training of asl_core, once its code is loaded."""
    from asl_core.training.fit import fit

    dataset, split = shown()
    fit(dataset, split, BASELINE)
    ends: list[float] = []

    def note(progress: Any) -> None:
        if len(progress.history.get("loss", [])) == len(ends) + 1:
            ends.append(time.perf_counter())

    seconds = timed(lambda: fit(dataset, split, replace(BASELINE, epochs=EPOCHS), on_progress=note))
    epochs = [b - a for a, b in pairwise(ends)]
    return {"ours_epoch_seconds": epochs, "ours_fit_seconds": [seconds]}


def clicks(also_with_tensorflow: bool) -> Times:
    """From a submission to a warm worker: to the first point of the curve, and to the run."""
    import psutil

    names = ("click_to_first_point_seconds", "click_to_run_seconds")
    times: Times = {name: [] for name in names}
    jobs = Jobs()
    dataset, split = shown()
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))

        def click(config: TrainConfig) -> tuple[float, float]:
            started = time.perf_counter()
            run_id = jobs.train(store, RunSpec(config, split.name, dataset.source.text))
            first_point = wait(started, partial(has_points, store, run_id))
            return first_point, wait(started, partial(published, store, run_id))

        def megabytes() -> float:
            workers = psutil.Process().children(recursive=True)
            return max(worker.memory_info().rss for worker in workers) / 2**20

        click(BASELINE)  # the first one warms the worker up
        for _ in range(CLICKS):
            for name, seconds in zip(names, click(BASELINE), strict=True):
                times[name].append(seconds)
        times["worker_megabytes"] = [megabytes()]
        if also_with_tensorflow:
            click(replace(BASELINE, kernel_size=3))
            times["worker_with_tensorflow_megabytes"] = [megabytes()]
        jobs.close()  # before the folder goes: the worker is still tidying up
    return times


def has_points(store: RunStore, run_id: str) -> bool:
    """Whether there is something to draw."""
    state = PendingRun(store, run_id).state()
    return state.phase == "done" or bool(state.progress and state.progress.points)


def published(store: RunStore, run_id: str) -> bool:
    """Whether the run is finished."""
    return any(run.id == run_id for run in store.list())


def cold() -> Times:
    """A command against a script that has the photos in an array, each a new process."""
    command = [sys.executable, "-m", "asl_core", "train", "--epochs", str(COLD_EPOCHS), "--runs"]
    grid = Grid(epochs=(COLD_EPOCHS,), seeds=(0,), base=BASELINE)
    times: Times = {}
    with tempfile.TemporaryDirectory() as folder:

        def train(**more: str) -> float:
            environment = os.environ | more
            call = partial(subprocess.run, [*command, folder], check=True, capture_output=True)
            return timed(lambda: call(env=environment))

        fresh = train(ASL_CACHE_DIR=f"{folder}/cache")  # decodes the photos, compiles the loop
        times["cold_command_on_a_fresh_machine_seconds"] = [fresh]
        train()
        times["cold_command_seconds"] = [train()]
        arrays = save_arrays(Path(folder))
        for kind in PLAIN_KINDS:
            script = partial(plain_keras, arrays, grid, (0,), warm=False, onednn=KINDS[kind])
            times[f"{kind}_cold_script_seconds"] = [timed(script)]
    return times


def one_cycle(seeds: int) -> dict[str, float]:
    """Test accuracy after one epoch of one-cycle."""
    from asl_core.training.fit import fit

    dataset, split = shown()
    accuracies = []
    for seed in range(seeds):
        fitted = fit(dataset, split, replace(ONE_CYCLE, seed=seed))
        guesses = fitted.predict(dataset.images[split.test]).argmax(axis=1)
        accuracies.append(float((guesses == dataset.labels[split.test]).mean()))
    return {
        "one_cycle_median_accuracy": statistics.median(accuracies),
        "one_cycle_lowest_accuracy": min(accuracies),
        "one_cycle_highest_accuracy": max(accuracies),
    }


def timed(call: Callable[[], object]) -> float:
    """Seconds of a call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def wait(started: float, condition: Callable[[], bool]) -> float:
    """Seconds from a start until something holds."""
    while not condition():
        time.sleep(0.005)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
