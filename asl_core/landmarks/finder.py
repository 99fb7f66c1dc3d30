"""Finds a hand in an image by the two models of MediaPipe Hands, through LiteRT."""

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from asl_core.images import WHOLE_SIDE
from asl_core.landmarks.download import HAND_MODEL, PALM_MODEL, ensure_whole, hand_finder_folder
from asl_core.landmarks.hand import MIDDLE, N_POINTS, WRIST, Hand, Square
from asl_core.landmarks.palms import INPUT_SIDE, find_palms, hand_square

MIN_PRESENCE = 0.5
"""Below it there is no hand."""

SURE_PRESENCE = 0.8
"""Below it the image is looked at once more, brightened."""

CROPS: tuple[tuple[float, float], ...] = (
    (0, 1),
    (0.15, 1.1),
    (-0.15, 1.1),
    (0.1, 0.92),
    (-0.1, 1.25),
)
"""Turn (radians) and scale of the squares that a hand is read from, about its own (see
`square_about`)."""

N_VIEWS = len(CROPS) + 1
"""Readings of a hand: those, and that of the square in which it was found."""

_PADDINGS = (0.0, 0.25, 0.6)
_WHOLE_TURNS = (0.0, 0.5, -0.5)
_WHOLE_SCALES = (1.0, 1.4)
_GAMMA = 0.5

_INNER_POINTS = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18]
"""Without the ends of the fingers, which come and go."""

_INNER_TO_HAND = 2.0
_UPWARD = 0.1
"""How far the square's middle is above that of the inner points, in their height."""

_MIN_SIDE = 4.0
"""Of a square, in pixels."""

_CROP_SIDE = 224


class HandFinder:
    """The two models, loaded. May be shared by threads.

    Args:
        folder: with the models; None: where `download_hand_finder` puts them.

    Raises:
        HandFinderError: they are not there, or are not what they should be.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or hand_finder_folder()
        ensure_whole(folder)
        self._palms = _Model(folder / PALM_MODEL)
        self._hands = _Model(folder / HAND_MODEL)

    def find(self, image: np.ndarray) -> Hand | None:
        """The hand in an image.

        Args:
            image: uint8 (height, width, 3), RGB, upright.

        Returns:
            The likeliest one; None if there is none.
        """
        hand = self.likeliest(image)
        return hand if hand.presence >= MIN_PRESENCE else None

    def likeliest(self, image: np.ndarray) -> Hand:
        """As `find`, but what is most like a hand, however little: see its `presence`."""
        return self._views(image, CROPS[:1])[0]

    def views(self, image: np.ndarray) -> tuple[Hand, ...]:
        """The likeliest hand, read from several squares, the best one first.

        Args:
            image: uint8 (height, width, 3), RGB, upright.

        Returns:
            `N_VIEWS` readings.
        """
        return self._views(image, CROPS)

    def _views(self, image: np.ndarray, crops: tuple[tuple[float, float], ...]) -> tuple[Hand, ...]:
        factor = reduction(image)
        picture = Image.fromarray(image).reduce(factor)
        best, seen = self._search(picture)
        if best.presence < SURE_PRESENCE:
            again, bright = self._search(brightened(picture))
            if again.presence > best.presence:
                best, seen = again, bright
        found = [self.read(seen, square_about(best.points).moved(*crop)) for crop in crops]
        if found[0].presence < MIN_PRESENCE <= best.presence:  # its own square lost it
            found = [self.read(seen, best.square.moved(*crop)) for crop in crops]
        return tuple(hand.scaled(factor) for hand in (*found, best))

    def _search(self, picture: Image.Image) -> tuple[Hand, np.ndarray]:
        """The likeliest hand of those in the squares to try; the first that is one ends it."""
        pixels = np.asarray(picture)
        best = None
        for square in self._squares(pixels):
            hand = self.read(pixels, square)
            if best is None or hand.presence > best.presence:
                best = hand
            if best.presence >= MIN_PRESENCE:
                break
        assert best is not None  # the whole image is always tried
        return best, pixels

    def _squares(self, pixels: np.ndarray) -> Iterator[Square]:
        height, width = pixels.shape[:2]
        whole = Square(width / 2, height / 2, max(height, width))
        for padding in _PADDINGS:
            yield from self.palms(pixels, padding)
        for scale in _WHOLE_SCALES:
            for turn in _WHOLE_TURNS:
                yield whole.moved(turn, scale)

    def palms(self, pixels: np.ndarray, padding: float) -> list[Square]:
        """Squares of the hands whose palms are seen, at most two, the surest first.

        Args:
            pixels: uint8 (height, width, 3), no side longer than `WHOLE_SIDE`.
            padding: looked at on each side of it, in longer sides: then the hand is smaller.
        """
        height, width = pixels.shape[:2]
        frame = Square(width / 2, height / 2, max(height, width) * (1 + 2 * padding))
        raw, logits = self._palms(cut(pixels, frame, INPUT_SIDE))[:2]
        return [hand_square(palm, frame) for palm in find_palms(raw, logits[:, 0])[:2]]

    def read(self, pixels: np.ndarray, square: Square) -> Hand:
        """What a square shows, as a hand: see its `presence`.

        Args:
            pixels: uint8 (height, width, 3).
            square: part of it.
        """
        points, presence, handedness, world = self._hands(cut(pixels, square, _CROP_SIDE))
        flat = points.reshape(N_POINTS, 3).astype(float) / _CROP_SIDE
        placed = np.column_stack([square.to_image(flat[:, :2]), flat[:, 2] * square.side])
        level = Square(0, 0, 1, square.turn)
        world = world.reshape(N_POINTS, 3)
        turned = np.column_stack([level.to_image(world[:, :2] + 0.5), world[:, 2]])
        return Hand(
            placed.astype(np.float32),
            turned.astype(np.float32),
            float(presence[0]),
            float(handedness[0]),
            square,
        )


def square_about(points: np.ndarray) -> Square:
    """The square of a hand whose key points are known, wrist below.

    Args:
        points: float (21, 2 or more), pixels of the image.
    """
    flat = points[:, :2].astype(float)
    across, down = flat[MIDDLE[0]] - flat[WRIST]
    turn = math.atan2(across, -down)
    c, s = math.cos(turn), math.sin(turn)
    axes = np.array([(c, s), (-s, c)])
    inner = flat[_INNER_POINTS] @ axes.T
    low, high = inner.min(axis=0), inner.max(axis=0)
    middle = (low + high) / 2 - (0, _UPWARD * (high - low)[1])
    x, y = (middle @ axes).tolist()
    return Square(x, y, max(_MIN_SIDE, _INNER_TO_HAND * float((high - low).max())), turn)


class _Model:
    """One LiteRT model that takes one image. Threads take turns, an image each."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = sorted(self._interpreter.get_output_details(), key=lambda output: output["name"])
        self._outputs = [output["index"] for output in outputs]
        self._lock = threading.Lock()

    def __call__(self, image: np.ndarray) -> list[Any]:
        """Its outputs in their order, for an image uint8 (side, side, 3)."""
        pixels = image[None].astype(np.float32) / 255
        with self._lock:
            self._interpreter.set_tensor(self._input, pixels)
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(index)[0].copy() for index in self._outputs]


def cut(pixels: np.ndarray, square: Square, side: int) -> np.ndarray:
    """What a square shows, at a size.

    Args:
        pixels: uint8 (height, width, 3).
        square: part of it; black beyond the image.
        side: of the result, in pixels.

    Returns:
        uint8 (side, side, 3).
    """
    corners = square.corners
    left, top = (int(low) - 1 for low in np.floor(corners.min(axis=0)))
    right, bottom = (int(high) + 2 for high in np.ceil(corners.max(axis=0)))
    factor = max(1, int(square.side // side))
    box = Image.fromarray(pixels).crop((left, top, right, bottom)).reduce(factor)
    c, s = math.cos(square.turn), math.sin(square.turn)
    step, half = square.side / side / factor, square.side / 2 / factor
    x, y = (square.x - left) / factor, (square.y - top) / factor
    across = (step * c, -step * s, x - half * (c - s))
    down = (step * s, step * c, y - half * (c + s))
    fitted = box.transform(
        (side, side), Image.Transform.AFFINE, (*across, *down), Image.Resampling.BILINEAR
    )
    return np.asarray(fitted)


def reduction(image: np.ndarray) -> int:
    """By how much an image uint8 (height, width, 3) is averaged down before it is looked at."""
    longest: int = max(image.shape[:2])
    return max(1, math.ceil(longest / WHOLE_SIDE))


def brightened(picture: Image.Image) -> Image.Image:
    """A dark picture as a hand is found in it."""
    table = [round(255 * (value / 255) ** _GAMMA) for value in range(256)] * 3
    return ImageOps.autocontrast(picture.point(table))
