"""A run as a value: what was asked for, what came of it, and where its files are."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, Field

from asl_core.config import StoredSplit, TrainConfig
from asl_core.data.dataset import Source
from asl_core.data.label_corrections import LabelCorrections
from asl_core.errors import DamagedRunError, FileError, MissingFileError, RunError, RunNotFoundError
from asl_core.files import disk_errors_as, read_bytes, read_json, write_json, write_text
from asl_core.progress import History, StopReason
from asl_core.runs.lesson import LessonMark, one_line
from asl_core.runs.owner import check_may_change_run
from asl_core.runs.predictions import Predictions, read_predictions
from asl_core.settings import MAX_EPOCHS, MAX_TITLE

T = TypeVar("T")

TITLE = "title.txt"
"""What people call a run: beside its manifest, not one of its sealed files."""

TIMES = ("load", "fit", "evaluate", "total")
"""What the time of a run is told for."""

GRID, SEARCH = "grid", "search"
"""What the id of a sweep begins with: settings of a grid, or looked for by Optuna."""


@dataclass(frozen=True)
class RunSpec:
    """What was asked for: `config.json` of a run.

    Attributes:
        config: settings of the training.
        split: how training and test images were told apart.
        data: the text of `source`, as the worker sees it.
        sweep: id of the sweep that the run is a part of; None for a run of its own.
        use_corrections: whether decisions about doubtful images count (see
            `asl_core.data.label_corrections`): those that are there when the run is asked for.
        marked: whether `data` is a folder that is known to hold rendered images.
        check_accuracy: whether its accuracy is checked as soon as it is trained: the same settings
            with other seeds, on blocks of frames, and on external test sets.
        lesson: that it is a part of, and whose it is; None for a run of its own.
    """

    config: TrainConfig
    split: StoredSplit
    data: str
    sweep: str | None = None
    use_corrections: Annotated[
        bool, Field(validation_alias=AliasChoices("use_corrections", "decided"))
    ] = True
    marked: bool = False
    check_accuracy: bool = False
    lesson: LessonMark | None = None

    @property
    def source(self) -> Source:
        """Where the dataset comes from. Only rendered images can be split as such."""
        return Source(self.data, self.marked or self.split == "rendered")

    @property
    def rendered(self) -> bool:
        """Whether the images are rendered, not photos (see `Source`)."""
        return self.source.rendered

    @property
    def is_trial(self) -> bool:
        """Whether its settings are chosen by a search, when its turn comes."""
        return (self.sweep or "").startswith(SEARCH)

    def to_json(self) -> dict[str, Any]:
        """The spec as JSON types; `files.read_json` makes a spec of them again."""
        return {**asdict(self), "config": self.config.to_json()}


@dataclass(frozen=True)
class RunResults:
    """What came of it: `results.json` of a run.

    Attributes:
        classes: names of the classes, in the order of the model's outputs.
        fingerprint: of the dataset (see `Dataset.fingerprint`).
        train: images per class that were learned from.
        n_validation: training images that were put aside to watch the training.
        test: test images per class.
        train_correct: images learned from that the finished model gets right.
        test_correct: test images that it gets right.
        params: trained weights of the model.
        epochs: that were begun; fewer than asked for if the training ended early.
        best_epoch: whose weights are kept, from 1: the last one, or the best if it ended early.
        stop_reason: `all epochs`, or why it ended early: `stop`, `early stopping`, `time limit`.
        seconds: for `load`, `fit`, `evaluate` and `total`.
        corrections: relabeled images and those that were excluded. The counts are what is left.
        n_without_hand: training images that a run on landmarks left out: no hand was found.
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
    best_epoch: Annotated[int, Field(validation_alias=AliasChoices("best_epoch", "kept_epoch"))]
    stop_reason: Annotated[StopReason, Field(validation_alias=AliasChoices("stop_reason", "ended"))]
    seconds: dict[str, float]
    corrections: Annotated[
        LabelCorrections, Field(validation_alias=AliasChoices("corrections", "decisions"))
    ] = field(default_factory=LabelCorrections)
    n_without_hand: Annotated[int, Field(ge=0)] = 0

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

    def check(self) -> None:
        """See that the figures fit together.

        Raises:
            ValueError: names those that do not.
        """
        names = set(self.classes)
        counts = (*self.train.values(), *self.test.values(), self.n_validation, self.params)
        fits = {
            "classes": len(names) == len(self.classes) >= 2,
            "train and test": names == set(self.train) == set(self.test) and min(counts) >= 0,
            "train_correct": 0 <= self.train_correct <= self.n_train > 0,
            "test_correct": 0 <= self.test_correct <= self.n_test > 0,
            "best_epoch": 1 <= self.best_epoch <= self.epochs <= MAX_EPOCHS,
            "seconds": set(TIMES) <= set(self.seconds)
            and all(isfinite(value) and value >= 0 for value in self.seconds.values()),
        }
        if wrong := [name for name, right in fits.items() if not right]:
            raise ValueError(f"results: {', '.join(wrong)} can't be so")


@dataclass(frozen=True)
class Run:
    """A finished run: what was asked for, what came of it, and where its files are."""

    id: str
    folder: Path
    spec: RunSpec
    results: RunResults
    owner: str = ""  # see `asl_core.runs.owner`

    @property
    def created(self) -> datetime:
        """When the run was asked for (UTC)."""
        return datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)

    @property
    def model_file(self) -> Path:
        """The LiteRT model."""
        return self.folder / "model.tflite"

    def history(self) -> History:
        """Metrics of each epoch.

        Raises:
            RunNotFoundError, DamagedRunError: it was deleted meanwhile, or is not one of ours.
        """
        with self._reading():
            text = read_bytes(self.folder / "history.csv").decode()
            names, *rows = [row for row in csv.reader(text.splitlines()) if row]
            columns = zip(*[[float(cell) for cell in row] for row in rows], strict=True)
            history = dict(zip(names, map(list, columns), strict=True))
            epochs = history.pop("epoch")
            if not {"loss", "accuracy"} <= set(history) or len(epochs) < self.results.best_epoch:
                raise ValueError("history.csv has not the epochs that were trained")
        return history

    def predictions(self) -> Predictions:
        """The model's answers on the test images, checked against the results.

        Raises:
            RunNotFoundError: the run was deleted meanwhile.
            DamagedRunError: the file is not one of ours.
        """
        with self._reading():
            path = self.folder / "predictions.npz"
            return read_predictions(path, self.results.n_test, len(self.results.classes))

    @property
    def title(self) -> str:
        """What people call the run, one line; empty if it has no title, or one that can't be read,
        as that of a run which was deleted meanwhile."""
        try:
            text = read_bytes(self.folder / TITLE).decode(errors="replace")
        except FileError:  # not one of the run's sealed files: the run is as good without it
            return ""
        return one_line(text)[:MAX_TITLE]

    def rename(self, title: str) -> None:
        """Give the run a title. Its folder, its id and its sealed files stay as they are.

        Args:
            title: made one line, up to `MAX_TITLE` characters; empty takes it away.

        Raises:
            RunError: the title is too long, can't be written, or the run was deleted meanwhile.
            NotAllowedError: it is another's.
        """
        check_may_change_run(self.id, self.owner)
        title = one_line(title)
        if len(title) > MAX_TITLE:
            raise RunError(f"A title has at most {MAX_TITLE} characters. Received: {len(title)}")
        if not self.folder.is_dir():
            raise RunNotFoundError(f"Run {self.id} no longer exists.")
        file = self.folder / TITLE
        with disk_errors_as(RunError, f"Run {self.id} can't be renamed", file):
            if title:
                write_text(file, title)
            else:
                file.unlink(missing_ok=True)

    def artifact_file(self, name: str) -> Path:
        """Where something that was found about the finished run is kept.

        It is none of the files that the manifest lists: it may be deleted, and is found again.
        """
        return self.folder / f"{name}.json"

    def save_artifact(self, name: str, values: dict[str, Any]) -> None:
        """Keep what was found about the run, as JSON types.

        Raises:
            RunError: the run's folder can't be written.
        """
        path = self.artifact_file(name)
        with disk_errors_as(RunError, f"Results can't be saved with run {self.id}", path):
            write_json(path, values)

    def load_artifact(self, name: str, kind: type[T], *old_names: str) -> T | None:
        """What was found before; None if nobody has asked yet.

        Args:
            name: that `save_artifact` got.
            kind: of the value (see `files.read_json`).
            old_names: that earlier versions gave it.

        Raises:
            DamagedRunError: the file was changed by others.
        """
        for each in (name, *old_names):
            try:
                return read_json(self.artifact_file(each), kind)
            except MissingFileError:
                continue
            except FileError as error:
                raise DamagedRunError(
                    f"The results saved with run {self.id} can't be used: {error} "
                    "Delete that file and try again.",
                    self.artifact_file(each),
                ) from error
        return None

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (FileError, KeyError, TypeError, ValueError, csv.Error) as error:
            if not self.folder.is_dir():
                raise RunNotFoundError(f"Run {self.id} has been deleted.") from error
            raise DamagedRunError(
                f"Run {self.id} is damaged: {str(error).rstrip('.')}. Delete it and train again.",
                self.folder,
            ) from error
