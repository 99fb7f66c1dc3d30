"""Commands about trainings: start one, follow it, go on with it, list all."""

import json
import time
from typing import Any

from asl_core.cli.options import (
    AsJson,
    BatchNorm,
    BatchSize,
    Brightness,
    ClassWeightsOption,
    Data,
    Dropout,
    Epochs,
    FeaturesOption,
    Filters,
    Hidden,
    Honest,
    IgnoreCorrections,
    ImageSize,
    KernelSize,
    LearningRate,
    Mirror,
    Optimizer,
    Patience,
    Preset,
    Rotation,
    Runs,
    Schedule,
    Shift,
    SplitOption,
    UnfinishedName,
    ValidationFraction,
    Zoom,
    preset_with,
)
from asl_core.cli.reports import (
    run_line,
    unfinished_line,
    unfinished_report,
)
from asl_core.cli.sources import open_source
from asl_core.cli.terminal import bar, show, training_bar
from asl_core.errors import TrainingError
from asl_core.jobs.queue import waiting_tasks
from asl_core.runs.describe import run_json
from asl_core.runs.pending import PendingRun, find_pending, list_pending
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import settings

WATCH_SECONDS = 0.5


def train(
    data: Data = None,
    runs: Runs = None,
    preset: Preset = None,
    features: FeaturesOption = None,
    hidden: Hidden = None,
    epochs: Epochs = None,
    filters: Filters = None,
    kernel_size: KernelSize = None,
    dropout: Dropout = None,
    batch_norm: BatchNorm = None,
    image_size: ImageSize = None,
    schedule: Schedule = None,
    batch_size: BatchSize = None,
    optimizer: Optimizer = None,
    learning_rate: LearningRate = None,
    seed: int = 2,
    shift: Shift = None,
    rotation: Rotation = None,
    zoom: Zoom = None,
    brightness: Brightness = None,
    mirror: Mirror = None,
    validation_fraction: ValidationFraction = 0,
    patience: Patience = 0,
    class_weights: ClassWeightsOption = None,
    split: SplitOption = None,
    ignore_corrections: IgnoreCorrections = False,
    honest: Honest = False,
    as_json: AsJson = False,
) -> None:
    """Train a small network on photos or rendered images, and save the run."""
    config = preset_with(preset, locals())
    source = open_source(data).source
    from asl_core.runs.train import train as train_here

    store = runs or settings().runs_dir
    with training_bar() as watch:
        run = train_here(source, config, split, store, watch, not ignore_corrections)
    show(run_json(run) | (_checked(run) if honest else {}), as_json)


def _checked(run: Run) -> dict[str, Any]:
    """What the checks of a run's accuracy find, as JSON types."""
    from asl_core.jobs.local import check_accuracy

    with bar("Checking the accuracy") as advance:
        return check_accuracy(run, lambda share: advance(share, "Checking the accuracy")).to_json()


def resume(run: UnfinishedName, runs: Runs = None, as_json: AsJson = False) -> None:
    """Go on with an interrupted or failed training from its last checkpoint, here."""
    pending = find_pending(RunStore(runs or settings().runs_dir), run)
    from asl_core.jobs.local import resume

    with training_bar() as watch:
        finished = resume(pending, watch)
    if finished is None:
        raise TrainingError(
            f"Run {run} was a trial of a search that was pruned or ran out of time."
        )
    show(run_json(finished), as_json)


def watch(run: UnfinishedName, runs: Runs = None, as_json: AsJson = False) -> None:
    """Follow a training that somebody else started, until it ends."""
    store = RunStore(runs or settings().runs_dir)
    with training_bar() as advance:
        pending = PendingRun(store, run)
        while (state := pending.state()).active:
            advance(state.step or state.phase, state.progress)
            time.sleep(WATCH_SECONDS)
    if state.resumable:
        raise TrainingError(f"Run {run}: {state.error or state.phase}.")
    show(run_json(store.load(run)), as_json)


def list_runs(runs: Runs = None, as_json: AsJson = False) -> None:
    """List all trainings: those that are not finished, then the runs, newest first."""
    store = RunStore(runs or settings().runs_dir)
    waiting = waiting_tasks(store.root)
    states = [(pending, pending.state()) for pending in list_pending(store)]
    unfinished = [
        unfinished_report(pending, state, waiting)
        for pending, state in states
        if state.active or state.resumable  # else it has been finished meanwhile, and comes below
    ]
    finished = [run_json(run) for run in store.list()]
    if as_json:
        print(json.dumps({"unfinished": unfinished, "runs": finished}, indent=2))
        return
    for line in (*map(unfinished_line, unfinished), *map(run_line, finished)):
        print(line)


def workers() -> None:
    """Serve trainings on this machine to the process that starts this, and end with it: print a
    scheduler's address, and the key to it."""
    from asl_core.jobs.cluster import run_workers

    run_workers()
