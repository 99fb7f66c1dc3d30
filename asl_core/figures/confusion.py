"""The confusion matrix as a Plotly figure, with a mark that can be clicked in each cell."""

import numpy as np
import plotly.graph_objects as go

from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.style import BLUE, GREY, ORANGE, PAPER, Mode, template


def confusion_matrix(
    evaluation: Evaluation, percent: bool = False, mode: Mode = "light"
) -> go.Figure:
    """Confusion matrix: a row per true class, a column per predicted class.

    Args:
        evaluation: the answers.
        percent: per cent of each row instead of counts.
        mode: of the page.
    """
    counts = evaluation.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = list(evaluation.classes)
    few = len(names) <= 12
    texts = [
        [_cell(count, share, percent, few) for count, share in zip(*rows, strict=True)]
        for rows in zip(counts, shares, strict=True)
    ]
    figure = go.Figure(
        layout={
            "template": template(mode),
            "height": 120 + max(26, min(70, 490 // len(names))) * len(names),
        }
    )
    figure.add_heatmap(
        x=names,
        y=names,
        z=shares,
        text=texts,
        texttemplate="%{text}",
        textfont={"size": 14 if few else 9},
        customdata=counts,
        colorscale=[[0, PAPER[mode]], [1, BLUE]],
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=3,
        ygap=3,
        hovertemplate="true %{y}, predicted %{x}: %{customdata} (%{z:.1%})<extra></extra>",
    )
    figure.update_xaxes(title="predicted", side="top", type="category", showgrid=False)
    figure.update_yaxes(title="true", autorange="reversed", type="category", showgrid=False)
    figure.update_layout(margin_t=60)
    return figure


def _cell(count: int, share: float, percent: bool, few: bool) -> str:
    """Text of a cell; in a large matrix zeros are left out, and per cent are rounded."""
    if not (count or few):
        return ""
    return f"{100 * share:.{int(few)}f} %" if percent else str(count)


def clickable_matrix(
    evaluation: Evaluation,
    percent: bool = False,
    chosen: tuple[str | None, str | None] = (None, None),
    mode: Mode = "light",
) -> go.Figure:
    """The confusion matrix with an unseen point on each cell, which can be chosen by a click.

    A heatmap itself gives no selection. The nearest point is meant wherever in a cell one clicks.

    Args:
        evaluation: the answers.
        percent: per cent of each row instead of counts.
        chosen: true and predicted class of the cell that is framed; None frames a row or column.
        mode: of the page.
    """
    figure = confusion_matrix(evaluation, percent, mode)
    names, counts = evaluation.classes, evaluation.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure.update_traces(hoverinfo="skip", hovertemplate=None)
    invisible = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=list(names) * len(names),
        y=[name for name in names for _ in names],
        mode="markers",
        marker={"symbol": "square", "size": 20, "opacity": 0, "color": GREY},
        selected=invisible,
        unselected=invisible,
        showlegend=False,
        customdata=np.stack([counts.ravel(), shares.ravel()], axis=1),
        hovertemplate="true %{y}, predicted %{x}: %{customdata[0]} (%{customdata[1]:.1%})"
        "<extra></extra>",
    )
    figure.update_layout(hovermode="closest", hoverdistance=-1, dragmode=False)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    _frame_cell(figure, evaluation, chosen, mode)
    return figure


def _frame_cell(
    figure: go.Figure, evaluation: Evaluation, chosen: tuple[str | None, str | None], mode: Mode
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
