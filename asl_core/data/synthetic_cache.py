"""Rendered sets in the cache: drawn once, by whoever comes first, with progress for all to see.

Below `settings().rendered_dir` a set is the folder `<key>/`, which appears whole or not at all.
While
it is drawn there are `<key>.json` (how far), `<key>.png` (its first pictures) and `<key>.lock`,
which the system drops when the drawing process ends, however it ends. So a set with `<key>.json`
and without a held lock has failed, if the file says so, or was interrupted.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock

from asl_core import synthetic
from asl_core.data.first_images import SHIPPED, read_sheet, write_sheet
from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.errors import DatasetError
from asl_core.files import is_held, write_json
from asl_core.settings import IMAGE_SIZE, settings
from asl_core.synthetic.folder import STAGING_PREFIX, render_folder

Phase = Literal["missing", "drawing", "failed", "ready"]
TELL_SECONDS = 0.3


@dataclass(frozen=True)
class Drawing:
    """How far a rendered set is.

    Attributes:
        phase: `missing` (nobody draws it, or whoever did is gone), `drawing` (or waiting for the
            set before), `failed` (see `error`), `ready`.
        done: share of the pictures that are drawn, 0 to 1.
        seconds_left: at the pace so far; None: unknown yet.
        error: why it failed, in words.
    """

    phase: Phase
    done: float = 0.0
    seconds_left: float | None = None
    error: str | None = None


class Place:
    """Where a set is in the cache."""

    def __init__(self, recipe: SyntheticSpec) -> None:
        key = hashlib.sha256(f"{_program()} {IMAGE_SIZE} {recipe.text}".encode()).hexdigest()[:24]
        self.folder = settings().rendered_dir.resolve() / key
        self.status = self.folder.with_suffix(".json")
        self.first = self.folder.with_suffix(".png")
        self.lock = self.folder.with_suffix(".lock")
        self.turn = self.folder.with_name("turn.lock")


@cache
def _program() -> str:
    """Digest of the code that draws: what another version has drawn is another set."""
    digest = hashlib.sha256()
    for path in sorted(Path(synthetic.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def look(recipe: SyntheticSpec) -> Drawing:
    """How far a set is, whichever process draws it."""
    place = Place(recipe)
    if place.folder.is_dir():
        return Drawing("ready", 1.0)
    try:
        values = json.loads(place.status.read_text())
        if values["error"]:
            return Drawing("failed", error=values["error"])
        done, seconds = values["done"], values["seconds"]
    except FileNotFoundError:
        return Drawing("ready", 1.0) if place.folder.is_dir() else Drawing("missing")
    except (KeyError, TypeError, ValueError):  # the power went while it was written
        return Drawing("missing")
    if not is_held(place.lock):
        return Drawing("ready", 1.0) if place.folder.is_dir() else Drawing("missing")
    return Drawing("drawing", done, seconds / done * (1 - done) if done else None)


def first_pictures(recipe: SyntheticSpec) -> tuple[np.ndarray, str] | None:
    """The first training pictures of a set that is not ready, or None if there are none yet.

    Returns:
        uint8 (n, 50, 50, 3), and the letter of each.
    """
    try:
        return read_sheet(SHIPPED if recipe == SyntheticSpec() else Place(recipe).first)
    except FileNotFoundError:
        return None


def draw(recipe: SyntheticSpec) -> Path:
    """Draw a set into the cache, unless it is there; wait for whoever is drawing it.

    Returns:
        Its folder, with a sub-folder per letter.

    Raises:
        DatasetError: the cache can't be written.
    """
    place = Place(recipe)
    if place.folder.is_dir():
        return place.folder
    try:
        place.folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(place.lock):
            if not place.folder.is_dir():
                _draw(recipe, place)
    except OSError as error:
        raise DatasetError(
            f"Drawn pictures can't be kept in {place.folder.parent}: {error.strerror or error}."
        ) from error
    return place.folder


def _draw(recipe: SyntheticSpec, place: Place) -> None:
    with _failure_told(place):
        if recipe != SyntheticSpec():
            write_sheet(recipe, place.first)
        with FileLock(place.turn):  # one set at a time on this machine
            for left in place.folder.parent.glob(f"{STAGING_PREFIX}*"):  # by a process that died
                shutil.rmtree(left, ignore_errors=True)
            render_folder(
                place.folder,
                recipe.letters,
                recipe.count,
                recipe.seed,
                size=IMAGE_SIZE,
                ranges=recipe.ranges,
                on_progress=_Teller(place),
            )
    place.status.unlink()
    place.first.unlink(missing_ok=True)


class _Teller:
    """Writes down how far a drawing is, a few times a second."""

    def __init__(self, place: Place) -> None:
        self._place, self._started, self._told = place, time.monotonic(), 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            _write_status(self._place, done / total, now - self._started)


@contextmanager
def _failure_told(place: Place) -> Iterator[None]:
    _write_status(place)
    try:
        yield
    except Exception as error:
        _write_status(place, error=str(error) or type(error).__name__)
        raise


def _write_status(
    place: Place, done: float = 0.0, seconds: float = 0.0, error: str | None = None
) -> None:
    write_json(place.status, {"done": done, "seconds": seconds, "error": error})
