"""What a live answer takes, and whether somebody else waits for it.

Usage: python -m benchmarks.live [--seconds 20] [--json]

One visitor of a real server holds Chromium's fake camera before *Predict*, 'Live'; another goes to
and fro between *Compare* and *Predict*, before and meanwhile, whose clicks are timed until the page
is drawn. Processor time is that of the web process and of what decodes images for it, for each
answer, while the other visitor rests. The run there is one on pixels.

Of the run 'Any hand, 24 letters', the processor time of a frame that is decoded already is measured
in this process: followed from the frame before, as 'Live' does it, beside searched as a photo is;
with a rendered hand that moves, and with none. It needs the hand finder.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from asl_core.evaluation.hand_classifier import HandClassifier
from asl_core.landmarks.video import HandFollower
from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, ROOT
from asl_core.synthetic import View, render
from asl_core.ui.shared.camera import SIDE
from benchmarks.many_images import click
from benchmarks.web import chromium, show, start

RENDERED = "rendered:ABC:150:0"
N_FRAMES, WARM_UP = 60, 10
"""Frames that are looked at, and how many of them, the first ones, are not counted."""

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes:
        answers_per_second: that the visitor with the camera saw, as the page tells.
        age_ms: of an answer, from its frame on, as the page tells.
        processor_ms: for each answer, with the browser's messages.
        click_before_ms: median of a click of the other visitor without the camera, and...
        click_ms: median and longest with it.
        hand_ms: processor time of a frame with a hand, followed and searched as a photo, and...
        nothing_ms: of one without a hand.
        load: of the machine, over a minute, at the end.
    """

    answers_per_second: float
    age_ms: float
    processor_ms: float
    click_before_ms: float
    click_ms: tuple[float, float]
    hand_ms: tuple[float, float]
    nothing_ms: tuple[float, float]
    load: float


def processor_seconds(server: int) -> float:
    """Of the web process and of its decoders, those that have ended included; not of workers."""
    web = psutil.Process(server)
    found = [web, *(one for one in web.children() if "asl_core.web.decoder" in one.cmdline())]
    times = [one.cpu_times() for one in found]
    ended = sum(one.children_user + one.children_system for one in times[1:])
    return sum(one.user + one.system for one in times) + ended


def of_frames(frames: list[np.ndarray]) -> tuple[float, float]:
    """Milliseconds of the processor for each frame: followed, and searched as a photo."""
    (run,) = (run for run in RunStore(ROOT / "models").list() if run.spec.data == ANY_HAND)
    classifier = HandClassifier(run)
    spent = []
    for follower in (HandFollower(), None):
        for frame in frames[:WARM_UP]:
            classifier.predict_pixels(frame, "frame", follower)
        begun = time.process_time()
        for frame in frames[WARM_UP:]:
            classifier.predict_pixels(frame, "frame", follower)
        spent.append(1e3 * (time.process_time() - begun) / len(frames[WARM_UP:]))
    return spent[0], spent[1]


def measure(seconds: float, work: Path) -> Figures:
    """Look at the page in two browsers."""
    folders = {"ASL_RUNS_DIR": str(work / "runs"), "ASL_CACHE_DIR": str(work / "cache")}
    subprocess.run(
        [sys.executable, "-m", "asl_core", "train", "--data", RENDERED, "--epochs", "2"],
        cwd=ROOT, env={**os.environ, **folders}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    server, url = start(work / "log", ASL_DATA_DIR=RENDERED, **folders)
    try:
        with sync_playwright() as playwright:
            other = chromium(playwright).new_context().new_page()
            show(other, f"{url}/compare")
            before = [click(other, name) for name in ("Predict", "Compare") * 5]
            page = chromium(playwright, *CAMERA).new_context().new_page()
            show(page, f"{url}/predict")
            page.get_by_text("Live", exact=True).click()
            page.get_by_role("button", name="Turn on the camera").click()
            page.locator(".asl-camera-rate", has_text="a second").wait_for()
            time.sleep(4)
            spent = processor_seconds(server.pid)
            time.sleep(seconds)
            spent = processor_seconds(server.pid) - spent
            rate, age = told(page)
            clicks = [click(other, name) for name in ("Predict", "Compare") * 10]
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    hand = render("L", View(), size=SIDE)
    moving = [np.roll(hand, (n % 8 - 4) * 4, axis=1) for n in range(N_FRAMES)]
    nothing = [np.full((SIDE, SIDE, 3), 90, np.uint8)] * N_FRAMES
    return Figures(
        answers_per_second=rate,
        age_ms=age,
        processor_ms=1e3 * spent / (rate * seconds),
        click_before_ms=statistics.median(before),
        click_ms=(statistics.median(clicks), max(clicks)),
        hand_ms=of_frames(moving),
        nothing_ms=of_frames(nothing),
        load=os.getloadavg()[0],
    )


def told(page: Page) -> tuple[float, float]:
    """Answers a second, and milliseconds from a frame to its answer."""
    words = page.locator(".asl-camera-rate").inner_text().split()
    return float(words[0]), float(words[words.index("ms") - 1])


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        figures = measure(options.seconds, Path(work))
    if options.json:
        print(json.dumps(asdict(figures), indent=2))
    else:
        for name, value in asdict(figures).items():
            print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
