"""Plotly figures of a dataset."""

from collections.abc import Mapping

import plotly.graph_objects as go

from asl_core.figures.style import Mode, template


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
