"""Images that are added to a dataset by hand: as they come, as they are kept, and what became of
them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image

from asl_core.data.own_dataset import OwnDataset
from asl_core.errors import ImageError
from asl_core.images import WHOLE, encode

STORED_SIDE = 640
"""Longest side of an image that is kept, in pixels: a network gets less, and a hand is found."""

RECORDING, FILES, PHOTO = "recording", "files", "photo"
"""What groups are called, before their number: by where their images come from."""

ReadPixels: TypeAlias = Callable[[Path | bytes, str, int], np.ndarray]
"""What reads an image, as `read_image` does."""


@dataclass(frozen=True)
class NewImage:
    """An image that is to be kept.

    Attributes:
        content: of a file, as it comes.
        name: what to call it in an error.
    """

    content: bytes
    name: str


@dataclass(frozen=True)
class Removed:
    """What was taken out of a dataset, to be put back.

    Attributes:
        id: of the folder in which it is meanwhile (see `REMOVED`).
        files: path there of each file by that below the images to which it goes back; both are
            `class/group/number.jpg`, and differ if the class was renamed.
        classes: that were taken out as a whole.
    """

    id: str
    files: dict[str, str]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Added:
    """What became of new images.

    Attributes:
        card: of the dataset, with them.
        n_images: that are in it now.
        left_out: why each of the others is not.
    """

    card: OwnDataset
    n_images: int
    left_out: tuple[str, ...] = ()


def read_new(images: Sequence[NewImage], read: ReadPixels) -> tuple[list[bytes], tuple[str, ...]]:
    """Images as they are kept: JPEG, upright, no larger than `STORED_SIDE`.

    Args:
        images: as they come.
        read: what reads one.

    Returns:
        The content of those that can be read, and why each of the others can't.
    """
    contents, left_out = list[bytes](), list[str]()
    for image in images:
        try:
            contents.append(_as_stored(read(image.content, image.name, WHOLE)))
        except ImageError as error:
            left_out.append(str(error))
    return contents, tuple(left_out)


def _as_stored(pixels: np.ndarray) -> bytes:
    image = Image.fromarray(pixels)
    image.thumbnail((STORED_SIDE, STORED_SIDE))
    return encode(np.asarray(image), "JPEG")
