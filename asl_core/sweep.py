"""Many trainings of one question: how they are queued, and what came of them.

A run that is a part of a sweep carries the sweep's id, and the run folders are all that is known
of it: which runs are finished, under way or interrupted.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING

from filelock import FileLock

from asl_core.architecture import multiply_adds
from asl_core.config import TrainConfig
from asl_core.errors import QueueFullError, RunError, RunNotFoundError
from asl_core.run import Run, RunSpec
from asl_core.runs import STAGING, RunStore, new_run_id
from asl_core.settings import MAX_SWEEPS
from asl_core.staging import StagedRun, Status, staged_runs

if TYPE_CHECKING:
    from asl_core.jobs import Jobs  # its tasks know of sweeps

GRID, SEARCH = "grid", "search"
_SWEEP_ID = re.compile(rf"(?:{GRID}|{SEARCH})-\d{{8}}-\d{{6}}-[0-9a-f]{{6,9}}")


def new_sweep_id(kind: str = GRID) -> str:
    """An id that tells what it is of, and when it was made."""
    return f"{kind}-{new_run_id()}"


def submit(
    jobs: "Jobs",
    store: RunStore,
    make_specs: Callable[[], Sequence[RunSpec]],
    visitor: str | None = None,
) -> str:
    """Queue the runs of a sweep; single trainings go before them.

    Args:
        jobs: the workers.
        store: where the runs will be.
        make_specs: asked once there is room; gives those of `Grid.specs` or `search.prepare`.
        visitor: who asks for it; None is not counted.

    Returns:
        Id of the sweep.

    Raises:
        QueueFullError: the visitor has a sweep under way, or too many are. Says what to do.
        JobError: the workers can't be started or reached.
    """
    (store.root / STAGING).mkdir(parents=True, exist_ok=True)
    with FileLock(store.root / STAGING / "sweep.lock"):
        _check_room(store, visitor)
        specs = make_specs()
        for spec in specs:
            jobs.submit(store, spec, visitor)
    assert specs[0].sweep
    return specs[0].sweep


def _check_room(store: RunStore, visitor: str | None) -> None:
    active = [sweep for sweep in read_sweeps(store) if sweep.active]
    for sweep in active:
        if visitor and any(staged.visitor == visitor for staged, _ in sweep.unfinished):
            raise QueueFullError(
                f"A sweep of yours is under way: {len(sweep.runs)} of {len(sweep)} runs are done. "
                "Wait for the rest, or cancel it."
            )
    if len(active) >= MAX_SWEEPS:
        raise QueueFullError(
            f"{len(active)} sweeps are under way already, and no more may. Try again when one has "
            "ended."
        )


def accuracy_to_choose_by(run: Run) -> float:
    """Accuracy on the validation images, of the epoch that is kept; on the test images if none were
    put aside. 0 to 1."""
    if run.results.n_validation == 0:
        return run.results.test_accuracy
    return run.history()["val_accuracy"][run.results.kept_epoch - 1]


@dataclass(frozen=True)
class Cell:
    """Runs whose settings differ in the seed alone.

    Attributes:
        config: their settings, with the first one's seed.
        runs: at least one, oldest first.
        scores: `accuracy_to_choose_by` of each.
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
    def middle_run(self) -> Run:
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
    unfinished: tuple[tuple[StagedRun, Status], ...] = ()

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

    def in_phase(self, *phases: str) -> tuple[StagedRun, ...]:
        """Unfinished runs in one of these phases."""
        return tuple(staged for staged, status in self.unfinished if status.phase in phases)

    @property
    def made(self) -> datetime:
        """When it was asked for (UTC)."""
        return datetime.strptime(_made(self.id)[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)

    @property
    def by_validation(self) -> bool:
        """Whether the runs are compared on validation images; else it is on the test images."""
        return all(run.results.n_validation for run in self.runs)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Results per setting, in the order of the grid; without runs that somebody ended early."""
        groups: dict[TrainConfig, list[Run]] = {}
        for run in self.runs:
            if run.results.ended in ("all epochs", "early stopping"):
                groups.setdefault(replace(run.spec.config, seed=0), []).append(run)
        return tuple(
            Cell(runs[0].spec.config, tuple(runs), tuple(map(accuracy_to_choose_by, runs)))
            for runs in groups.values()
        )

    @property
    def best(self) -> Cell | None:
        """The setting with the highest median; of equals the one that takes the least work."""
        return min(self.cells, key=lambda cell: (-cell.median, _work(cell)), default=None)

    def cancel_rest(self) -> None:
        """Drop what has not begun, and end what is under way with what it has learnt."""
        for staged, _ in self.unfinished:
            staged.cancel()

    def resume(self, jobs: "Jobs") -> None:
        """Go on with what is interrupted, and try again what has failed.

        Raises:
            JobError: the workers can't be started or reached.
        """
        for staged in self.in_phase("interrupted", "failed"):
            with suppress(RunNotFoundError):  # dropped by another visitor meanwhile
                jobs.resume(staged)


def _work(cell: Cell) -> int:
    classes = len(cell.runs[0].results.classes)
    return cell.config.epochs * multiply_adds(cell.config.filters, classes)


def read_sweeps(store: RunStore) -> tuple[Sweep, ...]:
    """All sweeps, newest first."""
    unfinished: dict[str, list[tuple[StagedRun, Status]]] = {}
    for staged in staged_runs(store):
        try:
            sweep_id = staged.spec.sweep or ""
            if _SWEEP_ID.fullmatch(sweep_id):
                unfinished.setdefault(sweep_id, []).append((staged, staged.status()))
        except RunError:  # it was published or discarded between the two looks
            continue
    finished: dict[str, list[Run]] = {}
    for run in reversed(store.list()):
        if _SWEEP_ID.fullmatch(run.spec.sweep or ""):
            finished.setdefault(str(run.spec.sweep), []).append(run)
    return tuple(
        _sweep(sweep_id, finished.get(sweep_id, ()), unfinished.get(sweep_id, ()))
        for sweep_id in sorted(unfinished.keys() | finished.keys(), key=_made, reverse=True)
    )


def _sweep(
    sweep_id: str, runs: Iterable[Run], unfinished: Iterable[tuple[StagedRun, Status]]
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
    raise RunNotFoundError(f"There is no sweep {sweep_id} in {store.root}.")


def _made(sweep_id: str) -> str:
    """The part of an id that tells when it was made."""
    return sweep_id.partition("-")[2]
