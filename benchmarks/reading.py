"""What a pixel network's answers owe to the way its images are read, and to which hand signs.

Usage: ASL_DATA_DIR=... python -m benchmarks.reading [--seeds 5] [--json]
       ASL_DATA_DIR=... python -m benchmarks.reading --mirrored RUN ... [--runs DIR] [--json]

`ASL_DATA_DIR` names the folder that holds `asl_abc` and `other_signers`.

Without `--mirrored`: networks are trained on the mission's split of `asl_abc`, read in each of
`READINGS`, and tested on the mission's test photos and on A, B, C of each folder of
`other_signers`, read in each way of `TESTED`. `mixed` reads each training photo in one of
`READINGS`, by chance: augmentation by resampling.

With it: runs are tested on each folder (of the one that they learned from, on their test photos) as
the photos are, mirrored, by the mean of both, by the more confident of both, and as *Predict* does:
mirrored only if that is far more confident, which is so in a share of `chosen`.
"""

import argparse
import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from asl_core import Dataset, TrainConfig, fit, make_split, read_folder
from asl_core.config import ONE_CYCLE, PRESETS, Augmentation
from asl_core.evaluation.prediction import Classifier, clearer_mirrored
from asl_core.images import read_whole, resize_pixels
from asl_core.runs.store import RunStore
from asl_core.settings import IMAGE_SIZE
from benchmarks.photos import parent_of

Read = Callable[[np.ndarray], np.ndarray]
Pixels = dict[str, np.ndarray]


def _by(filter_: Image.Resampling, square: np.ndarray) -> np.ndarray:
    size = (IMAGE_SIZE, IMAGE_SIZE)
    return np.asarray(Image.fromarray(square).resize(size, filter_))


def _one_on(read: Read, square: np.ndarray) -> np.ndarray:
    return read(np.roll(square, (1, 1), (0, 1)))


READINGS: dict[str, Read] = {
    "nearest": partial(resize_pixels, size=IMAGE_SIZE),
    "box": partial(_by, Image.Resampling.BOX),
    "lanczos": partial(_by, Image.Resampling.LANCZOS),
}
"""Ways from a square photo to 50x50 pixels: the app's, which is nearest-neighbor for photos of less
than 200 pixels, and two that are antialiased."""

TESTED: dict[str, Read] = {
    **READINGS,
    **{f"{name}, 1 on": partial(_one_on, read) for name, read in READINGS.items()},
}
"""What networks are tested with: also photos that lie one pixel further right and down, before
they are read, so that the grid falls between the old places."""

CONFIGS: dict[str, TrainConfig] = {
    "mission, 20 epochs": replace(PRESETS["constant"], epochs=20),
    "one-cycle, augmented, 15 epochs": replace(
        ONE_CYCLE,
        epochs=15,
        augmentation=Augmentation(shift=0.1, rotation=10, zoom=0.15, brightness=0.2),
    ),
}


def read_each_way(dataset: Dataset, classes: tuple[str, ...]) -> tuple[Pixels, np.ndarray]:
    """The photos of some classes in each of `TESTED`, and their classes."""
    known = [i for i, label in enumerate(dataset.labels) if dataset.classes[label] in classes]
    squares = [_square(read_whole(dataset.folder / dataset.files[i], "photo")) for i in known]
    pixels = {name: np.stack([read(each) for each in squares]) for name, read in TESTED.items()}
    return pixels, np.array([classes.index(dataset.class_name(i)) for i in known])


def _square(image: np.ndarray) -> np.ndarray:
    height, width, _ = image.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def _mixed(pixels: Pixels, seed: int) -> np.ndarray:
    each = np.stack([pixels[name] for name in READINGS])
    chosen = np.random.default_rng(seed).integers(len(each), size=each.shape[1])
    mixed: np.ndarray = each[chosen, np.arange(each.shape[1])]
    return mixed


def readings(data: Path, seeds: int) -> Iterator[dict[str, object]]:
    """Accuracies by config, reading in training and reading in the test, by seed and folder."""
    own = read_folder(data / "asl_abc")
    split = make_split(own)
    pixels, _ = read_each_way(own, own.classes)
    others = {
        path.name: read_each_way(read_folder(path), own.classes)
        for path in sorted((data / "other_signers").iterdir())
        if path.is_dir()
    }
    for name, config in CONFIGS.items():
        for way in (*READINGS, "mixed"):
            for seed in range(seeds):
                images = pixels[way] if way in pixels else _mixed(pixels, seed)
                fitted = fit(replace(own, images=images), split, replace(config, seed=seed))
                for tested in TESTED:
                    own_test = fitted.predict(pixels[tested][split.test]).argmax(1)
                    found = {"test": float((own_test == own.labels[split.test]).mean())}
                    for folder, (photos, labels) in others.items():
                        right = fitted.predict(photos[tested]).argmax(1) == labels
                        found[folder] = float(right.mean())
                    yield {"config": name, "train": way, "read": tested, "seed": seed, **found}


def mirrored(run: str, runs: Path, data: Path) -> Iterator[dict[str, object]]:
    """Accuracies of a run on each folder as it is, mirrored, and by both."""
    asked = RunStore(runs).load(run)
    classifier = Classifier(asked)
    others = (path for path in sorted((data / "other_signers").iterdir()) if path.is_dir())
    for path in (data / "asl_abc", data / "asl_alphabet", *others):
        dataset = read_folder(path) if path.is_dir() else None
        if dataset is None:
            continue
        known = [i for i in range(len(dataset)) if dataset.class_name(i) in classifier.classes]
        if dataset.fingerprint == asked.results.fingerprint:
            known = asked.predictions().indices.tolist()
        labels = np.array([classifier.classes.index(dataset.class_name(i)) for i in known])
        images = np.asarray(dataset.images[known])
        as_is = classifier.probabilities(images)
        other = classifier.probabilities(np.ascontiguousarray(images[:, :, ::-1]))
        sooner, turned = other.max(1) > as_is.max(1), clearer_mirrored(as_is, other)
        ways = {
            "as is": as_is,
            "mirrored": other,
            "mean": (as_is + other) / 2,
            "more confident": np.where(sooner[:, None], other, as_is),
            "as Predict": np.where(turned[:, None], other, as_is),
        }
        right = {way: float((p.argmax(1) == labels).mean()) for way, p in ways.items()}
        yield {"run": run, "folder": path.name, **right, "chosen": float(turned.mean())}


def main() -> None:
    """Print what was measured, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--mirrored", nargs="+", metavar="RUN")
    parser.add_argument("--runs", type=Path, default=Path("models"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    data = parent_of(parser, "asl_abc", "other_signers")
    if options.mirrored:
        rows = [row for run in options.mirrored for row in mirrored(run, options.runs, data)]
    else:
        rows = list(readings(data, options.seeds))
    if options.json:
        print(json.dumps(rows))
        return
    if options.mirrored:
        for row in rows:
            print(row)
        return
    folders = [name for name in rows[0] if name not in ("config", "train", "read", "seed")]
    for key in dict.fromkeys((row["config"], row["train"], row["read"]) for row in rows):
        its = [row for row in rows if (row["config"], row["train"], row["read"]) == key]
        medians = {
            name: statistics.median(float(str(row[name])) for row in its) for name in folders
        }
        print(*key, {name: round(value, 3) for name, value in medians.items()})


if __name__ == "__main__":
    main()
