"""Plotly figures of a training: its curves, live and afterwards."""

from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from typing import Literal

import plotly.graph_objects as go

from asl_core.figures.style import (
    FIRST,
    ORANGE,
    PAPER,
    Mode,
    run_colors,
    template,
    title,
)
from asl_core.progress import HELD_OUT, History, Progress, held_out

Metric = Literal["loss", "accuracy"]

METRICS: tuple[Metric, ...] = ("loss", "accuracy")


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
            the metric on held-out images gets a second, dashed line.
        metric: which.
        mode: of the page.
    """
    figure = go.Figure(layout={"template": template(mode), "height": 320, "showlegend": False})
    colors = dict(zip(histories, run_colors(mode), strict=False))
    for name, history in histories.items():
        for column, dash in ((metric, "solid"), (f"{held_out(history, metric)}_{metric}", "dash")):
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
    figure.update_layout(title=title(metric.capitalize()))
    _name_ends(figure, ends, colors, metric, mode)
    return figure


def _add_history(figure: go.Figure, history: History, metric: Metric, mode: Mode) -> None:
    """A point per epoch; a second, dashed line on held-out images, if there are any."""
    _add_epochs(figure, history.get(metric, []), f"training {metric}", FIRST[mode], "solid")
    both = f"Training {metric}"
    if prefix := held_out(history, metric):
        part = HELD_OUT[prefix]
        _add_epochs(figure, history[f"{prefix}_{metric}"], f"{part} {metric}", ORANGE, "dash")
        both = f"{metric.capitalize()}: training and, dashed, {part}"
    figure.update_layout(title=title(both))


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
    """Write the name of each line at its end. Names that would overlap move toward the middle of
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
    figure.update_xaxes(title="Epoch", dtick=ceil(epochs / 10), tick0=0)


def _fix_range(figure: go.Figure, metric: str) -> None:
    if metric == "accuracy":
        figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    else:
        figure.update_yaxes(rangemode="tozero")
