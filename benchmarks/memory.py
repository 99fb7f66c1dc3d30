"""What memory the app takes, all its processes together: for a host with a limit on it.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.memory [--workers 1] [--json]

A fresh server with the runs that come with the project is visited in Chromium, whose memory is not
counted: the first page, all pages, an answer to a photo by a run on pixels and by one on landmarks
(if the hand finder is there), a training by the compiled loop, and one of a network that needs
TensorFlow. After each step the proportional share (PSS, `/proc/PID/smaps_rollup`) of the web server
and of all that it has started is added up, which counts once what processes share; `most so far` is
the highest sum up to then, looked at twice a second.
"""

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from asl_core.config import BASELINE, TrainConfig
from asl_core.landmarks.download import has_hand_finder
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT, settings
from asl_core.ui.shared.settings_link import to_text
from benchmarks.web import chromium, show, start
from tests.browser.server import any_hand
from tests.processes import wait_for

PAGES = ("data", "train", "sweep", "evaluate", "compare", "predict")
LOOK_SECONDS = 0.5
SETTLE_SECONDS = 15
SECOND = 1_000
EXAMPLE = ROOT / "asl_core" / "ui" / "predict" / "examples" / "A.jpg"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.memory", description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.workers)
    if options.json:
        print(json.dumps(figures))


def measure(home: Path, n_workers: int) -> dict[str, str]:
    """MB after each step."""
    shutil.copytree(ROOT / "models", home / "runs", ignore=shutil.ignore_patterns(".*"))
    server, url = start(
        home / "server.log",
        ASL_WORKER_COUNT=str(n_workers),
        ASL_RUNS_DIR=str(home / "runs"),
        ASL_CACHE_DIR=str(home / "cache"),
        ASL_HAND_FINDER_DIR=str(settings().hand_finder_folder),
    )
    tree = Tree(server.pid)
    try:
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            walk(browser.new_page(), url, RunStore(home / "runs"), tree)
            browser.close()
            tree.note("all pages closed")
    finally:
        tree.stop()
        server.terminate()
        server.wait()
    return tree.noted


def walk(page: Page, url: str, runs: RunStore, tree: "Tree") -> None:
    """Do what a visitor does, and note the memory after each step."""
    tree.note("nobody has come")
    show(page, url)
    tree.note("first page, the workers ready")
    for name in PAGES:
        show(page, f"{url}/{name}")
    tree.note("all pages")
    reads_hands = any_hand(runs)
    pixels = next(run.id for run in runs.list() if run.id != reads_hands)
    predict(page, f"{url}/predict?run={pixels}")
    tree.note("a photo, run on pixels")
    if has_hand_finder(settings().hand_finder_folder):
        predict(page, f"{url}/predict?run={reads_hands}")
        tree.note("a photo, run on landmarks")
    train(page, f"{url}/train", runs, replace(BASELINE, epochs=20))
    tree.note("a training by the compiled loop")
    train(page, f"{url}/train", runs, replace(BASELINE, epochs=5, kernel_size=3))
    tree.note("a training with TensorFlow")


def predict(page: Page, url: str) -> None:
    """Show a photo to a run."""
    show(page, url)
    page.locator("input[type=file]").set_input_files(str(EXAMPLE))
    expect(page.get_by_role("table", name="Probabilities")).to_be_visible(timeout=120 * SECOND)


def train(page: Page, url: str, runs: RunStore, config: TrainConfig) -> None:
    """Train a network on the page."""
    n_runs = len(runs.list())
    show(page, f"{url}?settings={to_text(config)}")
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for(lambda: len(runs.list()) > n_runs, 600)


class Tree:
    """The memory of a process and of all that it has started.

    Args:
        pid: of the process.
    """

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._most = 0.0
        self._done = threading.Event()
        self.noted: dict[str, str] = {}
        self._watch = threading.Thread(target=self._look_often, daemon=True)
        self._watch.start()

    def note(self, step: str) -> None:
        """Write down what there is once things are quiet."""
        time.sleep(SETTLE_SECONDS)
        web, others, n_others = self._look()
        self.noted[step] = (
            f"{web + others:.0f} MB: {web:.0f} the web process, {others:.0f} in {n_others} others; "
            f"most so far {self._most:.0f} MB"
        )
        print(f"{step}: {self.noted[step]}", file=sys.stderr, flush=True)

    def _look(self) -> tuple[float, float, int]:
        children = self._process.children(recursive=True)
        web, others = pss_mb(self._process), sum(map(pss_mb, children))
        self._most = max(self._most, web + others)
        return web, others, len(children)

    def _look_often(self) -> None:
        while not self._done.wait(LOOK_SECONDS):
            self._look()

    def stop(self) -> None:
        """Look no more."""
        self._done.set()
        self._watch.join()


def pss_mb(process: psutil.Process) -> float:
    """Its share of memory, in MB (10^6 bytes); 0.0 if it has ended."""
    try:
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return 0.0


if __name__ == "__main__":
    main()
