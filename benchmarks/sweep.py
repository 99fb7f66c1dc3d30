"""A sweep of 12 trainings against 12 fits of plain Keras: in one process, and as 12 scripts.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.sweep [--runs 12] [--epochs 2] [--scripts 12]
       [--json]

All train the mission's network on what the app would show, each time from another seed, and test
it. Ours also loads the photos, saves each model in both formats with its answers, checks and
publishes it. The processes that train more than once train once before the clock starts; those of
plain Keras have the photos in memory by then. Plain Keras is measured as TensorFlow sets itself up
on this machine and with oneDNN switched on, as asl_core does.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from asl_core import Grid, TrainConfig
from asl_core.data import find_source
from asl_core.data.dataset import one_hot
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.sweeps import submit_sweep
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.sweeps.sweep import find_sweep
from benchmarks.photos import shown

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"

PLAIN = """
import sys, time
import numpy as np
import keras
arrays, epochs, seeds, warm = sys.argv[1], int(sys.argv[2]), eval(sys.argv[3]), int(sys.argv[4])
data = dict(np.load(arrays))

def run(seed, epochs):
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((50, 50, 3), dtype="uint8"),
        layers.Rescaling(1 / 255),
        layers.Conv2D(5, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(4),
        layers.Conv2D(15, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(4),
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    ])
    model.compile("rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(data["x"], data["y"], batch_size=32, epochs=epochs, verbose=0)
    model.evaluate(data["test_x"], data["test_y"], verbose=0)

if warm:
    run(99, 1)
started = time.perf_counter()
for seed in seeds:
    run(seed, epochs)
print(time.perf_counter() - started)
"""


def main() -> None:
    """Print the figures; our sweep in one process also runs as a child of this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--scripts", type=int, help="Fewer are scaled to all runs.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    grid = Grid(epochs=(options.epochs,), seeds=tuple(range(options.runs)), base=TrainConfig())
    if options.child:
        print(in_process(grid))
        return
    figures = compare(grid, options.scripts or options.runs)
    told = {"data": find_source().text} | {name: round(value, 3) for name, value in figures.items()}
    print(json.dumps(told) if options.json else "\n".join(f"{k}: {v}" for k, v in told.items()))


def compare(grid: Grid, n_scripts: int) -> dict[str, float]:
    """Seconds of each way, and their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        arrays = save_arrays(Path(folder))
        plain = plain_keras(arrays, grid, grid.seeds, warm=True, onednn=None)
        command = [sys.executable, "-m", "benchmarks.sweep", "--child"]
        command += ["--runs", str(len(grid)), "--epochs", str(grid.epochs[0])]
        ours = float(output(command, onednn="1"))
        plain_onednn = plain_keras(arrays, grid, grid.seeds, warm=True, onednn="1")
        on_worker = on_one_worker(grid, Path(folder))
        started = time.perf_counter()
        for seed in grid.seeds[:n_scripts]:
            plain_keras(arrays, grid, (seed,), warm=False, onednn=None)
        scripts = (time.perf_counter() - started) / n_scripts * len(grid)
    return {
        "sweep_seconds": ours,
        "sweep_on_worker_seconds": on_worker,
        "plain_seconds": plain,
        "plain_onednn_seconds": plain_onednn,
        "plain_scripts_seconds": scripts,
        "sweep_to_plain": ours / plain,
        "sweep_to_plain_onednn": ours / plain_onednn,
        "sweep_to_plain_scripts": ours / scripts,
        "sweep_on_worker_to_plain": on_worker / plain,
    }


def save_arrays(folder: Path) -> Path:
    """The photos, split, as plain Keras takes them."""
    dataset, split = shown()
    labels = one_hot(dataset.labels, len(dataset.classes))
    path = folder / "photos.npz"
    np.savez(
        path,
        x=dataset.images[split.train],
        y=labels[split.train],
        test_x=dataset.images[split.test],
        test_y=labels[split.test],
    )
    return path


def plain_keras(
    arrays: Path, grid: Grid, seeds: tuple[int, ...], warm: bool, onednn: str | None
) -> float:
    """Seconds of fits in a process of plain Keras."""
    words = (arrays, grid.epochs[0], seeds, int(warm))
    return float(output([sys.executable, "-c", PLAIN, *map(str, words)], onednn))


def output(command: list[str], onednn: str | None) -> str:
    """Last line of a process, with oneDNN as asked for, or as TensorFlow has it."""
    environment = {name: value for name, value in os.environ.items() if name != ONEDNN}
    if onednn:
        environment[ONEDNN] = onednn
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()[-1]


def in_process(grid: Grid) -> float:
    """Seconds of the sweep in this process, after one training."""
    from asl_core.jobs.local import train_grid
    from asl_core.runs.train import train

    dataset, split = shown()
    with tempfile.TemporaryDirectory() as folder:
        train(dataset.source.text, TrainConfig(), split.name, folder)
        started = time.perf_counter()
        train_grid(dataset.source.text, grid, split.name, folder)
        return time.perf_counter() - started


def on_one_worker(grid: Grid, folder: Path) -> float:
    """Seconds from the click to the last run of the sweep, on a warm worker."""
    store, jobs, (dataset, split) = RunStore(folder / "runs"), Jobs(), shown()
    try:
        jobs.train(store, RunSpec(TrainConfig(), split.name, dataset.source.text))
        while not store.list():
            time.sleep(0.1)
        started = time.perf_counter()
        sweep_id = submit_sweep(jobs, store, lambda: grid.specs(split.name, dataset.source))
        while len(find_sweep(store, sweep_id).runs) < len(grid):
            time.sleep(0.1)
        return time.perf_counter() - started
    finally:
        jobs.close()


if __name__ == "__main__":
    main()
