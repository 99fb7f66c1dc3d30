"""Names of classes in figures: any text of 1 to 60 characters, and colors for up to 60 of them."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from asl_core.figures.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, Mode

ELLIPSIS = "…"

LIGHTNESS: dict[Mode, tuple[float, float]] = {"light": (30, 70), "dark": (50, 88)}
"""CIE L* of the colors of classes, 0 to 100: those that stand out from the page."""

LEAST_CHROMA = 22.0
"""CIE C*ab below which a color is taken for the gray of a figure's own lines."""

GRID_STEP = 17
"""Distance of the colors that are tried, in each of red, green and blue (0 to 255)."""


def escaped(name: str) -> str:
    """A text of others in which Plotly finds no tags and no entities: `<b>` is shown as it is.

    For titles, ticks, legends, annotations, and text and hover values alike. It is done here only.
    """
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(name: str, width: int) -> str:
    """The whole name on as many lines as it takes, escaped.

    Args:
        name: any text.
        width: most characters of a line. A line ends after a space, `_`, `-` or `/` if there is
            one in its last two thirds.
    """
    lines = []
    while len(name) > width:
        breaks = [match.end() for match in re.finditer(r"[ _/\-]+", name[:width])]
        at = breaks[-1] if breaks and breaks[-1] > width // 3 else width
        lines.append(name[:at])
        name = name[at:]
    return "<br>".join(escaped(line) for line in (*lines, name) if line)


def shortened(names: Sequence[str], most: int) -> list[str]:
    """Names for where a figure has no room for the whole ones, escaped (see `cut`)."""
    return [escaped(name) for name in cut(names, most)]


def cut(names: Sequence[str], most: int) -> list[str]:
    """Names for where there is no room for the whole ones; no two are the same.

    Args:
        names: no two the same.
        most: characters that are kept, from both ends, since names often begin alike. Names that
            still look the same get their number, from 1.
    """
    short = [name if len(name) <= most else _both_ends(name, most) for name in names]
    times = Counter(short)
    return [
        text if times[text] == 1 else f"{text} {number}"
        for number, text in enumerate(short, start=1)
    ]


def _both_ends(name: str, most: int) -> str:
    kept = most - len(ELLIPSIS)
    return f"{name[: kept - kept // 2]}{ELLIPSIS}{name[len(name) - kept // 2 :]}"


def class_colors(n: int, mode: Mode = "light") -> list[str]:
    """A color for each of `n` classes, as `#rrggbb`.

    Up to five are those of Okabe and Ito, told apart with any color vision. Each further one is
    the farthest from all before it in CIELAB, as in Glasbey, van der Heijden, Toh, Gray (2007):
    Colour displays for categorical images, Color Research and Application 32 (4).

    Args:
        n: up to about 100.
        mode: of the page; the colors stand out from it.
    """
    first = (BLUE if mode == "light" else SKY, ORANGE, GREEN, PURPLE, VERMILION)
    return [*first, *_farther(first, mode, max(0, n - len(first)))][:n]


@cache
def _farther(first: tuple[str, ...], mode: Mode, n: int) -> tuple[str, ...]:
    steps = np.arange(0, 256, GRID_STEP)
    colors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    lab = to_lab(colors)
    low, high = LIGHTNESS[mode]
    kept = (lab[:, 0] >= low) & (lab[:, 0] <= high) & (np.hypot(*lab.T[1:]) >= LEAST_CHROMA)
    colors, lab = colors[kept], lab[kept]
    taken = to_lab(np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in first]))
    distance = np.linalg.norm(lab[:, None] - taken, axis=2).min(axis=1)
    found = []
    for _ in range(n):
        at = int(distance.argmax())
        found.append("#{:02x}{:02x}{:02x}".format(*colors[at]))
        distance = np.minimum(distance, np.linalg.norm(lab - lab[at], axis=1))
    return tuple(found)


def to_lab(colors: np.ndarray) -> np.ndarray:
    """CIELAB (1976, D65) of sRGB colors.

    Args:
        colors: int (n, 3), 0 to 255.

    Returns:
        float64 (n, 3): L* 0 to 100, a* and b* about -110 to 110.
    """
    values = colors / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = linear @ np.array(to_xyz).T / [0.9505, 1.0, 1.089]
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
