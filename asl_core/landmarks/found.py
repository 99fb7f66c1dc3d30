"""The hands of a dataset: found once, and kept by content."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.disk_cache import prune, touch
from asl_core.errors import DatasetError, FileError, StoppedError
from asl_core.files import disk_errors_as, held, read_arrays, replacing
from asl_core.images import read_image, read_whole, resize_pixels
from asl_core.landmarks.download import FILES
from asl_core.landmarks.features import KeyPoints, features
from asl_core.landmarks.finder import MIN_PRESENCE, N_VIEWS, HandFinder
from asl_core.landmarks.hand import N_POINTS, Hand, Square
from asl_core.progress import OnShare
from asl_core.settings import settings

_WAITED = "The search for hands was stopped while it waited."

LANDMARKS_VERSION = 1
"""Of how hands are found: what another version has found is found again. A test holds some, and
fails when they change without this number."""

BLOCK = 64
"""Images whose hands are kept at a time: what a search that is stopped begins with again."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The likeliest hand of each image of a dataset, read several times.

    Attributes:
        points: float32 (n, views, 21, 3), as `Hand.points`.
        world: float32 (n, views, 21, 3), as `Hand.world`.
        presence: float32 (n, views).
        handedness: float32 (n, views).
        squares: float32 (n, views, 4): x, y, side and turn, as in `Square`.
    """

    points: np.ndarray
    world: np.ndarray
    presence: np.ndarray
    handedness: np.ndarray
    squares: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    @property
    def found(self) -> np.ndarray:
        """bool (n,), which images show a hand."""
        found: np.ndarray = self.presence[:, 0] >= MIN_PRESENCE
        return found

    @property
    def n_missing(self) -> int:
        """Images without a hand."""
        return int((~self.found).sum())

    def part(self, chosen: np.ndarray | slice, views: int = N_VIEWS) -> "Landmarks":
        """Those of some images, in their order, and of each the first readings alone.

        Args:
            chosen: which images.
            views: readings of each, at most.
        """
        return Landmarks(**{name: getattr(self, name)[chosen, : max(views, 1)] for name in _SHAPES})

    def hand(self, index: int, view: int = 0) -> Hand:
        """The hand of one image."""
        x, y, side, turn = self.squares[index, view].tolist()
        return Hand(
            self.points[index, view],
            self.world[index, view],
            float(self.presence[index, view]),
            float(self.handedness[index, view]),
            Square(x, y, side, turn),
        )

    def features(self) -> np.ndarray:
        """float32 (n, views, 295), what a network gets; of images without a hand, too."""
        n, views = self.presence.shape
        hands = KeyPoints(
            self.points.reshape(-1, N_POINTS, 3),
            self.world.reshape(-1, N_POINTS, 3),
            self.handedness.ravel() >= 0.5,
            self.squares[:, :, 3].ravel(),
        )
        return features(hands).reshape(n, views, -1)


def find_landmarks(
    dataset: Dataset,
    finder: HandFinder | None = None,
    on_progress: OnShare = lambda share: None,
    should_stop: Callable[[], bool] | None = None,
) -> Landmarks:
    """Find the hand in each image of a dataset, unless that was done before.

    The images are read from the files, in all their pixels. What is found is kept in the cache by
    the content of the dataset; a search that was stopped or killed goes on where it was.

    Args:
        dataset: whose files are as they were when it was opened.
        finder: what finds hands; None loads it, if anything is left to find.
        on_progress: told the share that is done, after each image; what it raises ends the search.
        should_stop: asked as often, and while another process is at the same work; True ends it.

    Raises:
        HandFinderError: there is no hand finder.
        DatasetError: a file was changed or removed meanwhile, or the cache can't be written.
        ImageError: a file can't be read any longer.
        StoppedError: it was stopped.
    """
    folder = landmarks_folder(dataset)
    starts = range(0, len(dataset), BLOCK)
    with disk_errors_as(DatasetError, "Key points can't be saved", folder):
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder.with_suffix(".lock"), should_stop, _WAITED):
            known = {start: _block(folder, start, dataset) for start in starts}
            missing = [start for start, block in known.items() if block is None]
            if missing:
                search = _Search(dataset, finder or HandFinder(), on_progress, should_stop)
                for start in missing:
                    known[start] = search.block(start)
                    _save(_block_file(folder, start), known[start])
                prune(settings().cached_dirs, settings().cache_max_bytes)
        touch(folder)
    on_progress(1.0)
    return _joined([block for block in known.values() if block is not None])


def known_landmarks(
    dataset: Dataset, chosen: np.ndarray | None = None, views: int = N_VIEWS
) -> Landmarks | None:
    """What `find_landmarks` gives, if it is known already; None otherwise. Starts no work.

    Args:
        dataset: the images.
        chosen: int (m,), those whose hands are wanted, in this order; None: all.
        views: readings of each, at most: all of many images take much memory.
    """
    order = np.arange(len(dataset)) if chosen is None else np.sort(chosen)
    folder = landmarks_folder(dataset)
    blocks = []
    for start in range(0, len(dataset), BLOCK):
        block = _block(folder, start, dataset)
        if block is None:
            return None
        here = order[(order >= start) & (order < start + BLOCK)]
        blocks.append(block.part(here - start, views))
    touch(folder)
    known = _joined(blocks)
    return known if chosen is None else known.part(np.argsort(np.argsort(chosen)), views)


def landmarks_folder(dataset: Dataset) -> Path:
    """Where the key points of a dataset are kept."""
    models = " ".join(file.sha256 for file in FILES.values())
    told = f"{LANDMARKS_VERSION} {N_VIEWS} {models} {dataset.fingerprint}"
    return settings().landmarks_dir / hashlib.sha256(told.encode()).hexdigest()[:32]


def landmarks_file(dataset: Dataset) -> Path:
    """What is there when the hands of a dataset are found: the block that is kept last."""
    return _block_file(landmarks_folder(dataset), (len(dataset) - 1) // BLOCK * BLOCK)


class _Search:
    """Finds hands in images of a dataset that are not known yet."""

    def __init__(
        self,
        dataset: Dataset,
        finder: HandFinder,
        on_progress: OnShare,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._dataset, self._finder = dataset, finder
        self._on_progress, self._should_stop = on_progress, should_stop

    def block(self, start: int) -> Landmarks:
        """The hands of the images from `start` on."""
        n = len(self._dataset)
        hands = []
        for index in range(start, min(start + BLOCK, n)):
            if self._should_stop and self._should_stop():
                raise StoppedError(f"The search for hands was stopped after {index} of {n} images.")
            hands.append(self._finder.views(self._whole(index)))
            self._on_progress((index + 1) / n)
        return _arrays(hands)

    def _whole(self, index: int) -> np.ndarray:
        """One image in all its pixels, if it still is the one that the dataset holds."""
        dataset, file = self._dataset, self._dataset.files[index]
        if dataset.pixels is not None:
            return resize_pixels(dataset.pixels[index], dataset.pixels.shape[1])
        held = dataset.images[index]
        try:
            content = (dataset.folder / file).read_bytes()
        except OSError as error:
            raise DatasetError(
                f"{file} can't be read: {error.strerror}.", dataset.folder
            ) from error
        if not np.array_equal(read_image(content, file, len(held)), held):
            raise DatasetError(
                f"{file} has changed since {dataset.source.name} was read. Read it again.",
                dataset.folder,
            )
        return read_whole(content, file)


def _arrays(hands: list[tuple[Hand, ...]]) -> Landmarks:
    def stacked(value: Callable[[Hand], object]) -> np.ndarray:
        return np.array([[value(hand) for hand in views] for views in hands], np.float32)

    return Landmarks(
        points=stacked(lambda hand: hand.points),
        world=stacked(lambda hand: hand.world),
        presence=stacked(lambda hand: hand.presence),
        handedness=stacked(lambda hand: hand.handedness),
        squares=stacked(
            lambda hand: (hand.square.x, hand.square.y, hand.square.side, hand.square.turn)
        ),
    )


_SHAPES: dict[str, tuple[int, ...]] = {
    "points": (N_POINTS, 3),
    "world": (N_POINTS, 3),
    "presence": (),
    "handedness": (),
    "squares": (4,),
}


def _joined(blocks: list[Landmarks]) -> Landmarks:
    return Landmarks(
        **{name: np.concatenate([getattr(block, name) for block in blocks]) for name in _SHAPES}
    )


def _block_file(folder: Path, start: int) -> Path:
    return folder / f"{start}.npz"


def _save(path: Path, block: Landmarks | None) -> None:
    with replacing(path) as file:
        np.savez(file, **{name: getattr(block, name) for name in _SHAPES})


def _block(folder: Path, start: int, dataset: Dataset) -> Landmarks | None:
    """A block that is kept; None if it is not, or is damaged: it is found again then."""
    n = min(BLOCK, len(dataset) - start)
    try:
        arrays = read_arrays(_block_file(folder, start))
        block = Landmarks(**{name: arrays[name] for name in _SHAPES})
    except (FileError, KeyError):
        return None
    whole = all(
        getattr(block, name).shape == (n, N_VIEWS, *shape) for name, shape in _SHAPES.items()
    )
    return block if whole else None
