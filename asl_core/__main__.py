"""The core from the command line: `python -m asl_core COMMAND`, with `--json` for scripts."""

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

import asl_core
from asl_core import sweep_commands
from asl_core.config import (
    PRESETS,
    Augmentation,
    OptimizerName,
    ScheduleName,
    SplitName,
    TrainConfig,
)
from asl_core.datasets import default_split, download_photos, find_source, open_dataset, read_folder
from asl_core.datasets.splits import has_frames
from asl_core.errors import AslError, RunNotFoundError, TrainingError
from asl_core.queueing import waiting_runs
from asl_core.reports import (
    evaluation_report,
    prediction_report,
    run_line,
    run_report,
    unfinished_line,
    unfinished_report,
)
from asl_core.run import Run
from asl_core.run_table import row
from asl_core.runs import MANIFEST, RunStore, open_run
from asl_core.settings import MISSION_ARCHIVE, settings
from asl_core.staging import find_staged, staged_runs
from asl_core.terminal import bar, show, training_bar, warn

WATCH_SECONDS = 0.5

app = typer.Typer(
    help="See, train, doubt and share an image classifier of ASL letters.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Data = Annotated[
    str | None, typer.Option(help="Folder of photos, or rendered:... (default: as the app).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Runs = Annotated[Path | None, typer.Option(help="Folder of the runs (default: ASL_RUNS_DIR).")]
UnfinishedName = Annotated[str, typer.Argument(metavar="RUN", help="Id of an unfinished run.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id or folder of a run.")]
Filters = Annotated[tuple[int, int], typer.Option(help="Filters of both convolutions.")]


@app.command()
def train(
    data: Data = None,
    runs: Runs = None,
    epochs: int = 1,
    filters: Filters = (5, 15),
    schedule: ScheduleName = "constant",
    batch_size: Annotated[int | None, typer.Option(help="Default: 32, one-cycle 8.")] = None,
    optimizer: OptimizerName = "rmsprop",
    learning_rate: Annotated[
        float | None, typer.Option(help="Default: Keras's own, one-cycle 0.01 at its peak.")
    ] = None,
    seed: int = 2,
    shift: Annotated[float, typer.Option(help="Augment: largest move, share of side.")] = 0,
    rotation: Annotated[float, typer.Option(help="Augment: largest turn, degrees.")] = 0,
    zoom: Annotated[float, typer.Option(help="Augment: largest change of size, share.")] = 0,
    brightness: Annotated[float, typer.Option(help="Augment: largest change, share.")] = 0,
    mirror: Annotated[bool, typer.Option("--mirror", help="Augment: mirror half.")] = False,
    validation_share: Annotated[float, typer.Option(help="Share of images put aside.")] = 0,
    patience: Annotated[int, typer.Option(help="Epochs before early stopping; 0: off.")] = 0,
    split: Annotated[SplitName | None, typer.Option(help="Default: to fit the photos.")] = None,
    ignore_decisions: Annotated[
        bool, typer.Option("--ignore-decisions", help="Use labels and photos as they are.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train the mission's CNN on photos or rendered pictures, and save the run."""
    usual = PRESETS[schedule]
    config = TrainConfig(
        epochs=epochs,
        filters=filters,
        batch_size=usual.batch_size if batch_size is None else batch_size,
        optimizer=optimizer,
        learning_rate=usual.learning_rate if learning_rate is None else learning_rate,
        seed=seed,
        schedule=schedule,
        augmentation=Augmentation(shift, rotation, zoom, brightness, mirror),
        validation_share=validation_share,
        patience=patience,
    )
    dataset = open_dataset(data or find_source())
    warn(dataset.skipped)
    split = split or default_split(dataset)
    with training_bar() as watch:
        run = asl_core.train(
            dataset.source,
            config,
            split,
            runs or settings().runs_dir,
            watch,
            decided=not ignore_decisions,
        )
    show(run_report(run), as_json)


@app.command()
def resume(run: UnfinishedName, runs: Runs = None, as_json: AsJson = False) -> None:
    """Go on with an interrupted or failed training from its last checkpoint, here."""
    staged = find_staged(RunStore(runs or settings().runs_dir), run)
    from asl_core.in_turn import resume

    with training_bar() as watch:
        finished = resume(staged, watch)
    if finished is None:
        raise TrainingError(f"Run {run} was a trial of a search, and was given up or out of time.")
    show(run_report(finished), as_json)


@app.command()
def watch(run: UnfinishedName, runs: Runs = None, as_json: AsJson = False) -> None:
    """Follow a training that somebody else started, until it ends."""
    store = RunStore(runs or settings().runs_dir)
    with training_bar() as advance:
        try:
            staged = find_staged(store, run)
            while (status := staged.status()).active:
                advance(status.phase, status.progress)
                time.sleep(WATCH_SECONDS)
        except RunNotFoundError:
            finished = store.load(run)  # or it was dismissed, and that is told
        else:
            raise TrainingError(f"Run {run}: {status.error or status.phase}.")
    show(run_report(finished), as_json)


@app.command()
def evaluate(
    run: RunName,
    data: Data = None,
    runs: Runs = None,
    known_only: Annotated[
        bool, typer.Option("--known-only", help="Leave out classes that the run does not know.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Test a run on all photos of a folder."""
    dataset = open_dataset(data or find_source())
    warn(dataset.skipped)
    show(evaluation_report(asl_core.evaluate(_find_run(run, runs), dataset, known_only)), as_json)


@app.command()
def assess(
    run: RunName,
    data: Data = None,
    also: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Photos of others; may be repeated.")
    ] = None,
    runs: Runs = None,
    as_json: AsJson = False,
) -> None:
    """Tell how far a run's accuracy can be believed. Trains five networks, the first time."""
    from asl_core.assessment import assess

    assessed = _find_run(run, runs)
    datasets = [open_dataset(source) for source in (data or find_source(), *(also or ()))]
    for dataset in datasets:
        warn(dataset.skipped)
    if not has_frames(datasets[0]):
        print("no frame blocks: the names of the photos have no numbers", file=sys.stderr)
    with bar("Frame blocks") as advance:
        assessment = assess(
            assessed, datasets[0], datasets[1:], lambda share: advance(share, "Frame blocks")
        )
    show(assessment.to_json(), as_json)


@app.command()
def predict(
    run: RunName,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    runs: Runs = None,
    as_json: AsJson = False,
) -> None:
    """Tell the letter of each photo. Ends with 1 if a file could not be read."""
    results = asl_core.predict(_find_run(run, runs), files)
    reports = [prediction_report(result) for result in results]
    if as_json:
        print(json.dumps(reports, indent=2))
    else:
        for report in reports:
            show(report, as_json=False)
    if any("error" in report for report in reports):
        raise typer.Exit(1)


@app.command()
def download(
    to: Annotated[Path | None, typer.Option(help="Folder to make.")] = None,
    url: Annotated[str, typer.Option(help="Zip with datasets/{A,B,C}/*.jpg.")] = MISSION_ARCHIVE,
    as_json: AsJson = False,
) -> None:
    """Get the mission's 3,000 photos, checked against their fingerprint."""
    with bar("Downloading") as advance:

        def on_bytes(here: int, total: int | None) -> None:
            advance(here / total if total else None, f"{here / 2**20:.1f} MB")

        folder = download_photos(to, url, on_bytes)
    show({"folder": str(folder), "photos": len(read_folder(folder))}, as_json)


@app.command()
def render(
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    letters: Annotated[str, typer.Option(help="Capital letters, a class each.")] = "ABC",
    count: Annotated[int, typer.Option(help="Pictures in all.")] = 2_000,
    seed: int = 0,
    size: Annotated[int, typer.Option(help="Side of the pictures in pixels.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Draw hands that sign letters, as a folder that can be trained on."""
    from asl_core.synthetic import render_folder

    with bar("Drawing") as advance:
        folder = render_folder(
            out,
            letters,
            count,
            seed,
            size=size,
            on_progress=lambda done, total: advance(done / total, f"{done} of {total}"),
        )
    show({"folder": str(folder), "pictures": count, "letters": letters}, as_json)


@app.command("runs")
def list_runs(runs: Runs = None, as_json: AsJson = False) -> None:
    """List all trainings: those that are not finished, then the runs, newest first."""
    store = RunStore(runs or settings().runs_dir)
    waiting, unfinished = waiting_runs(store), []
    for staged in staged_runs(store):
        with suppress(RunNotFoundError):  # it has been finished meanwhile, and comes below
            unfinished.append(unfinished_report(staged, staged.status(), waiting))
    finished = [row(run) for run in store.list()]
    if as_json:
        print(json.dumps({"unfinished": unfinished, "runs": finished}, indent=2))
        return
    for line in (*map(unfinished_line, unfinished), *map(run_line, finished)):
        print(line)


@app.command()
def compare(first: RunName, second: RunName, runs: Runs = None, as_json: AsJson = False) -> None:
    """Tell whether the first of two runs is better on their common test photos, beyond noise."""
    comparison = asl_core.Comparison.of(_find_run(first, runs), _find_run(second, runs))
    show(comparison.to_json(), as_json)


@app.command()
def workers() -> None:
    """Serve trainings on this machine: print a scheduler's address, end with standard input."""
    from asl_core.local_workers import run_workers

    run_workers()


app.command()(sweep_commands.sweep)
app.command()(sweep_commands.search)


def _find_run(name: str, runs: Path | None) -> Run:
    folder = Path(name).resolve()
    if folder.is_dir():
        if not (folder / MANIFEST).exists():
            raise RunNotFoundError(f"{folder} is not a run: it has no {MANIFEST}.")
        return open_run(folder)
    return RunStore(runs or settings().runs_dir).load(name)


def main() -> None:
    """Run the command line; the project's errors become one line and exit code 2."""
    try:
        app()
    except AslError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
