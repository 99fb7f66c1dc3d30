"""Trained runs on disk. A run is there whole or not at all; its manifest tells if it changed."""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asl_core.errors import ConfigError, DamagedRunError, RunError, RunNotFoundError
from asl_core.files import flush_folder, remove_at_once, sha256, write_json
from asl_core.runs.run import Run, RunResults, RunSpec

SCHEMA = 2
MANIFEST = "manifest.json"
STAGING = ".staging"
RUN_FILES = (
    "config.json",
    "results.json",
    "environment.json",
    "history.csv",
    "predictions.npz",
    "model.keras",
    "model.tflite",
)
_RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6,9}")


def new_run_id() -> str:
    """An id that sorts by the time it was made (UTC, to the millisecond), never a user's text."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03}{secrets.token_hex(3)}"


class RunStore:
    """The folder of runs: `<root>/<run-id>/`.

    Args:
        root: made on first use.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).resolve()

    def list(self) -> tuple[Run, ...]:
        """Finished runs, newest first. Damaged ones are left out (see `damaged`)."""
        return tuple(run for run_id in self._ids() if (run := self._readable(run_id)))

    def damaged(self) -> tuple[str, ...]:
        """Ids of runs whose files are not those that the manifest lists, newest first."""
        return tuple(run_id for run_id in self._ids() if not self._readable(run_id))

    def load(self, run_id: str) -> Run:
        """One run, every byte checked against its manifest.

        Raises:
            RunNotFoundError: there is no such run.
            DamagedRunError: a file is missing or has changed.
        """
        return open_run(self._folder(run_id))

    def delete(self, run_id: str) -> None:
        """Remove a run, damaged or not.

        Raises:
            RunNotFoundError: there is no such run.
            RunError: the disk does not let it.
        """
        folder, staging = self._folder(run_id), self.root / STAGING
        try:
            remove_at_once(staging / run_id, staging)  # left by who died while publishing
            remove_at_once(folder, staging)
        except OSError as error:
            raise RunError(f"Run {run_id} can't be deleted: {error.strerror}.") from error

    def _folder(self, run_id: str) -> Path:
        if not _RUN_ID.fullmatch(run_id) or not (self.root / run_id).is_dir():
            raise RunNotFoundError(f"There is no run {run_id} in {self.root}.")
        return self.root / run_id

    def _ids(self) -> tuple[str, ...]:
        if not self.root.is_dir():
            return ()
        names = (path.name for path in self.root.iterdir())
        return tuple(sorted(filter(_RUN_ID.fullmatch, names), reverse=True))

    def _readable(self, run_id: str) -> Run | None:
        try:
            return _read(self.root / run_id, check_content=False)
        except DamagedRunError:
            return None


def open_run(folder: Path) -> Run:
    """A run by its folder, every byte checked against its manifest.

    Raises:
        DamagedRunError: a file is missing or has changed.
    """
    return _read(folder, check_content=True)


def seal(folder: Path) -> None:
    """Write the manifest of a run's files as the last of them, all flushed to the disk."""
    files = {
        name: {"size": (folder / name).stat().st_size, "sha256": sha256(folder / name)}
        for name in RUN_FILES
    }
    flush_folder(folder)
    write_json(folder / MANIFEST, {"schema": SCHEMA, "files": files})
    flush_folder(folder)


def _read(folder: Path, check_content: bool) -> Run:
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["schema"] != SCHEMA:
            raise DamagedRunError(
                f"Run {folder.name} has schema {manifest['schema']}, not {SCHEMA}."
            )
        for name in RUN_FILES:
            _check_file(folder, name, manifest["files"][name], check_content)
        run = Run(
            id=folder.name,
            folder=folder,
            spec=RunSpec.from_json(json.loads((folder / "config.json").read_text())),
            results=RunResults.from_json(json.loads((folder / "results.json").read_text())),
        )
        _ = run.created  # an id that names no time is none of ours
        return run
    except (OSError, KeyError, TypeError, ValueError, ConfigError) as error:
        raise DamagedRunError(
            f"Run {folder.name} is damaged ({error}). Delete it and train again."
        ) from error


def _check_file(folder: Path, name: str, listed: Mapping[str, Any], check_content: bool) -> None:
    path = folder / name
    same = path.stat().st_size == listed["size"]
    if same and check_content:
        same = sha256(path) == listed["sha256"]
    if not same:
        raise DamagedRunError(
            f"Run {folder.name} is damaged: {name} is not what was saved. "
            "Delete it and train again."
        )
