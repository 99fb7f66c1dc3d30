"""Draw many pictures, each different, reproducibly."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from asl_core.synthetic.errors import require
from asl_core.synthetic.letters import poses
from asl_core.synthetic.nuisance import Nuisance
from asl_core.synthetic.workers import Work, draw

Progress = Callable[[int, int], object]
"""Called with (pictures done, pictures in all)."""
MOST_PROCESSES = 64


def sample(
    letters: Sequence[str],
    n: int,
    seed: int = 0,
    ranges: Nuisance = Nuisance(),  # noqa: B008 - frozen
    *,
    size: int = 50,
    counts: Mapping[str, int] | None = None,
    on_progress: Progress | None = None,
    processes: int = 1,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw labelled pictures with everything but the letter varied.

    Picture i depends only on `seed`, i, its letter, `ranges` and `size`, and the labels of a
    short sample are the first labels of a long one. So the first k pictures of a sample are
    `sample(letters, k, ...)` with all else the same.

    Args:
        letters: Capital letters; label j stands for `letters[j]`.
        n: Number of pictures, at least 1.
        seed: 0 or more.
        ranges: What varies and how much.
        size: Side of the pictures in pixels.
        counts: Exact number of pictures of each letter in the whole sample, which must hold at
            least `n` pictures; letters as equal as can be when None.
        on_progress: Called after each picture. An exception that it raises
            ends the drawing.
        processes: How many processes draw, 1 to 64; the pictures are the same with any number.

    Returns:
        Pictures, uint8 (n, size, size, 3), and labels, int64 (n,), letters evenly interleaved.

    Raises:
        UnknownLetterError: A letter is not in the alphabet.
        ParameterError: Another argument is outside its range.
        SyntheticError: One of several processes ended before its work was done.
    """
    _check(letters, n, seed, counts)
    require(1 <= processes <= MOST_PROCESSES, "processes", f"1 to {MOST_PROCESSES}", processes)
    labels = _labels(letters, n, counts)
    images = np.empty((n, size, size, 3), np.uint8)
    work = Work([letters[label] for label in labels], seed, ranges, size)
    for i, picture in enumerate(draw(work, min(processes, n))):
        images[i] = picture
        if on_progress is not None:
            on_progress(i + 1, n)
    return images, labels


def _check(letters: Sequence[str], n: int, seed: int, counts: Mapping[str, int] | None) -> None:
    require(len(letters) > 0, "letters", "at least one letter", letters)
    require(len(set(letters)) == len(letters), "letters", "distinct letters", letters)
    for letter in letters:
        poses(letter)
    require(n >= 1, "n", "at least 1", n)
    require(seed >= 0, "seed", "0 or more", seed)
    if counts is not None:
        require(set(counts) == set(letters), "counts", f"a count for each of {letters!r}", counts)
        require(all(c >= 0 for c in counts.values()), "counts", "counts of 0 or more", counts)
        total = sum(counts.values())
        require(n <= total, "n", f"at most {total}, the sum of counts", n)


def _labels(letters: Sequence[str], n: int, counts: Mapping[str, int] | None) -> NDArray[np.int64]:
    """Letters in turn; with counts, always the letter furthest behind its share."""
    if counts is None:
        return np.arange(n, dtype=np.int64) % len(letters)
    wanted = [(letter, counts[letter]) for letter in letters]
    turns = [((k + 0.5) / c, j) for j, (_, c) in enumerate(wanted) for k in range(c)]
    return np.array([j for _, j in sorted(turns)[:n]], np.int64)
