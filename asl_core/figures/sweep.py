"""Plotly figures of sweeps."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from asl_core.config import TrainConfig
from asl_core.figures.style import BLUE, GRID, INK, PAPER, Mode, template
from asl_core.sweeps.sweep import SettingResult, Sweep

AXES: Mapping[str, Callable[[TrainConfig], int | float]] = {
    "filters in the first conv layer": lambda config: config.filters[0],
    "filters in the second conv layer": lambda config: config.filters[1],
    "filters in the third conv layer": lambda config: sum(config.filters[2:]),
    "kernel size": lambda config: config.kernel_size,
    "dropout": lambda config: config.dropout,
    "image size": lambda config: config.image_size,
    "epochs": lambda config: config.epochs,
    "learning rate": lambda config: config.rate,
    "batch size": lambda config: config.batch_size,
}
"""What a setting has a value of; a third layer that is not there has 0 filters."""

CHOICES: Mapping[str, Callable[[TrainConfig], str]] = {
    "optimizer": lambda config: config.optimizer,
    "schedule": lambda config: config.schedule,
    "batch normalization": lambda config: "on" if config.batch_norm else "off",
}
"""What a setting has a word for."""

LARGE_RATIO = 10
"""Values that are further apart get a logarithmic axis."""


def values_of(results: Sequence[SettingResult], axis: str) -> list[int | float]:
    """The values that were tried along one of `AXES`, from low to high."""
    return sorted({AXES[axis](result.config) for result in results})


def heat_map(
    results: Sequence[SettingResult], across: str, down: str, mode: Mode = "light"
) -> go.Figure:
    """Median accuracy of settings, with the spread over the seeds. Its colors span the medians.

    Args:
        results: at most one for each pair of values.
        across: one of `AXES`, from left to right.
        down: another one, from bottom to top.
        mode: of the page.
    """
    columns, rows = values_of(results, across), values_of(results, down)
    medians = np.full((len(rows), len(columns)), np.nan)
    texts = [[""] * len(columns) for _ in rows]
    hovers = [[""] * len(columns) for _ in rows]
    for result in results:
        row, column = (
            rows.index(AXES[down](result.config)),
            columns.index(AXES[across](result.config)),
        )
        medians[row, column] = result.median
        texts[row][column] = f"<b>{100 * result.median:.1f} %</b><br>{spread(result)}"
        hovers[row][column] = ", ".join(f"{100 * score:.1f} %" for score in sorted(result.scores))
    low, high = np.nanmin(medians), np.nanmax(medians)
    figure = go.Figure(layout={"template": template(mode), "height": 130 + 64 * len(rows)})
    figure.add_heatmap(
        x=[f"{value:g}" for value in columns],
        y=[f"{value:g}" for value in rows],
        z=medians,
        text=texts,
        customdata=hovers,
        texttemplate="%{text}",
        colorscale=[[0, PAPER[mode]], [1, BLUE]],
        zmin=low - (high - low) / 2 if high > low else 0,
        zmax=high if high > low else 1,
        showscale=False,
        xgap=3,
        ygap=3,
        hovertemplate=f"{across} %{{x}}, {down} %{{y}}: %{{z:.1%}}<br>seeds: %{{customdata}}"
        "<extra></extra>",
    )
    figure.update_xaxes(title=across.capitalize(), type="category", showgrid=False)
    figure.update_yaxes(title=down.capitalize(), type="category", showgrid=False)
    figure.update_layout(margin_t=12)
    return figure


def spread(result: SettingResult) -> str:
    """Lowest to highest accuracy of a setting, in words."""
    if len(result.scores) == 1:
        return "one seed"
    return f"{100 * result.low:.1f} to {100 * result.high:.1f}"


def parallel_coordinates(sweep: Sweep, mode: Mode = "light") -> go.Figure:
    """Every run as a line through its settings to its accuracy, which gives its color."""
    runs = [(run.spec.config, score) for result in sweep.results for run, score in _scored(result)]
    scores = [score for _, score in runs]
    numbers = {name: [value(config) for config, _ in runs] for name, value in AXES.items()}
    words = {name: [value(config) for config, _ in runs] for name, value in CHOICES.items()}
    shown = [_numbers(*item) for item in numbers.items() if len(set(item[1])) > 1]
    shown += [_words(*item) for item in words.items() if len(set(item[1])) > 1]
    part = "validation" if sweep.by_validation else "test"
    low, high = min(scores), max(scores)
    shown.append({"label": f"{part.capitalize()} accuracy", "values": scores, "tickformat": ".0%"})
    figure = go.Figure(layout={"template": template(mode), "height": 340})
    figure.add_parcoords(
        dimensions=shown,
        line={
            "color": scores,
            "colorscale": [[0, GRID[mode]], [0.5, "#56B4E9"], [1, "#E69F00"]],
            "cmin": low,
            "cmax": high if high > low else low + 1e-6,
        },
        labelfont={"color": INK[mode], "size": 13},
        tickfont={"color": INK[mode]},
        rangefont={"color": "rgba(0,0,0,0)"},
    )
    figure.update_layout(margin={"l": 70, "r": 70, "t": 64, "b": 24})
    return figure


def _scored(result: SettingResult) -> zip:
    return zip(result.runs, result.scores, strict=True)


def _numbers(name: str, values: Sequence[int | float]) -> dict[str, object]:
    ticks = sorted(set(values))
    if len(ticks) > 8:
        ticks = [ticks[round(i * (len(ticks) - 1) / 5)] for i in range(6)]
    log = ticks[0] > 0 and ticks[-1] / ticks[0] > LARGE_RATIO
    place = np.log10 if log else np.asarray
    return {
        "label": name.replace(" in the", ",").replace(" conv layer", "").capitalize(),
        "values": place(np.asarray(values, float)).tolist(),
        "tickvals": place(np.asarray(ticks, float)).tolist(),
        "ticktext": [f"{tick:.3g}" for tick in ticks],
    }


def _words(name: str, values: Sequence[str]) -> dict[str, object]:
    names = sorted(set(values))
    return {
        "label": name.capitalize(),
        "values": [names.index(value) for value in values],
        "tickvals": list(range(len(names))),
        "ticktext": names,
    }
