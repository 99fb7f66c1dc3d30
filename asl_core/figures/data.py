"""Plotly figures of a dataset."""

from collections.abc import Mapping

import plotly.graph_objects as go

from asl_core.figures.labels import escaped, shortened
from asl_core.figures.style import Mode, template

UPRIGHT_CHARACTERS = 40
"""Most characters of all class names side by side below upright bars; more lie beside flat bars."""

LONGEST_TICK = 24
"""Characters of a class name beside a bar; the whole name stands in the hover text."""

ROW_PIXELS = 22
LEAST_PIXELS = 300


def class_balance(
    train: Mapping[str, int], test: Mapping[str, int], mode: Mode = "light"
) -> go.Figure:
    """Images of each class in the training and the test set, as bars.

    Args:
        train: training images per class.
        test: test images per class; the same classes.
        mode: of the page.

    Returns:
        Upright bars for a few short names; else flat ones, one row for each class, from the top.
    """
    flat = sum(map(len, train)) > UPRIGHT_CHARACTERS
    figure = go.Figure(layout={"template": template(mode), "height": LEAST_PIXELS})
    places = list(range(len(train)))
    for name, counts in (("Training", train), ("Test", test)):
        values = list(counts.values())
        figure.add_bar(
            x=values if flat else places,
            y=places if flat else values,
            orientation="h" if flat else "v",
            name=name,
            text=values,
            textangle=0,
            insidetextanchor="middle",
            constraintext="none",
            textfont_size=11 if flat else 14,
            customdata=[escaped(each) for each in counts],
            hovertemplate=f"%{{customdata}}: %{{{'x' if flat else 'y'}}} images"
            "<extra>%{fullData.name}</extra>",
        )
    ticks = {"tickvals": places, "ticktext": shortened(list(train), LONGEST_TICK)}
    if flat:
        figure.update_layout(
            barmode="stack",
            legend={"traceorder": "normal"},
            bargap=0.2,
            height=max(LEAST_PIXELS, 80 + ROW_PIXELS * len(train)),
            xaxis_title="Images",
            yaxis={**ticks, "autorange": "reversed"},
        )
    else:
        figure.update_layout(yaxis_title="Images", xaxis=ticks)
    return figure
