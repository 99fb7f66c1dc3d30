"""Drawn pictures as a folder of photos, for everything that reads one."""

import shutil
import tempfile
from pathlib import Path

import numpy as np

from asl_core.photos import encode
from asl_core.synthetic.errors import ParameterError
from asl_core.synthetic.nuisance import Nuisance
from asl_core.synthetic.sampling import Progress, sample


def render_folder(
    out: Path,
    letters: str = "ABC",
    count: int = 2_000,
    seed: int = 0,
    *,
    size: int = 50,
    ranges: Nuisance = Nuisance(),  # noqa: B008 - frozen
    on_progress: Progress | None = None,
) -> Path:
    """Draw a data set: `out/A/A1.png` and so on, PNG. It appears whole or not at all.

    Args:
        out: folder to make.
        letters: capital letters, a class each.
        count: pictures in all, the letters as equal as can be.
        seed: 0 or more; the same seed gives the same pictures.
        size: side of the pictures in pixels, 8 to 1024.
        ranges: what varies and how much.
        on_progress: called after each picture with (done, in all).

    Returns:
        The folder.

    Raises:
        ParameterError: the folder exists already or can't be made, or an argument is out of range.
    """
    _check_free(out)
    images, labels = sample(letters, count, seed, ranges, size=size, on_progress=on_progress)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".drawing-", dir=out.parent))
    except OSError as error:
        raise ParameterError(f"{out} can't be made: {error.strerror}.") from error
    try:
        _write(staging, letters, images, labels)
        _check_free(out)  # somebody else may have drawn the same meanwhile
        staging.rename(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return out


def _check_free(out: Path) -> None:
    if out.exists():
        raise ParameterError(f"{out} exists already. Delete it first, or choose another folder.")


def _write(folder: Path, letters: str, images: np.ndarray, labels: np.ndarray) -> None:
    folder.chmod(0o755)
    for letter in letters:
        (folder / letter).mkdir()
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        letter = letters[label]
        name = f"{letter}{number // len(letters) + 1}.png"
        (folder / letter / name).write_bytes(encode(image))
