"""Drawn pictures as a folder of photos, for everything that reads one."""

import shutil
import tempfile
from pathlib import Path

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
    if out.exists():
        raise ParameterError(f"{out} exists already. Delete it first, or choose another folder.")
    images, labels = sample(letters, count, seed, ranges, size=size, on_progress=on_progress)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".drawing-", dir=out.parent))
    except OSError as error:
        raise ParameterError(f"{out} can't be made: {error.strerror}.") from error
    try:
        for letter in letters:
            (staging / letter).mkdir()
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            letter = letters[label]
            name = f"{letter}{number // len(letters) + 1}.png"
            (staging / letter / name).write_bytes(encode(image))
        staging.chmod(0o755)
        staging.rename(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return out
