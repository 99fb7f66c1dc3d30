"""Drawn pictures as a folder of photos, for everything that reads one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from asl_core.images import encode
from asl_core.synthetic.errors import ParameterError
from asl_core.synthetic.nuisance import Nuisance
from asl_core.synthetic.sampling import Progress, sample
from asl_core.synthetic.workers import Work

MARKER = "rendered.txt"
"""A file beside the classes that tells whoever reads the folder that its pictures are drawn."""

PROCESSES = min(2, os.cpu_count() or 1)
"""That share the drawing of a folder."""

MIN_SHARED = 400
"""Fewer pictures are drawn sooner than other processes have started."""

STAGING_PREFIX = ".drawing-"
TEST_SHARE = 0.2
"""Share of the pictures that is drawn last, for the test: the mission's 400 of 2,000."""

TEST_SEED = 2**32
"""Added to the seed for the test pictures, so that none of them is a training picture again."""

MISSION_LETTERS, MISSION_COUNT = "ABC", 2_000
MISSION_TRAIN = {"A": 540, "B": 528, "C": 532}
MISSION_TEST = {"A": 118, "B": 144, "C": 138}


def part_counts(letters: str, count: int) -> tuple[dict[str, int], dict[str, int]]:
    """Training and test pictures of each letter in a set.

    Args:
        letters: a class each.
        count: pictures in all.

    Returns:
        The mission's numbers for 2,000 pictures of A, B and C; else the letters as equal as can
        be, a fifth of the pictures for the test.
    """
    if (letters, count) == (MISSION_LETTERS, MISSION_COUNT):
        return dict(MISSION_TRAIN), dict(MISSION_TEST)
    total, test = _shared(letters, count), _shared(letters, int(count * TEST_SHARE))
    return {letter: total[letter] - test[letter] for letter in letters}, test


def _shared(letters: str, count: int) -> dict[str, int]:
    each, more = divmod(count, len(letters))
    return {letter: each + (place < more) for place, letter in enumerate(letters)}


@lru_cache(maxsize=64)
def count_left_hands(
    letters: str,
    count: int,
    seed: int = 0,
    ranges: Nuisance = Nuisance(),  # noqa: B008 - frozen
) -> int:
    """How many pictures of a set show a left hand; takes some 0.1 ms a picture, once.

    Args:
        letters: capital letters, a class each.
        count: pictures of the whole set.
        seed: 0 or more.
        ranges: what varies and how much.
    """
    left = 0
    for part_seed, counts in zip(
        (seed, seed + TEST_SEED), part_counts(letters, count), strict=True
    ):
        work = Work(letters, part_seed, ranges, 0)
        left += sum(work.scene(i)[0].view.left_handed for i in range(sum(counts.values())))
    return left


def draw_training(
    letters: str,
    count: int,
    seed: int = 0,
    *,
    first: int | None = None,
    size: int = 50,
    ranges: Nuisance = Nuisance(),  # noqa: B008 - frozen
    on_progress: Progress | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The training pictures of a set, in the order in which they are drawn.

    Args:
        letters: capital letters, a class each.
        count: pictures of the whole set, with those for the test.
        seed: 0 or more.
        first: draw only so many; None draws all.
        size: side of the pictures in pixels, 8 to 1024.
        ranges: what varies and how much.
        on_progress: called after each picture with (done, of the training pictures).

    Returns:
        uint8 (n, size, size, 3), and labels, int64 (n,), index into `letters`.
    """
    counts, _ = part_counts(letters, count)
    n = sum(counts.values()) if first is None else min(first, sum(counts.values()))
    return sample(letters, n, seed, ranges, size=size, counts=counts, on_progress=on_progress)


def render_folder(
    out: Path,
    letters: str = MISSION_LETTERS,
    count: int = MISSION_COUNT,
    seed: int = 0,
    *,
    size: int = 50,
    ranges: Nuisance = Nuisance(),  # noqa: B008 - frozen
    on_progress: Progress | None = None,
) -> Path:
    """Draw a data set: `out/A/A00001.png` and so on, PNG. It appears whole or not at all.

    The number of a picture is its place in the order drawn: first those for training, then those
    for the test, as many as `part_counts` says.

    Args:
        out: folder to make.
        letters: capital letters, a class each.
        count: pictures in all.
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
    if count < 1 or not letters:
        raise ParameterError(f"A set has a letter and a picture. Received: {letters!r}, {count}")
    staging = _make_staging(out)
    try:
        staging.chmod(0o755)
        for done, (letter, image) in enumerate(
            _draw(letters, count, seed, size, ranges, on_progress), start=1
        ):
            (staging / letter).mkdir(exist_ok=True)
            (staging / letter / f"{letter}{done:05}.png").write_bytes(encode(image))
        (staging / MARKER).write_text("These pictures are drawn by a program, not photos.\n")
        _check_free(out)  # somebody else may have drawn the same meanwhile
        staging.rename(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return out


def _draw(
    letters: str, count: int, seed: int, size: int, ranges: Nuisance, on_progress: Progress | None
) -> Iterator[tuple[str, np.ndarray]]:
    """All pictures of a set, each with its letter."""
    before = 0
    for part_seed, counts in zip(
        (seed, seed + TEST_SEED), part_counts(letters, count), strict=True
    ):
        n = sum(counts.values())
        if n:
            tell = partial(_tell, on_progress, before, count) if on_progress else None
            images, labels = sample(
                letters,
                n,
                part_seed,
                ranges,
                size=size,
                counts=counts,
                on_progress=tell,
                processes=PROCESSES if n >= MIN_SHARED else 1,
            )
            for image, label in zip(images, labels, strict=True):
                yield letters[label], image
        before += n


def _tell(on_progress: Progress, before: int, count: int, done: int, part: int) -> None:
    on_progress(before + done, count)


def _make_staging(out: Path) -> Path:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=out.parent))
    except OSError as error:
        raise ParameterError(f"{out} can't be made: {error.strerror}.") from error


def _check_free(out: Path) -> None:
    if out.exists():
        raise ParameterError(f"{out} exists already. Delete it first, or choose another folder.")
