"""Commands that make something of a run to pass on."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from asl_core.cli.options import AsJson, Data, RunName, Runs
from asl_core.cli.sources import find_run, open_source
from asl_core.cli.terminal import show


def report(
    run: RunName,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write (default: report-RUN.html); the card lies beside it."),
    ] = None,
    images: Annotated[
        bool, typer.Option("--images/--no-images", help="Show the worst mistakes.")
    ] = True,
    data: Data = None,
    runs: Runs = None,
    as_json: AsJson = False,
) -> None:
    """Write all that is known of a run as one HTML file, and a model card in Markdown."""
    from asl_core.report.content import RunReport
    from asl_core.report.write import images_if_here, write_report

    found = find_run(run, runs)
    dataset = open_source(data) if data else images_if_here(found)
    if dataset is None:
        print(
            "The images of this run are not here: the report goes without them. "
            "Name their folder with --data.",
            file=sys.stderr,
        )
    gathered = RunReport.of(found, dataset, images)
    written = write_report(gathered, out or Path(f"report-{found.id}.html"))
    show({"report": str(written.html), "card": str(written.card)}, as_json)


def export(
    run: RunName,
    out: Annotated[
        Path | None, typer.Option(help="Folder to make (default: asl-model-RUN).")
    ] = None,
    data: Data = None,
    runs: Runs = None,
    as_json: AsJson = False,
) -> None:
    """Write the model of a run, with all that is needed to use it elsewhere, into a folder. Both
    model files are tried on test images before."""
    from asl_core.evaluation.export_check import check_export, load_export_check
    from asl_core.report.bundle import RESCALES, Bundle, takes_images, tell_check
    from asl_core.report.write import images_if_here

    found = find_run(run, runs)
    check = load_export_check(found)
    if check is None:
        dataset = open_source(data) if data else images_if_here(found)
        check = check_export(found, dataset) if dataset else None
    bundle = Bundle.of(found, check)
    folder = out or Path(bundle.name)
    bundle.write(folder)
    print(tell_check(check), file=sys.stderr)
    if takes_images(found):
        print(RESCALES, file=sys.stderr)
    checked = None if check is None else {"images": check.n_images, "difference": check.largest}
    show({"folder": str(folder), "files": sorted(bundle.files), "checked": checked}, as_json)
