"""The memory of the compiled loop (`fused`): what it holds, and where.

All floats lie in one array, so that a list of places says where each weight is read, and where its
gradient is found: the loop wants them in an order that suits its registers, Keras in another.
"""

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from asl_core.config import Architecture
from asl_core.training.architecture import CHANNELS
from asl_core.training.vectors import LANES

KERNEL, POOL = 5, 4
"""Sides of the kernels and of the max-poolings that the loop knows, in pixels."""

GROUP = 5
"""Filters that weight a vector while it is in a register."""


class Conv(NamedTuple):
    """A convolution with relu and pooling, for one image. All arrays are flat.

    Attributes:
        channels: of the input.
        filters: of the output.
        side: of the output, after pooling.
        stride: floats of a row of the input, padding included; it has as many rows.
        planes: float32, the input, channel after channel.
        taps: weights for the way forward, [group of filters, channel, y, x, filter of the group].
        rows: weights for the way back, [filter, y, x, channel], each y filled up to whole vectors.
        bias: float32 [filter].
        out: float32 [filter, y, x].
        winners: int64, alike: where in `planes` the patch begins that made the maximum.
        tops, top_rows: of a row of windows in five filters: maxima of the columns, and their rows.
        d_rows: gradient by the weights, [filter, channel, y, x], each y filled up to a vector.
        d_bias, d_out: gradients by `bias` and `out`.
        d_planes: gradient by the input, [y, x, channel].
    """

    channels: int
    filters: int
    side: int
    stride: int
    planes: np.ndarray
    taps: np.ndarray
    rows: np.ndarray
    bias: np.ndarray
    out: np.ndarray
    winners: np.ndarray
    tops: np.ndarray
    top_rows: np.ndarray
    d_rows: np.ndarray
    d_bias: np.ndarray
    d_out: np.ndarray
    d_planes: np.ndarray


class Net(NamedTuple):
    """The network, with all that a step changes.

    Attributes:
        size: side of an image, in pixels.
        first, second: its convolutions.
        dense: float32, [filter, y, x as in `second.out`, class].
        bias: float32 [class].
        d_dense, d_bias: gradients by them.
        logits: float32 [class]; on the way back the gradient by them.
        memory: what all float arrays above are views of.
        gradients: those by weights and biases, a part of it.
        weights: float32, all of them in Keras's order.
        momentum, velocity: what the optimizer remembers of each weight.
        taps_at, rows_at: the two places of `memory` in which each weight is read.
        gradient_at: where the gradient by it is.
        scales: 1, or 1 / 255 for the weights of pixels, which are not rescaled.
    """

    size: int
    first: Conv
    second: Conv
    dense: np.ndarray
    bias: np.ndarray
    d_dense: np.ndarray
    d_bias: np.ndarray
    logits: np.ndarray
    memory: np.ndarray
    gradients: np.ndarray
    weights: np.ndarray
    momentum: np.ndarray
    velocity: np.ndarray
    taps_at: np.ndarray
    rows_at: np.ndarray
    gradient_at: np.ndarray
    scales: np.ndarray


def weight_shapes(architecture: Architecture, n_classes: int) -> list[tuple[int, ...]]:
    """Of the weights, in Keras's order."""
    first, second = architecture.filters
    features = (architecture.image_size // POOL // POOL) ** 2 * second
    kernels = [(KERNEL, KERNEL, CHANNELS, first), (KERNEL, KERNEL, first, second)]
    return [
        shape for kernel in [*kernels, (features, n_classes)] for shape in (kernel, kernel[-1:])
    ]


@dataclass(frozen=True)
class _Arrays:
    """All float arrays of a net, as views of one."""

    convs: tuple[Conv, Conv]
    dense: np.ndarray
    bias: np.ndarray
    d_dense: np.ndarray
    d_bias: np.ndarray
    logits: np.ndarray
    n_gradients: int
    n: int


class _Parts:
    """Hands out an array in parts."""

    def __init__(self, memory: np.ndarray) -> None:
        self.memory, self.used = memory, 0

    def __call__(self, n: int) -> np.ndarray:
        self.used += n
        return self.memory[self.used - n : self.used]


def _whole_vectors(n: int) -> int:
    return -(-n // LANES) * LANES


def _lay_out(architecture: Architecture, n_classes: int, memory: np.ndarray) -> _Arrays:
    part = _Parts(memory)
    first, second = architecture.filters
    ins_and_outs = ((CHANNELS, first), (first, second))
    features = prod(weight_shapes(architecture, n_classes)[-2][:1])
    d_dense, d_bias = part(features * n_classes), part(n_classes)
    gradients = [(part(f * c * KERNEL * LANES), part(f)) for c, f in ins_and_outs]
    n_gradients, convs, size = part.used, [], architecture.image_size
    for (channels, filters), (d_rows, d_conv_bias) in zip(ins_and_outs, gradients, strict=True):
        size = side = size // POOL
        stride, groups = side * POOL + KERNEL - 1, -(-filters // GROUP)
        width, columns = _whole_vectors(KERNEL * channels), _whole_vectors(side * POOL)
        outputs = filters * side**2
        convs.append(
            Conv(
                channels=channels,
                filters=filters,
                side=side,
                stride=stride,
                planes=part(channels * stride**2 + LANES),
                taps=part(groups * channels * KERNEL**2 * GROUP),
                rows=part(filters * KERNEL * width),
                bias=part(groups * GROUP),
                out=part(outputs),
                winners=np.zeros(outputs, np.int64),
                tops=part(GROUP * columns),
                top_rows=part(GROUP * columns),
                d_rows=d_rows,
                d_bias=d_conv_bias,
                d_out=part(outputs),
                d_planes=part(stride**2 * channels + width),
            )
        )
    dense, bias, logits = part(features * n_classes), part(n_classes), part(n_classes)
    convs_of_two = (convs[0], convs[1])
    return _Arrays(convs_of_two, dense, bias, d_dense, d_bias, logits, n_gradients, part.used)


def new_net(architecture: Architecture, n_classes: int) -> Net:
    """The memory of a network, all 0."""
    n = _lay_out(architecture, n_classes, np.empty(0)).n
    memory = np.zeros(n, np.float32)
    arrays = _lay_out(architecture, n_classes, memory)
    places = _places(_lay_out(architecture, n_classes, np.arange(n)), n_classes)
    n_weights = len(places[0])
    scales = np.ones(n_weights, np.float32)
    scales[: prod(weight_shapes(architecture, n_classes)[0])] = 1 / 255
    return Net(
        size=architecture.image_size,
        first=arrays.convs[0],
        second=arrays.convs[1],
        dense=arrays.dense,
        bias=arrays.bias,
        d_dense=arrays.d_dense,
        d_bias=arrays.d_bias,
        logits=arrays.logits,
        memory=memory,
        gradients=memory[: arrays.n_gradients],
        weights=np.zeros(n_weights, np.float32),
        momentum=np.zeros(n_weights, np.float32),
        velocity=np.zeros(n_weights, np.float32),
        taps_at=places[0],
        rows_at=places[1],
        gradient_at=places[2],
        scales=scales,
    )


def _places(numbers: _Arrays, n_classes: int) -> list[np.ndarray]:
    """`taps_at`, `rows_at` and `gradient_at`, from a layout of the numbers of the places."""
    of_weights: list[tuple[np.ndarray, ...]] = []
    for conv in numbers.convs:
        c, f, k = conv.channels, conv.filters, KERNEL
        taps = conv.taps.reshape(-1, c, k, k, GROUP).transpose(2, 3, 1, 0, 4)
        rows = conv.rows.reshape(f, k, -1)[:, :, : k * c].reshape(f, k, k, c)
        gradient = conv.d_rows.reshape(f, c, k, LANES)[..., :k]
        kernel = taps.reshape(k, k, c, -1)[..., :f]
        of_weights.append((kernel, rows.transpose(1, 2, 3, 0), gradient.transpose(2, 3, 1, 0)))
        of_weights.append((conv.bias[:f], conv.bias[:f], conv.d_bias))
    last = numbers.convs[1]
    dense, d_dense = (
        part.reshape(last.filters, last.side**2, n_classes).transpose(1, 0, 2)
        for part in (numbers.dense, numbers.d_dense)
    )
    of_weights += [(dense, dense, d_dense), (numbers.bias, numbers.bias, numbers.d_bias)]
    return [
        np.concatenate([np.ravel(part) for part in parts])
        for parts in zip(*of_weights, strict=True)
    ]
