"""Looks for good settings: what is asked for, and how far it is. Optuna does it, in the workers.

`<runs>/.studies/<sweep-id>/` holds `search.json` (what was asked for), `study.log`
(Optuna's journal), `deadline.json` (once the first trial has begun) and `status.json` (counts, for
the pages). Each trial is a run on its way like any other, whose settings are chosen when its turn
comes.
"""

import time
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AliasChoices, Field

from asl_core.config import SplitName, TrainConfig
from asl_core.data.dataset import Source
from asl_core.errors import ConfigError, FileError, MissingFileError, RunError, RunNotFoundError
from asl_core.files import disk_errors_as, read_json, write_json
from asl_core.runs.run import SEARCH, RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_EPOCHS, MAX_SEARCH_MINUTES, MAX_SWEEP_RUNS
from asl_core.sweeps.sweep import VALIDATION_SHARE, new_sweep_id

T = TypeVar("T")

STUDIES = ".studies"

LEAST_SHARE = 0.05
"""Least share of the training images that a search puts aside: it has nothing else to go by."""


@dataclass(frozen=True)
class Search:
    """The best of `trials` trainings within `minutes`.

    Args:
        trials: trainings to begin, 1 to `MAX_SWEEP_RUNS`.
        minutes: from the start of the first one, above 0, at most `MAX_SEARCH_MINUTES`.
        max_epochs: largest number of epochs to try.
        seed: of the choice of settings, and of every training.
        validation_fraction: share of the training images by which the trainings are judged.

    Raises:
        ConfigError: names the first value that is out of its range, and the range.
    """

    trials: int = 20
    minutes: float = 5
    max_epochs: int = 5
    seed: int = 0
    validation_fraction: Annotated[
        float, Field(validation_alias=AliasChoices("validation_fraction", "validation_share"))
    ] = VALIDATION_SHARE

    def __post_init__(self) -> None:
        for name, low, high in (
            ("trials", 1, MAX_SWEEP_RUNS),
            ("minutes", 0.01, MAX_SEARCH_MINUTES),
            ("max_epochs", 1, MAX_EPOCHS),
            ("validation_fraction", LEAST_SHARE, 0.5),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(
                    f"{name} must be from {low} to {high}. Received: {getattr(self, name)}"
                )
        _ = self.base

    @property
    def base(self) -> TrainConfig:
        """What a trial has until its settings are chosen."""
        return TrainConfig(
            epochs=self.max_epochs, seed=self.seed, validation_fraction=self.validation_fraction
        )


@dataclass(frozen=True)
class SearchStatus:
    """How far a search is.

    Attributes:
        complete: trials that were trained to their end.
        given_up: trials that were ended early, as others were better by then, or that diverged.
        cut_short: trials that were under way when the time was over.
    """

    complete: int = 0
    given_up: int = 0
    cut_short: int = 0

    def __post_init__(self) -> None:
        if min(self.complete, self.given_up, self.cut_short) < 0:
            raise ValueError("a count is below 0")


@dataclass(frozen=True)
class _Deadline:
    """When the time of a search is over."""

    unix_seconds: float

    def __post_init__(self) -> None:
        if not isfinite(self.unix_seconds):
            raise ValueError("unix_seconds is no time")


class SearchFolder:
    """The files of a search.

    Args:
        store: where its runs are.
        sweep_id: its id.
    """

    def __init__(self, store: RunStore, sweep_id: str) -> None:
        self.store, self.id = store, sweep_id
        self.path = store.root / STUDIES / sweep_id

    @property
    def journal(self) -> Path:
        """Where Optuna keeps the study."""
        return self.path / "study.log"

    def search(self) -> Search:
        """What was asked for.

        Raises:
            RunNotFoundError: there is no such search.
            RunError: its file is damaged.
        """
        search = self._read("search.json", Search)
        if search is None:
            raise RunNotFoundError(f"There is no search {self.id}.", self.path)
        return search

    def status(self) -> SearchStatus:
        """How far it is.

        Raises:
            RunError: its file is damaged.
        """
        return self._read("status.json", SearchStatus) or SearchStatus()

    def write_status(self, status: SearchStatus) -> None:
        """Tell everybody who watches."""
        self._write("status.json", asdict(status))

    def seconds_left(self) -> float | None:
        """Time that is left, below 0 if it is over; None before the first trial has begun.

        Raises:
            RunError: its file is damaged.
        """
        deadline = self._read("deadline.json", _Deadline)
        return None if deadline is None else deadline.unix_seconds - time.time()

    def start_clock(self) -> float:
        """As `seconds_left`; the first trial starts the time."""
        left = self.seconds_left()
        if left is None:
            left = 60 * self.search().minutes
            self._write("deadline.json", {"unix_seconds": time.time() + left})
        return left

    def restart_clock(self) -> None:
        """Give the rest of the trials the whole time again.

        Raises:
            RunError: its folder can't be written.
        """
        with disk_errors_as(RunError, f"Search {self.id} can't continue", self.path):
            (self.path / "deadline.json").unlink(missing_ok=True)

    def _read(self, name: str, kind: type[T]) -> T | None:
        try:
            return read_json(self.path / name, kind)
        except MissingFileError:
            return None
        except FileError as error:
            raise RunError(f"Search {self.id} can't be used: {error}", self.path) from error

    def _write(self, name: str, values: dict[str, float]) -> None:
        with disk_errors_as(RunError, f"Search {self.id} can't be saved", self.path):
            write_json(self.path / name, values)


def prepare(
    store: RunStore, search: Search, split: SplitName, source: Source
) -> tuple[RunSpec, ...]:
    """Write down what a new search is to do.

    Args:
        store: where its runs will be.
        search: what is asked for.
        split: how training and test images are told apart.
        source: of the dataset, as the workers see it.

    Returns:
        One spec per trial, to be queued by `sweep.submit` or trained by `in_turn.run_sequentially`.
        The config of each is chosen when its turn comes.

    Raises:
        RunError: the folder of the runs can't be written.
    """
    folder = SearchFolder(store, new_sweep_id(SEARCH))
    with disk_errors_as(RunError, "The search can't be saved", folder.path):
        folder.path.mkdir(parents=True)
        write_json(folder.path / "search.json", asdict(search))
    spec = RunSpec(search.base, split, source.text, folder.id, marked=source.marked)
    return (spec,) * search.trials
