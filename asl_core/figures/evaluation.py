"""Plotly figures of how good a run is, and how far that can be believed."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from asl_core.evaluation.calibration import Reliability, SelectiveAccuracy
from asl_core.evaluation.robustness import Curve
from asl_core.figures.labels import escaped, wrapped
from asl_core.figures.style import FIRST, GRAY, ORANGE, Mode, template
from asl_core.runs.intervals import percent

MOST_BARS = 10
"""Classes whose probabilities are drawn; of more, the most probable ones."""

LINE = 20
"""Characters in a line of a name beside its bar."""

ROW, BAR, EXTRA_LINE = 36, 23, 17
"""Height in pixels of a bar with its gap, without, and of each further line of its name."""


def probabilities(values: Mapping[str, float], mode: Mode = "light") -> go.Figure:
    """Probability of each class as a bar; the highest stands out. No name is cut.

    Args:
        values: probability by class; of more than ten, the ten highest are drawn, the highest on
            top.
        mode: of the page.
    """
    top = sorted(values.items(), key=lambda item: -item[1])[:MOST_BARS]
    shown = top if len(values) > MOST_BARS else list(values.items())
    names = [wrapped(name, LINE) for name, _ in shown]
    heights = np.array([ROW + EXTRA_LINE * name.count("<br>") for name in names])
    places = (heights.cumsum() - heights / 2).tolist()  # middle of each row, in pixels
    total = int(heights.sum())
    figure = go.Figure(layout={"template": template(mode), "height": 20 + total})
    figure.add_bar(
        x=[value for _, value in shown],
        y=places,
        width=BAR,
        orientation="h",
        text=[percent(value) for _, value in shown],
        textposition="outside",
        cliponaxis=False,
        marker_color=[FIRST[mode] if name == top[0][0] else GRAY for name, _ in shown],
        customdata=[escaped(name) for name, _ in shown],
        hovertemplate="%{customdata}: %{x:.1%}<extra></extra>",
    )
    figure.update_layout(margin_t=8)
    figure.update_xaxes(range=[0, 1.18], visible=False)
    figure.update_yaxes(range=[total, 0], tickvals=places, ticktext=names, showgrid=False)
    return figure


def reliability_diagram(before: Reliability, after: Reliability, mode: Mode = "light") -> go.Figure:
    """Accuracy over confidence, before and after scaling; equal on the dashed line.

    Args:
        before: of the probabilities as they are.
        after: of the scaled ones.
        mode: of the page.
    """
    figure = go.Figure(layout={"template": template(mode), "height": 360})
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dash", "color": GRAY},
        hoverinfo="skip",
        name="Perfect calibration",
    )
    for part, name, color, symbol in (
        (before, "As trained", FIRST[mode], "circle"),
        (after, "Temperature-scaled", ORANGE, "diamond"),
    ):
        bins = [b for b in part.bins if b.count]
        most = max(b.count for b in bins)
        figure.add_scatter(
            x=[b.confidence for b in bins],
            y=[b.accuracy for b in bins],
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 1.5},
            marker={
                "size": [7 + 15 * (b.count / most) ** 0.5 for b in bins],
                "symbol": symbol,
                "opacity": 0.85,
            },
            customdata=[b.count for b in bins],
            hovertemplate="%{customdata} images: confidence %{x:.0%}, accuracy %{y:.0%}"
            "<extra></extra>",
        )
    figure.update_xaxes(title="Confidence", range=[0, 1.04], tickformat=".0%")
    figure.update_yaxes(title="Accuracy", range=[0, 1.06], tickformat=".0%")
    return figure


def coverage_curve(coverage: SelectiveAccuracy, mode: Mode = "light") -> go.Figure:
    """Selective prediction: accuracy on the most confident share of the images."""
    figure = go.Figure(layout={"template": template(mode), "height": 360, "showlegend": False})
    figure.add_scatter(
        x=coverage.coverage,
        y=coverage.accuracy,
        mode="lines",
        line={"width": 2.5, "color": FIRST[mode]},
        customdata=coverage.confidence,
        hovertemplate="coverage %{x:.0%} (confidence at least %{customdata:.0%}): "
        "accuracy %{y:.1%}<extra></extra>",
    )
    figure.update_xaxes(title="Coverage", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="Accuracy", range=[0, 1.06], tickformat=".0%")
    return figure


def robustness_curve(curve: Curve, neutral: float, mode: Mode = "light") -> go.Figure:
    """Accuracy over the strength of one change, with 95 % intervals.

    Args:
        curve: what was found.
        neutral: the strength that changes nothing, marked by a line.
        mode: of the page.
    """
    figure = go.Figure(layout={"template": template(mode), "height": 210, "showlegend": False})
    scores = [step.score for step in curve.steps]
    figure.add_scatter(
        x=[step.strength for step in curve.steps],
        y=[score.accuracy for score in scores],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [score.interval.high - score.accuracy for score in scores],
            "arrayminus": [score.accuracy - score.interval.low for score in scores],
            "thickness": 1,
            "color": GRAY,
        },
        mode="lines+markers",
        line={"width": 2.5, "color": FIRST[mode]},
        marker={"size": 8},
        customdata=[str(score.interval) for score in scores],
        hovertemplate="%{x:g}: %{y:.1%} (%{customdata})<extra></extra>",
    )
    figure.add_vline(x=neutral, line={"dash": "dot", "color": GRAY, "width": 1})
    figure.update_xaxes(title=curve.unit, tickvals=[step.strength for step in curve.steps])
    figure.update_yaxes(range=[0, 1.06], tickformat=".0%")
    figure.update_layout(margin_t=12)
    return figure
