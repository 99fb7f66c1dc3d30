"""How soon a fresh server shows its first page in Chromium, and what memory it takes.

The yardstick, measured in the same run, is the time that a Python process needs to import
TensorFlow: what the first page would cost more if the web process loaded it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.web import chromium, show, start

PAGES = ("data", "train", "sweep", "evaluate", "compare", "predict")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    imports = [import_seconds() for _ in range(arguments.repeats)]
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        visits = [visit(browser) for _ in range(arguments.repeats)]
        browser.close()
    first, home, all_pages = (statistics.median(column) for column in zip(*visits, strict=True))
    report = {
        "first_page_seconds": round(first, 2),
        "import_tensorflow_seconds": round(statistics.median(imports), 2),
        "first_page_to_import": round(first / statistics.median(imports), 2),
        "memory_after_first_page_mb": round(home),
        "memory_after_all_pages_mb": round(all_pages),
    }
    print(
        json.dumps(report) if arguments.json else "\n".join(f"{k}: {v}" for k, v in report.items())
    )


def import_seconds() -> float:
    """Time of a process that imports TensorFlow and nothing else."""
    started = time.perf_counter()
    command = [sys.executable, "-c", "import tensorflow"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def visit(browser: Browser) -> tuple[float, float, float]:
    """Seconds to the first page of a fresh server, and its memory in MB then and in the end."""
    with tempfile.TemporaryDirectory() as folder:
        server, url = start(Path(folder) / "server.log")
        try:
            page = browser.new_page()
            started = time.perf_counter()
            show(page, url)
            seconds = time.perf_counter() - started
            home = memory(server.pid)
            for name in PAGES:
                show(page, f"{url}/{name}")
            page.wait_for_timeout(2_000)
            pages = memory(server.pid)
            page.close()
        finally:
            server.terminate()
            server.wait()
    return seconds, home, pages


def memory(pid: int) -> float:
    """Resident memory of the web process, in MB."""
    return float(psutil.Process(pid).memory_info().rss) / 2**20


if __name__ == "__main__":
    main()
