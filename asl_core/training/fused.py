"""The mission's network and its optimizers as one compiled loop, without TensorFlow.

What makes it fast: an image stays in the caches from its pixels to its gradients; of a convolution
only what pooling looks at is computed, and only the first maximum of a pooling is followed back;
16 pixels are held in a register while five filters weight them (see `vectors`).
"""

from typing import Any

import numpy as np

from asl_core.training.compiled import compiled, compiled_and_kept
from asl_core.training.fused_memory import GROUP, KERNEL, POOL, Conv, Net
from asl_core.training.vectors import (
    LANES,
    all5,
    fill,
    if_above5,
    load,
    load5,
    plus,
    plus5,
    store,
)

MARGIN = KERNEL // 2

EPSILON = np.float32(1e-7)
"""Keras's, of the optimizers."""

RMSPROP, ADAM, SGD, ONLY_ANSWER = range(4)

RHO, BETA_1, BETA_2 = np.float32(0.9), np.float32(0.9), np.float32(0.999)
"""Keras's: how much RMSprop and Adam keep of what they remember."""


@compiled
def _take_in(conv: Conv, values: Any, first: int, steps: tuple[int, int, int], size: int) -> None:
    """Put an image into the planes; what no pooling looks at is left out."""
    n = min(size, conv.stride - MARGIN)
    for channel in range(conv.channels):
        for y in range(n):
            to = (channel * conv.stride + y + MARGIN) * conv.stride + MARGIN
            at = first + channel * steps[0] + y * steps[1]
            for x in range(n):
                conv.planes[to + x] = values[at + x * steps[2]]


@compiled
def _forward(conv: Conv) -> None:
    """From `planes` to `out` and `winners`, for a group of filters at a time."""
    width = len(conv.tops) // GROUP
    for first in range(0, conv.filters, GROUP):
        for y in range(conv.side):
            for x in range(0, width, LANES):
                top = all5(fill(np.float32(0)))  # relu
                row = top
                for two in range(0, POOL, 2):
                    upper, lower = _two_rows(conv, first, (y * POOL + two) * conv.stride + x)
                    row = if_above5(upper, top, all5(fill(np.float32(two))), row)
                    top = if_above5(upper, top, upper, top)
                    row = if_above5(lower, top, all5(fill(np.float32(two + 1))), row)
                    top = if_above5(lower, top, lower, top)
                for i in range(GROUP):
                    store(conv.tops, i * width + x, top[i])
                    store(conv.top_rows, i * width + x, row[i])
            for i in range(min(GROUP, conv.filters - first)):
                _pool_columns(conv, i, first + i, y)


@compiled
def _two_rows(conv: Conv, first: int, at: int) -> Any:
    """Two rows of 16 outputs, the upper one's patches beginning at a place, of five filters."""
    upper = lower = plus5(all5(fill(np.float32(0))), all5(fill(np.float32(1))), conv.bias, first, 1)
    tap = first * conv.channels * KERNEL * KERNEL
    for channel in range(conv.channels):
        for y in range(KERNEL):
            start = at + (channel * conv.stride + y) * conv.stride
            for x in range(KERNEL):
                pixels, below = (
                    load(conv.planes, start + x),
                    load(conv.planes, start + x + conv.stride),
                )
                upper = plus5(upper, all5(pixels), conv.taps, tap, 1)
                lower = plus5(lower, all5(below), conv.taps, tap, 1)
                tap += GROUP
    return upper, lower


@compiled
def _pool_columns(conv: Conv, i: int, f: int, y: int) -> None:
    """The first maximum of each window, row by row as TensorFlow looks for it."""
    tops, rows = conv.tops, conv.top_rows
    left = i * (len(tops) // GROUP)
    for x in range(conv.side):
        start = left + x * POOL
        best = start
        for at in range(start + 1, start + POOL):
            if tops[at] > tops[best] or (tops[at] == tops[best] and rows[at] < rows[best]):
                best = at
        to = (f * conv.side + y) * conv.side + x
        conv.out[to] = tops[best]
        conv.winners[to] = (y * POOL + int(rows[best])) * conv.stride + best - left


@compiled
def _to_weights(conv: Conv) -> None:
    """Add to `d_rows` and `d_bias` what `d_out` says."""
    windows, plane = conv.side * conv.side, conv.stride * conv.stride
    for f in range(conv.filters):
        for i in range(f * windows, (f + 1) * windows):
            conv.d_bias[f] += conv.d_out[i]
        for channel in range(conv.channels):
            at = (f * conv.channels + channel) * KERNEL * LANES
            totals = load5(conv.d_rows, at, LANES)
            for i in range(f * windows, (f + 1) * windows):
                patch = load5(conv.planes, conv.winners[i] + channel * plane, conv.stride)
                totals = plus5(totals, patch, conv.d_out, i, 0)
            for y in range(KERNEL):
                store(conv.d_rows, at + y * LANES, totals[y])


@compiled
def _to_input(conv: Conv) -> None:
    """From `d_out` to `d_planes`."""
    for i in range(len(conv.d_planes)):
        conv.d_planes[i] = 0
    windows, width = conv.side * conv.side, len(conv.rows) // (conv.filters * KERNEL)
    for i in range(conv.filters * windows):
        if conv.d_out[i] != 0:
            for y in range(KERNEL):
                at = (conv.winners[i] + y * conv.stride) * conv.channels
                row = (i // windows * KERNEL + y) * width
                for x in range(0, width, LANES):
                    total = plus(
                        load(conv.d_planes, at + x), load(conv.rows, row + x), conv.d_out, i
                    )
                    store(conv.d_planes, at + x, total)


@compiled
def _see(net: Net, images: Any, image: int) -> None:
    """From the pixels of an image to `logits`."""
    first, second, logits, size = net.first, net.second, net.logits, net.size
    _take_in(first, images, image * size * size * 3, (1, 3 * size, 3), size)
    _forward(first)
    _take_in(second, first.out, 0, (first.side * first.side, first.side, 1), first.side)
    _forward(second)
    for k in range(len(logits)):
        logits[k] = net.bias[k]
    for i in range(len(second.out)):
        for k in range(len(logits)):
            logits[k] += second.out[i] * net.dense[i * len(logits) + k]


@compiled
def _trace_back(net: Net, label: int, share: Any) -> None:
    """Add the gradients by an image's cross-entropy, which has a share in the mean of a batch."""
    first, second, d_logits, classes = net.first, net.second, net.logits, len(net.logits)
    highest, total = net.logits[0], np.float32(0)
    for k in range(1, classes):
        highest = max(highest, net.logits[k])
    for k in range(classes):
        d_logits[k] = np.exp(net.logits[k] - highest)
        total += d_logits[k]
    for k in range(classes):
        d_logits[k] = (d_logits[k] / total - (k == label)) * share
        net.d_bias[k] += d_logits[k]
    for i in range(len(second.out)):
        second.d_out[i] = 0
        if second.out[i] > 0:
            for k in range(classes):
                net.d_dense[i * classes + k] += second.out[i] * d_logits[k]
                second.d_out[i] += net.dense[i * classes + k] * d_logits[k]
    _to_weights(second)
    _to_input(second)
    side = first.side
    for i in range(len(first.out)):
        f, y, x = i // side // side, i // side % side, i % side
        at = ((y + MARGIN) * second.stride + x + MARGIN) * second.channels + f
        seen = first.out[i] > 0 and max(x, y) < second.stride - MARGIN
        first.d_out[i] = second.d_planes[at] if seen else 0
    _to_weights(first)


@compiled
def _update(net: Net, optimizer: int, rate: float) -> None:
    w, m, v = net.weights, net.momentum, net.velocity
    for i in range(len(w)):
        g = net.memory[net.gradient_at[i]] * net.scales[i]
        if optimizer == RMSPROP:
            v[i] = RHO * v[i] + (1 - RHO) * g * g
            w[i] -= rate * g / np.sqrt(v[i] + EPSILON)
        elif optimizer == ADAM:
            m[i] += (g - m[i]) * (1 - BETA_1)
            v[i] += (g * g - v[i]) * (1 - BETA_2)
            w[i] -= rate * m[i] / (np.sqrt(v[i]) + EPSILON)
        else:
            w[i] -= rate * g


@compiled_and_kept
def run(
    net: Net,
    images: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    rates: np.ndarray,
    batch_size: int,
    optimizer: int,
) -> np.ndarray:
    """Take one step of the optimizer per batch.

    Args:
        net: its weights are changed.
        images: uint8, flat.
        labels: int64 (n,).
        order: int64 (m,), images to answer, a batch after another.
        rates: float32 (steps,), of each step; for Adam with its corrections.
        batch_size: images per step; the last one takes the rest.
        optimizer: `RMSPROP`, `ADAM`, `SGD`, or `ONLY_ANSWER`.

    Returns:
        float32 (m, classes), logits before the step that learns from them.
    """
    found = np.empty((len(order), len(net.logits)), np.float32)
    for step in range(len(rates)):
        for i in range(len(net.weights)):
            weight = net.weights[i] * net.scales[i]
            net.memory[net.taps_at[i]] = net.memory[net.rows_at[i]] = weight
        for i in range(len(net.gradients)):
            net.gradients[i] = 0
        end = min((step + 1) * batch_size, len(order))
        for at in range(step * batch_size, end):
            _see(net, images, order[at])
            for k in range(len(net.logits)):
                found[at, k] = net.logits[k]
            if optimizer != ONLY_ANSWER:
                share = np.float32(1 / (end - step * batch_size))
                _trace_back(net, labels[order[at]], share)
        if optimizer != ONLY_ANSWER:
            _update(net, optimizer, rates[step])
    return found
