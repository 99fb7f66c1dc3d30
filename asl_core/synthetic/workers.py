"""Draws the pictures of one sample in several processes.

The processes are started as programs of their own and speak through pipes, not by the
multiprocessing module: that one refuses to work in a daemonic process, such as a Dask worker, and
imports the caller's script once more.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asl_core.synthetic.drawing import Scene, draw_scene
from asl_core.synthetic.errors import SyntheticError
from asl_core.synthetic.nuisance import Nuisance
from asl_core.synthetic.render import render

ROOT = Path(__file__).resolve().parents[2]
"""Folder that holds the package, for the search path of a new process."""
COMMAND = "from asl_core.synthetic.workers import serve; serve()"


@dataclass(frozen=True)
class Work:
    """A sample to draw: the letter of each picture, and what all have in common."""

    letters: Sequence[str]
    seed: int
    ranges: Nuisance
    size: int

    def picture(self, i: int) -> NDArray[np.uint8]:
        """Draw picture `i`, uint8 (size, size, 3); it depends on no other picture."""
        scene, render_seed = self.scene(i)
        return render(
            self.letters[i],
            scene.view,
            scene.light,
            scene.skin,
            scene.background,
            scene.camera,
            size=self.size,
            seed=render_seed,
        )

    def scene(self, i: int) -> tuple[Scene, np.random.SeedSequence]:
        """What picture `i` shows beside its letter, and the seed of the rest."""
        scene_seed, render_seed = np.random.SeedSequence([self.seed, i]).spawn(2)
        rng = np.random.Generator(np.random.PCG64(scene_seed))
        return draw_scene(self.ranges, rng), render_seed


def draw(work: Work, processes: int) -> Iterator[NDArray[np.uint8]]:
    """Draw all pictures, in order; the processes end with the iterator.

    Args:
        work: What to draw.
        processes: How many processes share it; 1 draws in this one.

    Raises:
        SyntheticError: A process ended before its work was done.
    """
    if processes == 1:
        yield from (work.picture(i) for i in range(len(work.letters)))
        return
    with ExitStack() as stack:
        painters = [_start(work, k, processes, stack) for k in range(processes)]
        for i in range(len(work.letters)):
            yield _read(painters[i % processes], work.size)


def _start(work: Work, first: int, step: int, stack: ExitStack) -> subprocess.Popen[bytes]:
    """A process that draws every `step`-th picture; it is ended when `stack` closes."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    painter = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-c", COMMAND],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    )
    stack.callback(painter.kill)
    assert painter.stdin is not None
    with painter.stdin as pipe:
        pickle.dump((work, first, step), pipe)
    return painter


def _read(painter: subprocess.Popen[bytes], size: int) -> NDArray[np.uint8]:
    assert painter.stdout is not None
    drawn = painter.stdout.read(size * size * 3)
    if len(drawn) < size * size * 3:
        raise SyntheticError(
            f"A process that draws ended early, with exit code {painter.wait()}. "
            "Draw with processes=1."
        )
    return np.frombuffer(drawn, np.uint8).reshape(size, size, 3)


def serve() -> None:
    """The other end: read the work from standard input, write pictures to standard output."""
    work, first, step = pickle.load(sys.stdin.buffer)
    for i in range(first, len(work.letters), step):
        sys.stdout.buffer.write(work.picture(i).tobytes())
        sys.stdout.buffer.flush()
