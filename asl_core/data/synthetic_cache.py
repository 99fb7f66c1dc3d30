"""Rendered datasets in the cache: each rendered once, by whoever comes first.

Below `settings().rendered_dir` a dataset is the folder `<key>/`, which appears whole or not at all;
`<key>.png` holds its first training images while it is rendered, and whoever renders it holds
`<key>.lock`. The first images of the default dataset come with the package.
"""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.disk_cache import touch
from asl_core.errors import DatasetError, StoppedError
from asl_core.files import disk_errors_as, held, replacing
from asl_core.progress import OnShare
from asl_core.settings import IMAGE_SIZE, settings
from asl_core.synthetic.folder import STAGING_PREFIX, draw_training, render_folder

_WAITED = "Rendering was stopped while it waited for its turn."

RENDERER_VERSION = 3
"""Of the images that `asl_core.synthetic` renders: what another version has rendered is another
dataset. A test holds a digest of some, and fails when they change without this number."""

N_FIRST = 36
COLUMNS = 6
SHIPPED = Path(__file__).with_name("first_images.png")
_LETTERS = "letters"


class CacheEntry:
    """Where a rendered dataset is in the cache.

    Args:
        spec: what it is rendered from.
    """

    def __init__(self, spec: SyntheticSpec) -> None:
        told = f"{RENDERER_VERSION} {IMAGE_SIZE} {spec.text}"
        key = hashlib.sha256(told.encode()).hexdigest()[:24]
        self.folder = settings().rendered_dir.resolve() / key
        self.first = self.folder.with_suffix(".png")
        self.lock = self.folder.with_suffix(".lock")
        self.turn = self.folder.with_name("turn.lock")

    @property
    def is_ready(self) -> bool:
        """Whether it is rendered."""
        return self.folder.is_dir()


def ensure_rendered(
    spec: SyntheticSpec,
    on_progress: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Path:
    """Render a dataset into the cache, unless it is there; wait for whoever is rendering it.

    Args:
        spec: what it is rendered from.
        on_progress: told the fraction that is done.
        should_stop: asked as often, and while it waits; True ends it, and saves nothing.

    Returns:
        Its folder, with a sub-folder per letter.

    Raises:
        DatasetError: the cache can't be written.
        StoppedError: it was stopped.
    """
    entry = CacheEntry(spec)
    if entry.is_ready:
        touch(entry.folder)
        return entry.folder

    def tell(done: int, total: int) -> None:
        if should_stop and should_stop():
            raise StoppedError(f"Rendering was stopped after {done} of {total} images.")
        if on_progress:
            on_progress(done / total)

    with disk_errors_as(DatasetError, "Rendered images can't be saved", entry.folder.parent):
        entry.folder.parent.mkdir(parents=True, exist_ok=True)
        with held(entry.lock, should_stop, _WAITED):
            if not entry.is_ready:
                _render(spec, entry, tell, should_stop)
    return entry.folder


def _render(
    spec: SyntheticSpec,
    entry: CacheEntry,
    tell: Callable[[int, int], None],
    should_stop: Callable[[], bool] | None,
) -> None:
    if spec != SyntheticSpec():
        write_first_images(spec, entry.first)
    try:
        with held(entry.turn, should_stop, _WAITED):  # one at a time on this machine
            for left in entry.folder.parent.glob(f"{STAGING_PREFIX}*"):  # by a process that died
                shutil.rmtree(left, ignore_errors=True)
            render_folder(
                entry.folder,
                spec.letters,
                spec.count,
                spec.seed,
                size=IMAGE_SIZE,
                ranges=spec.ranges,
                on_progress=tell,
            )
    finally:
        entry.first.unlink(missing_ok=True)


def first_images(spec: SyntheticSpec) -> tuple[np.ndarray, str] | None:
    """The first training images of a dataset that is not ready; None if there are none yet.

    Returns:
        uint8 (n, 50, 50, 3), RGB, and the letter of each.
    """
    path = SHIPPED if spec == SyntheticSpec() else CacheEntry(spec).first
    try:
        with Image.open(path) as image:
            letters = image.info[_LETTERS]
            pixels = np.asarray(image.convert("RGB"))
    except FileNotFoundError:
        return None
    rows = pixels.reshape(-1, IMAGE_SIZE, COLUMNS, IMAGE_SIZE, 3).swapaxes(1, 2)
    return rows.reshape(-1, IMAGE_SIZE, IMAGE_SIZE, 3)[: len(letters)], letters


def render_first(spec: SyntheticSpec) -> tuple[np.ndarray, np.ndarray]:
    """The first training images, as they will be in the whole dataset.

    Returns:
        uint8 (n, 50, 50, 3), RGB, and labels, int64 (n,), index into the spec's letters.
    """
    return draw_training(
        spec.letters, spec.count, spec.seed, first=N_FIRST, size=IMAGE_SIZE, ranges=spec.ranges
    )


def write_first_images(spec: SyntheticSpec, path: Path = SHIPPED) -> None:
    """Render the first training images into one PNG file, which appears whole.

    After a change of the images, those of the default dataset are rendered again by
    `write_first_images(SyntheticSpec())`.
    """
    images, labels = render_first(spec)
    sheet = np.zeros((-(-len(images) // COLUMNS), COLUMNS, *images.shape[1:]), np.uint8)
    sheet.reshape(-1, *images.shape[1:])[: len(images)] = images
    rows, columns, height, width, _ = sheet.shape
    pixels = sheet.swapaxes(1, 2).reshape(rows * height, columns * width, 3)
    info = PngInfo()
    info.add_text(_LETTERS, "".join(spec.letters[label] for label in labels))
    with replacing(path) as file:
        Image.fromarray(pixels).save(file, "PNG", pnginfo=info, optimize=True)
