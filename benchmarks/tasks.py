"""*Find label errors*, *Robustness* and external tests, from the click to the result.

Usage: ASL_DATA_DIR=... python -m benchmarks.tasks [--rounds 3] [--sets asl_abc asl_alphabet]
       [--epochs 1] [--json]

In Chromium, at a real server with its usual two workers: a visitor opens the page, waits until the
workers have loaded TensorFlow, and clicks. Each time is given to the result on the disk (when its
file was written) and to the result on the page. The decoded images of the external folders are not
in the cache in the first round, in the later ones they are; all else is asked anew in each round,
since its result is removed. The load of the machine is that of the last minute, before and after.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from asl_core.data import read_folder
from asl_core.jobs.tasks import external_test_task, label_issues_task, robustness_task
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT
from benchmarks.photos import parent_of
from benchmarks.web import chromium, show, start

WARM_MILLISECONDS = 25_000
"""Until the workers have loaded TensorFlow, one after the other."""

PAUSE_MILLISECONDS = 500
"""Before a click: a visitor looks."""

LONGEST_MILLISECONDS = 300_000
"""Wait for a result, before it is given up."""

Times = dict[str, list[float]]


@dataclass(frozen=True)
class Click:
    """Something to ask for.

    Attributes:
        what: is asked for.
        address: of the page, below that of the server.
        button: what is on it.
        shown: what is on the page when the result is.
        result: the file.
    """

    what: str
    address: str
    button: str
    shown: Callable[[Page], Locator]
    result: Path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sets", nargs="+", default=["asl_abc", "asl_alphabet"])
    parser.add_argument("--epochs", type=int, default=1, help="Of the run that is tested.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    data = parent_of(parser, *options.sets, "other_signers")
    report: dict[str, object] = {"load_before": os.getloadavg()[0]}
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for name in options.sets:
            times = measure(browser, data, name, options.epochs, options.rounds)
            report |= {f"{name} {what}": told(values) for what, values in times.items()}
        browser.close()
    report["load_after"] = os.getloadavg()[0]
    print(json.dumps(report) if options.json else "\n".join(f"{k}: {v}" for k, v in report.items()))


def told(seconds: list[float]) -> dict[str, float]:
    """The first time, and the median of the later ones."""
    figures = {"first": seconds[0]}
    if len(seconds) > 1:
        figures["later"] = statistics.median(seconds[1:])
    return {name: round(value, 2) for name, value in figures.items()}


def measure(browser: Browser, data: Path, name: str, epochs: int, rounds: int) -> Times:
    """Seconds of each task on one data set, at a server of its own."""
    others = sorted(path for path in (data / "other_signers").iterdir() if path.is_dir())
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder) / "runs")
        environment = {
            "ASL_DATA_DIR": str(data / name),
            "ASL_ALSO_DIRS": os.pathsep.join(map(str, others)),
            "ASL_RUNS_DIR": str(store.root),
            "ASL_CACHE_DIR": str(Path(folder) / "cache"),
        }
        command = [sys.executable, "-m", "asl_core", "train", "--epochs", str(epochs)]
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True
        )
        server, url = start(Path(folder) / "server.log", **environment)
        try:
            page = browser.new_page()
            show(page, f"{url}/data")
            page.wait_for_timeout(WARM_MILLISECONDS)
            times: Times = {}
            for click in clicks_of(store, data / name, others) * rounds:
                on_disk, on_page = ask(page, url, click)
                print(f"{name} {click.what}: {on_page:.1f} s", file=sys.stderr, flush=True)
                times.setdefault(f"{click.what}, on disk", []).append(on_disk)
                times.setdefault(f"{click.what}, on the page", []).append(on_page)
            page.close()
        finally:
            server.terminate()
            server.wait()
    return times


def clicks_of(store: RunStore, data: Path, others: list[Path]) -> list[Click]:
    """What is clicked on in a round."""
    (run,) = store.list()
    dataset = read_folder(data)
    evaluate = f"evaluate?run={run.id}&part="
    tests = [
        Click(
            f"external test {other.name}",
            f"{evaluate}generalization",
            f"Test on '{other.name}'",
            partial(metric, other.name),
            external_test_task(run, other).result,
        )
        for other in others
    ]
    return [
        Click(
            "label errors",
            "data?check=label-errors",
            "Find label errors",
            lambda page: page.get_by_text("Next in the queue"),
            label_issues_task(store, dataset).result,
        ),
        Click(
            "robustness",
            f"{evaluate}robustness",
            "Measure robustness",
            lambda page: page.get_by_label(re.compile("^Accuracy against horizontal flip")),
            robustness_task(run, dataset).result,
        ),
        *tests,
    ]


def metric(name: str, page: Page) -> Locator:
    """The figure of a test."""
    return page.get_by_test_id("stMetric").filter(has_text=name)


def ask(page: Page, url: str, click: Click) -> tuple[float, float]:
    """Seconds from a click until the result is on the disk, and on the page; what an earlier click
    has found is removed before."""
    click.result.unlink(missing_ok=True)
    show(page, f"{url}/{click.address}")
    button = page.get_by_role("button", name=click.button, exact=True)
    button.wait_for(timeout=LONGEST_MILLISECONDS)
    page.wait_for_timeout(PAUSE_MILLISECONDS)
    clicked = time.time()
    button.click()
    click.shown(page).first.wait_for(timeout=LONGEST_MILLISECONDS)
    return click.result.stat().st_mtime - clicked, time.time() - clicked


if __name__ == "__main__":
    main()
