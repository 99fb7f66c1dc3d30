"""Images turned, scaled and moved by bilinear sampling."""

import numpy as np


def warp(images: np.ndarray, along: float, across: float, right: float) -> np.ndarray:
    """Bilinear sampling about the center: turned and scaled by (along, across), then moved.

    Args:
        images: uint8 (n, size, size, 3); size at least 2.
        along: cosine of the angle divided by the scale.
        across: sine of the angle divided by the scale.
        right: pixels to the right.

    Returns:
        float32, of the same shape, 0 to 255. What lies beyond an edge is the inside, reflected.
    """
    size = images.shape[1]
    center = (size - 1) / 2
    y, x = np.mgrid[:size, :size] - center
    x = x - right
    columns = _reflected(along * x - across * y + center, size)
    rows = _reflected(across * x + along * y + center, size)
    top, left = (np.minimum(part.astype(int), size - 2) for part in (rows, columns))
    down, aside = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    corners = (
        (top, left, (1 - down) * (1 - aside)),
        (top, left + 1, (1 - down) * aside),
        (top + 1, left, down * (1 - aside)),
        (top + 1, left + 1, down * aside),
    )
    total = np.zeros(images.shape, np.float32)
    flat = images.reshape(len(images), size * size, -1)
    for row, column, weight in corners:
        if not weight.any():  # a move by whole pixels
            continue
        corner = flat.take((row * size + column).ravel(), axis=1).reshape(images.shape)
        total += weight[None, :, :, None] * corner
    return total


def _reflected(places: np.ndarray, size: int) -> np.ndarray:
    """Places beyond an edge, by up to the size, put as far inside of it; the edge itself once."""
    last = size - 1
    reflected: np.ndarray = np.abs(last - np.abs(last - np.abs(places)))
    return reflected
