"""Plotly figures of the core's values. Each returns a figure and shows nothing."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil, isfinite
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from asl_core.evaluation import Evaluation
from asl_core.progress import History, Progress

Mode = Literal["light", "dark"]
Metric = Literal["loss", "accuracy"]

METRICS: tuple[Metric, ...] = ("loss", "accuracy")

BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
)
"""Okabe & Ito (2008), Color Universal Design: told apart with any colour vision."""

GREY = "#8a94a0"

INK: dict[Mode, str] = {"light": "#1f2a37", "dark": "#e8edf2"}
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
        }
    )


def class_balance(
    train: Mapping[str, int], test: Mapping[str, int], mode: Mode = "light"
) -> go.Figure:
    """Photos of each class in the training and the test set, as bars."""
    figure = go.Figure(layout={"template": template(mode), "height": 300})
    for name, counts in (("Training", train), ("Test", test)):
        figure.add_bar(
            x=list(counts), y=list(counts.values()), name=name, text=list(counts.values())
        )
    figure.update_traces(hovertemplate="%{x}: %{y} pictures<extra>%{fullData.name}</extra>")
    figure.update_layout(yaxis_title="pictures", xaxis_type="category")
    return figure


def learning_curve(progress: Progress, metric: Metric, mode: Mode = "light") -> go.Figure:
    """A metric as it grows: thin, within the epochs; thick, the mean of each epoch."""
    column = {"loss": 1, "accuracy": 2}[metric]
    figure = go.Figure(layout={"template": template(mode), "height": 260, "showlegend": False})
    figure.add_scatter(
        x=[point[0] for point in progress.points],
        y=[point[column] for point in progress.points],
        mode="lines",
        line={"width": 1.5, "color": FIRST[mode]},
        opacity=0.55,
        hovertemplate="epoch %{x:.1f}: %{y:.3f}<extra>within the epoch</extra>",
    )
    _add_history(figure, progress.history, metric, mode)
    _whole_epochs(figure, progress.epochs)
    figure.update_xaxes(range=[0, progress.epochs])
    _fix_range(figure, metric)
    return figure


def history_curve(history: History, metric: Metric, mode: Mode = "light") -> go.Figure:
    """A metric of a finished run, one point per epoch."""
    figure = go.Figure(layout={"template": template(mode), "height": 260, "showlegend": False})
    _add_history(figure, history, metric, mode)
    _whole_epochs(figure, len(history[metric]))
    _fix_range(figure, metric)
    return figure


def history_curves(
    histories: Mapping[str, History], metric: Metric, mode: Mode = "light"
) -> go.Figure:
    """A metric of several runs over each other; each line ends in the name of its run.

    Args:
        histories: of each run by its (short) name, at most as many as `run_colors`. A history with
            a column `val_<metric>` gets a second, dashed line.
        metric: which.
        mode: of the page.
    """
    figure = go.Figure(layout={"template": template(mode), "height": 320, "showlegend": False})
    colors = dict(zip(histories, run_colors(mode), strict=False))
    for name, history in histories.items():
        for column, dash in ((metric, "solid"), (f"val_{metric}", "dash")):
            if column in history:
                figure.add_scatter(
                    x=list(range(1, len(history[column]) + 1)),
                    y=history[column],
                    mode="lines+markers",
                    line={"width": 2.5, "color": colors[name], "dash": dash},
                    marker={"size": 7},
                    hovertemplate=f"run {name}, epoch %{{x}}: %{{y:.3f}}<extra></extra>",
                )
    ends = {name: (len(h[metric]), h[metric][-1]) for name, h in histories.items()}
    longest = max(epoch for epoch, _ in ends.values())
    _whole_epochs(figure, longest)
    _fix_range(figure, metric)
    figure.update_xaxes(range=[0.8, longest + max(0.3, 0.08 * longest)])
    figure.update_layout(title=_title(metric))
    _name_ends(figure, ends, colors, metric, mode)
    return figure


def run_colors(mode: Mode = "light") -> tuple[str, ...]:
    """Colours of compared runs, the first run's first."""
    first, last = (BLUE, SKY) if mode == "light" else (SKY, BLUE)
    return (first, ORANGE, GREEN, PURPLE, VERMILION, last, INK[mode], GREY)


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


def probabilities(values: Mapping[str, float], mode: Mode = "light") -> go.Figure:
    """Probability of each class as a bar; the highest stands out. More than ten: the top ten."""
    top = sorted(values.items(), key=lambda item: -item[1])[:10]
    shown = top if len(values) > 10 else list(values.items())
    best = top[0][0]
    figure = go.Figure(layout={"template": template(mode), "height": 20 + 36 * len(shown)})
    figure.add_bar(
        x=[value for _, value in shown],
        y=[name for name, _ in shown],
        orientation="h",
        text=[f"{100 * value:.1f} %" for _, value in shown],
        textposition="outside",
        cliponaxis=False,
        marker_color=[FIRST[mode] if name == best else GREY for name, _ in shown],
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )
    figure.update_layout(margin_t=8)
    figure.update_xaxes(range=[0, 1.18], visible=False)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return figure


def _cell(count: int, share: float, percent: bool, few: bool) -> str:
    """Text of a cell; in a large matrix zeros are left out, and per cent are rounded."""
    if not (count or few):
        return ""
    return f"{100 * share:.{int(few)}f} %" if percent else str(count)


def _add_history(figure: go.Figure, history: History, metric: Metric, mode: Mode) -> None:
    """A point per epoch; a second, dashed line on the validation images, if there are any."""
    validation = history.get(f"val_{metric}")
    _add_epochs(figure, history.get(metric, []), f"training {metric}", FIRST[mode], "solid")
    if validation:
        _add_epochs(figure, validation, f"validation {metric}", ORANGE, "dash")
    title = f"{metric.capitalize()}: training and, dashed, validation"
    figure.update_layout(title=_title(title if validation else f"Training {metric}"))


def _add_epochs(
    figure: go.Figure, values: Sequence[float], name: str, color: str, dash: str
) -> None:
    figure.add_scatter(
        x=list(range(1, len(values) + 1)),
        y=list(values),
        mode="lines+markers",
        line={"width": 3, "color": color, "dash": dash},
        marker={"size": 8},
        hovertemplate=f"epoch %{{x}}: {name} %{{y:.3f}}<extra></extra>",
    )


def _name_ends(
    figure: go.Figure,
    ends: Mapping[str, tuple[int, float]],
    colors: Mapping[str, str],
    metric: Metric,
    mode: Mode,
) -> None:
    """Write the name of each line at its end. Names that would overlap move towards the middle of
    the axis: those of accuracies, which end near the top, down, and those of losses up.

    Args:
        figure: with the lines.
        ends: last epoch and last value of each line.
        colors: of each line.
        metric: that the lines show.
        mode: of the page.
    """
    ends = {name: end for name, end in ends.items() if isfinite(end[1])}  # a run may diverge
    sign = -1 if metric == "accuracy" else 1
    gap = 0.08 * max((value for _, value in ends.values()), default=1.0)
    last: dict[int, float] = {}
    for name, (epoch, value) in sorted(ends.items(), key=lambda item: sign * item[1][1]):
        place = sign * max(sign * value, sign * last[epoch] + gap) if epoch in last else value
        last[epoch] = place
        figure.add_annotation(
            x=epoch,
            y=place,
            text=f"<b>{name}</b>",
            font={"color": colors[name], "size": 15},
            bgcolor=PAPER[mode],
            xanchor="left",
            xshift=7,
            showarrow=False,
        )


def _whole_epochs(figure: go.Figure, epochs: int) -> None:
    figure.update_xaxes(title="epochs", dtick=ceil(epochs / 10), tick0=0)


def _title(text: str) -> dict[str, object]:
    return {"text": text, "font": {"size": 15}, "x": 0, "xref": "paper"}


def _fix_range(figure: go.Figure, metric: str) -> None:
    if metric == "accuracy":
        figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    else:
        figure.update_yaxes(rangemode="tozero")
