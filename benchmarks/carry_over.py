"""Train on drawn hands only, test on photographs.

Usage: ASL_DATA_DIR=... python -m benchmarks.carry_over [--letters ABC|all] [--split tune|test]
       [--seeds 5] [--pictures N] [--epochs N] [--json]

`--split tune` measures what may be looked at while tuning: the training photos of the mission (A,
B, C) or every 30th photo. `--split test` adds the mission's 400 test photos (A, B, C), or measures
all photos of the 24 letters.
"""

import argparse
import json
import os
import random
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from asl_core.synthetic import STATIC_LETTERS, sample

SIDE = 50
MISSION_COUNTS = {"A": 540, "B": 528, "C": 532}
OTHER_SIGNERS = ("hackmit", "keptsecret", "lee", "longhongvo", "t32rahman")

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Photos = tuple[Images, Labels]


@dataclass(frozen=True)
class Task:
    """Letters, and how to learn them."""

    letters: str
    pictures: int
    epochs: int
    batch: int
    learning_rate: float


TASKS = {
    "ABC": Task("ABC", pictures=1600, epochs=30, batch=32, learning_rate=4e-3),
    "all": Task(STATIC_LETTERS, pictures=4800, epochs=12, batch=32, learning_rate=2e-3),
}


def load(paths: list[tuple[Path, str]], letters: str) -> Photos:
    """Photos as (n, 50, 50, 3), by nearest neighbour, and labels."""
    images = [
        np.asarray(Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.Resampling.NEAREST))
        for path, _ in paths
    ]
    return np.stack(images), np.array([letters.index(letter) for _, letter in paths], np.int64)


def mission_split(data: Path) -> tuple[list[tuple[Path, str]], list[tuple[Path, str]]]:
    """The mission's 1,600 training and 400 test photos."""
    pairs = [
        (path, letter)
        for letter in "ABC"
        for path in sorted((data / "asl_abc" / letter).iterdir(), key=lambda p: p.name)
    ]
    random.seed(0)
    random.shuffle(pairs)
    return pairs[:1600], pairs[1600:2000]


def photos(data: Path, letters: str, split: str) -> dict[str, Photos]:
    """The photos to measure, by name."""
    if letters == "ABC":
        training, test = mission_split(data)
        chosen = {"asl_abc_training": training}
        if split == "test":
            chosen["asl_abc_test"] = test
    else:
        step = 1 if split == "test" else 30
        chosen = {"asl_alphabet": folders(data / "asl_alphabet", letters, step)}
    for signer in OTHER_SIGNERS:
        chosen[signer] = folders(data / "other_signers" / signer, letters, 1)
    return {name: load(paths, letters) for name, paths in chosen.items()}


def folders(root: Path, letters: str, step: int) -> list[tuple[Path, str]]:
    """Every `step`-th photo of each letter that `root` holds."""
    return [
        (path, letter)
        for letter in letters
        if (root / letter).is_dir()
        for path in sorted((root / letter).iterdir())[::step]
    ]


def network(letters: str) -> keras.Sequential:
    """The mission's small network for A, B, C; a wider one of its family for all letters."""
    layers = keras.layers
    small = letters == "ABC"
    # Filters, kernel, stride and pooling of each block.
    blocks = (
        [(5, 5, 1, 4), (15, 5, 1, 4)] if small else [(16, 5, 2, 2), (48, 3, 1, 2), (96, 3, 1, 1)]
    )
    hidden = [] if small else [layers.Dense(64, activation="relu"), layers.Dropout(0.2)]
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Rescaling(1 / 255)])
    for filters, kernel, stride, pool in blocks:
        model.add(layers.Conv2D(filters, kernel, stride, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(pool))
    for layer in [layers.Flatten(), *hidden, layers.Dense(len(letters), activation="softmax")]:
        model.add(layer)
    return model


def jitter(images: Images, rng: np.random.Generator) -> NDArray[np.float32]:
    """Every picture a little moved, zoomed, rolled, brightened and tinted, afresh each epoch."""
    n = len(images)
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    zoom, roll = np.exp(rng.uniform(-0.12, 0.12, n)), rng.normal(0, 0.06, n)
    c, s = (np.cos(roll) / zoom)[:, None, None], (np.sin(roll) / zoom)[:, None, None]
    shift = rng.uniform(-3, 3, (2, n, 1, 1)) + (SIDE - 1) / 2
    columns = np.clip(np.rint(c * x - s * y + shift[0]), 0, SIDE - 1).astype(int)
    rows = np.clip(np.rint(s * x + c * y + shift[1]), 0, SIDE - 1).astype(int)
    moved = images[np.arange(n)[:, None, None], rows, columns].astype(np.float32)
    gain = np.exp(rng.normal(0, 0.15, (n, 1, 1, 1)) + rng.normal(0, 0.05, (n, 1, 1, 3)))
    offset = rng.normal(0, 12, (n, 1, 1, 1)) + rng.normal(0, 8, (n, 1, 1, 3))
    jittered: NDArray[np.float32] = np.clip((moved - 128) * gain + 128 + offset, 0, 255)
    return jittered.astype(np.float32)


def train(task: Task, images: Images, labels: Labels, seed: int) -> keras.Sequential:
    """A network that has seen drawn hands only."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = network(task.letters)
    steps = task.epochs * -(-len(images) // task.batch)
    rate = keras.optimizers.schedules.CosineDecay(task.learning_rate, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", jit_compile=True)
    for _ in range(task.epochs):
        model.fit(jitter(images, rng), labels, batch_size=task.batch, verbose=0)
    return model


def measure(task: Task, seed: int, real: dict[str, Photos]) -> dict[str, object]:
    """Draw, train and test once."""
    counts = MISSION_COUNTS if task.letters == "ABC" and task.pictures <= 1600 else None
    start = time.perf_counter()
    images, labels = sample(task.letters, task.pictures, seed, counts=counts)
    drawn = time.perf_counter()
    model = train(task, images, labels, seed)
    figures: dict[str, object] = {
        "seed": seed,
        "parameters": model.count_params(),
        "drawing_seconds": round(drawn - start, 1),
        "training_seconds": round(time.perf_counter() - drawn, 1),
    }
    for name, (x, y) in real.items():
        guesses = model.predict(x, batch_size=256, verbose=0).argmax(axis=1)
        figures[name] = round(float((guesses == y).mean()), 4)
        if name.startswith("asl_"):
            figures[f"{name}_by_letter"] = {
                letter: round(float((guesses[y == i] == i).mean()), 2)
                for i, letter in enumerate(task.letters)
            }
    return figures


def main() -> None:
    """Print the figures of each seed and the median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", choices=list(TASKS), default="ABC")
    parser.add_argument("--split", choices=["tune", "test"], default="tune")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--pictures", type=int)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    default = TASKS[options.letters]
    task = Task(
        default.letters,
        options.pictures or default.pictures,
        options.epochs or default.epochs,
        default.batch,
        default.learning_rate,
    )
    real = photos(Path(os.environ["ASL_DATA_DIR"]), task.letters, options.split)
    runs = []
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        runs.append(measure(task, seed, real))
        if not options.json:
            print(runs[-1], flush=True)
    medians = {name: statistics.median([float(str(run[name])) for run in runs]) for name in real}
    if options.json:
        print(json.dumps({"task": vars(task), "medians": medians, "runs": runs}))
    else:
        print("median", medians)


if __name__ == "__main__":
    main()
