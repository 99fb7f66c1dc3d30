"""Photos, folders and runs that the tests share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from asl_core.data import Dataset, read_folder
from asl_core.landmarks.download import has_hand_finder
from asl_core.runs.run import Run
from asl_core.settings import MISSION_FINGERPRINT, ROOT, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HAND_FINDER = Path(os.environ.get("ASL_HAND_FINDER_DIR", ROOT / ".cache" / "hand-finder"))
PHOTOS = Path(os.environ.get("ASL_DATA_DIR", ROOT.parent / "shared" / "data" / "asl_abc"))


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes the user's runs, photos or cache, nor does a process it starts."""
    base = tmp_path_factory.mktemp("home")
    os.environ["ASL_CACHE_DIR"] = str(base / "cache")
    os.environ["ASL_RUNS_DIR"] = str(base / "runs")
    os.environ["ASL_LOCKS_DIR"] = str(base / "locks")  # nor does it wait for another program
    os.environ["ASL_WORKER_COUNT"] = "1"  # each takes up to 1 GB
    os.environ["ASL_WORKER_NICENESS"] = "1"  # other tests leave nothing for one at 19
    os.environ.pop("ASL_DATA_DIR", None)
    os.environ.pop("ASL_HAND_FINDER_DIR", None)
    settings.cache_clear()


@pytest.fixture(scope="session")
def photos() -> Path:
    """Folder of the mission's 3,000 photos."""
    if not PHOTOS.is_dir():
        pytest.skip("needs the mission's photos: set ASL_DATA_DIR to their folder")
    return PHOTOS


@pytest.fixture(scope="session")
def hand_finder() -> Path:
    """Folder of the models that find a hand."""
    if not has_hand_finder(HAND_FINDER):
        pytest.skip("needs the hand finder: `python -m asl_core download hand-finder`")
    return HAND_FINDER


@pytest.fixture(scope="session")
def mission(photos: Path) -> Dataset:
    """The mission's photos, read."""
    dataset = read_folder(photos)
    if dataset.fingerprint != MISSION_FINGERPRINT:
        pytest.skip("needs the mission's photos: ASL_DATA_DIR holds others")
    return dataset


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 3 x 20 drawn pictures that are easy to tell apart: bright, middle, dark."""
    folder = tmp_path_factory.mktemp("drawn")
    rng = np.random.default_rng(0)
    for letter, level in (("A", 40), ("B", 128), ("C", 210)):
        (folder / letter).mkdir()
        for frame in range(20):
            pixels = rng.normal(level, 12, (60, 60, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / letter / f"{letter}{frame}.png")
    return folder


@pytest.fixture(scope="session")
def drawn_run(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run trained for two epochs on the drawn pictures."""
    from asl_core import TrainConfig, train

    runs = tmp_path_factory.mktemp("runs")
    return train(drawn, TrainConfig(epochs=2, batch_size=8), "random", runs)


@pytest.fixture(scope="session")
def landmark_run(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on landmarks of the drawn pictures, in four of which no hand was found (`MISSING`)."""
    from asl_core import TrainConfig, train
    from tests.made_hands import keep_hands

    keep_hands(read_folder(drawn))
    config = TrainConfig(
        epochs=4, batch_size=16, optimizer="adam", learning_rate=0.004, schedule="one-cycle",
        dropout=0.2, features="landmarks", hidden=32,
    )  # fmt: skip
    return train(drawn, config, "random", tmp_path_factory.mktemp("landmarks"))


@pytest.fixture(scope="session")
def deep_run(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on the drawn pictures at 64 pixels, with all that an architecture may have."""
    from asl_core import TrainConfig, train

    config = TrainConfig(
        epochs=5,
        filters=(3, 4, 5),
        batch_size=8,
        optimizer="adam",
        learning_rate=0.01,
        kernel_size=3,
        dropout=0.2,
        batch_norm=True,
        image_size=64,
    )
    return train(drawn, config, "random", tmp_path_factory.mktemp("deep"))


@pytest.fixture(scope="session")
def mission_run(mission: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of one epoch on the mission's photos, with the mission's settings."""
    from asl_core import TrainConfig, train

    return train(mission.folder, TrainConfig(), "original", tmp_path_factory.mktemp("mission"))


@pytest.fixture(scope="module")  # its event loop must be gone when other tests run
def browser() -> Iterator["Browser"]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.browser.server import ARGUMENTS, CHROMIUM

    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """An empty page in a browser of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()
