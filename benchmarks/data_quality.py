"""How long *Data quality* takes, and in how much memory, for ever more photos.

Usage: ASL_DATA_DIR=... python -m benchmarks.data_quality [--images 3000 7200 29000 87000] [--json]

`ASL_DATA_DIR` names the folder that holds `asl_alphabet`, 7,200 photos (every tenth frame of
videos). More than that are made from them by small changes such as a video or a camera has: a photo
is moved by up to a pixel, made up to 5 % brighter or darker, given noise of 2 of the 255 levels,
and every second time blended with the next frame. They are memory-mapped from a file, as the app
has them, and measured in a process of their own, as a worker does. The size of each is read from
the file of the photo that it is made from.

Beside the time stands what the search alone would take if it looked at the pixels of every pair,
from a few of the images.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from asl_core import Dataset, read_folder
from asl_core.data.quality import inspect
from benchmarks.photos import parent_of

MEMORY_SECONDS = 0.02
"""Between two looks at how much memory is in use."""

PAIRED = 5
"""Images that are compared with all others, to know what every pair would take."""


@dataclass(frozen=True)
class Figures:
    """What was measured of one number of images.

    Attributes:
        images: how many.
        seconds: of `inspect`.
        cpu_seconds: of the processor in it, which other programs lengthen less.
        every_pair_cpu_seconds: what a look at the pixels of every pair would take of it.
        megabytes: largest memory of the process while it measures, without the memory map.
        megabytes_before: that when it starts to.
        near_duplicates: images that have one.
    """

    images: int
    seconds: float
    cpu_seconds: float
    every_pair_cpu_seconds: float
    megabytes: float
    megabytes_before: float
    near_duplicates: int


def enlarged(images: np.ndarray, n: int, path: Path) -> None:
    """Write `n` images, uint8 (n, 50, 50, 3): those that are there, then changed ones."""
    rng = np.random.default_rng(0)
    out = np.lib.format.open_memmap(path, "w+", np.uint8, (n, *images.shape[1:]))
    out[: len(images)] = images[:n]
    for index in range(len(images), n):
        around, place = divmod(index, len(images))
        following = images[(place + 1) % len(images)]
        weight = rng.uniform() if around % 2 else 0.0
        blend = (1 - weight) * images[place].astype(np.float32) + weight * following
        down, right = rng.integers(0, 3, 2)
        padded = np.pad(blend, ((1, 1), (1, 1), (0, 0)), "edge")
        moved = padded[down : down + images.shape[1], right : right + images.shape[2]]
        noisy = moved * rng.uniform(0.95, 1.05) + rng.normal(0, 2, moved.shape)
        out[index] = noisy.clip(0, 255).round()
    out.flush()


def measure(dataset: Dataset) -> Figures:
    """The figures of one dataset, in this process."""
    peak = before = _own_megabytes()
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(MEMORY_SECONDS):
            peak = max(peak, _own_megabytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start, cpu_start = time.perf_counter(), time.process_time()
    quality = inspect(dataset)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    done.set()
    watcher.join()
    return Figures(
        images=len(dataset),
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        every_pair_cpu_seconds=_every_pair(dataset.images),
        megabytes=peak,
        megabytes_before=before,
        near_duplicates=len(quality.problems["near-duplicate"]),
    )


def _own_megabytes() -> float:
    """Memory of this process that is not of mapped files (Linux)."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


def _every_pair(images: np.ndarray) -> float:
    start = time.process_time()
    for query in images[:: len(images) // PAIRED][:PAIRED]:
        for first in range(0, len(images), 256):
            block = images[first : first + 256]
            apart = np.maximum(block, query) - np.minimum(block, query)
            apart.reshape(len(block), -1).sum(axis=1, dtype=np.int64)
    return (time.process_time() - start) / PAIRED * len(images)


def in_a_process(folder: Path, path: Path) -> Figures:
    """The figures of the images in a file, in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.data_quality", "--file", str(path)]
    output = subprocess.run(
        [*command, "--folder", str(folder)], check=True, capture_output=True, text=True
    ).stdout
    return Figures(**json.loads(output))


def of_file(folder: Path, path: Path) -> Figures:
    """The figures of the images in a file; their sizes are read from the photos of a folder."""
    photos = read_folder(folder)
    images = np.load(path, mmap_mode="r")
    places = np.arange(len(images)) % len(photos)
    dataset = replace(
        photos,
        images=images,
        labels=photos.labels[places],
        files=tuple(photos.files[place] for place in places),
    )
    return measure(dataset)


def main() -> None:
    """Print the figures of each number of images."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, nargs="+", default=[3_000, 7_200, 29_000, 87_000])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.file:
        print(json.dumps(vars(of_file(options.folder, options.file))))
        return
    folder = parent_of(parser, "asl_alphabet") / "asl_alphabet"
    photos = read_folder(folder)
    report = []
    with tempfile.TemporaryDirectory() as place:
        for n in options.images:
            path = Path(place) / f"{n}.npy"
            enlarged(np.asarray(photos.images), n, path)
            figures = in_a_process(folder, path)
            report.append(vars(figures))
            path.unlink()
            if not options.json:
                print({name: round(value, 1) for name, value in vars(figures).items()}, flush=True)
    if options.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
