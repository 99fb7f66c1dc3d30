"""The state of a training at the end of an epoch, on disk: from here it goes on after a crash."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from asl_core.errors import FileError
from asl_core.files import from_json, read_arrays, replacing
from asl_core.progress import Progress


@dataclass(frozen=True, eq=False)
class Best:
    """The best weights so far.

    Attributes:
        epoch: in which they were reached, from 1.
        score: their loss, on the validation images if there are any, else on the training images.
        weights: arrays in Keras's order.
    """

    epoch: int
    score: float
    weights: Sequence[np.ndarray]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a training needs to go on.

    Attributes:
        progress: epochs done, with their history.
        weights: arrays in Keras's order.
        optimizer: variables of the optimizer, in Keras's order.
        best: the best weights so far.
        seconds: time of the fit so far.
    """

    progress: Progress
    weights: Sequence[np.ndarray]
    optimizer: Sequence[np.ndarray]
    best: Best
    seconds: float

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        told = {
            "progress": self.progress.to_json(),
            "best": {"epoch": self.best.epoch, "score": self.best.score},
            "seconds": self.seconds,
        }
        groups = {
            "weights": self.weights,
            "optimizer": self.optimizer,
            "best": self.best.weights,
        }
        arrays = {
            f"{group}_{i}": array for group, many in groups.items() for i, array in enumerate(many)
        }
        with replacing(path) as file:
            np.savez(file, allow_pickle=False, told=np.array(json.dumps(told)), **arrays)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def load(cls, path: Path) -> "Checkpoint | None":
        """The checkpoint that was saved; None if there is none, or the power went while it was
        written. A training that then starts anew comes to the same weights, only later."""
        try:
            arrays = read_arrays(path)
            told = from_json(str(arrays["told"]), _Told)
            groups = {
                group: [arrays[f"{group}_{i}"] for i in range(_n(list(arrays), group))]
                for group in ("weights", "optimizer", "best")
            }
        except (FileError, KeyError, ValueError):
            return None
        return cls(
            progress=replace(told.progress, seconds_left=None),
            weights=groups["weights"],
            optimizer=groups["optimizer"],
            best=Best(told.best.epoch, told.best.score, groups["best"]),
            seconds=told.seconds,
        )


@dataclass(frozen=True)
class _BestTold:
    epoch: int
    score: float


@dataclass(frozen=True)
class _Told:
    """What a checkpoint says besides its arrays."""

    progress: Progress
    best: _BestTold
    seconds: float


def _n(names: Sequence[str], group: str) -> int:
    return sum(name.startswith(f"{group}_") for name in names)
