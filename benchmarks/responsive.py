"""How long *Evaluate* takes to open, and another page to answer while a training is under way.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.responsive [--clicks 60] [--json]

In Chromium, at a real server: one visitor starts the longest training that may be, and leaves;
another switches *Data* between training and test images, which runs the page and draws its sheet
of images and all figures. A click's time ends when the new heading is there, in the browser. The
same clicks before the training are the yardstick. *Evaluate* is opened from *Home*, for a run of
the mission's settings; its time ends when the confusion matrix and the misclassified images are
drawn.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from asl_core.config import TrainConfig
from asl_core.data import find_source
from asl_core.runs.pending import list_pending
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_EPOCHS, MAX_FILTERS, ROOT
from asl_core.ui.shared.settings_link import to_text
from benchmarks.web import chromium, show, start

PAUSE_MILLISECONDS = 300
"""Between two clicks: a visitor looks."""

CLICK = """
async part => {
  const heading = () => [...document.querySelectorAll("h3")].map(h => h.innerText).join("|");
  const button = [...document.querySelectorAll("button")].find(b => b.innerText.trim() === part);
  const wanted = " " + part.toLowerCase() + " ";
  const started = performance.now();
  button.click();
  while (!heading().includes(wanted)) await new Promise(done => setTimeout(done, 2));
  return performance.now() - started;
}
"""


OPEN = """
async () => {
  const link = [...document.querySelectorAll("[data-testid=stTopNavLink]")]
    .find(a => a.innerText.includes("Evaluate"));
  const started = performance.now();
  link.click();
  const drawn = () => document.querySelector("[aria-label^='Confusion matrix'] .heatmaplayer image")
    && document.querySelector(".asl-sheet img");
  while (!drawn()) await new Promise(done => setTimeout(done, 2));
  return performance.now() - started;
}
"""

OPENINGS = 8

LONGEST = TrainConfig(epochs=MAX_EPOCHS, filters=(MAX_FILTERS, MAX_FILTERS))
"""A training that lasts minutes on any machine: the clicks must be over before it is."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.clicks)
    told = {"data": find_source().text} | {name: round(value, 1) for name, value in figures.items()}
    print(json.dumps(told) if options.json else "\n".join(f"{k}: {v}" for k, v in told.items()))


def measure(folder: Path, n_clicks: int) -> dict[str, float]:
    """Milliseconds of each, and how many epochs were trained meanwhile."""
    store = RunStore(folder / "runs")
    command = [sys.executable, "-m", "asl_core", "train", "--runs", str(store.root)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    server, url = start(folder / "server.log", ASL_RUNS_DIR=str(store.root))
    try:
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            visitor = browser.new_page()
            show(visitor, f"{url}/data")
            visitor.wait_for_timeout(20_000)  # until the worker has loaded TensorFlow
            first, *opened = openings(visitor, url)
            show(visitor, f"{url}/data")
            visitor.get_by_text("Test", exact=True).first.wait_for()
            clicks(visitor, 4)
            idle = clicks(visitor, n_clicks)
            trainer = browser.new_page()
            show(trainer, f"{url}/train?settings={to_text(LONGEST)}")
            train(trainer, store)
            trainer.close()  # what its browser draws is not the server's time
            busy = clicks(visitor, n_clicks)
            (staged,) = list_pending(store)
            progress = staged.state().progress
            assert progress, "the training was to be under way until the end"
            browser.close()
    finally:
        server.terminate()
        server.wait()
    return {
        "first_opening_of_evaluate_milliseconds": first,
        "opening_of_evaluate_median_milliseconds": statistics.median(opened),
        "opening_of_evaluate_longest_milliseconds": max(opened),
        "idle_median_milliseconds": statistics.median(idle),
        "idle_p95_milliseconds": float(np.percentile(idle, 95)),
        "training_median_milliseconds": statistics.median(busy),
        "training_p95_milliseconds": float(np.percentile(busy, 95)),
        "epochs_trained_meanwhile": progress.epoch,
    }


def openings(page: Page, url: str) -> list[float]:
    """Milliseconds from each click on *Evaluate* until it is drawn."""
    times = []
    for _ in range(OPENINGS):
        show(page, url)
        times.append(float(page.evaluate(OPEN)))
    return times


def train(page: Page, store: RunStore) -> None:
    """Start the training that the page shows, and wait until it has begun."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_timeout(1_000)
    while not all(staged.state().progress for staged in list_pending(store)):
        page.wait_for_timeout(100)


def clicks(page: Page, n_clicks: int) -> list[float]:
    """Milliseconds from each click to what it asks for."""
    times = []
    for number in range(n_clicks):
        times.append(float(page.evaluate(CLICK, ["Test", "Training"][number % 2])))
        page.wait_for_timeout(PAUSE_MILLISECONDS)
    return times


if __name__ == "__main__":
    main()
