"""From dropping a photo of 12 megapixels on *Predict* to its answer in Chromium.

Usage: ASL_DATA_DIR=... python -m benchmarks.large_photo [--photos 20] [--json]

`ASL_DATA_DIR` names the folder that holds `other_signers`. Photos of `lee` are enlarged to
4000x3000 pixels, with the noise of a camera, as JPEG files of some 4 MB. Each is dropped on a page
of its own of a real server, by the run 'Any hand, 24 letters'. The time begins when the browser has
the file, and ends when the answer and the picture beside it are drawn. The model's share is what
finding the hand and reading it takes, measured alone afterwards, on the image as it is decoded.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from asl_core.evaluation.hand_classifier import HandClassifier
from asl_core.images import WHOLE, read_image
from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, ROOT
from benchmarks.photos import parent_of
from benchmarks.web import chromium, show, start

SIDES = (4000, 3000)
NOISE = 5.0
"""Standard deviation of what a camera adds, of 255."""

QUALITY = 90

STARTED = "addEventListener('change', () => { window.dropped = performance.now() }, true)"

ANSWERED = """
async name => {
  const drawn = () => {
    const card = document.querySelector(".st-key-prediction");
    const picture = card?.querySelector("img");
    return card?.innerText.includes(name) && picture?.complete && picture.naturalWidth;
  };
  while (!drawn()) await new Promise(done => setTimeout(done, 2));
  return performance.now() - window.dropped;
}
"""


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes:
        photos: that were dropped.
        megabytes: of a file, median.
        answer_ms: from the drop to the answer: median, 95th percentile, longest.
        first_ms: the same of the very first photo, which is not among those.
        decode_ms: median of decoding one, in this process.
        model_ms: of the hand and its letter: median and longest.
        load: of the machine, over a minute, before.
    """

    photos: int
    megabytes: float
    answer_ms: tuple[float, float, float]
    first_ms: float
    decode_ms: float
    model_ms: tuple[float, float]
    load: float


def photographed(source: Path, path: Path, rng: np.random.Generator) -> Path:
    """Write a photo as a camera of 12 megapixels would have taken it."""
    with Image.open(source) as image:
        large = image.convert("RGB").resize(SIDES, Image.Resampling.BICUBIC)
    noise = rng.normal(0, NOISE, (SIDES[1], SIDES[0], 1)).astype(np.float32)
    pixels = (np.asarray(large) + noise).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, "JPEG", quality=QUALITY)
    return path


def drop(browser: Browser, url: str, path: Path) -> float:
    """Milliseconds from a drop to its answer, on a page of its own."""
    page = browser.new_context().new_page()
    show(page, url)
    page.evaluate(STARTED)
    page.locator("input[type=file]").set_input_files(path)
    took = float(page.evaluate(ANSWERED, path.name))
    page.context.close()
    return took


def measure(n: int, photos: Path, work: Path) -> Figures:
    """Make the photos, and drop them."""
    rng = np.random.default_rng(0)
    files = sorted((photos / "other_signers" / "lee").glob("*/*.jpg"))
    chosen = [files[i] for i in rng.choice(len(files), n + 1, replace=False)]
    paths = [photographed(f, work / f"photo {i}.jpg", rng) for i, f in enumerate(chosen)]
    load = os.getloadavg()[0]
    models = ROOT / "models"
    (run,) = (run for run in RunStore(models).list() if run.spec.data == ANY_HAND)
    server, url = start(work / "log", ASL_RUNS_DIR=str(models), ASL_DATA_DIR="rendered:ABC:150:0")
    try:
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            first, *times = (drop(browser, f"{url}/predict?run={run.id}", p) for p in paths)
    finally:
        server.terminate()
        server.wait()
    classifier, decoded, answered = HandClassifier(run), [], []
    for path in paths:
        start_time = time.perf_counter()
        image = read_image(path, path.name, WHOLE)
        middle = time.perf_counter()
        classifier.predict_pixels(image, path.name)
        decoded.append(1e3 * (middle - start_time))
        answered.append(1e3 * (time.perf_counter() - middle))
    return Figures(
        n,
        statistics.median(path.stat().st_size / 1e6 for path in paths),
        (statistics.median(times), float(np.percentile(times, 95)), max(times)),
        first,
        statistics.median(decoded),
        (statistics.median(answered[1:]), max(answered[1:])),
        load,
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    photos = parent_of(parser, "other_signers")
    with tempfile.TemporaryDirectory() as work:
        figures = asdict(measure(options.photos, photos, Path(work)))
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


if __name__ == "__main__":
    main()
