"""The embedding map as a Plotly figure: images as points, each class with a color and a label."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from asl_core.evaluation.embedding import Embedding
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.labels import class_colors, escaped, shortened
from asl_core.figures.style import INK, PAPER, Mode, template

MOST_AS_SVG = 3_000
"""Points that a browser draws quickly without WebGL, which not every machine has."""

ROW = 0
"""Place in a point's `customdata` of the answer that it stands for (see `feature_map`)."""

HEIGHT, LEGEND_ROW = 520, 19
"""Heights in pixels: of the map, and of a row of its legend."""

MOST_WITHOUT_LEGEND = 8
"""Classes up to which the labels in the map are enough."""

SHORT = 3
"""Characters up to which a name is a label in the map itself; if one is longer, all are numbers."""

LEGEND_NAME = 32
"""Characters of a name in the legend; the hover text has all of it."""

LABEL = (0.055, 0.055)
"""Room of a label, as shares of the map's width (on a narrow screen) and height."""

PASSES = 300
"""Times that labels which touch are moved apart, at most."""


def feature_map(evaluation: Evaluation, embedding: Embedding, mode: Mode = "light") -> go.Figure:
    """Images as points: colored by true class, a cross where the network is wrong.

    Each class has a label amid its points: its name if all are short, else a number, which the
    legend below explains.

    Args:
        evaluation: the answers, in the order of the points.
        embedding: where they are.
        mode: of the page.

    Returns:
        A figure to choose points in; `customdata[ROW]` of each is its answer.
    """
    labels = _labels(evaluation.classes)
    legend = labels != list(map(escaped, evaluation.classes)) or (len(labels) > MOST_WITHOUT_LEGEND)
    figure = go.Figure(layout={"template": template(mode), "dragmode": "lasso"})
    colors = class_colors(len(evaluation.classes), mode)
    trace = go.Scattergl if len(evaluation) > MOST_AS_SVG else go.Scatter
    present = np.unique(evaluation.labels)
    for label in present:
        rows = np.flatnonzero(evaluation.labels == label)
        x, y = embedding.points[rows].T
        cloud = _cloud(evaluation, rows, colors[label], mode)
        figure.add_trace(trace(x=x, y=y, mode="markers", **cloud))
    _name_traces(figure, evaluation.classes, labels, present)
    _name_clouds(figure, embedding.points, evaluation.labels, labels, mode)
    shares = embedding.explained
    for axis, update in enumerate((figure.update_xaxes, figure.update_yaxes)):
        title = f"axis {axis + 1}: {shares[axis]:.0%} of the variance" if shares else ""
        update(title=title, showticklabels=False)
    _place_legend(figure, len(present) if legend else 0)
    return figure


def _labels(classes: Sequence[str]) -> list[str]:
    if max(map(len, classes)) <= SHORT:
        return [escaped(name) for name in classes]
    return [str(number) for number in range(1, len(classes) + 1)]


def _name_traces(
    figure: go.Figure, classes: Sequence[str], labels: Sequence[str], present: np.ndarray
) -> None:
    """What the legend says of each class: its name, after the number that the map has for it."""
    names = shortened(classes, LEGEND_NAME)
    for trace, label in zip(figure.data, present, strict=True):
        number = "" if labels[label] == names[label] else f"{labels[label]}: "
        trace.name = f"{number}{names[label]}"


def _place_legend(figure: go.Figure, n_entries: int) -> None:
    """Below the map, in columns; without entries there is none."""
    if not n_entries:
        figure.update_layout(height=HEIGHT, showlegend=False)
        return
    longest = max(len(trace.name) for trace in figure.data)
    in_a_row = max(1, 90 // (longest + 6))  # on a screen of 750 pixels
    height = LEGEND_ROW * -(-n_entries // in_a_row)
    figure.update_layout(
        height=HEIGHT + height,
        legend={
            "orientation": "h",
            "y": -0.07 if figure.layout.xaxis.title.text else -0.02,
            "yanchor": "top",
            "entrywidth": 8 * longest + 10,
            "font": {"size": 12},
            "itemsizing": "constant",
        },
    )


def _cloud(evaluation: Evaluation, rows: np.ndarray, color: str, mode: Mode) -> dict[str, object]:
    """How the points of a class look, and what they say."""
    right = (evaluation.predicted == evaluation.labels)[rows]
    names = [escaped(name) for name in evaluation.classes]
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
            [
                int(row),
                escaped(evaluation.files[row]),
                names[evaluation.labels[row]],
                names[evaluation.predicted[row]],
            ]
            for row in rows
        ],
        "hovertemplate": "true %{customdata[2]}, predicted %{customdata[3]}: %{customdata[1]}"
        "<extra></extra>",
    }


def _name_clouds(
    figure: go.Figure, points: np.ndarray, of: np.ndarray, labels: Sequence[str], mode: Mode
) -> None:
    """Write the label of each class in the middle of its points, or beside another that is there.

    Args:
        figure: with the points.
        points: float (n, 2).
        of: int (n,), class of each.
        labels: of the classes.
        mode: of the page.
    """
    present = np.unique(of)
    middles = np.array([np.median(points[of == label], axis=0) for label in present])
    low, span = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-9)
    places = low + span * apart((middles - low) / span, LABEL)
    for label, (x, y) in zip(present, places, strict=True):
        figure.add_annotation(
            x=float(x),
            y=float(y),
            text=f"<b>{labels[label]}</b>",
            showarrow=False,
            font={"size": 16 if len(present) <= MOST_WITHOUT_LEGEND else 13},
            bgcolor=PAPER[mode],
            borderpad=1,
            opacity=0.85,
        )


def apart(places: np.ndarray, room: tuple[float, float]) -> np.ndarray:
    """Move places until no two boxes around them overlap, each as little as it must.

    Args:
        places: float (n, 2), 0 to 1 each way; may be the same.
        room: width and height of a box around each.

    Returns:
        float (n, 2); some may still touch where there is no room for all.
    """
    rng = np.random.default_rng(0)
    places = places + rng.normal(0, 1e-4, places.shape)  # two at the same place have no direction
    for _ in range(PASSES):
        distance = places[:, None] - places
        overlap = np.array(room) - np.abs(distance)
        touching = (overlap > 0).all(axis=2) & ~np.eye(len(places), dtype=bool)
        if not touching.any():
            break
        along = overlap.argmin(axis=2)  # the axis on which less is to go
        for axis in (0, 1):
            moved = touching & (along == axis)
            push = np.where(moved, np.sign(distance[..., axis]) * overlap[..., axis], 0)
            places[:, axis] += 0.5 * push.sum(axis=1) / np.maximum(moved.sum(axis=1), 1)
        places = places.clip(0, 1)
    return places
