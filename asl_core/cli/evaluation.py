"""Commands about finished runs: test, doubt, compare, predict."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from asl_core.cli.options import (
    AsJson,
    Data,
    RunName,
    Runs,
)
from asl_core.cli.reports import (
    evaluation_report,
    prediction_report,
)
from asl_core.cli.sources import find_run, open_source
from asl_core.cli.terminal import bar, show, warn
from asl_core.data import find_source, open_dataset
from asl_core.data.splits import has_frames
from asl_core.evaluation import classify
from asl_core.evaluation.comparison import Comparison


def evaluate(
    run: RunName,
    data: Data = None,
    runs: Runs = None,
    known_only: Annotated[
        bool, typer.Option("--known-only", help="Leave out classes that the run does not know.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Test a run on all images of a folder."""
    dataset = open_source(data)
    show(evaluation_report(classify.evaluate(find_run(run, runs), dataset, known_only)), as_json)


def assess(
    run: RunName,
    data: Data = None,
    also: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Photos of others; may be repeated.")
    ] = None,
    runs: Runs = None,
    as_json: AsJson = False,
) -> None:
    """Tell how far a run's accuracy can be believed. Trains ten networks, the first time: five with
    other seeds, and five on blocks of frames."""
    from asl_core.evaluation.generalization import assess

    assessed = find_run(run, runs)
    datasets = [open_dataset(source) for source in (data or find_source(), *(also or ()))]
    for dataset in datasets:
        warn(dataset)
    if not has_frames(datasets[0]):
        print("no frame blocks: the file names of the images have no numbers", file=sys.stderr)
    with bar("Training again") as advance:
        assessment = assess(
            assessed, datasets[0], datasets[1:], lambda share: advance(share, "Training again")
        )
    show(assessment.to_json(), as_json)


def predict(
    run: RunName,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    runs: Runs = None,
    as_json: AsJson = False,
) -> None:
    """Tell the letter of each image. Ends with 1 if a file could not be read."""
    results = classify.predict(find_run(run, runs), files)
    reports = [prediction_report(result) for result in results]
    if as_json:
        print(json.dumps(reports, indent=2))
    else:
        for report in reports:
            show(report, as_json=False)
    if any("error" in report for report in reports):
        raise typer.Exit(1)


def compare(first: RunName, second: RunName, runs: Runs = None, as_json: AsJson = False) -> None:
    """Tell whether the first of two runs is better on their common test images, beyond noise."""
    comparison = Comparison.of(find_run(first, runs), find_run(second, runs))
    show(comparison.to_json(), as_json)
