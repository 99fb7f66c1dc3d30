"""Plotly figures of how good a run is, and how far that can be believed."""

from collections.abc import Mapping, Sequence
from colorsys import hls_to_rgb

import numpy as np
import plotly.graph_objects as go

from asl_core.evaluation.calibration import Reliability, SelectiveAccuracy
from asl_core.evaluation.embedding import Embedding
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.robustness import Curve
from asl_core.figures.style import FIRST, GREY, INK, ORANGE, PAPER, Mode, run_colors, template


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


MOST_AS_SVG = 3_000
"""Points that a browser draws quickly without WebGL, which not every machine has."""

ROW = 0
"""Place in a point's `customdata` of the answer that it stands for (see `feature_map`)."""


def reliability_diagram(before: Reliability, after: Reliability, mode: Mode = "light") -> go.Figure:
    """Accuracy over confidence, before and after scaling; on the dashed line they are equal.

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
        line={"dash": "dash", "color": GREY},
        hoverinfo="skip",
        name="as sure as right",
    )
    for part, name, color, symbol in (
        (before, "as it is", FIRST[mode], "circle"),
        (after, "scaled", ORANGE, "diamond"),
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
            hovertemplate="%{customdata} pictures: %{x:.0%} sure, %{y:.0%} right<extra></extra>",
        )
    figure.update_xaxes(title="how sure", range=[0, 1.04], tickformat=".0%")
    figure.update_yaxes(title="how often right", range=[0, 1.06], tickformat=".0%")
    return figure


def coverage_curve(coverage: SelectiveAccuracy, mode: Mode = "light") -> go.Figure:
    """Accuracy on the surest share of the pictures."""
    figure = go.Figure(layout={"template": template(mode), "height": 360, "showlegend": False})
    figure.add_scatter(
        x=coverage.coverage,
        y=coverage.accuracy,
        mode="lines",
        line={"width": 2.5, "color": FIRST[mode]},
        customdata=coverage.confidence,
        hovertemplate="the surest %{x:.0%} (at least %{customdata:.0%} sure): %{y:.1%} right"
        "<extra></extra>",
    )
    figure.update_xaxes(title="share that is answered", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="of these right", range=[0, 1.06], tickformat=".0%")
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
            "color": GREY,
        },
        mode="lines+markers",
        line={"width": 2.5, "color": FIRST[mode]},
        marker={"size": 8},
        customdata=[str(score.interval) for score in scores],
        hovertemplate="%{x:g}: %{y:.1%} (%{customdata})<extra></extra>",
    )
    figure.add_vline(x=neutral, line={"dash": "dot", "color": GREY, "width": 1})
    figure.update_xaxes(title=curve.unit, tickvals=[step.strength for step in curve.steps])
    figure.update_yaxes(range=[0, 1.06], tickformat=".0%")
    figure.update_layout(margin_t=12)
    return figure


def feature_map(evaluation: Evaluation, embedding: Embedding, mode: Mode = "light") -> go.Figure:
    """Pictures as points: coloured by true class, a cross where the network is wrong.

    Args:
        evaluation: the answers, in the order of the points.
        embedding: where they are.
        mode: of the page.

    Returns:
        A figure to choose points in; `customdata[ROW]` of each is its answer.
    """
    figure = go.Figure(layout={"template": template(mode), "height": 520, "dragmode": "lasso"})
    colors = class_colors(len(evaluation.classes), mode)
    trace = go.Scattergl if len(evaluation) > MOST_AS_SVG else go.Scatter
    for label, name in enumerate(evaluation.classes):
        rows = np.flatnonzero(evaluation.labels == label)
        if len(rows):
            cloud = _cloud(evaluation, rows, colors[label], mode)
            x, y = embedding.points[rows].T
            figure.add_trace(trace(x=x, y=y, mode="markers", name=name, **cloud))
            _name_cloud(figure, embedding.points[rows], name, mode)
    shares = embedding.explained
    for axis, update in enumerate((figure.update_xaxes, figure.update_yaxes)):
        title = f"axis {axis + 1}: {shares[axis]:.0%} of the variance" if shares else ""
        update(title=title, showticklabels=False)
    return figure


def _cloud(evaluation: Evaluation, rows: np.ndarray, color: str, mode: Mode) -> dict[str, object]:
    """How the points of a class look, and what they say."""
    right = (evaluation.predicted == evaluation.labels)[rows]
    return {
        "marker": {
            "color": color,
            "symbol": np.where(right, "circle", "x").tolist(),
            "size": np.where(right, 7, 11).tolist(),
            "line": {"width": np.where(right, 0, 1.5).tolist(), "color": INK[mode]},
            "opacity": 0.85,
        },
        "unselected": {"marker": {"opacity": 0.2}},
        "customdata": [
            [int(row), evaluation.files[row], evaluation.classes[evaluation.predicted[row]]]
            for row in rows
        ],
        "hovertemplate": "%{fullData.name}, taken for %{customdata[2]}: %{customdata[1]}"
        "<extra></extra>",
    }


def _name_cloud(figure: go.Figure, points: np.ndarray, name: str, mode: Mode) -> None:
    """Write the name of a class in the middle of its points."""
    x, y = np.median(points, axis=0)
    figure.add_annotation(
        x=float(x),
        y=float(y),
        text=f"<b>{name}</b>",
        showarrow=False,
        font={"size": 16},
        bgcolor=PAPER[mode],
        opacity=0.85,
    )


def class_colors(n: int, mode: Mode = "light") -> Sequence[str]:
    """A colour for each of `n` classes: told apart with any colour vision up to five, else by
    hue; the names in the figure tell them apart anyway."""
    few = run_colors(mode)[:5]
    if n <= len(few):
        return few[:n]
    lightness = 0.42 if mode == "light" else 0.62
    parts = (hls_to_rgb(i / n, lightness if i % 2 else lightness + 0.12, 0.75) for i in range(n))
    return [f"rgb({','.join(str(round(255 * part)) for part in color)})" for color in parts]
