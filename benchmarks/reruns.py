"""What a rerun of an idle page costs the web process, and whether its memory stays flat.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.reruns [--reruns 300] [--json] [PAGE...]

At a real server with the runs that come with the project, and with one page open in Chromium, on
which nothing changes. Two kinds of rerun are measured: those that the page asks for by itself,
since it polls, and whole ones, which Streamlit's key R asks for. Reruns are counted as the browser
sends them. The cost is the processor time of the web process alone, divided by their number.
Memory is the web process's, before the whole reruns and after each sixth of them.
"""

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TypeAlias

import psutil
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg

from asl_core.settings import ROOT
from benchmarks.web import chromium, show, start

MAX_CPU_SECONDS = 0.03
"""Processor time of a rerun of an idle page; no more is wanted."""

PAGES = ("home", "data", "train", "sweep", "evaluate", "compare", "predict")
WARM_UP_RERUNS = 20
IDLE_SECONDS = 30
SETTLE_SECONDS = 10
PARTS = 6
"""Looks at the memory, each after as many reruns."""

Figures: TypeAlias = dict[str, float | list[int]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", default=list(PAGES), metavar="PAGE")
    parser.add_argument("--reruns", type=int, default=300, help="whole ones of each page")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.pages, options.reruns)
    costs = [v for name, v in figures.items() if "_cpu_seconds_" in name and isinstance(v, float)]
    figures["costliest_cpu_seconds"] = max(costs)
    figures["wanted_cpu_seconds_at_most"] = MAX_CPU_SECONDS
    figures["load_average"] = round(os.getloadavg()[0], 2)
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


class Reruns:
    """Counts the reruns that a page asks its server for.

    Args:
        page: not yet opened.
    """

    def __init__(self, page: Page) -> None:
        self.count = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._look)

    def _look(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes) and BackMsg.FromString(frame).HasField("rerun_script"):
            self.count += 1


def measure(folder: Path, pages: list[str], reruns: int) -> Figures:
    """Seconds of each kind of rerun, and megabytes, of each page.

    Args:
        folder: for the runs, the cache and the log of the server.
        pages: names of pages.
        reruns: whole reruns of each.
    """
    runs = shutil.copytree(ROOT / "models", folder / "runs")
    server, url = start(folder / "server.log", ASL_RUNS_DIR=str(runs))
    figures: Figures = {}
    try:
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            for name in pages:
                values = one_page(
                    browser, f"{url}/{name if name != 'home' else ''}", server.pid, reruns
                )
                figures |= {f"{name}_{what}": value for what, value in values.items()}
            browser.close()
    finally:
        server.terminate()
        server.wait()
    return figures


def one_page(browser: Browser, url: str, pid: int, n_reruns: int) -> Figures:
    """Figures of one page, opened by a visitor of its own."""
    process = psutil.Process(pid)
    page = browser.new_page()
    reruns = Reruns(page)
    show(page, url)
    page.wait_for_timeout(1_000 * SETTLE_SECONDS)
    rerun(page, WARM_UP_RERUNS)
    before, polls = seconds(process), reruns.count
    page.wait_for_timeout(1_000 * IDLE_SECONDS)
    idle, polls = seconds(process) - before, reruns.count - polls
    first = megabytes(process)
    before, whole = seconds(process), reruns.count
    memory = []
    for _ in range(PARTS):
        rerun(page, n_reruns // PARTS)
        memory.append(round(megabytes(process)))
    busy, whole = seconds(process) - before, reruns.count - whole
    page.close()
    return {
        "polls": polls,
        "idle_cpu_seconds_each_poll": round(idle / polls, 4) if polls else 0.0,
        "reruns": whole,
        "cpu_seconds_each_rerun": round(busy / whole, 4),
        "memory_before_mb": round(first),
        "memory_mb": memory,
    }


def rerun(page: Page, times: int) -> None:
    """Run the whole page again, each time after the last has ended."""
    for _ in range(times):
        page.keyboard.press("r")
        page.wait_for_timeout(50)  # until the browser has asked for it
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def seconds(process: psutil.Process) -> float:
    """Processor time so far."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def megabytes(process: psutil.Process) -> float:
    """Resident memory."""
    return float(process.memory_info().rss) / 2**20


if __name__ == "__main__":
    main()
