"""Many trainings of one question: how they are queued, and what came of them.

A run that is a part of a sweep carries the sweep's id, and the run folders are all that is known
of it: which runs are finished, under way or interrupted.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import product
from math import prod
from statistics import median

from asl_core.config import SplitName, TrainConfig
from asl_core.data.dataset import Source
from asl_core.errors import ConfigError, RunError, RunNotFoundError
from asl_core.runs.pending import PendingRun, list_pending
from asl_core.runs.run import GRID, SEARCH, Run, RunSpec
from asl_core.runs.store import RunStore, new_run_id
from asl_core.settings import MAX_SWEEP_RUNS
from asl_core.task_state import TaskState
from asl_core.training.architecture import multiply_adds

_SWEEP_ID = re.compile(rf"(?:{GRID}|{SEARCH})-\d{{8}}-\d{{6}}-[0-9a-f]{{6,9}}")


def new_sweep_id(kind: str = GRID) -> str:
    """An id that tells what it is of, and when it was made."""
    return f"{kind}-{new_run_id()}"


VALIDATION_SHARE = 0.2
"""Share of the training images that a sweep puts aside to compare by, unless told otherwise."""


@dataclass(frozen=True)
class Grid:
    """Settings to try, each with each.

    Args:
        filters: of the convolutions; on landmarks there are none.
        hidden: units of the hidden layer on landmarks; None takes the base's.
        epochs: passes over the training images.
        learning_rates: None takes Keras's default for the optimizer.
        seeds: every setting is trained once with each.
        base: all other settings. A fifth of the training images is put aside unless told
            otherwise, since settings that are chosen by the test images look better than they are.

    Raises:
        ConfigError: there is nothing to try, a value is given twice, is out of its range, or there
            are more than `MAX_SWEEP_RUNS` runs.
    """

    filters: tuple[tuple[int, ...], ...] = ((5, 15),)
    hidden: tuple[int | None, ...] = field(default=(None,), kw_only=True)
    epochs: tuple[int, ...] = (1,)
    learning_rates: tuple[float | None, ...] = (None,)
    seeds: tuple[int, ...] = (0, 1, 2)
    base: TrainConfig = field(default=TrainConfig(validation_fraction=VALIDATION_SHARE))

    def __post_init__(self) -> None:
        for name in ("filters", "hidden", "epochs", "learning_rates", "seeds"):
            values = getattr(self, name)
            if not values:
                raise ConfigError(f"{name} is empty: give at least one value.")
            if len(set(values)) < len(values):
                raise ConfigError(f"{name} holds a value twice. Received: {values}")
        if len(self) > MAX_SWEEP_RUNS:
            raise ConfigError(
                f"This grid has {len(self)} runs, and a sweep has at most {MAX_SWEEP_RUNS}: try "
                "fewer values, or fewer seeds."
            )
        _ = self.configs

    def __len__(self) -> int:
        axes = (self.filters, self.hidden, self.epochs, self.learning_rates, self.seeds)
        return prod(map(len, axes))

    @property
    def configs(self) -> tuple[TrainConfig, ...]:
        """One config per run. Those of one architecture follow each other: its graph is kept."""
        return tuple(
            replace(
                self.base,
                filters=filters,
                hidden=hidden or self.base.hidden,
                epochs=epochs,
                learning_rate=rate,
                seed=seed,
            )
            for filters, hidden, epochs, rate, seed in product(
                self.filters, self.hidden, self.epochs, self.learning_rates, self.seeds
            )
        )

    def specs(self, split: SplitName, source: Source) -> tuple[RunSpec, ...]:
        """The runs of a new sweep over this grid."""
        sweep_id = new_sweep_id()
        return tuple(
            RunSpec(config, split, source.text, sweep_id, marked=source.marked)
            for config in self.configs
        )


def selection_score(run: Run) -> float:
    """Accuracy on the validation images, of the epoch that is kept; on the test images if none were
    put aside. 0 to 1."""
    if run.results.n_validation == 0:
        return run.results.test_accuracy
    return run.history()["val_accuracy"][run.results.best_epoch - 1]


@dataclass(frozen=True)
class SettingResult:
    """Runs whose settings differ in the seed alone.

    Attributes:
        config: their settings, with the first one's seed.
        runs: at least one, oldest first.
        scores: `selection_score` of each.
    """

    config: TrainConfig
    runs: tuple[Run, ...]
    scores: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median score, 0 to 1."""
        return median(self.scores)

    @property
    def low(self) -> float:
        """Lowest score."""
        return min(self.scores)

    @property
    def high(self) -> float:
        """Highest score."""
        return max(self.scores)

    @property
    def median_run(self) -> Run:
        """The run whose score is the median, or the next below it."""
        order = sorted(range(len(self.runs)), key=lambda i: self.scores[i])
        return self.runs[order[(len(order) - 1) // 2]]

    @property
    def test_accuracy(self) -> float:
        """Median accuracy on the test images, 0 to 1."""
        return median(run.results.test_accuracy for run in self.runs)


@dataclass(frozen=True)
class Sweep:
    """A sweep as its run folders tell it.

    Attributes:
        id: of the sweep.
        runs: the finished ones, oldest first.
        unfinished: the others with their states, oldest first.
    """

    id: str
    runs: tuple[Run, ...] = ()
    unfinished: tuple[tuple[PendingRun, TaskState], ...] = ()

    def __len__(self) -> int:
        return len(self.runs) + len(self.unfinished)

    @property
    def is_search(self) -> bool:
        """Whether settings are looked for, instead of taken from a grid."""
        return self.id.startswith(SEARCH)

    @property
    def active(self) -> bool:
        """Whether something is being done for it, or will be."""
        return any(status.active for _, status in self.unfinished)

    def in_phase(self, *phases: str) -> tuple[PendingRun, ...]:
        """Unfinished runs in one of these phases."""
        return tuple(pending for pending, status in self.unfinished if status.phase in phases)

    @property
    def made(self) -> datetime:
        """When it was asked for (UTC)."""
        return datetime.strptime(_made(self.id)[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)

    @property
    def by_validation(self) -> bool:
        """Whether the runs are compared on validation images; else it is on the test images."""
        return all(run.results.n_validation for run in self.runs)

    @cached_property
    def results(self) -> tuple[SettingResult, ...]:
        """Results per setting, in the order of the grid; without runs that somebody ended early."""
        groups: dict[TrainConfig, list[Run]] = {}
        for run in self.runs:
            if run.results.stop_reason in ("all epochs", "early stopping"):
                groups.setdefault(replace(run.spec.config, seed=0), []).append(run)
        return tuple(
            SettingResult(runs[0].spec.config, tuple(runs), tuple(map(selection_score, runs)))
            for runs in groups.values()
        )

    @property
    def best(self) -> SettingResult | None:
        """The setting with the highest median; of equals the one that takes the least work."""
        return min(self.results, key=lambda result: (-result.median, _work(result)), default=None)

    def cancel_rest(self) -> None:
        """Drop what has not begun, and end what is under way with what it has learned."""
        for pending, _ in self.unfinished:
            pending.cancel()


def _work(result: SettingResult) -> int:
    classes = len(result.runs[0].results.classes)
    return result.config.epochs * multiply_adds(result.config.architecture, classes)


def read_sweeps(store: RunStore, runs: Sequence[Run] | None = None) -> tuple[Sweep, ...]:
    """All sweeps, newest first.

    Args:
        store: where their runs are.
        runs: the finished ones, newest first, if they are known already.
    """
    unfinished: dict[str, list[tuple[PendingRun, TaskState]]] = {}
    for pending in list_pending(store):
        try:
            sweep_id = pending.spec.sweep or ""
            if _SWEEP_ID.fullmatch(sweep_id):
                unfinished.setdefault(sweep_id, []).append((pending, pending.state()))
        except RunError:  # it was published or discarded between the two looks
            continue
    finished: dict[str, list[Run]] = {}
    for run in reversed(store.list() if runs is None else runs):
        if _SWEEP_ID.fullmatch(run.spec.sweep or ""):
            finished.setdefault(str(run.spec.sweep), []).append(run)
    return tuple(
        _sweep(sweep_id, finished.get(sweep_id, ()), unfinished.get(sweep_id, ()))
        for sweep_id in sorted(unfinished.keys() | finished.keys(), key=_made, reverse=True)
    )


def _sweep(
    sweep_id: str, runs: Iterable[Run], unfinished: Iterable[tuple[PendingRun, TaskState]]
) -> Sweep:
    runs = tuple(runs)
    done = {run.id for run in runs}  # one may have been published since its state was read
    return Sweep(sweep_id, runs, tuple(item for item in unfinished if item[0].id not in done))


def find_sweep(store: RunStore, sweep_id: str) -> Sweep:
    """One sweep.

    Raises:
        RunNotFoundError: no run is a part of it.
    """
    for sweep in read_sweeps(store):
        if sweep.id == sweep_id:
            return sweep
    raise RunNotFoundError(f"There is no sweep {sweep_id}.", store.root)


def _made(sweep_id: str) -> str:
    """The part of an id that tells when it was made."""
    return sweep_id.partition("-")[2]
