"""What visitors see, and what the web process takes, while 87,000 images are opened first.

Usage: python -m benchmarks.many_images [--images 87000] [--folder FOLDER] [--json]

The images are JPEG files of 200x200 pixels in 29 classes, as many and as large as those of Kaggle's
'ASL Alphabet', written by this program; `--folder` keeps them for another time. A real server with
an empty cache shows them to real browsers: two visitors open *Data* at the same moment, and see the
bar count; a third goes to and fro between *Compare* and *Predict* all the while, whose clicks are
timed until the page is drawn. Then the first one turns pages. Memory is that of the web process:
all of it, and without files that are mapped into it, which the system takes back at need.
"""

import argparse
import io
import json
import os
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.web import chromium, show, start

CLASSES, SIDE, ORIGINALS = 29, 200, 20
PAGES = 10
"""That are turned."""

MEMORY_SECONDS = 0.1
OPENED_SECONDS = 1_200

COUNT = re.compile(r"([\d,]+) of [\d,]+, \d+ %")


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes:
        images: how many.
        first_count_seconds: until the bar has counted for the first visitor.
        counts: different counts that this visitor saw.
        seconds: until the images were there, for the slower of the two.
        reading_tasks: how many times the set was decoded.
        click_before_ms: median of a click of somebody else before, and...
        click_ms: median and longest while the images were read.
        page_ms: median and longest of a turned page.
        megabytes: largest memory of the web process from start to end, without mapped files, and...
        megabytes_mapped: with them.
    """

    images: int
    first_count_seconds: float
    counts: int
    seconds: float
    reading_tasks: int
    click_before_ms: float
    click_ms: tuple[float, float]
    page_ms: tuple[float, float]
    megabytes: float
    megabytes_mapped: float


def write_images(folder: Path, n: int) -> None:
    """Write so many JPEG files, each another, unless they are there."""
    if folder.is_dir():
        return
    rng = np.random.default_rng(0)
    for label in range(CLASSES):
        place = folder / f"class{label:02d}"
        place.mkdir(parents=True)
        originals = [_original(rng, label) for _ in range(ORIGINALS)]
        for number in range(n // CLASSES + (label < n % CLASSES)):
            content = originals[number % ORIGINALS]
            comment = f"{label}-{number}".encode()  # so that no two files are the same
            mark = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
            (place / f"class{label:02d}_{number}.jpg").write_bytes(content[:2] + mark + content[2:])


def _original(rng: np.random.Generator, label: int) -> bytes:
    across = np.linspace(0, 6 + label, SIDE)
    waves = 120 + 60 * np.sin(across[:, None] + across * rng.uniform(0.5, 2))
    pixels = waves[..., None] + rng.normal(0, 12, (SIDE, SIDE, 3))
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


class Memory:
    """The largest memory of a process, with and without mapped files, in MB."""

    def __init__(self, pid: int) -> None:
        self.most = self.most_mapped = 0.0
        self._status = Path(f"/proc/{pid}/status")

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this lasts."""
        ended = threading.Event()
        thread = threading.Thread(target=self._watch, args=(ended,), daemon=True)
        thread.start()
        yield
        ended.set()
        thread.join()

    def _watch(self, ended: threading.Event) -> None:
        while not ended.wait(MEMORY_SECONDS):
            told = dict(line.split(":", 1) for line in self._status.read_text().splitlines())
            anonymous, total = (int(told[name].split()[0]) / 1e3 for name in ("RssAnon", "VmRSS"))
            self.most, self.most_mapped = max(self.most, anonymous), max(self.most_mapped, total)


def click(page: Page, name: str) -> float:
    """Milliseconds from a click on a page's link until its title is there and it has run."""
    started = time.monotonic()
    page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    return 1e3 * (time.monotonic() - started)


def _is_open(page: Page) -> bool:
    return page.get_by_role("heading", name="training images").count() > 0


def turn(page: Page) -> list[float]:
    """Milliseconds of each page of images that is turned."""
    times = []
    image = page.locator(".asl-sheet img").first
    for _ in range(PAGES):
        before, started = image.get_attribute("alt"), time.monotonic()
        page.get_by_role("button", name="Next").click()
        while image.get_attribute("alt") == before:
            time.sleep(0.005)
        times.append(1e3 * (time.monotonic() - started))
    return times


def measure(folder: Path, n: int, work: Path) -> Figures:
    """Open them in browsers."""
    environment = {
        "ASL_DATA_DIR": str(folder),
        "ASL_CACHE_DIR": str(work / "cache"),
        "ASL_RUNS_DIR": str(work / "runs"),
    }
    server, url = start(work / "log", **environment)
    memory = Memory(server.pid)
    try:
        with sync_playwright() as playwright, memory.watched():
            browser = chromium(playwright)
            first, second, other = (browser.new_context().new_page() for _ in range(3))
            for page in (first, second, other):
                page.set_default_timeout(60_000)
            show(other, f"{url}/compare")
            before = [click(other, name) for name in ("Predict", "Compare") * 5]
            started = time.monotonic()
            first.goto(f"{url}/data")
            second.goto(f"{url}/data")
            counts, clicks, first_count, tasks = set[str](), list[float](), 0.0, set[str]()
            while not (_is_open(first) and _is_open(second)):
                if time.monotonic() - started > OPENED_SECONDS:
                    raise TimeoutError(first.inner_text("body"))
                if found := COUNT.search(first.inner_text("[data-testid=stMain]")):
                    first_count = first_count or time.monotonic() - started
                    counts.add(found[1])
                staging = work / "runs" / ".staging"
                tasks |= {path.name for path in staging.glob("reading-*/")}
                clicks += [click(other, name) for name in ("Predict", "Compare")]
            seconds = time.monotonic() - started
            turned = turn(first)
            browser.close()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    return Figures(
        images=n,
        first_count_seconds=first_count,
        counts=len(counts),
        seconds=seconds,
        reading_tasks=len(tasks),
        click_before_ms=statistics.median(before),
        click_ms=(statistics.median(clicks), max(clicks)),
        page_ms=(statistics.median(turned), max(turned)),
        megabytes=memory.most,
        megabytes_mapped=memory.most_mapped,
    )


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=87_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = options.folder or Path(work) / "images"
        write_images(folder, options.images)
        figures = measure(folder, options.images, Path(work))
    if options.json:
        print(json.dumps(asdict(figures), indent=2))
    else:
        for name, value in asdict(figures).items():
            print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
