"""The square of a photo that a network on pixels gets: shown, and moved by the visitor."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from asl_core.evaluation.prediction import Prediction
from asl_core.images import WHOLE, resize_pixels
from asl_core.runs.run import Run
from asl_core.ui.predict.photos import Photo
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.resources import FORGOTTEN_SECONDS, classifier_of, read_upload

SMALLEST = 20
"""Side of the square, in percent of the photo's shorter side, at least."""

SHOWN = 320
"""Longest side of the photo in the fold, in pixels."""

LINE = 3
"""Width of the square's line on that, in pixels, and of the dark line within it."""


@dataclass(frozen=True)
class Square:
    """A square of a photo; at first the largest in its middle.

    Attributes:
        right: where it is in the room that it has to the sides, -100 (left edge) to 100.
        down: the same from top to bottom.
        size: its side, in percent of the photo's shorter side, `SMALLEST` to 100.
    """

    right: int = 0
    down: int = 0
    size: int = 100

    def box(self, height: int, width: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in a photo, in pixels."""
        side = max(1, min(height, width) * self.size // 100)
        left = (width - side) * (100 + self.right) // 200
        top = (height - side) * (100 + self.down) // 200
        return left, top, left + side, top + side

    def of(self, photo: np.ndarray) -> np.ndarray:
        """What is in it, uint8 (side, side, 3), of a photo, uint8 (height, width, 3)."""
        left, top, right, bottom = self.box(*photo.shape[:2])
        return photo[top:bottom, left:right]


CENTER = Square()


def in_square(run: Run, photo: Photo, prediction: Prediction) -> Prediction:
    """What a run on pixels says of the square that the visitor has chosen.

    Args:
        run: that is asked.
        photo: that it is asked of.
        prediction: of the center square, given back where nothing was moved, and of a run on
            landmarks, which finds the hand by itself.
    """
    square = _chosen(photo.id)
    if square == CENTER or run.spec.config.features != "pixels":
        return prediction
    return _prediction_in(run, run.id, photo, photo.id, square)


def is_moved(photo: Photo) -> bool:
    """Whether the square of a photo is another than the center square."""
    return _chosen(photo.id) != CENTER


def square_id(photo: Photo) -> str:
    """Tells what is in the square of a photo: the same for the same content and square."""
    return f"{photo.id} {_chosen(photo.id)}"


def offer_square(run: Run, photo: Photo) -> None:
    """A fold with the photo, the square on it, and what moves that, of a run on pixels.

    Args:
        run: that is asked.
        photo: that it is asked of.
    """
    if run.spec.config.features != "pixels":
        return
    fold = lasting_fold("Move the square", ":material/crop_free:", f"square_{photo.id}")
    if fold is None:
        return
    with fold:
        st.caption("The network gets what is in the square: let the hand fill it.")
        shown = _with_square(_whole(photo, photo.id), _chosen(photo.id))
        st.html(
            f'<img src="{data_url(shown, "JPEG")}" alt="The photo, with the square that the '
            f'network gets" style="max-width:100%;border-radius:6px">'
        )
        for label, field, least in (
            ("Left to right", "right", -100),
            ("Top to bottom", "down", -100),
            ("Size, % of the shorter side", "size", SMALLEST),
        ):
            st.slider(
                label,
                least,
                100,
                getattr(CENTER, field),
                5,
                key=_key(field, photo.id),
                persist_state="session",
            )


def _key(field: str, photo_id: str) -> str:
    return f"square_{field}_{photo_id}"


def _chosen(photo_id: str) -> Square:
    fields = ("right", "down", "size")
    values = {f: st.session_state.get(_key(f, photo_id), getattr(CENTER, f)) for f in fields}
    return Square(**values)


@st.cache_resource(max_entries=100, ttl=FORGOTTEN_SECONDS, show_spinner=False)
def _prediction_in(
    _run: Run, run_id: str, _photo: Photo, photo_id: str, square: Square
) -> Prediction:
    pixels = np.ascontiguousarray(square.of(_whole(_photo, photo_id)))
    image = resize_pixels(pixels, _run.spec.config.image_size)
    return classifier_of(_run, run_id).predict_pixels(image, _photo.name)


@st.cache_resource(max_entries=8, ttl=FORGOTTEN_SECONDS, show_spinner=False)  # 3 MB each
def _whole(_photo: Photo, photo_id: str) -> np.ndarray:
    return read_upload(_photo.content, _photo.name, WHOLE)


def _with_square(photo: np.ndarray, square: Square) -> np.ndarray:
    """A photo, small, with the square on it in white and black: seen on any background."""
    image = Image.fromarray(photo)
    image.thumbnail((SHOWN, SHOWN))
    box = square.box(image.height, image.width)
    draw = ImageDraw.Draw(image)
    for inset, color in ((0, "white"), (LINE, "black")):
        left, top, right, bottom = box
        edges = (left + inset, top + inset, right - 1 - inset, bottom - 1 - inset)
        draw.rectangle(edges, outline=color, width=LINE)
    return np.asarray(image)
