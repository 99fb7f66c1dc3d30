"""Trained runs on disk. A run is there whole or not at all; its manifest tells if it changed."""

import csv
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from asl_core.config import SplitName, TrainConfig
from asl_core.datasets.source import is_rendered
from asl_core.decisions import Decisions
from asl_core.errors import ConfigError, DamagedRunError, RunError, RunNotFoundError
from asl_core.files import flush_folder, remove_at_once, sha256, write_json
from asl_core.progress import History

SCHEMA = 2
MANIFEST = "manifest.json"
STAGING = ".staging"
RUN_FILES = (
    "config.json",
    "results.json",
    "environment.json",
    "history.csv",
    "predictions.npz",
    "model.keras",
    "model.tflite",
)
_RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6,9}")


def new_run_id() -> str:
    """An id that sorts by the time it was made (UTC, to the millisecond), never a user's text."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03}{secrets.token_hex(3)}"


@dataclass(frozen=True)
class RunSpec:
    """What was asked for: `config.json` of a run.

    Attributes:
        config: settings of the training.
        split: how training and test photos were told apart.
        data: what opens the dataset: a folder of photos, as the worker sees it, or the recipe of
            a rendered set (see `open_dataset`).
        sweep: id of the sweep that the run is a part of; None for a run of its own.
        decided: whether decisions about doubtful photos count (see `asl_core.decisions`): those
            that are there when the run is asked for.
    """

    config: TrainConfig
    split: SplitName
    data: str
    sweep: str | None = None
    decided: bool = True

    @property
    def rendered(self) -> bool:
        """Whether the pictures are drawn by a program, not photos."""
        return is_rendered(self.data) or self.split == "drawn"

    def to_json(self) -> dict[str, Any]:
        """The spec as JSON types; `from_json` takes it back."""
        return {**asdict(self), "config": self.config.to_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "RunSpec":
        """The spec of `to_json`."""
        return cls(**{**values, "config": TrainConfig.from_json(values["config"])})


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
        kept_epoch: the epoch whose weights are kept, from 1: the last one, or the best one if the
            training ended early.
        ended: `all epochs`, or why it ended early: `stop`, `early stopping`, `time limit`.
        seconds: time for `load`, `fit`, `evaluate` and `total`.
        decisions: that changed the dataset: photos with another label than their folder's, and
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
    kept_epoch: int
    ended: str
    seconds: dict[str, float]
    decisions: Decisions = field(default_factory=Decisions)

    @property
    def stopped(self) -> bool:
        """Whether the training ended before its last epoch was done."""
        return self.ended != "all epochs"

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
        decisions = Decisions.from_json(values.get("decisions", {"history": ()}))
        return cls(**{**values, "classes": tuple(values["classes"]), "decisions": decisions})


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


class RunStore:
    """The folder of runs: `<root>/<run-id>/`.

    Args:
        root: made on first use.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).resolve()

    def list(self) -> tuple[Run, ...]:
        """Finished runs, newest first. Damaged ones are left out (see `damaged`)."""
        return tuple(run for run_id in self._ids() if (run := self._readable(run_id)))

    def damaged(self) -> tuple[str, ...]:
        """Ids of runs whose files are not those that the manifest lists, newest first."""
        return tuple(run_id for run_id in self._ids() if not self._readable(run_id))

    def load(self, run_id: str) -> Run:
        """One run, every byte checked against its manifest.

        Raises:
            RunNotFoundError: there is no such run.
            DamagedRunError: a file is missing or has changed.
        """
        return open_run(self._folder(run_id))

    def delete(self, run_id: str) -> None:
        """Remove a run, damaged or not.

        Raises:
            RunNotFoundError: there is no such run.
            RunError: the disk does not let it.
        """
        folder, staging = self._folder(run_id), self.root / STAGING
        try:
            remove_at_once(staging / run_id, staging)  # left by who died while publishing
            remove_at_once(folder, staging)
        except OSError as error:
            raise RunError(f"Run {run_id} can't be deleted: {error.strerror}.") from error

    def _folder(self, run_id: str) -> Path:
        if not _RUN_ID.fullmatch(run_id) or not (self.root / run_id).is_dir():
            raise RunNotFoundError(f"There is no run {run_id} in {self.root}.")
        return self.root / run_id

    def _ids(self) -> tuple[str, ...]:
        if not self.root.is_dir():
            return ()
        names = (path.name for path in self.root.iterdir())
        return tuple(sorted(filter(_RUN_ID.fullmatch, names), reverse=True))

    def _readable(self, run_id: str) -> Run | None:
        try:
            return _read(self.root / run_id, check_content=False)
        except DamagedRunError:
            return None


def open_run(folder: Path) -> Run:
    """A run by its folder, every byte checked against its manifest.

    Raises:
        DamagedRunError: a file is missing or has changed.
    """
    return _read(folder, check_content=True)


def seal(folder: Path) -> None:
    """Write the manifest of a run's files as the last of them, all flushed to the disk."""
    files = {
        name: {"size": (folder / name).stat().st_size, "sha256": sha256(folder / name)}
        for name in RUN_FILES
    }
    flush_folder(folder)
    write_json(folder / MANIFEST, {"schema": SCHEMA, "files": files})
    flush_folder(folder)


def _read(folder: Path, check_content: bool) -> Run:
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["schema"] != SCHEMA:
            raise DamagedRunError(
                f"Run {folder.name} has schema {manifest['schema']}, not {SCHEMA}."
            )
        for name in RUN_FILES:
            _check_file(folder, name, manifest["files"][name], check_content)
        run = Run(
            id=folder.name,
            folder=folder,
            spec=RunSpec.from_json(json.loads((folder / "config.json").read_text())),
            results=RunResults.from_json(json.loads((folder / "results.json").read_text())),
        )
        _ = run.created  # an id that names no time is none of ours
        return run
    except (OSError, KeyError, TypeError, ValueError, ConfigError) as error:
        raise DamagedRunError(
            f"Run {folder.name} is damaged ({error}). Delete it and train again."
        ) from error


def _check_file(folder: Path, name: str, listed: Mapping[str, Any], check_content: bool) -> None:
    path = folder / name
    same = path.stat().st_size == listed["size"]
    if same and check_content:
        same = sha256(path) == listed["sha256"]
    if not same:
        raise DamagedRunError(
            f"Run {folder.name} is damaged: {name} is not what was saved. "
            "Delete it and train again."
        )
