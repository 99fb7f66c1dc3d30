"""Saliency, where a network looked: Grad-CAM and occlusion. No TensorFlow."""

from dataclasses import dataclass

import numpy as np

from asl_core.evaluation.layer_inspector import LayerInspector
from asl_core.evaluation.prediction import Probabilities
from asl_core.settings import IMAGE_SIZE

PATCH = 10
"""Side of the patch that covers a part of the image, in pixels: about two fingers' width."""

STRIDE = 2
"""Pixels from one place of the patch to the next: 21 x 21 places on 50x50 pixels."""


@dataclass(frozen=True)
class Cover:
    """How a patch is moved over an image.

    Attributes:
        patch: its side, in pixels.
        stride: from one place to the next, in pixels.
    """

    patch: int = PATCH
    stride: int = STRIDE

    @classmethod
    def on(cls, size: int) -> "Cover":
        """A patch of 10 pixels by steps of 2 on an image of 50 pixels, and in proportion on one of
        another side, in pixels."""
        return cls(round(PATCH * size / IMAGE_SIZE), round(STRIDE * size / IMAGE_SIZE))


def gradcam(inside: LayerInspector, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Grad-CAM on the last convolution, to be laid over the images (see `class_activation`).

    Args:
        inside: the network of a run.
        images: uint8 (n, size, size, 3), n at least 1.
        classes: int (n,), the class that each map is for: the predicted one tells why it was
            chosen, the true one what evidence there was for it.

    Returns:
        float32 (n, size, size), 0 to 1: each map is divided by its maximum, and is 0 all over if
        there is no positive evidence for the class.
    """
    heat = enlarge(class_activation(inside, images, classes), images.shape[1])
    peak = heat.max(axis=(1, 2), keepdims=True)
    scaled: np.ndarray = np.divide(heat, peak, out=np.zeros_like(heat), where=peak > 0)
    return scaled


def class_activation(inside: LayerInspector, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """What Grad-CAM computes, in the cells of the last convolution.

    Selvaraju et al. (2017): Grad-CAM: visual explanations from deep networks via gradient-based
    localization, ICCV. The gradients need no TensorFlow: behind the last convolution this network
    only takes maxima, which pass a gradient on to one pixel of each window, and adds up with the
    last layer's weights. So a filter's mean gradient is the sum of its weights over the number of
    its pixels, whatever the image.

    Args:
        inside: the network of a run.
        images: uint8 (n, size, size, 3), n at least 1.
        classes: int (n,), the class that each map is for.

    Returns:
        float32 (n, cells, cells), 12 by 12 for the mission's network, 0 or more, in the units
        of the logits.
    """
    maps = inside.activations(images).maps
    n, height, width, filters = maps.shape
    weights = inside.weights[classes].reshape(n, -1, filters).sum(axis=1) / (height * width)
    heat: np.ndarray = np.maximum(np.einsum("nhwf,nf->nhw", maps, weights), 0)
    return heat


def occlusion(
    probabilities: Probabilities, image: np.ndarray, label: int, cover: Cover | None = None
) -> np.ndarray:
    """What a class loses when a part of the image is covered.

    Zeiler, Fergus (2014): Visualizing and understanding convolutional networks, ECCV. The patch has
    the image's mean color.

    Args:
        probabilities: of the model, such as `Classifier(run).probabilities`.
        image: uint8 (size, size, 3).
        label: the class that is watched.
        cover: how the patch is moved; None: see `Cover.on`.

    Returns:
        float32 (size, size), -1 to 1: mean drop of the class's probability over all patches that
        cover the pixel. Above 0: the pixel is evidence for the class.
    """
    cover = cover or Cover.on(image.shape[0])
    places = [
        (slice(top, top + cover.patch), slice(left, left + cover.patch))
        for top in _starts(image.shape[0], cover)
        for left in _starts(image.shape[1], cover)
    ]
    covered = np.repeat(image[None], len(places) + 1, axis=0)  # the last one stays whole
    color = np.rint(image.mean(axis=(0, 1))).astype(np.uint8)
    for image_covered, place in zip(covered, places, strict=False):
        image_covered[place] = color
    answers = probabilities(covered)[:, label]
    drops, times = np.zeros(image.shape[:2], np.float32), np.zeros(image.shape[:2], np.float32)
    for place, answer in zip(places, answers, strict=False):
        drops[place] += answers[-1] - answer
        times[place] += 1
    return drops / times


def _starts(size: int, cover: Cover) -> list[int]:
    """Where the patch begins, so that it never leaves the image and covers all of it."""
    last = max(0, size - cover.patch)
    return [*range(0, last, cover.stride), last]


def enlarge(heat: np.ndarray, size: int) -> np.ndarray:
    """Cells as a smooth image, each cell's value in the middle of its pixels, such as 4x4.

    Args:
        heat: float32 (n, height, width), at least 2 cells each way.
        size: side of the image, in pixels; those beyond the last cell's middle repeat it.

    Returns:
        float32 (n, size, size), bilinear.
    """
    for axis in (1, 2):
        cells = heat.shape[axis]
        pixels = size // cells
        places = np.clip((np.arange(size) - (pixels - 1) / 2) / pixels, 0, cells - 1)
        low = np.minimum(places.astype(int), cells - 2)
        shape = [-1 if i == axis else 1 for i in range(3)]
        share = (places - low).astype(np.float32).reshape(shape)
        heat = (1 - share) * heat.take(low, axis) + share * heat.take(low + 1, axis)
    return heat


SCALE = 4
"""Pixels of the result for each of the image's, so that a browser shows them sharp."""

FOR = (230, 159, 0)

AGAINST = (0, 114, 178)
"""Orange and blue of Okabe and Ito (2008), RGB: told apart with any color vision."""

GRAYED = 0.6
"""How much of the image's color is taken out, so that those of the map can be seen."""

STRONGEST = 0.8
"""How opaque the map is where it is strongest."""


def overlay(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lay a map over an image: orange where it is above 0, blue where it is below.

    Args:
        image: uint8 (height, width, 3).
        heat: float (height, width), any range; the strongest value gets the strongest color, and
            a map of zeros none.

    Returns:
        uint8 (4 height, 4 width, 3).
    """
    gray = image.astype(np.float32)
    gray += GRAYED * (gray.mean(axis=2, keepdims=True) - gray)
    peak = float(np.abs(heat).max())
    strength = (STRONGEST * np.abs(heat) / peak if peak else np.zeros_like(heat))[..., None]
    color = np.where((heat > 0)[..., None], FOR, AGAINST)
    return enlarged(np.rint((1 - strength) * gray + strength * color).astype(np.uint8))


def enlarged(image: np.ndarray) -> np.ndarray:
    """Each pixel as a block of 4x4: uint8 (4 height, 4 width, 3)."""
    return image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
