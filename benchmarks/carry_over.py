"""Train on rendered hands only, test on photographs.

A, B, C: the mission's network of 2,678 parameters, trained by asl_core with settings that the page
Train offers. 24 letters: a larger network.

Usage: ASL_DATA_DIR=... python -m benchmarks.carry_over [--letters ABC|all] [--split tune|test]
       [--seeds 5] [--first-seed 0] [--pictures N] [--epochs N] [--json]

`--split tune` measures what may be looked at while choosing settings: other signers, and the
mission's 1,600 training photos (A, B, C) or every 30th photo of `asl_alphabet` (24 letters).
`--split test` adds the mission's 400 test photos, or the other photos of `asl_alphabet`.
"""

import argparse
import json
import statistics
import time
from dataclasses import dataclass, replace
from pathlib import Path

from asl_core import Augmentation, Dataset, Split, TrainConfig, fit, make_split, read_folder
from asl_core.data.dataset import Source
from asl_core.synthetic import STATIC_LETTERS, Nuisance, sample
from asl_core.synthetic.folder import MISSION_TRAIN
from benchmarks.photos import FOLDERS, parent_of

import keras  # isort: skip  # after asl_core, which sets TensorFlow up
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

SIDE = 50
TUNING_STEP = 30
WARM_UP_SHARE = 0.25
"""Share of the steps in which the learning rate grows; afterwards it falls along a cosine."""
OTHER_SIGNERS = ("hackmit", "keptsecret", "lee", "longhongvo", "t32rahman")

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Photos = tuple[Images, Labels]


@dataclass(frozen=True)
class Task:
    """Letters, the pictures drawn of them, and how to learn them."""

    letters: str
    pictures: int
    config: TrainConfig
    ranges: Nuisance = Nuisance()  # noqa: RUF009 - frozen


TASKS = {
    "ABC": Task(
        "ABC",
        sum(MISSION_TRAIN.values()),
        TrainConfig(
            epochs=50,
            optimizer="adam",
            learning_rate=8e-3,
            schedule="one-cycle",
            augmentation=Augmentation(shift=0.08, rotation=5, zoom=0.15, brightness=0.12),
        ),
    ),
    "all": Task(
        STATIC_LETTERS,
        9600,
        TrainConfig(epochs=8, batch_size=64, learning_rate=3e-3),
        # Fewer silhouettes and glaring hands: fists can hardly be told apart in them.
        replace(Nuisance(), backlit=0.25, sunlit=0.25),
    ),
}
SMOOTHING = 0.1
"""Of the labels of 24 letters."""


def photos(data: Path, letters: str, split: str) -> dict[str, Photos]:
    """The photos to measure, by name."""
    if letters == "ABC":
        mission = read_folder(data / "asl_abc")
        parts = make_split(mission, "original")
        chosen = {
            "asl_abc_training": known(mission, letters, parts.train),
            "asl_abc_test": known(mission, letters, parts.test),
        }
    else:
        every = read_folder(data / "asl_alphabet")
        tuning = np.arange(len(every)) % TUNING_STEP == 0
        chosen = {
            "asl_alphabet_tuning": known(every, letters, np.flatnonzero(tuning)),
            "asl_alphabet_test": known(every, letters, np.flatnonzero(~tuning)),
        }
    for signer in OTHER_SIGNERS:
        chosen[signer] = known(read_folder(data / "other_signers" / signer), letters)
    return {k: v for k, v in chosen.items() if split == "test" or not k.endswith("_test")}


def known(dataset: Dataset, letters: str, indices: NDArray[np.int64] | None = None) -> Photos:
    """Photos of the letters, and labels into them."""
    taken = np.arange(len(dataset)) if indices is None else indices
    taken = np.array([i for i in taken if dataset.class_name(i) in letters])
    return dataset.images[taken], np.array([letters.index(dataset.class_name(i)) for i in taken])


def learn_mission(task: Task, images: Images, labels: Labels, seed: int) -> keras.Model:
    """The mission's network, trained as by the page Train."""
    n = len(labels)
    files = tuple(f"{i}.png" for i in range(n))
    drawn = Dataset(
        images, labels, tuple(task.letters), files, Path("drawn"), "drawn", source=Source("drawn")
    )
    split = Split(np.arange(n), np.arange(0), "rendered")
    return fit(drawn, split, replace(task.config, seed=seed)).model


def larger_network(classes: int) -> keras.Sequential:
    """Sees each picture at the same mean and contrast; 163,336 parameters for 24 classes.

    Normalising each picture and each layer matters more than the size: 272,552 parameters without
    got 0.165 of the photos right.
    """
    layers = keras.layers
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Rescaling(1 / 127.5, -1)])
    model.add(layers.GroupNormalization(groups=1, center=False, scale=False))
    for filters, kernel, stride, pool in (
        (16, 5, 2, 1),
        (32, 3, 1, 2),
        (64, 3, 1, 2),
        (96, 3, 1, 1),
    ):
        model.add(layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.95))
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(pool))
    for layer in (layers.Flatten(), layers.Dropout(0.3), layers.Dense(classes, "softmax")):
        model.add(layer)
    return model


def jitter(images: Images, rng: np.random.Generator) -> NDArray[np.float32]:
    """Every picture a little moved, zoomed, rolled, brightened and tinted, afresh each epoch."""
    n = len(images)
    y, x = (np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2).astype(np.float32)
    zoom, roll = np.exp(rng.uniform(-0.15, 0.15, n)), rng.uniform(-0.12, 0.12, n)
    c, s = (np.cos(roll) / zoom)[:, None, None], (np.sin(roll) / zoom)[:, None, None]
    right, down = rng.uniform(-4, 4, (2, n, 1, 1)) + (SIDE - 1) / 2
    columns = np.clip(np.rint(c * x - s * y + right), 0, SIDE - 1).astype(np.intp)
    rows = np.clip(np.rint(s * x + c * y + down), 0, SIDE - 1).astype(np.intp)
    moved = images[np.arange(n)[:, None, None], rows, columns].astype(np.float32)
    gain = np.exp(rng.normal(0, 0.2, (n, 1, 1, 1)) + rng.normal(0, 0.08, (n, 1, 1, 3)))
    offset = rng.normal(0, 15, (n, 1, 1, 1)) + rng.normal(0, 10, (n, 1, 1, 3))
    moved -= 128
    moved *= gain.astype(np.float32)
    moved += (128 + offset).astype(np.float32)
    jittered: NDArray[np.float32] = np.clip(moved, 0, 255, out=moved)
    return jittered


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Grows along a line to its peak, then falls to 0 along a cosine."""

    def __init__(self, peak: float, steps: int) -> None:
        self.peak, self.warm_up, self.steps = peak, WARM_UP_SHARE * steps, steps

    def __call__(self, step: object) -> object:
        """The learning rate of one step."""
        done = tf.cast(step, tf.float32)
        left = (self.steps - done) / (self.steps - self.warm_up)
        return self.peak * tf.where(
            done < self.warm_up, (done + 1) / self.warm_up, (1 - tf.cos(np.pi * left)) / 2
        )


def learn_all(task: Task, images: Images, labels: Labels, seed: int) -> keras.Sequential:
    """The larger network."""
    config, rng = task.config, np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    model = larger_network(len(task.letters))
    steps = config.epochs * -(-len(images) // config.batch_size)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=SMOOTHING)
    model.compile(keras.optimizers.Adam(OneCycle(config.rate, steps)), loss)
    wanted = np.eye(len(task.letters), dtype=np.float32)[labels]
    for _ in range(config.epochs):
        model.fit(jitter(images, rng), wanted, batch_size=config.batch_size, verbose=0)
    return model


def measure(task: Task, seed: int, real: dict[str, Photos]) -> dict[str, object]:
    """Draw, train and test once."""
    start = time.perf_counter()
    counts = MISSION_TRAIN if task == TASKS["ABC"] else None
    images, labels = sample(
        task.letters, task.pictures, seed, task.ranges, counts=counts, processes=2
    )
    drawn = time.perf_counter()
    learn = learn_mission if task.letters == "ABC" else learn_all
    model = learn(task, images, labels, seed)
    figures: dict[str, object] = {
        "seed": seed,
        "parameters": model.count_params(),
        "drawing_seconds": round(drawn - start, 1),
        "training_seconds": round(time.perf_counter() - drawn, 1),
    }
    for name, (x, y) in real.items():
        right = model.predict(x, batch_size=256, verbose=0).argmax(axis=1) == y
        figures[name] = round(float(right.mean()), 4)
        if name.startswith("asl_"):
            by_letter = {
                k: round(float(right[y == i].mean()), 2) for i, k in enumerate(task.letters)
            }
            figures[f"{name}_by_letter"] = by_letter
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
    default = TASKS[options.letters]
    task = replace(
        default,
        pictures=options.pictures or default.pictures,
        config=replace(default.config, epochs=options.epochs or default.config.epochs),
    )
    real = photos(parent_of(parser, *FOLDERS), task.letters, options.split)
    runs = []
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        runs.append(measure(task, seed, real))
        if not options.json:
            print(runs[-1], flush=True)
    medians = {name: statistics.median([float(str(run[name])) for run in runs]) for name in real}
    print(json.dumps({"medians": medians, "runs": runs}) if options.json else f"median {medians}")


if __name__ == "__main__":
    main()
