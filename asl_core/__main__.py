"""The core from the command line: `python -m asl_core COMMAND`, with `--json` for scripts."""

import sys

import typer

from asl_core.cli import data, datasets, evaluation, share, sweeps, training
from asl_core.errors import AslError
from asl_core.private import keep_private

app = typer.Typer(
    help="See, train, doubt and share an image classifier of ASL letters.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(training.train)
app.command()(training.resume)
app.command()(training.watch)
app.command("runs")(training.list_runs)
app.command()(training.workers)
app.command()(sweeps.sweep)
app.command()(sweeps.search)
app.command()(evaluation.evaluate)
app.command()(evaluation.assess)
app.command()(evaluation.compare)
app.command()(evaluation.predict)
app.command()(share.report)
app.command()(share.export)
app.command()(data.download)
app.command()(data.render)
app.command("import")(datasets.bring)
app.add_typer(datasets.app, name="datasets")


def main() -> None:
    """Run the command line; the project's errors become one line and exit code 2."""
    keep_private()
    try:
        app()
    except AslError as error:
        print(f"error: {error.in_full}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
