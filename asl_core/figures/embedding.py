"""The embedding map as a Plotly figure: images as points, each class with a color and a label."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from asl_core.evaluation.embedding import Embedding
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.labels import class_colors, escaped
from asl_core.figures.style import GRAY, INK, PAPER, Mode, template

MOST_AS_SVG = 3_000
"""Points that a browser draws quickly without WebGL, which not every machine has."""

ROW = 0
"""Place in a point's `customdata` of the answer that it stands for (see `feature_map`)."""

HEIGHT = 520
"""Pixels."""

MOST_LARGE = 8
"""Classes up to which the labels in the map are large."""

SHORT = 3
"""Characters up to which a name is a label in the map itself; if one is longer, all are numbers."""

LABEL = (0.055, 0.055)
"""Room of a label, as shares of the map's width (on a narrow screen) and height."""

PASSES = 300
"""Times that labels which touch are moved apart, at most."""


def feature_map(
    evaluation: Evaluation,
    embedding: Embedding,
    mode: Mode = "light",
    colored: Sequence[str] | None = None,
) -> go.Figure:
    """Images as points: colored by true class, a cross where the network is wrong.

    Each colored class has a label among its points (see `map_labels`).

    Args:
        evaluation: the answers, in the order of the points.
        embedding: where they are.
        mode: of the page.
        colored: classes with a color each, in the order of `class_colors`; the others are gray and
            lie below. None: all.

    Returns:
        A figure to choose points in; `customdata[ROW]` of each is its answer.
    """
    figure = go.Figure(
        layout={
            "template": template(mode),
            "height": HEIGHT,
            "dragmode": "lasso",
            "showlegend": False,
        }
    )
    colored = evaluation.classes if colored is None else colored
    colors = dict(zip(colored, class_colors(len(colored), mode), strict=True))
    trace = go.Scattergl if len(evaluation) > MOST_AS_SVG else go.Scatter
    names = [evaluation.classes[label] for label in np.unique(evaluation.labels)]
    for name in sorted(names, key=lambda name: name in colors):  # gray ones first, so below
        rows = np.flatnonzero(evaluation.labels == evaluation.classes.index(name))
        x, y = embedding.points[rows].T
        cloud = _cloud(evaluation, rows, colors.get(name), mode)
        figure.add_trace(trace(x=x, y=y, mode="markers", **cloud))
    _name_clouds(figure, embedding.points, evaluation, colored, mode)
    shares = embedding.explained
    for axis, update in enumerate((figure.update_xaxes, figure.update_yaxes)):
        title = f"PC {axis + 1} ({100 * shares[axis]:.0f} % of variance)" if shares else ""
        update(title=title, showticklabels=False)
    return figure


def map_labels(classes: Sequence[str]) -> list[str]:
    """What stands among the points of each class: its name if all are short, else its number."""
    if max(map(len, classes)) <= SHORT:
        return list(classes)
    return [str(number) for number in range(1, len(classes) + 1)]


def _cloud(
    evaluation: Evaluation, rows: np.ndarray, color: str | None, mode: Mode
) -> dict[str, object]:
    """How the points of a class look, and what they say; without a color they are gray."""
    right = (evaluation.predicted == evaluation.labels)[rows]
    names = [escaped(name) for name in evaluation.classes]
    return {
        "marker": {
            "color": color or GRAY,
            "symbol": np.where(right, "circle", "x").tolist(),
            "size": np.where(right, 7, 11 if color else 8).tolist(),
            "line": {"width": np.where(right, 0, 1.5 if color else 0).tolist(), "color": INK[mode]},
            "opacity": 0.85 if color else 0.4,
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
    figure: go.Figure,
    points: np.ndarray,
    evaluation: Evaluation,
    colored: Sequence[str],
    mode: Mode,
) -> None:
    """Write the label of each class in the middle of its points, or beside another that is there.

    Args:
        figure: with the points.
        points: float (n, 2).
        evaluation: the answers, in the same order.
        colored: classes that have a label.
        mode: of the page.
    """
    names, of = evaluation.classes, evaluation.labels
    present = [label for label in np.unique(of) if names[label] in colored]
    if not present:
        return
    labels = dict(zip(colored, map_labels(colored), strict=True))
    middles = np.array([np.median(points[of == label], axis=0) for label in present])
    low, span = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-9)
    places = low + span * apart((middles - low) / span, LABEL)
    for label, (x, y) in zip(present, places, strict=True):
        figure.add_annotation(
            x=float(x),
            y=float(y),
            text=f"<b>{escaped(labels[names[label]])}</b>",
            showarrow=False,
            font={"size": 16 if len(present) <= MOST_LARGE else 13},
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
