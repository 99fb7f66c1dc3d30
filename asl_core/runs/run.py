"""A run as a value: what was asked for, what came of it, and where its files are."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from asl_core.config import OLD_SPLITS, SplitName, TrainConfig
from asl_core.data.label_corrections import LabelCorrections
from asl_core.data.source import is_rendered
from asl_core.errors import RunNotFoundError
from asl_core.progress import History

_RENAMED = {
    "decided": "use_corrections",
    "decisions": "corrections",
    "ended": "stop_reason",
    "kept_epoch": "best_epoch",
}
"""What earlier versions called what stands in the files of a run."""


@dataclass(frozen=True)
class RunSpec:
    """What was asked for: `config.json` of a run.

    Attributes:
        config: settings of the training.
        split: how training and test photos were told apart.
        data: what opens the dataset: a folder of photos, as the worker sees it, or the recipe of
            a rendered set (see `open_dataset`).
        sweep: id of the sweep that the run is a part of; None for a run of its own.
        use_corrections: whether decisions about doubtful photos count (see
            `asl_core.data.label_corrections`): those that are there when the run is asked for.
    """

    config: TrainConfig
    split: SplitName
    data: str
    sweep: str | None = None
    use_corrections: bool = True

    @property
    def rendered(self) -> bool:
        """Whether the pictures are drawn by a program, not photos."""
        return is_rendered(self.data) or self.split == "rendered"

    def to_json(self) -> dict[str, Any]:
        """The spec as JSON types; `from_json` takes it back."""
        return {**asdict(self), "config": self.config.to_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "RunSpec":
        """The spec of `to_json`."""
        values = {_RENAMED.get(name, name): value for name, value in values.items()}
        split = OLD_SPLITS.get(values["split"], values["split"])
        return cls(**{**values, "split": split, "config": TrainConfig.from_json(values["config"])})


@dataclass(frozen=True)
class RunResults:
    """What came of it: `results.json` of a run.

    Attributes:
        classes: names of the classes, in the order of the model's outputs.
        fingerprint: of the dataset (see `Dataset.fingerprint`).
        train: images per class that were learnt from.
        n_validation: training images that were put aside to watch the training.
        test: test images per class.
        train_correct: images learnt from that the finished model gets right.
        test_correct: test images that it gets right.
        params: trained weights of the model.
        epochs: that were begun; fewer than asked for if the training ended early.
        best_epoch: the epoch whose weights are kept, from 1: the last one, or the best one if the
            training ended early.
        stop_reason: `all epochs`, or why it ended early: `stop`, `early stopping`, `time limit`.
        seconds: time for `load`, `fit`, `evaluate` and `total`.
        corrections: that changed the dataset: photos with another label than their folder's, and
            those that were excluded. The counts are what is left.
    """

    classes: tuple[str, ...]
    fingerprint: str
    train: dict[str, int]
    test: dict[str, int]
    n_validation: int
    train_correct: int
    test_correct: int
    params: int
    epochs: int
    best_epoch: int
    stop_reason: str
    seconds: dict[str, float]
    corrections: LabelCorrections = field(default_factory=LabelCorrections)

    @property
    def stopped(self) -> bool:
        """Whether the training ended before its last epoch was done."""
        return self.stop_reason != "all epochs"

    @property
    def n_train(self) -> int:
        """Training images."""
        return sum(self.train.values())

    @property
    def n_test(self) -> int:
        """Test images."""
        return sum(self.test.values())

    @property
    def train_accuracy(self) -> float:
        """Share of the training images that the finished model gets right, 0 to 1."""
        return self.train_correct / self.n_train

    @property
    def test_accuracy(self) -> float:
        """Share of the test images that the model gets right (top-1), 0 to 1."""
        return self.test_correct / self.n_test

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "RunResults":
        """The results of `dataclasses.asdict`, after a way through JSON."""
        values = {_RENAMED.get(name, name): value for name, value in values.items()}
        corrections = LabelCorrections.from_json(values.get("corrections", {"history": ()}))
        return cls(**{**values, "classes": tuple(values["classes"]), "corrections": corrections})


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a run says of its test images, in the order of the split.

    Attributes:
        indices: int64 (n,), into the dataset.
        files: path of each image below the dataset's folder (n,).
        labels: int64 (n,), true class.
        probabilities: float32 (n, classes), rows sum to 1.
    """

    indices: np.ndarray
    files: tuple[str, ...]
    labels: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Run:
    """A finished run: what was asked for, what came of it, and where its files are."""

    id: str
    folder: Path
    spec: RunSpec
    results: RunResults

    @property
    def created(self) -> datetime:
        """When the run was asked for (UTC)."""
        return datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)

    @property
    def model_file(self) -> Path:
        """The LiteRT model."""
        return self.folder / "model.tflite"

    def history(self) -> History:
        """Metrics of each epoch; RunNotFoundError if the run was deleted meanwhile."""
        with self._still_there(), (self.folder / "history.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        metrics = [name for name in rows[0] if name != "epoch"]
        return {name: [float(row[name]) for row in rows] for name in metrics}

    def predictions(self) -> Predictions:
        """The model's answers on the test images; RunNotFoundError as for `history`."""
        with self._still_there(), np.load(self.folder / "predictions.npz") as arrays:
            return Predictions(
                indices=arrays["indices"],
                files=tuple(arrays["files"].tolist()),
                labels=arrays["labels"],
                probabilities=arrays["probabilities"],
            )

    @contextmanager
    def _still_there(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise RunNotFoundError(f"Run {self.id} was deleted meanwhile.") from error
