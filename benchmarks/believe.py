"""How far an accuracy can be believed: the same network under ever more honest tests.

Usage: ASL_DATA_DIR=... python -m benchmarks.believe [--epochs 1 5 20] [--seeds 5]
       [--first-seed 0] [--json]
       ASL_DATA_DIR=... python -m benchmarks.believe --photos asl_alphabet --preset many-classes
       [--seeds 1] [--without-blocks] [--json]

`ASL_DATA_DIR` names the folder that holds `asl_abc` (or that of `--photos`) and `other_signers`.
For each number of epochs and each seed, one network is trained on the usual split of the photos,
which for `asl_abc` is the mission's, and tested on its test photos, on those without a near-copy in
training, and on the same letters of each folder of `other_signers`; and five more are trained
across blocks of frames. `seconds` is the time of the first training by the clock.
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from asl_core import Dataset, TrainConfig, fit, make_split, read_folder
from asl_core.config import BASELINE, PRESETS
from asl_core.data import frame_folds
from asl_core.data.near_duplicates import find_leakage
from asl_core.training.cross_validation import cross_val_predict
from benchmarks.photos import parent_of

Figures = dict[str, float]

EPOCHS = (1, 5, 20)


@dataclass(frozen=True, eq=False)
class Photos:
    """The photos to learn from, and those of others."""

    own: Dataset
    others: dict[str, Dataset]


def read_photos(data: Path, own: str = "asl_abc") -> Photos:
    """All photos."""
    folders = sorted(path for path in (data / "other_signers").iterdir() if path.is_dir())
    return Photos(read_folder(data / own), {path.name: read_folder(path) for path in folders})


def on_one_split(photos: Photos, config: TrainConfig) -> Figures:
    """One network on the usual split, tested here and elsewhere."""
    own, split = photos.own, make_split(photos.own)
    near = find_leakage(own, split).near
    fitted = fit(own, split, config)
    right = fitted.predict(own.images[split.test]).argmax(axis=1) == own.labels[split.test]
    figures = {
        "seconds": fitted.seconds,
        "test": float(right.mean()),
        "without_near_copies": float(right[~near].mean()),
    }
    for name, dataset in photos.others.items():
        to_own = np.array([_index(own, letter) for letter in dataset.classes])
        known = np.flatnonzero(to_own[dataset.labels] >= 0)
        answers = fitted.predict(dataset.images[known])
        hits = answers.argmax(axis=1) == to_own[dataset.labels[known]]
        figures[name] = float(hits.mean())
        figures[f"{name}_confidence"] = float(answers.max(axis=1).mean())
    return figures


def _index(own: Dataset, letter: str) -> int:
    return own.classes.index(letter) if letter in own.classes else -1


def across_blocks(photos: Photos, config: TrainConfig) -> Figures:
    """Five networks, each tested on a block of frames that it has not seen."""
    own, folds = photos.own, frame_folds(photos.own)
    right = cross_val_predict(own, folds, config).argmax(axis=1) == own.labels
    blocks = [float(right[fold.test].mean()) for fold in folds]
    return {
        "blocks_median": statistics.median(blocks),
        "blocks_mean": statistics.mean(blocks),
        "blocks_lowest": min(blocks),
        "blocks_highest": max(blocks),
    }


def measure(photos: Photos, config: TrainConfig, seeds: range, blocks: bool) -> Iterator[Figures]:
    """The figures of each seed, with those across blocks if they are wanted."""
    for seed in seeds:
        seeded = replace(config, seed=seed)
        across = across_blocks(photos, seeded) if blocks else {}
        yield {"seed": seed, **on_one_split(photos, seeded), **across}


def main() -> None:
    """Print the figures of each seed and their medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", choices=("asl_abc", "asl_alphabet"), default="asl_abc")
    parser.add_argument("--preset", choices=tuple(PRESETS), default="constant")
    parser.add_argument("--epochs", type=int, nargs="+", help="default: 1 5 20, or the preset's")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--without-blocks", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    photos = read_photos(parent_of(parser, options.photos, "other_signers"), options.photos)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    preset = PRESETS[options.preset]
    report = []
    for epochs in options.epochs or (EPOCHS if preset == BASELINE else [preset.epochs]):
        config, runs = replace(preset, epochs=epochs), []
        for figures in measure(photos, config, seeds, not options.without_blocks):
            runs.append(figures)
            if not options.json:
                print(epochs, "epochs", _rounded(figures), flush=True)
        medians = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        del medians["seed"]
        report.append({"epochs": epochs, "medians": medians, "runs": runs})
        if not options.json:
            print(epochs, "epochs, median", _rounded(medians), flush=True)
    if options.json:
        print(json.dumps(report))


def _rounded(figures: Figures) -> Figures:
    return {name: round(value, 4) for name, value in figures.items()}


if __name__ == "__main__":
    main()
