"""What broken images, and those made to harm, do to a server and to its other visitors.

Usage: python -m benchmarks.bombs [-n 2000] [--quick] [--json]

A real server. Visitors drop broken images on *Predict*, by the upload endpoint and the websocket as
a browser does, twenty at a time, and a bomb of each kind in between: a JPEG of many scans (refused
at once, and one that is just allowed), a large WebP of some hundred bytes, a PNG with a text that
unpacks to 500 MB, metadata of which Pillow warns 5,000 times, a PNG that claims 3,600 megapixels.
Meanwhile another visitor uses the other pages. Afterwards one visitor uploads beyond the quota.
"""

import argparse
import asyncio
import json
import os
import shutil
import tempfile
from pathlib import Path

from asl_core.settings import ROOT
from benchmarks.web import start
from tests.web.attack import Figures, Target, attack

QUICK = 200
"""Images of a quick run."""

ROUNDS_BEFORE = 50
"""Four actions each."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=2_000, help="broken images")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} of them")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), QUICK if options.quick else options.n)
    figures = {"load_before": round(before, 2), **figures, "load_after": os.getloadavg()[0]}
    told = (
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )
    print(told)


def measure(folder: Path, n: int) -> Figures:
    """All of it, at a server of its own.

    Args:
        folder: for runs, cache and log.
        n: broken images.
    """
    runs, log = shutil.copytree(ROOT / "models", folder / "runs"), folder / "server.log"
    server, url = start(log, ASL_RUNS_DIR=str(runs), ASL_CACHE_DIR=str(folder / "cache"))
    try:
        return asyncio.run(attack(Target(url, server.pid, log), n, rounds_before=ROUNDS_BEFORE))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
