"""How the command line prints: reports on standard output, bars and warnings on standard error."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from asl_core.data import Dataset
from asl_core.progress import Progress as TrainingProgress


def show(report: dict[str, Any], as_json: bool) -> None:
    """Print a report, as JSON or a line per value."""
    if as_json:
        print(json.dumps(report, indent=2))
        return
    width = max(len(name) for name in report)
    for name, value in report.items():
        print(f"{name.replace('_', ' '):<{width}}  {_readable(value)}")


def _readable(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, dict):
        return "  ".join(f"{name} {_readable(item)}" for name, item in value.items())
    if isinstance(value, list):
        return "[" + ", ".join(_readable(item) for item in value) + "]"
    return str(value)


def warn(dataset: Dataset) -> None:
    """Name the files that were left out and what else is there, on standard error."""
    for reason in dataset.skipped:
        print(f"left out: {reason}", file=sys.stderr)
    for sentence in dataset.account.sentences:
        print(sentence, file=sys.stderr)


@contextmanager
def training_bar() -> Iterator[Callable[[str, TrainingProgress | None], None]]:
    """A bar that is told of phase and progress."""
    with bar("Starting") as advance:

        def tell(phase: str, progress: TrainingProgress | None) -> None:
            if progress:
                advance(
                    progress.fraction_done, f"Epoch {progress.epoch_under_way}/{progress.epochs}"
                )
            else:
                advance(None, phase.capitalize())

        yield tell


@contextmanager
def bar(label: str) -> Iterator[Callable[[float | None, str], None]]:
    """A bar of progress on standard error, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as drawn:
        task = drawn.add_task(label, total=None)

        def advance(share: float | None, text: str) -> None:
            total = 1.0 if share is not None else None
            drawn.update(task, total=total, completed=share or 0.0, description=text)

        yield advance
