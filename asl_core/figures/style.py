"""The look that all figures share: colors, light and dark, and the template."""

from functools import cache
from typing import Literal

import plotly.graph_objects as go

Mode = Literal["light", "dark"]

BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
)
"""Okabe & Ito (2008), Color Universal Design: told apart with any color vision."""

GRAY = "#8a94a0"

INK: dict[Mode, str] = {"light": "#0f1720", "dark": "#e8edf2"}

MUTED: dict[Mode, str] = {"light": "#5b636e", "dark": "#a5adb5"}
"""Of what is beside a figure; on both papers above 4.5:1."""

GRID: dict[Mode, str] = {"light": "rgba(31,42,55,0.12)", "dark": "rgba(232,237,242,0.14)"}

PAPER: dict[Mode, str] = {"light": "#fbfaf7", "dark": "#12181f"}

FIRST: dict[Mode, str] = {"light": BLUE, "dark": SKY}

FONT = "Source Sans, Source Sans Pro, sans-serif"


@cache
def template(mode: Mode) -> go.layout.Template:
    """The look of all figures, for a light or dark page."""
    axis = {
        "gridcolor": GRID[mode],
        "zeroline": False,
        "automargin": True,
        "title": {"font": {"size": 13}},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 14, "color": INK[mode]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [FIRST[mode], ORANGE, GREEN, PURPLE, VERMILION],
            "xaxis": axis,
            "yaxis": axis,
            "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
            "hoverlabel": {"font": {"family": FONT}},
            "bargap": 0.35,
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": MUTED[mode], "activecolor": INK[mode]},
        }
    )


def run_colors(mode: Mode = "light") -> tuple[str, ...]:
    """Colors of compared runs, the first run's first."""
    first, last = (BLUE, SKY) if mode == "light" else (SKY, BLUE)
    return (first, ORANGE, GREEN, PURPLE, VERMILION, last, INK[mode], GRAY)


def title(text: str) -> dict[str, object]:
    """The title of a figure, small and at its left edge."""
    return {"text": text, "font": {"size": 15}, "x": 0, "xref": "paper"}
