"""How fast pictures are drawn, and how large they grow.

Usage: python -m benchmarks.rendering [--pictures 2000] [--processes 1] [--json]
"""

import argparse
import hashlib
import json
import time

from asl_core.synthetic import STATIC_LETTERS, render, sample


def measure(pictures: int, processes: int) -> dict[str, float | int | str]:
    """Draw training pictures and single large ones, and time both."""
    sample("ABC", 8)
    start = time.perf_counter()
    images, _ = sample(STATIC_LETTERS, pictures, seed=0, processes=processes)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    for letter in "ABC":
        render(letter, size=400)
    return {
        "pictures": pictures,
        "processes": processes,
        "seconds": round(seconds, 2),
        "ms_per_picture": round(1000 * seconds / pictures, 2),
        "ms_per_400x400_picture": round(1000 * (time.perf_counter() - start) / 3, 1),
        "megabytes": round(images.nbytes / 1e6, 1),
        "sha256": hashlib.sha256(images.tobytes()).hexdigest(),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.pictures, options.processes)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>24}  {value}")


if __name__ == "__main__":
    main()
