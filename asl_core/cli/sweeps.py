"""`sweep` and `search` of the command line. Both train in this process, with the same warm graphs:
on one machine there is no faster way."""

import json
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table

from asl_core.cli.options import (
    AsJson,
    BatchNorm,
    BatchSize,
    ClassWeightsOption,
    CompareFraction,
    Data,
    Dropout,
    FeaturesOption,
    ImageSize,
    KernelSize,
    Optimizer,
    Preset,
    Runs,
    Schedule,
    SplitOption,
    parse_filters,
    preset_with,
)
from asl_core.cli.sources import open_source
from asl_core.config import SplitName, TrainConfig
from asl_core.data import default_split
from asl_core.data.dataset import Source
from asl_core.data.label_corrections import load_label_corrections
from asl_core.data.trainable import training_data
from asl_core.progress import Progress
from asl_core.runs.describe import describe_config
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.sweeps.search import Search, SearchFolder, prepare
from asl_core.sweeps.sweep import VALIDATION_SHARE, Grid, SettingResult, Sweep


def sweep(
    data: Data = None,
    runs: Runs = None,
    filters: Annotated[
        list[str] | None, typer.Option(help="Of two or three conv layers, such as 5,15. Repeat it.")
    ] = None,
    epochs: Annotated[list[int] | None, typer.Option(help="Repeat it.")] = None,
    learning_rates: Annotated[
        list[float] | None, typer.Option(help="Repeat it. Default: as for train.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Runs of each configuration.")] = 3,
    preset: Preset = None,
    features: FeaturesOption = None,
    hidden: Annotated[
        list[int] | None, typer.Option(help="On landmarks: hidden units. Repeat it.")
    ] = None,
    kernel_size: KernelSize = None,
    dropout: Dropout = None,
    batch_norm: BatchNorm = None,
    image_size: ImageSize = None,
    schedule: Schedule = None,
    batch_size: BatchSize = None,
    optimizer: Optimizer = None,
    validation_fraction: CompareFraction = VALIDATION_SHARE,
    class_weights: ClassWeightsOption = None,
    split: SplitOption = None,
    as_json: AsJson = False,
) -> None:
    """Train every setting of a grid, each with several seeds, and compare them."""
    listed = {"filters": None, "hidden": None, "epochs": None}  # those are of the grid
    base = preset_with(preset, locals() | listed)
    grid = Grid(
        filters=tuple(map(parse_filters, filters)) if filters else (base.filters,),
        hidden=tuple(hidden or [base.hidden]),
        epochs=tuple(epochs or [base.epochs]),
        learning_rates=tuple(learning_rates or [base.learning_rate]),
        seeds=tuple(range(seeds)),
        base=replace(base, learning_rate=None),
    )
    store = RunStore(runs or settings().runs_dir)
    source, split = _training_data(store, data, split, base)
    _tell(_train(store, grid.specs(split, source)), {}, as_json)


def search(
    data: Data = None,
    runs: Runs = None,
    trials: Annotated[int, typer.Option(help="Runs to start.")] = 20,
    minutes: Annotated[float, typer.Option(help="Time for all of them.")] = 5,
    max_epochs: Annotated[int, typer.Option(help="Largest number of epochs to try.")] = 5,
    seed: int = 0,
    validation_fraction: CompareFraction = VALIDATION_SHARE,
    split: SplitOption = None,
    as_json: AsJson = False,
) -> None:
    """Look for good settings with Optuna: the best of some trainings within some minutes."""
    wanted = Search(trials, minutes, max_epochs, seed, validation_fraction)
    store = RunStore(runs or settings().runs_dir)
    source, split = _training_data(store, data, split, wanted.base)
    done = _train(store, prepare(store, wanted, split, source))
    status = SearchFolder(store, done.id).status()
    ended = {"given_up": status.given_up, "cut_short": status.cut_short}
    _tell(done, {"trials": status.complete, **ended}, as_json)


def _training_data(
    store: RunStore, data: str | None, split: SplitName | None, config: TrainConfig
) -> tuple[Source, SplitName]:
    """Both as given or by default, once the first training is known not to fail on them."""
    dataset = open_source(data)
    name = split or default_split(dataset)
    training_data(dataset, name, load_label_corrections(store.root), config)
    return dataset.source, name


def _train(store: RunStore, specs: tuple[RunSpec, ...]) -> Sweep:
    from asl_core.jobs.local import run_sequentially

    console = Console(stderr=True)
    with Bar(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(specs))

        def advance(done: int, progress: Progress | None) -> None:
            share = progress.fraction_done if progress else 0.0
            text = f"Training {done + 1} of {len(specs)}"
            bar.update(task, completed=done + share, description=text)

        return run_sequentially(store, specs, advance)


def _tell(done: Sweep, more: dict[str, Any], as_json: bool) -> None:
    best = done.best
    report = {
        "sweep": done.id,
        "runs": len(done.runs),
        "failed": len(done.in_phase("failed")),
        **more,
        "chosen_by": "validation" if done.by_validation else "test",
        "settings": [_setting(result) for result in done.results],
        "best": best and {**_setting(best), "test_accuracy": best.test_accuracy},
    }
    if as_json:
        print(json.dumps(report, indent=2))
        return
    _print_table(done, str(report["chosen_by"]))
    numbers = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in more.items())
    print(f"{done.id}: {report['runs']} runs, {report['failed']} failed. {numbers}")
    if best:
        setting, run = describe_config(best.config, seed=False), best.median_run
        print(f"best: {setting}; {best.test_accuracy:.4f} on the test images; {run.id}")


def _print_table(done: Sweep, part: str) -> None:
    table = Table("settings", f"median {part} accuracy", "lowest", "highest", "n")
    for result in sorted(done.results, key=lambda result: -result.median):
        scores = (result.median, result.low, result.high)
        table.add_row(
            describe_config(result.config, seed=False),
            *(f"{x:.4f}" for x in scores),
            str(len(result.runs)),
        )
    Console().print(table)


def _setting(result: SettingResult) -> dict[str, Any]:
    shown = (
        *("features", "filters", "kernel_size", "dropout", "batch_norm", "image_size", "hidden"),
        *("epochs", "batch_size", "optimizer", "schedule"),
    )
    return {
        **{name: value for name, value in result.config.to_json().items() if name in shown},
        "learning_rate": result.config.rate,
        "median": result.median,
        "lowest": result.low,
        "highest": result.high,
        "runs": [run.id for run in result.runs],
    }
