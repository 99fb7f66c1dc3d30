"""Trainings of any kind in this process: a sweep, the fastest way on one machine, or one again."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from asl_core.config import SplitName
from asl_core.data.dataset import Source
from asl_core.data.source import open_dataset
from asl_core.data.splits import default_split
from asl_core.errors import RunError, TaskGoneError, TrainingError
from asl_core.evaluation.accuracy_summary import AccuracySummary
from asl_core.evaluation.generalization import EXTERNAL_TEST, run_external_test, save_external_test
from asl_core.evaluation.repeats import kinds_of, repeat_all
from asl_core.jobs.checks import check_tasks
from asl_core.progress import OnShare, Progress, part
from asl_core.runs.pending import PendingRun, new_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.runs.train import Watch, run_training
from asl_core.settings import settings
from asl_core.sweeps.sweep import Grid, Sweep, read_sweeps
from asl_core.sweeps.trials import run_trial

OnSweep: TypeAlias = Callable[[int, Progress | None], None]
"""Told how many trainings of a sweep are over, and how far the one under way is."""


def run_sequentially(
    store: RunStore, specs: Iterable[RunSpec], on_progress: OnSweep | None = None
) -> Sweep:
    """Train the runs of a sweep in this process, one after the other, with the same warm graphs.

    All are put down before the first begins, so that the pages show how far the sweep is, and what
    is left after an interruption can be resumed. A training that fails is kept with its reason.

    Args:
        store: where the runs will be.
        specs: from `Grid.specs` or `search.prepare`, of one sweep.
        on_progress: told how many trainings are over, and of the progress of the one under way.

    Returns:
        The sweep.
    """
    many = [new_pending(store, spec) for spec in specs]
    for pending in many:
        pending.claim()
    sweep_id = many[0].request.group
    for done, pending in enumerate(many):

        def tell(step: str, progress: Progress | None, done: int = done) -> None:
            if on_progress:
                on_progress(done, progress)

        with suppress(TrainingError, TaskGoneError), pending.working():  # or it was canceled
            _train(pending, tell)
        pending.submitted.release()
    return next((sweep for sweep in read_sweeps(store) if sweep.id == sweep_id), Sweep(sweep_id))


def train_grid(
    data: Source | Path | str,
    grid: Grid,
    split: SplitName | None = None,
    runs: Path | str | None = None,
    on_progress: OnSweep | None = None,
) -> Sweep:
    """Train every setting of a grid, in this process, and publish the runs.

    Args:
        data: folder with one sub-folder of images per class, or `rendered:...`.
        grid: what to try.
        split: as for `train`.
        runs: folder of the runs; None: `ASL_RUNS_DIR`.
        on_progress: as for `run_sequentially`.

    Returns:
        The sweep with its results.

    Raises:
        DatasetError: the images can't be used.
    """
    dataset = open_dataset(data)
    store = RunStore(runs or settings().runs_dir)
    return run_sequentially(
        store, grid.specs(split or default_split(dataset), dataset.source), on_progress
    )


def resume(pending: PendingRun, watch: Watch | None = None) -> Run | None:
    """Go on with an interrupted or failed run, in this process, from its last checkpoint.

    Returns:
        The finished run; None if it was a trial of a search that came to nothing.

    Raises:
        RunError: somebody else is at it.
        TaskGoneError: it has been dismissed.
    """
    if not pending.claim():
        raise RunError(f"Run {pending.id} is under way. Watch it, or stop it.")
    try:
        with pending.working():
            return _train(pending, watch)
    finally:
        pending.submitted.release()


def check_accuracy(run: Run, on_progress: OnShare | None = None) -> AccuracySummary:
    """Do in this process what `check_tasks` has workers do: train a run's settings with other seeds
    and on blocks of frames, and test it on the external test sets. All is kept with the run.

    Args:
        run: the run; its images must be where they were.
        on_progress: told the share of the trainings that is done.

    Raises:
        DatasetError: images can't be read, or are others by now.
        TrainingError: a training diverged.
    """
    for task in check_tasks(run):
        if task.request.kind == EXTERNAL_TEST:
            told = task.request.arguments
            found = run_external_test(run, open_dataset(told["source"]))
            save_external_test(run, told["name"], found)
    dataset, kinds = open_dataset(run.spec.source), kinds_of(run)
    for i, kind in enumerate(kinds):
        tell = part(on_progress or (lambda share: None), i / len(kinds), (i + 1) / len(kinds))
        repeat_all(run, dataset, kind, tell)
    return AccuracySummary.of(run)


def _train(pending: PendingRun, watch: Watch | None) -> Run | None:
    """A training, or a trial of a search. The caller is `working` on it."""
    if pending.spec.is_trial:
        return run_trial(pending, watch)
    return run_training(pending, watch)
