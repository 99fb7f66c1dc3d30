"""What is found about a finished run on demand, kept beside its files.

It is not a part of what the run's manifest lists: it may be deleted, and is found again.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from asl_core.errors import DamagedRunError, RunError
from asl_core.files import write_json
from asl_core.runs.run import Run

T = TypeVar("T")


def kept_file(run: Run, name: str) -> Path:
    """Where something of this name is kept."""
    return run.folder / f"{name}.json"


def keep(run: Run, name: str, values: dict[str, Any]) -> None:
    """Keep what was found.

    Args:
        run: about which.
        name: of what.
        values: JSON types.

    Raises:
        RunError: the run's folder can't be written.
    """
    try:
        write_json(kept_file(run, name), values)
    except OSError as error:
        raise RunError(
            f"{run.folder} can't be written to keep what was found: {error.strerror}."
        ) from error


def kept(run: Run, name: str, read: Callable[[dict[str, Any]], T]) -> T | None:
    """What was found before; None if nobody has asked yet.

    Args:
        run: about which.
        name: of what.
        read: makes it of the values that `keep` got.

    Raises:
        DamagedRunError: the file was changed by others.
    """
    path = kept_file(run, name)
    try:
        return read(json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedRunError(f"{path} is damaged ({error}). Delete it and ask again.") from error
