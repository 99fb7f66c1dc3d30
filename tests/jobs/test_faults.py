"""Processes killed at random moments: the benchmark of it as its users start it, with few kills."""

import json
import subprocess
import sys

import pytest

from asl_core.settings import ROOT


@pytest.mark.slow
def test_nothing_is_lost_by_kills() -> None:
    words = ["--kills", "1", "--servers", "0", "--lanes", "1", "--epochs", "5", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", *words],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    report = json.loads(done.stdout)

    assert sum(report["kills"].values()) == 2  # a worker and an app
    assert report["kills"]["worker"] == 1
    assert report["lost"] == report["half_read"] == report["stuck"] == 0
    assert report["resumed"] == report["interrupted"]
    assert report["largest_difference"] < 1e-6
    assert report["reader_loads"] > 0
    assert report["control_half_written"] > 0
