"""Images moved, turned, scaled, mirrored and lit in one compiled pass."""

import numpy as np

from asl_core.training.compiled import compiled_and_kept


@compiled_and_kept
def resample(
    images: np.ndarray,
    maps: np.ndarray,
    reflected: np.ndarray,
    mirrored: np.ndarray,
    light: np.ndarray,
) -> np.ndarray:
    """Each image sampled bilinearly along an affine map of its own.

    Args:
        images: uint8 (n, size, size, 3).
        maps: float32 (n, 6): pixel (x, y) comes from column ax + by + c and row dx + ey + f.
        reflected: int64, the row or column that stands for one outside, from `-len // 2` on.
        mirrored: bool (n,), left to right after that.
        light: int64 (n,), added at last.

    Returns:
        uint8 (n, size, size, 3), new.
    """
    n, size = images.shape[:2]
    row, pixels = size * 3, images.reshape(-1)
    changed = np.empty_like(pixels)
    middle = len(reflected) // 2
    for i in range(n):
        image = i * size * row
        a, b, c, d, e, f = maps[i]
        for y in range(size):
            for x in range(size):
                right = a * np.float32(x) + (b * np.float32(y) + c)
                down = d * np.float32(x) + (e * np.float32(y) + f)
                column, line = int(np.floor(right)), int(np.floor(down))
                right, down = right - np.float32(column), down - np.float32(line)
                above = image + row * reflected[middle + line]
                below = image + row * reflected[middle + line + 1]
                left = 3 * reflected[middle + column]
                beside = 3 * reflected[middle + column + 1]
                to = image + y * row + 3 * (size - 1 - x if mirrored[i] else x)
                for channel in range(3):
                    upper = np.float32(pixels[above + left + channel])
                    upper += (np.float32(pixels[above + beside + channel]) - upper) * right
                    lower = np.float32(pixels[below + left + channel])
                    lower += (np.float32(pixels[below + beside + channel]) - lower) * right
                    value = int(upper + (lower - upper) * down + np.float32(0.5)) + light[i]
                    changed[to + channel] = min(max(value, 0), 255)
    return changed.reshape(images.shape)
