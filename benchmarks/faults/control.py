"""The control: a writer that puts the same files straight into place, killed like the others.

Started as a module it is that writer. It fits once and then writes runs, one after the other, so
that a kill at any moment has something to break.
"""

import csv
import json
import random
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from asl_core.files import sha256
from asl_core.runs.manifest import MANIFEST, RUN_FILES, SCHEMA
from asl_core.runs.run import RunResults
from asl_core.runs.store import RunStore, new_run_id
from asl_core.settings import ROOT
from benchmarks.faults.app import spec_of
from benchmarks.faults.reader import Reader, Seen

RUNS_SECONDS = 2.0
"""A kill comes within this time after a writer's first run."""


def measure(store: RunStore, data: Path, kills: int, rng: random.Random) -> tuple[Seen, int]:
    """Kill plain writers while a reader reads.

    Returns:
        What the reader saw, and the runs that stay half-written for good.
    """
    reader = Reader(store)
    for _ in range(kills):
        command = [sys.executable, "-m", __name__, str(store.root), str(data)]
        writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert writer.stdout
        if not writer.stdout.readline():
            raise RuntimeError("the plain writer failed")
        time.sleep(rng.uniform(0, RUNS_SECONDS))
        writer.kill()
        writer.wait()
        writer.stdout.close()
    return reader.finish(), len(store.damaged())


def write(fitted: Any, folder: Path, results: RunResults, data: Path) -> None:
    """Save a run as most programs do.

    Args:
        fitted: the training.
        folder: to be made.
        results: what came of it.
        data: folder of photos.
    """
    import numpy as np

    from asl_core.training.export import to_litert

    folder.mkdir(parents=True)
    spec = spec_of(data, len(fitted.history["loss"]))
    for name, values in (("config", spec.to_json()), ("results", asdict(results))):
        with (folder / f"{name}.json").open("w") as file:
            json.dump(values, file)
    with (folder / "environment.json").open("w") as file:
        json.dump({"python": sys.version}, file)
    with (folder / "history.csv").open("w", newline="") as file:
        csv.writer(file).writerows([fitted.history, *zip(*fitted.history.values(), strict=True)])
    fitted.model.save(folder / "model.keras")
    (folder / "model.tflite").write_bytes(to_litert(fitted.model))
    np.savez(folder / "predictions.npz", indices=fitted.train)
    sizes = {
        name: {"size": (folder / name).stat().st_size, "sha256": sha256(folder / name)}
        for name in RUN_FILES
    }
    with (folder / MANIFEST).open("w") as file:
        json.dump({"schema": SCHEMA, "files": sizes}, file)


def main() -> None:
    """Fit, then write runs for ever."""
    from asl_core.data import make_split, read_folder
    from asl_core.training.fit import fit

    store, data = RunStore(sys.argv[1]), Path(sys.argv[2])
    dataset = read_folder(data)
    split = make_split(dataset, "random")
    fitted = fit(dataset, split, spec_of(data, 1).config)
    counts = dataset.counts(split.test)
    results = RunResults(
        dataset.classes, dataset.fingerprint, counts, counts, 0, 0, 0, 0, 1, 1, "all epochs", {}
    )
    while True:
        write(fitted, store.root / new_run_id(), results, data)
        print("written", flush=True)


if __name__ == "__main__":
    main()
