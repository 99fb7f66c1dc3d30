"""The manifest of a run: written last, it lists what belongs to the run, as it was."""

from dataclasses import dataclass
from pathlib import Path

from asl_core.errors import FileError
from asl_core.files import flush_folder, read_json, sha256, write_json

SCHEMA = 3
READABLE_SCHEMAS = (2, 3)
"""Those whose runs can be used. Schema 2 calls some things otherwise: see the aliases of
`TrainConfig`, `RunSpec` and `RunResults`."""

MANIFEST = "manifest.json"
RUN_FILES = (
    "config.json",
    "results.json",
    "environment.json",
    "history.csv",
    "predictions.npz",
    "model.keras",
    "model.tflite",
)


@dataclass(frozen=True)
class SealedFile:
    """A file of a run as it was when the run was sealed."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`manifest.json` of a run."""

    schema: int
    files: dict[str, SealedFile]
    owner: str = ""


def seal(folder: Path, owner: str = "") -> None:
    """Write the manifest of a run's files as the last of them, all flushed to the disk.

    Args:
        folder: of the run.
        owner: mark of who asked for it (see `asl_core.runs.owner`).
    """
    files = {
        name: {"size": (folder / name).stat().st_size, "sha256": sha256(folder / name)}
        for name in RUN_FILES
    }
    flush_folder(folder)
    write_json(folder / MANIFEST, {"schema": SCHEMA, "files": files, "owner": owner})
    flush_folder(folder)


def mark_of(folder: Path) -> str:
    """Who asked for a run, as its manifest says it; empty where that can't be read."""
    try:
        return read_json(folder / MANIFEST, Manifest).owner
    except FileError:
        return ""
