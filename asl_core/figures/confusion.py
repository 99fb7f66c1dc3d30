"""The confusion matrix as a Plotly figure, with a mark that can be clicked in each cell."""

import numpy as np
import plotly.graph_objects as go

from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.labels import escaped, shortened
from asl_core.figures.style import BLUE, GRAY, ORANGE, PAPER, Mode, template

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

LEAST_COLUMN = 15
"""Width of a column in pixels that its upright name needs."""

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
    shares, places = normalized(counts), list(range(len(names)))
    few = len(names) <= MOST_AS_LARGE
    cell = max(SMALLEST_CELL, min(LARGEST_CELL, CELL // len(names)))
    longest = max(map(len, names))
    upright = longest > 2 or not few
    figure = go.Figure(
        layout={
            "template": template(mode),
            "height": 120 + cell * len(names) + (LETTER * longest if upright else 0),
        }
    )
    figure.add_heatmap(
        x=places,
        y=places,
        z=shares,
        text=_texts(counts, shares, percent, few),
        texttemplate="%{text}",
        textfont={"size": 14 if few else 9},
        customdata=_whole_names(evaluation),
        colorscale=[[0, PAPER[mode]], [1, BLUE]],
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=3 if few else 1,
        ygap=3 if few else 1,
        hovertemplate="true %{customdata[0]}, predicted %{customdata[1]}: %{customdata[2]} "
        "(%{z:.1%})<extra></extra>",
    )
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
    figure.update_yaxes(title_text="True class", range=_range(names)[::-1], **ticks)
    figure.update_layout(margin_t=60)
    return figure


def confusion_thumbnail(evaluation: Evaluation, mode: Mode = "light") -> go.Figure:
    """The confusion matrix in a small place, without titles; of many classes the colors alone."""
    figure = confusion_matrix(evaluation, mode=mode)
    figure.update_layout(height=THUMBNAIL, margin={"t": 8, "b": 8, "l": 8, "r": 8})
    shown = len(evaluation.classes) <= MOST_NAMED and max(map(len, evaluation.classes)) <= 2
    figure.update_xaxes(title_text="", visible=shown)
    figure.update_yaxes(title_text="", visible=shown)
    if not shown:
        figure.update_traces(texttemplate="")
    return figure


def least_width(evaluation: Evaluation) -> int:
    """Pixels below which the names of a confusion matrix would lie over each other."""
    names = shortened(evaluation.classes, NAME)
    return LETTER * max(map(len, names)) + 50 + LEAST_COLUMN * len(names)


def normalized(counts: np.ndarray) -> np.ndarray:
    """float (classes, classes), each row of a confusion matrix by its sum; 0 where it is empty."""
    shares: np.ndarray = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def _range(names: list[str]) -> list[float]:
    return [-0.5, len(names) - 0.5]


def _texts(counts: np.ndarray, shares: np.ndarray, percent: bool, few: bool) -> list[list[str]]:
    """Texts of the cells; in a large matrix zeros are left out, and percents are rounded."""

    def text(count: int, share: float) -> str:
        if not (count or few):
            return ""
        return f"{100 * share:.{int(few)}f} %" if percent else str(count)

    return [
        [text(count, share) for count, share in zip(*rows, strict=True)]
        for rows in zip(counts, shares, strict=True)
    ]


def _whole_names(evaluation: Evaluation) -> np.ndarray:
    """(classes, classes, 3): true class, predicted class and count of each cell, for its hover."""
    names = np.array([escaped(name) for name in evaluation.classes], dtype=object)
    true, predicted = np.meshgrid(names, names, indexing="ij")
    return np.stack([true, predicted, evaluation.confusion.astype(object)], axis=-1)


def clickable_matrix(
    evaluation: Evaluation,
    percent: bool = False,
    chosen: tuple[str | None, str | None] = (None, None),
    mode: Mode = "light",
) -> go.Figure:
    """The confusion matrix with an unseen point on each cell, which can be chosen by a click.

    A heatmap itself gives no selection. The nearest point is meant wherever in a cell one clicks;
    its `x` and `y` are the places of the predicted and the true class.

    Args:
        evaluation: the answers.
        percent: percent of each row instead of counts.
        chosen: true and predicted class of the cell that is framed; None frames a row or column.
        mode: of the page.
    """
    figure = confusion_matrix(evaluation, percent, mode)
    counts, n = evaluation.confusion, len(evaluation.classes)
    figure.update_traces(hoverinfo="skip", hovertemplate=None, customdata=None)
    invisible = {"marker": {"opacity": 0}}
    shares = normalized(counts).reshape(n * n, 1)
    figure.add_scatter(
        x=list(range(n)) * n,
        y=[row for row in range(n) for _ in range(n)],
        mode="markers",
        marker={"symbol": "square", "size": 20, "opacity": 0, "color": GRAY},
        selected=invisible,
        unselected=invisible,
        showlegend=False,
        customdata=np.hstack([_whole_names(evaluation).reshape(n * n, 3), shares]),
        hovertemplate="true %{customdata[0]}, predicted %{customdata[1]}: %{customdata[2]} "
        "(%{customdata[3]:.1%})<extra></extra>",
    )
    figure.update_layout(hovermode="closest", hoverdistance=-1, dragmode=False)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    _frame_cell(figure, evaluation, chosen)
    return figure


def _frame_cell(
    figure: go.Figure, evaluation: Evaluation, chosen: tuple[str | None, str | None]
) -> None:
    if chosen == (None, None):
        return
    last = len(evaluation.classes) - 1
    (top, bottom), (left, right) = (
        (0, last) if name is None else (evaluation.classes.index(name),) * 2 for name in chosen
    )
    figure.add_shape(
        type="rect",
        x0=left - 0.5,
        x1=right + 0.5,
        y0=top - 0.5,
        y1=bottom + 0.5,
        line={"color": ORANGE, "width": 3},
    )
