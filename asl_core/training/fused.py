"""The mission's network and its optimizers as one compiled loop, without TensorFlow.

Of a convolution only what pooling looks at is computed, and only the first maximum of a pooling is
followed back. LLVM makes vectors of inner loops that read slices from the first number on. Arrays
are flat: outputs [y, x, channel], kernels [filter, y, x, channel], filters in groups of five.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from asl_core.config import IMAGE_SIZES, OPTIMIZERS, Architecture, OptimizerName, TrainConfig
from asl_core.training.architecture import CHANNELS, weight_shapes
from asl_core.training.compiled import compiled, compiled_and_kept
from asl_core.training.first_weights import first_weights

KERNEL, POOL, MARGIN = 5, 4, 2  # sides of kernels and poolings, and padding, in pixels
GROUP, LANES = 5, 16  # filters that weight a pixel while it is at hand, and floats of a vector
SUMS = POOL * (max(IMAGE_SIZES) + 2 * MARGIN)  # room for four rows of a filter
RMSPROP, ADAM, SGD, ONLY_ANSWER = range(4)  # the first three as in `OPTIMIZERS`
RHO, BETA_1, BETA_2, EPSILON = (np.float32(value) for value in (0.9, 0.9, 0.999, 1e-7))
Arrays = Sequence[np.ndarray]


_five: Any = compiled(lambda v, i, d: (v[i], v[i + d], v[i + 2 * d], v[i + 3 * d], v[i + 4 * d]))


@compiled
def _higher(best: Any, value: Any, place: Any) -> Any:
    """Of two values with their places the higher one, or the first."""
    other = (value > best[0]) | ((value == best[0]) & (place < best[1]))
    return (value if other else best[0]), (place if other else best[1])


@compiled
def _convolve(values: Any, size: int, scale: Any, kernel: Any, bias: Any) -> Any:
    """Padded pixels, maxima after pooling, and where in the pixels the patch of each begins."""
    side, step, filters = size // POOL, len(values) // size**2, len(bias)
    stride, width = POOL * side + 2 * MARGIN, (KERNEL * step + LANES - 1) & -LANES
    pixels = np.zeros(stride**2 * step + width, np.float32)
    planes = np.zeros_like(pixels)
    for y in range(size):
        start = (y + MARGIN) * stride + MARGIN
        row, padded = values[y * size * step :], pixels[start * step :]
        for channel in range(step):
            plane = planes[channel * stride**2 + start :]
            for x in range(size):
                plane[x] = padded[x * step + channel] = row[x * step + channel] * scale
    sums, columns = np.empty(GROUP * SUMS, np.float32), np.empty(2 * SUMS, np.float32)
    out, winners = np.empty(side**2 * filters, np.float32), np.empty(side**2 * filters, np.int64)
    for first in range(0, filters, GROUP):
        for y in range(side):
            for i in range(GROUP):
                sums[i * SUMS : (i + 1) * SUMS] = bias[min(first + i, filters - 1)]
            for row in range(step * KERNEL):
                channel, k = row // KERNEL, row % KERNEL
                line = planes[(channel * stride + y * POOL + k) * stride :]
                taps, by = kernel[(first * KERNEL + k) * width + channel :], KERNEL * width
                a, b, c = _five(taps, 0, step), _five(taps, by, step), _five(taps, 2 * by, step)
                d, e = _five(taps, 3 * by, step), _five(taps, 4 * by, step)
                for x in range(POOL * stride & -LANES):
                    near = _five(line, x, 1)
                    for i, five in enumerate((a, b, c, d, e)):
                        total = sums[x + i * SUMS]
                        for j in range(KERNEL):
                            total += near[j] * five[j]
                        sums[x + i * SUMS] = total
            for f in range(first, min(first + GROUP, filters)):
                top = sums[(f - first) * SUMS :]
                _pool(top, columns, stride, side)
                for x in range(side):
                    i, at = (y * side + x) * filters + f, POOL * (y * stride + x)
                    out[i], winners[i] = top[x], (at + int(top[x + side])) * step
    return pixels, out, winners, stride * step, width


@compiled
def _pool(sums: Any, columns: Any, stride: int, side: int) -> None:
    """Put the maximum of each window in place of the sums, and behind them where they were."""
    two, three, four = sums[stride:], sums[2 * stride :], sums[3 * stride :]
    below = np.float32(stride)
    for x in range((POOL * side + LANES - 1) & -LANES):
        best = _higher((np.float32(0), np.float32(0)), sums[x], np.float32(0))  # relu
        best = _higher(_higher(best, two[x], below), three[x], 2 * below)
        columns[x], columns[x + SUMS] = _higher(best, four[x], 3 * below)
    for x in range(side):
        best = columns[POOL * x], columns[POOL * x + SUMS]
        for i in range(1, POOL):
            place = columns[POOL * x + i + SUMS] + np.float32(i)
            best = _higher(best, columns[POOL * x + i], place)
        sums[x], sums[x + side] = best


@compiled
def _trace_back(seen: Any, d_out: Any, kernel: Any, d_kernel: Any, d_bias: Any) -> Any:
    """Add to the gradients of a kernel and bias; the one of the pixels, if there is a kernel."""
    pixels, out, winners, below, width = seen
    d_pixels, filters = np.zeros_like(pixels), len(d_bias)
    for i in range(len(out)):
        if out[i] > 0:
            d_bias[i % filters] += d_out[i]
            for k in range(KERNEL):
                at, tap = winners[i] + k * below, (i % filters * KERNEL + k) * width
                patch, d_taps, d = pixels[at:], d_kernel[tap:], d_out[i]
                for x in range(width & -LANES):
                    d_taps[x] += patch[x] * d
                if len(kernel) > 0:
                    taps, d_patch = kernel[tap:], d_pixels[at:]
                    for x in range(width & -LANES):
                        d_patch[x] += taps[x] * d
    return d_pixels


@compiled
def _learn_from(image: Any, size: int, label: int, share: Any, w: Any, g: Any) -> Any:
    """Logarithms of an image's probabilities; a share of its gradients is added."""
    side = size // POOL
    first = _convolve(image, size, np.float32(1 / 255), w[0], w[1])
    second = _convolve(first[1], side, np.float32(1), w[2], w[3])
    answer, out, dense, d_dense = w[5].copy(), second[1], w[4], g[4]
    for i in range(len(dense)):
        answer[i % len(answer)] += out[i // len(answer)] * dense[i]
    answer -= answer.max()
    answer -= np.log(np.exp(answer).sum())
    if share > 0:
        d_answer, d_second = np.exp(answer) * share, np.zeros_like(out)
        d_answer[label] -= share
        g[5][:] += d_answer
        for i in range(len(dense)):
            d_dense[i] += out[i // len(answer)] * d_answer[i % len(answer)]
            d_second[i // len(answer)] += dense[i] * d_answer[i % len(answer)]
        d_pixels = _trace_back(second, d_second, w[2], g[2], g[3])
        below, n = second[3], MARGIN * len(w[1])
        rows = d_pixels[: below * (side + 2 * MARGIN)].reshape(-1, below)
        d_first = rows[MARGIN:-MARGIN, n:-n].copy().reshape(-1)
        _trace_back(first, d_first, w[0][:0], g[0], g[1])
    return answer


@compiled
def _update(memory: Any, optimizer: int, rate: float) -> None:
    w, g, m, v = memory[0], memory[1], memory[2], memory[3]
    for i in range(len(w)):
        if optimizer == RMSPROP:
            v[i] = RHO * v[i] + (1 - RHO) * g[i] * g[i]
            w[i] -= rate * g[i] / np.sqrt(v[i] + EPSILON)
        elif optimizer == ADAM:
            m[i] += (g[i] - m[i]) * (1 - BETA_1)
            v[i] += (g[i] * g[i] - v[i]) * (1 - BETA_2)
            w[i] -= rate * m[i] / (np.sqrt(v[i]) + EPSILON)
        elif optimizer == SGD:
            w[i] -= rate * g[i]


@compiled_and_kept
def run(held: Any, order: Any, batches: Any, arrays: Any, memory: Any, optimizer: int) -> Any:
    """Take a step per batch; float32 (images, classes), logarithms of probabilities before it."""
    (size, images, labels, weights), (batch_size, rates), (w, g, _, _) = held, batches, arrays
    found = np.empty((len(order), len(w[5])), np.float32)
    for step in range(len(rates)):
        memory[1] = 0
        first, end = step * batch_size, min((step + 1) * batch_size, len(order))
        share = np.float32(0 if optimizer == ONLY_ANSWER else 1 / (end - first))
        for at in range(first, end):
            i = order[at]
            found[at] = _learn_from(images[i], size, labels[i], share * weights[i], w, g)
        for kernel, n in ((g[0], KERNEL * CHANNELS), (g[2], KERNEL * len(w[1]))):
            width = (n + LANES - 1) & -LANES
            kernel.reshape(-1, width)[:, n:] = 0  # what fills up a row is no weight
        _update(memory, optimizer, rates[step])
    return found


class FusedEngine:
    """See `Engine`. It knows networks for which `is_fused` holds."""

    def __init__(self, architecture: Architecture, n_classes: int, optimizer: OptimizerName):
        self.optimizer, self.size = optimizer, architecture.image_size
        self.shapes = weight_shapes(architecture, n_classes)
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        for i in (0, 2):
            channels, filters = self.shapes[i][2:]
            width, filled = -(-KERNEL * channels // LANES) * LANES, -(-filters // GROUP) * GROUP
            sizes[i] = filled * KERNEL * width
        ends = np.cumsum(sizes)
        self.memory = np.zeros((4, ends[-1]), np.float32)  # weights, gradients, m, v
        self.arrays = tuple(tuple(np.split(row, ends[:-1])) for row in self.memory)
        w, self.gradients, m, v = [[*map(_as_keras, row, self.shapes)] for row in self.arrays]
        kept = {"rmsprop": zip(v, strict=True), "adam": zip(m, v, strict=True), "sgd": ()}
        self.kept = [part for parts in kept[optimizer] for part in parts]
        self.held_weights, self.steps, self.rate = w, 0, np.float32(0)

    def start(self, config: TrainConfig) -> None:
        """Begin with the first weights of a seed."""
        self.memory[:], self.steps, self.rate = 0, 0, np.float32(config.rate)
        self.set_weights(first_weights(config, self.shapes))

    def restore(self, config: TrainConfig, weights: Arrays, optimizer: Arrays, steps: int) -> None:
        """Go on from a state that `weights` and `optimizer_state` gave."""
        self.start(config)
        self.set_weights(weights)
        self.steps, self.rate = int(optimizer[0]), np.float32(optimizer[1])
        for place, value in zip(self.kept, optimizer[2:], strict=True):
            place[...] = value

    def set_weights(self, weights: Arrays) -> None:
        """Weights of the network, in Keras's order."""
        for place, value in zip(self.held_weights, weights, strict=True):
            place[...] = value

    def weights(self) -> list[np.ndarray]:
        """Weights of the network, in Keras's order."""
        return [np.array(part, order="C") for part in self.held_weights]

    def optimizer_state(self) -> list[np.ndarray]:
        """Variables of the optimizer, in Keras's order."""
        return [np.array(part, order="C") for part in (self.steps, self.rate, *self.kept)]

    def hold(self, images: np.ndarray, labels: Any, weights: np.ndarray | None = None) -> Any:
        """Images to learn from, with their labels and weights."""
        flat = np.ascontiguousarray(images).reshape(len(images), -1)
        counts = np.ones(len(labels)) if weights is None else weights
        return self.size, flat, np.asarray(labels, np.int64), np.asarray(counts, np.float32)

    def learn(self, held: Any, order: Any, rates: Any, batch_size: int) -> tuple[float, int]:
        """Take one step of the optimizer per batch."""
        steps = self.steps + np.arange(1, len(rates) + 1, dtype=np.float32)
        self.steps, self.rate = self.steps + len(rates), rates[-1]
        if self.optimizer == "adam":  # its estimates are too small at first
            rates = rates * np.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps)
        order, batches = order.astype(np.int64), (batch_size, rates.astype(np.float32))
        kind, labels = OPTIMIZERS.index(self.optimizer), held[2][order]
        found = run(held, order, batches, self.arrays, self.memory, kind)
        logarithms = found[np.arange(len(order)), labels]
        loss = -(logarithms * held[3][order]).sum(dtype=float)
        return float(loss), int((found.argmax(axis=1) == labels).sum())

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes)."""
        n, rate = len(images), np.zeros(1, np.float32)
        held, every = self.hold(images, np.zeros(n)), np.arange(n)
        p: np.ndarray = np.exp(run(held, every, (n, rate), self.arrays, self.memory, ONLY_ANSWER))
        return p


def _as_keras(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if len(shape) < 4:
        return array.reshape(shape)
    *taps, filters = shape
    rows = array.reshape(-1, KERNEL, -(-KERNEL * taps[2] // LANES) * LANES)
    return rows[:filters, :, : KERNEL * taps[2]].reshape(filters, *taps).transpose(1, 2, 3, 0)
