"""What a command names: a dataset, a run."""

from pathlib import Path

from asl_core.cli.terminal import warn
from asl_core.data import Dataset, find_source, open_dataset
from asl_core.errors import RunNotFoundError
from asl_core.runs.manifest import MANIFEST
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import settings


def open_source(data: str | None) -> Dataset:
    """The dataset of a source, or what the app would show; files that were left out are named."""
    dataset = open_dataset(data or find_source())
    warn(dataset)
    return dataset


def find_run(name: str, runs: Path | None) -> Run:
    """A run by its id, or by its folder."""
    folder = Path(name).resolve()
    if folder.is_dir():
        if not (folder / MANIFEST).exists():
            raise RunNotFoundError(f"{folder} is not a run: it has no {MANIFEST}.")
        return open_run(folder)
    return RunStore(runs or settings().runs_dir).load(name)
