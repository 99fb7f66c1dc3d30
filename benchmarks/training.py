"""The training loop against plain Keras: per epoch, from click to trained, and one-cycle.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.training [--rounds 3] [--seeds 10] [--json]

Plain Keras is measured twice: as TensorFlow sets itself up on this machine, and with oneDNN
switched on, which asl_core does, and which is most of the gain where it is off by default. Each
kind has processes of its own, in turn, so that a busy moment of the machine meets all of them.
All learn from what the app would show; the stated accuracy wants the mission's photos.
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

from asl_core.config import BASELINE, ONE_CYCLE
from asl_core.data import find_source
from asl_core.data.dataset import one_hot
from asl_core.jobs.jobs import Jobs
from asl_core.runs.pending import PendingRun
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from benchmarks.photos import shown

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
KINDS = {"plain": None, "plain_onednn": "1", "ours": "1"}
"""What is measured, and the setting of oneDNN in its process; None: TensorFlow's own."""

CLICKS = 3
"""Submissions to a warm worker in a round."""

Times = dict[str, list[float]]


def main() -> None:
    """Print the figures; each kind also runs as a child of this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kind", choices=list(KINDS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.kind:
        print(json.dumps(measure(options.kind, options.epochs)))
        return
    figures = compare(options.epochs, options.rounds) | one_cycle(options.seeds)
    told = {"data": find_source().text} | {name: round(value, 3) for name, value in figures.items()}
    print(json.dumps(told) if options.json else "\n".join(f"{k}: {v}" for k, v in told.items()))


def compare(epochs: int, rounds: int) -> dict[str, float]:
    """Medians over all rounds, in seconds, and their ratios."""
    times: Times = {}
    for _ in range(rounds):
        for kind in KINDS:
            for name, values in child(kind, epochs).items():
                times.setdefault(f"{kind}_{name}", []).extend(values)
        for name, values in clicks().items():
            times.setdefault(name, []).extend(values)
    figures = {f"{name}_seconds": statistics.median(values) for name, values in times.items()}
    for kind in ("plain", "plain_onednn"):
        epoch, whole = figures[f"{kind}_epoch_seconds"], figures[f"{kind}_whole_seconds"]
        figures[f"epoch_to_{kind}"] = figures["ours_epoch_seconds"] / epoch
        figures[f"click_to_trained_to_{kind}"] = figures["click_to_trained_seconds"] / whole
    return figures


def child(kind: str, epochs: int) -> Times:
    """What a process of one kind measures."""
    environment = {name: value for name, value in os.environ.items() if name != ONEDNN}
    command = [sys.executable, "-m", "benchmarks.training", "--kind", kind]
    done = subprocess.run(
        [*command, "--epochs", str(epochs)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    times: Times = json.loads(done.stdout.splitlines()[-1])
    return times


def measure(kind: str, epochs: int) -> Times:
    """In this process: `epoch`, each of a training; `whole`, new model to tested, once warm."""
    setting = KINDS[kind]
    os.environ.pop(ONEDNN, None)  # asl_core has set it
    if setting:
        os.environ[ONEDNN] = setting
    return ours(epochs) if kind == "ours" else plain(epochs)


def plain(epochs: int) -> Times:
    """Plain Keras as its users write it: build, fit, evaluate on the test photos."""
    import keras

    from asl_core.training.model import build_cnn

    keras.utils.set_random_seed(BASELINE.seed)
    dataset, split = shown()
    labels, n_classes = one_hot(dataset.labels, len(dataset.classes)), len(dataset.classes)
    x, y = dataset.images[split.train], labels[split.train]
    test_x, test_y = dataset.images[split.test], labels[split.test]

    def whole() -> None:
        model = build_cnn(BASELINE, n_classes)
        model.fit(x, y, BASELINE.batch_size, verbose=0)
        model.evaluate(test_x, test_y, verbose=0)

    whole()  # imports and caches are warm from here on
    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    build_cnn(BASELINE, n_classes).fit(
        x, y, BASELINE.batch_size, epochs + 1, verbose=0, callbacks=[clock]
    )
    return {
        "epoch": [end - start for start, end in pairwise(ends)],  # without the first, which traces
        "whole": [timed(whole) for _ in range(CLICKS)],
    }


def ours(epochs: int) -> Times:
    """The loop of asl_core."""
    from asl_core.training.fit import fit

    dataset, split = shown()
    fit(dataset, split, BASELINE)
    ends: list[float] = []

    def note(progress: Any) -> None:
        if len(progress.history.get("loss", [])) == len(ends) + 1:
            ends.append(time.perf_counter())

    fit(dataset, split, replace(BASELINE, epochs=epochs + 1), on_progress=note)
    return {"epoch": [end - start for start, end in pairwise(ends)]}


def clicks() -> Times:
    """From a submission to a warm worker: to the first point of the curve, and to the run."""
    times: Times = {"click_to_first_point": [], "click_to_trained": []}
    jobs = Jobs()
    dataset, split = shown()
    spec = RunSpec(BASELINE, split.name, dataset.source.text)
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        for _ in range(1 + CLICKS):  # the first one warms the worker up
            started = time.perf_counter()
            run_id = jobs.train(store, spec)
            first_point = wait(started, partial(has_points, store, run_id))
            times["click_to_first_point"].append(first_point)
            trained = wait(started, partial(published, store, run_id))
            times["click_to_trained"].append(trained)
        jobs.close()  # before the folder goes: the worker is still tidying up
    return {name: values[1:] for name, values in times.items()}


def has_points(store: RunStore, run_id: str) -> bool:
    """Whether there is something to draw."""
    state = PendingRun(store, run_id).state()
    return state.phase == "done" or bool(state.progress and state.progress.points)


def published(store: RunStore, run_id: str) -> bool:
    """Whether the run is finished."""
    return any(run.id == run_id for run in store.list())


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
