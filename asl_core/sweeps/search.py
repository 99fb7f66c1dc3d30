"""Looks for good settings: what is asked for, and how far it is. Optuna does it, in the workers.

`<runs>/.studies/<sweep-id>/` holds `search.json` (what was asked for), `study.log`
(Optuna's journal), `deadline.json` (once the first trial has begun) and `status.json` (counts, for
the pages). Each trial is a run on its way like any other, whose settings are chosen when its turn
comes.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from asl_core.config import SplitName, TrainConfig
from asl_core.errors import ConfigError, RunNotFoundError
from asl_core.files import replacing, write_json
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_EPOCHS, MAX_SEARCH_MINUTES, MAX_SWEEP_RUNS
from asl_core.sweeps.sweep import SEARCH, VALIDATION_SHARE, new_sweep_id

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
    validation_fraction: float = VALIDATION_SHARE

    def __post_init__(self) -> None:
        for name, low, high in (
            ("trials", 1, MAX_SWEEP_RUNS),
            ("minutes", 0.01, MAX_SEARCH_MINUTES),
            ("max_epochs", 1, MAX_EPOCHS),
            ("validation_fraction", LEAST_SHARE, 0.5),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(
                    f"{name} is from {low} to {high}. Received: {getattr(self, name)}"
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
        """
        try:
            return Search(**json.loads((self.path / "search.json").read_text()))
        except FileNotFoundError:
            raise RunNotFoundError(f"There is no search {self.id} in {self.store.root}.") from None

    def status(self) -> SearchStatus:
        """How far it is."""
        return SearchStatus(**self._read_json("status.json"))

    def write_status(self, status: SearchStatus) -> None:
        """Tell everybody who watches."""
        write_json(self.path / "status.json", asdict(status))

    def seconds_left(self) -> float | None:
        """Time that is left, below 0 if it is over; None before the first trial has begun."""
        deadline = self._read_json("deadline.json").get("unix_seconds")
        return None if deadline is None else deadline - time.time()

    def start_clock(self) -> float:
        """As `seconds_left`; the first trial starts the time."""
        left = self.seconds_left()
        if left is None:
            left = 60 * self.search().minutes
            write_json(self.path / "deadline.json", {"unix_seconds": time.time() + left})
        return left

    def restart_clock(self) -> None:
        """Give the rest of the trials the whole time again."""
        (self.path / "deadline.json").unlink(missing_ok=True)

    def _read_json(self, name: str) -> Mapping[str, Any]:
        try:
            values: dict[str, Any] = json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return {}
        return values


def prepare(store: RunStore, search: Search, split: SplitName, data: str) -> tuple[RunSpec, ...]:
    """Write down what a new search is to do.

    Args:
        store: where its runs will be.
        search: what is asked for.
        split: how training and test photos are told apart.
        data: folder of the photos, as the workers see it.

    Returns:
        One spec per trial, to be queued by `sweep.submit` or trained by `in_turn.run_sequentially`.
        The config of each is chosen when its turn comes.
    """
    folder = SearchFolder(store, new_sweep_id(SEARCH))
    folder.path.mkdir(parents=True)
    with replacing(folder.path / "search.json") as file:
        file.write(json.dumps(asdict(search)).encode())
    return (RunSpec(search.base, split, data, folder.id),) * search.trials
