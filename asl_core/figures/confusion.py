"""The confusion matrix as a Plotly figure, and how its cells look wherever it is drawn."""

import numpy as np
import plotly.graph_objects as go

from asl_core.evaluation.confusion import normalized
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.labels import escaped, shortened
from asl_core.figures.style import BLUE, PAPER, Mode, template
from asl_core.runs.intervals import percent as percent_of
from asl_core.runs.intervals import rounded

MOST_AS_LARGE = 12
"""Classes up to which a cell has room for a whole number, and a matrix for its table beside it."""

CELL, LARGEST_CELL, SMALLEST_CELL = 490, 70, 18
"""Height of all cells together, and limits of one, in pixels."""

THUMBNAIL = 180
"""Height of a small matrix in pixels."""

MOST_NAMED = 6
"""Classes up to which a small matrix has room for names and counts."""

NAME = 18
"""Characters of a name beside a row or over a column; the hover text has all of it."""

MIDDLE = 0.179
"""Relative luminance on which black and white stand out alike, by 4.58:1."""

LETTER = 8
"""Width of a character of a name in pixels, at most."""


def confusion_matrix(
    evaluation: Evaluation, percent: bool = False, mode: Mode = "light"
) -> go.Figure:
    """Confusion matrix: a row per true class, a column per predicted class.

    The axes count the classes from 0, and every one has its name.

    Args:
        evaluation: the answers.
        percent: percent of each row instead of counts.
        mode: of the page.
    """
    counts, names = evaluation.confusion, shortened(evaluation.classes, NAME)
    places, colors = list(range(len(names))), tints(mode)
    few = len(names) <= MOST_AS_LARGE
    cell = max(SMALLEST_CELL, min(LARGEST_CELL, CELL // len(names)))
    longest = max(map(len, names))
    upright = longest > 2 or not few
    true_class = "True class (% of each row)" if percent and not few else "True class"
    figure = go.Figure(
        layout={
            "template": template(mode),
            "height": 120 + cell * len(names) + (LETTER * longest if upright else 0),
        }
    )
    figure.add_heatmap(
        x=places,
        y=places,
        z=tint_steps(counts) / (len(colors) - 1),
        customdata=_whole_names(evaluation),
        colorscale=[[place / (len(colors) - 1), tint] for place, (tint, _) in enumerate(colors)],
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=3 if few else 1,
        ygap=3 if few else 1,
        hovertemplate="true %{customdata[0]}, predicted %{customdata[1]}: %{customdata[2]} "
        "(%{customdata[3]})<extra></extra>",
    )
    _add_numbers(figure, counts, percent, mode)
    ticks = {"tickvals": places, "ticktext": names, "showgrid": False}
    ticks["tickfont"] = {"size": 14 if few else 11}
    ticks["title_standoff"] = 12
    figure.update_xaxes(
        title_text="Predicted class",
        side="top",
        tickangle=-90 if upright else 0,
        range=_range(names),
        **ticks,
    )
    figure.update_yaxes(title_text=true_class, range=_range(names)[::-1], **ticks)
    figure.update_layout(margin_t=60)
    return figure


def _add_numbers(figure: go.Figure, counts: np.ndarray, percent: bool, mode: Mode) -> None:
    """Text of the cells; a heatmap itself has one color for all of it."""
    places, colors = np.arange(len(counts)), tints(mode)
    figure.add_scatter(
        x=np.tile(places, len(places)),
        y=np.repeat(places, len(places)),
        text=np.ravel(cell_texts(counts, percent)),
        mode="text",
        textfont={
            "size": 14 if len(counts) <= MOST_AS_LARGE else 9,
            "color": [colors[step][1] for step in tint_steps(counts).ravel()],
        },
        hoverinfo="skip",
        showlegend=False,
    )


def confusion_thumbnail(evaluation: Evaluation, mode: Mode = "light") -> go.Figure:
    """The confusion matrix in a small place, without titles; of many classes the colors alone."""
    figure = confusion_matrix(evaluation, mode=mode)
    figure.update_layout(height=THUMBNAIL, margin={"t": 8, "b": 8, "l": 8, "r": 8})
    shown = len(evaluation.classes) <= MOST_NAMED and max(map(len, evaluation.classes)) <= 2
    figure.update_xaxes(title_text="", visible=shown)
    figure.update_yaxes(title_text="", visible=shown)
    if not shown:
        figure.update_traces(selector={"type": "scatter"}, visible=False)
    return figure


def _range(names: list[str]) -> list[float]:
    return [-0.5, len(names) - 0.5]


def cell_texts(counts: np.ndarray, percent: bool) -> list[list[str]]:
    """What stands in each cell: a count, or percent of its row.

    In a large matrix zeros are left out, and percents are rounded and without their sign, so that
    they fit.

    Args:
        counts: int (classes, classes).
        percent: whether percents are asked for.
    """
    few, shares = len(counts) <= MOST_AS_LARGE, normalized(counts)

    def text(count: int, share: float) -> str:
        if not (count or few):
            return ""
        if not percent:
            return str(count)
        return percent_of(share) if few else rounded(100 * share, 0)

    return [
        [text(count, share) for count, share in zip(*rows, strict=True)]
        for rows in zip(counts.tolist(), shares.tolist(), strict=True)
    ]


def tints(mode: Mode = "light") -> list[tuple[str, str]]:
    """Color of a cell and of the text on it, by its step (see `tint_steps`), 0 to 100.

    The text is black or white, whichever stands out more: at least 4.5:1 on every tint.
    """
    paper, blue = (_channels(color) for color in (PAPER[mode], BLUE))
    steps = np.linspace(0, 1, 101)[:, None]
    colors = np.rint(paper + steps * (blue - paper)).astype(int)
    return [
        ("#{:02x}{:02x}{:02x}".format(*color), "#000000" if light > MIDDLE else "#ffffff")
        for color, light in zip(colors.tolist(), luminance(colors), strict=True)
    ]


def tint_steps(counts: np.ndarray) -> np.ndarray:
    """The share of its row in whole percent, 0 to 100, of each cell: which of `tints` it has.

    Args:
        counts: int (classes, classes).

    Returns:
        int64 (classes, classes).
    """
    steps: np.ndarray = np.rint(100 * normalized(counts)).astype(np.int64)
    return steps


def luminance(colors: np.ndarray) -> np.ndarray:
    """Relative luminance as in WCAG 2, 0 to 1, float (n,), of sRGB colors, int (n, 3), 0 to 255."""
    values = colors / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    light: np.ndarray = linear @ [0.2126, 0.7152, 0.0722]
    return light


def _channels(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])


def _whole_names(evaluation: Evaluation) -> np.ndarray:
    """(classes, classes, 4): true class, predicted class, count and share of its row of each cell,
    for its hover."""
    names = np.array([escaped(name) for name in evaluation.classes], dtype=object)
    true, predicted = np.meshgrid(names, names, indexing="ij")
    counts = evaluation.confusion
    told = [[percent_of(share) for share in row] for row in normalized(counts).tolist()]
    shares = np.array(told, dtype=object)
    return np.stack([true, predicted, counts.astype(object), shares], axis=-1)
