"""Fetches the models that find a hand: two files out of a wheel, by pip, checked to the byte."""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from asl_core.data.download import UNPACKING_ERRORS
from asl_core.errors import DownloadError, HandFinderError, StoppedError
from asl_core.files import disk_errors_as, flush_folder, sha256
from asl_core.settings import settings

PALM_MODEL = "palm_detection_full.tflite"
HAND_MODEL = "hand_landmark_full.tflite"

WHEEL = "mediapipe==0.10.21"
"""Apache-2.0; the last release that ships the models. Only data is taken out of it, so it serves
every system and every version of Python."""

WHEEL_SIZE = "36 MB"

PIP_OPTIONS = (
    *("--no-deps", "--only-binary=:all:", "--python-version", "3.11"),
    *("--implementation", "cp", "--platform", "manylinux_2_28_x86_64"),
)
"""Which of the wheels; the same one on every machine."""

FETCH_SECONDS = 900.0
"""Longest time that pip is given."""

_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class ModelFile:
    """A file of the hand finder: where it lies in the wheel, and what it must be."""

    member: str
    n_bytes: int
    sha256: str


FILES: Mapping[str, ModelFile] = {
    PALM_MODEL: ModelFile(
        f"mediapipe/modules/palm_detection/{PALM_MODEL}",
        2_339_846,
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
    ),
    HAND_MODEL: ModelFile(
        f"mediapipe/modules/hand_landmark/{HAND_MODEL}",
        5_478_917,
        "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
    ),
}


def hand_finder_folder() -> Path:
    """Where the hand finder is kept (`ASL_HAND_FINDER_DIR`)."""
    return settings().hand_finder_folder.resolve()


def has_hand_finder(folder: Path | None = None) -> bool:
    """Whether the hand finder is there, by the sizes of its files alone (see `ensure_whole`).

    Args:
        folder: None is `hand_finder_folder()`.
    """
    folder = folder or hand_finder_folder()
    return all(_size(folder / name) == file.n_bytes for name, file in FILES.items())


def ensure_whole(folder: Path) -> None:
    """Check the files of the hand finder to the byte.

    Raises:
        HandFinderError: one is missing, or is not what it should be.
    """
    for name, file in FILES.items():
        path = folder / name
        size = _size(path)
        if size is None:
            raise HandFinderError(
                "The hand finder is not here. Fetch it with "
                "`python -m asl_core download hand-finder`.",
                path,
            )
        if size != file.n_bytes or sha256(path) != file.sha256:
            raise HandFinderError(
                f"{name} of the hand finder is damaged. Fetch it again with "
                "`python -m asl_core download hand-finder`.",
                path,
            )


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def download_hand_finder(
    to: Path | None = None,
    wheel: Path | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetch the models that find a hand, whole or not at all; nothing if they are there already.

    Args:
        to: folder, made if it is not there; None is `hand_finder_folder()`.
        wheel: a wheel of `WHEEL` that is here already; None: pip fetches it from the package index
            that it is set up for.
        should_stop: asked often while pip is at work; True ends it.

    Returns:
        The folder.

    Raises:
        DownloadError: there is no pip, it can't fetch the wheel, or that does not hold the models.
        StoppedError: it was stopped.
    """
    to = (to or hand_finder_folder()).resolve()
    with disk_errors_as(DownloadError, "The hand finder can't be saved", to):
        to.parent.mkdir(parents=True, exist_ok=True)
        if to.exists() and not to.is_dir():
            raise DownloadError(f"{to.name} is a file, not a folder. Choose another with --to.", to)
        with FileLock(to.with_name(f".{to.name}.lock")):  # the other caller may fetch it meanwhile
            if not _is_whole(to):
                _fill(to, wheel, should_stop)
    return to


def _is_whole(folder: Path) -> bool:
    try:
        ensure_whole(folder)
    except HandFinderError:
        return False
    return True


def _fill(to: Path, wheel: Path | None, should_stop: Callable[[], bool]) -> None:
    """Put the models into a folder, which may hold other files: they stay."""
    staging = Path(tempfile.mkdtemp(prefix=".hand-finder-", dir=to.parent))
    try:
        models = staging / "models"
        models.mkdir()
        _take_out(wheel or _fetch(staging, should_stop), models)
        flush_folder(models)
        to.mkdir(exist_ok=True)
        for name in FILES:
            (models / name).replace(to / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _fetch(staging: Path, should_stop: Callable[[], bool]) -> Path:
    """The wheel, as pip fetches it into a folder."""
    if importlib.util.find_spec("pip") is None:
        raise DownloadError(
            "There is no pip in this environment. Install it with `python -m ensurepip`, or fetch "
            f"the wheel elsewhere with `pip download {WHEEL} {' '.join(PIP_OPTIONS)}` and name it "
            "with --wheel."
        )
    told = staging / "pip.txt"
    command = [sys.executable, "-m", "pip", "download", WHEEL, *PIP_OPTIONS]
    command += ["--dest", str(staging), "--no-input", "--disable-pip-version-check"]
    with told.open("wb") as output:
        pip = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        try:
            _wait(pip, should_stop)
        finally:
            if pip.poll() is None:
                pip.kill()
                pip.wait()
    wheels = list(staging.glob("*.whl"))
    if pip.returncode != 0 or len(wheels) != 1:
        raise DownloadError(
            f"pip could not fetch {WHEEL} ({WHEEL_SIZE}): {_reason(told)} Check the connection and "
            "the package index that pip is set up for (`pip config list`), and start again."
        )
    return wheels[0]


def _wait(pip: "subprocess.Popen[bytes]", should_stop: Callable[[], bool]) -> None:
    latest = time.monotonic() + FETCH_SECONDS
    while pip.poll() is None:
        if should_stop():
            raise StoppedError("Fetching the hand finder was stopped; nothing was saved.")
        if time.monotonic() > latest:
            raise DownloadError(
                f"pip did not fetch {WHEEL} within {FETCH_SECONDS / 60:.0f} minutes. "
                "Nothing was saved. Start again."
            )
        time.sleep(_LOOK_SECONDS)


def _reason(told: Path) -> str:
    """The last error that pip tells, as a sentence without addresses (they may hold passwords)."""
    lines = told.read_text(errors="replace").splitlines()
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    said = errors[-1] if errors else "it did not say why"
    return re.sub(r"\S*(://|/|\\)\S*", "(address)", said).strip().rstrip(".") + "."


def _take_out(wheel: Path, to: Path) -> None:
    """Write the models of a wheel, if they are what they should be."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, file in FILES.items():
                with archive.open(file.member) as member:
                    content = member.read(file.n_bytes + 1)
                if hashlib.sha256(content).hexdigest() != file.sha256:
                    raise DownloadError(
                        f"{file.member} of the wheel is not the file of {WHEEL}: its SHA-256 "
                        f"differs from {file.sha256[:12]}… Nothing was saved.",
                        wheel,
                    )
                (to / name).write_bytes(content)
    except (*UNPACKING_ERRORS, KeyError) as error:
        raise DownloadError(
            f"{wheel.name} is not a whole wheel of {WHEEL} ({type(error).__name__}). "
            "Nothing was saved.",
            wheel,
        ) from error
