"""How far the mission's accuracy can be believed: the same network under ever more honest tests.

Usage: ASL_DATA_DIR=... python -m benchmarks.believe [--epochs 1 5 20] [--seeds 5]
       [--first-seed 0] [--json]

`ASL_DATA_DIR` names the folder that holds `asl_abc` and `other_signers`. For each number of epochs
and each seed, one network is trained on the mission's split, and tested on its test photos, on
those without a near-copy in training, and on A, B, C of each folder of `other_signers`; and five
more are trained across blocks of frames.
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_core import Dataset, TrainConfig, fit, make_split, read_folder
from asl_core.data import frame_folds
from asl_core.data.near_duplicates import find_leakage
from asl_core.training.cross_validation import cross_val_predict
from benchmarks.photos import parent_of

Figures = dict[str, float]


@dataclass(frozen=True, eq=False)
class Photos:
    """The mission's photos and those of others, of the same classes."""

    mission: Dataset
    others: dict[str, Dataset]


def read_photos(data: Path) -> Photos:
    """All photos; of the others, those of the mission's classes."""
    folders = sorted(path for path in (data / "other_signers").iterdir() if path.is_dir())
    return Photos(read_folder(data / "asl_abc"), {path.name: read_folder(path) for path in folders})


def on_one_split(photos: Photos, config: TrainConfig) -> Figures:
    """One network on the mission's split, tested here and elsewhere."""
    mission, split = photos.mission, make_split(photos.mission, "original")
    near = find_leakage(mission, split).near
    fitted = fit(mission, split, config)
    right = fitted.predict(mission.images[split.test]).argmax(axis=1)
    right = right == mission.labels[split.test]
    figures = {"test": float(right.mean()), "without_near_copies": float(right[~near].mean())}
    for name, dataset in photos.others.items():
        to_mission = np.array([_index(mission, letter) for letter in dataset.classes])
        known = np.flatnonzero(to_mission[dataset.labels] >= 0)
        answers = fitted.predict(dataset.images[known])
        hits = answers.argmax(axis=1) == to_mission[dataset.labels[known]]
        figures[name] = float(hits.mean())
        figures[f"{name}_confidence"] = float(answers.max(axis=1).mean())
    return figures


def _index(mission: Dataset, letter: str) -> int:
    return mission.classes.index(letter) if letter in mission.classes else -1


def across_blocks(photos: Photos, config: TrainConfig) -> Figures:
    """Five networks, each tested on a block of frames that it has not seen."""
    mission, folds = photos.mission, frame_folds(photos.mission)
    right = cross_val_predict(mission, folds, config).argmax(axis=1) == mission.labels
    blocks = [float(right[fold.test].mean()) for fold in folds]
    return {
        "blocks_median": statistics.median(blocks),
        "blocks_mean": statistics.mean(blocks),
        "blocks_lowest": min(blocks),
        "blocks_highest": max(blocks),
    }


def measure(photos: Photos, epochs: int, seeds: range) -> Iterator[Figures]:
    """The figures of each seed."""
    for seed in seeds:
        config = TrainConfig(epochs=epochs, seed=seed)
        yield {"seed": seed, **on_one_split(photos, config), **across_blocks(photos, config)}


def main() -> None:
    """Print the figures of each seed and their medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, nargs="+", default=[1, 5, 20])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    photos = read_photos(parent_of(parser, "asl_abc", "other_signers"))
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    report = []
    for epochs in options.epochs:
        runs = []
        for figures in measure(photos, epochs, seeds):
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
