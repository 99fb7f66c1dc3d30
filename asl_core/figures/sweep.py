"""Plotly figures of sweeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import plotly.graph_objects as go

from asl_core.config import Features, TrainConfig
from asl_core.figures.style import BLUE, GRID, INK, PAPER, Mode, template
from asl_core.runs.intervals import percent, rounded
from asl_core.sweeps.sweep import SettingResult, Sweep

AXES: Mapping[str, Callable[[TrainConfig], int | float]] = {
    "filters in the first conv layer": lambda config: config.filters[0],
    "filters in the second conv layer": lambda config: config.filters[1],
    "filters in the third conv layer": lambda config: sum(config.filters[2:]),
    "hidden units": lambda config: config.hidden,
    "kernel size": lambda config: config.kernel_size,
    "dropout": lambda config: config.dropout,
    "image size": lambda config: config.image_size,
    "epochs": lambda config: config.epochs,
    "learning rate": lambda config: config.rate,
    "batch size": lambda config: config.batch_size,
}
"""What a setting has a value of; a third layer that is not there has 0 filters."""

UNUSED_AXES: Mapping[Features, tuple[str, ...]] = {
    "pixels": ("hidden units",),
    "landmarks": (
        *("filters in the first conv layer", "filters in the second conv layer"),
        *("filters in the third conv layer", "kernel size", "image size"),
    ),
}
"""Those that say nothing about a network on some features."""

CHOICES: Mapping[str, Callable[[TrainConfig], str]] = {
    "optimizer": lambda config: config.optimizer,
    "schedule": lambda config: config.schedule,
    "batch normalization": lambda config: "on" if config.batch_norm else "off",
}
"""What a setting has a word for."""

MAX_TALL_ROWS = 6
"""Rows of a grid whose cells have two lines of text; those of a larger one have one."""

LARGE_RATIO = 10
"""Values that are further apart get a logarithmic axis."""


def values_of(results: Sequence[SettingResult], axis: str) -> list[int | float]:
    """The values that were tried along one of `AXES`, from low to high."""
    return sorted({AXES[axis](result.config) for result in results})


def axes_of(config: TrainConfig) -> list[str]:
    """Those of `AXES` that say something about a network."""
    return [axis for axis in AXES if axis not in UNUSED_AXES[config.features]]


def network_of(config: TrainConfig) -> str:
    """What a network has of what a grid tries, such as `5 and 15 filters` or `192 hidden units`."""
    if config.features == "landmarks":
        return f"{config.hidden} hidden units"
    return f"{' and '.join(map(str, config.filters))} filters"


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
        texts[row][column] = f"<b>{percent(result.median)}</b><br>{spread(result)}"
        hovers[row][column] = ", ".join(percent(score) for score in sorted(result.scores))
    low, high = np.nanmin(medians), np.nanmax(medians)
    figure = go.Figure(layout={"template": template(mode), "height": 130 + 64 * len(rows)})
    figure.add_heatmap(
        x=[f"{value:g}" for value in columns],
        y=[f"{value:g}" for value in rows],
        z=medians,
        text=texts,
        customdata=hovers,
        texttemplate="%{text}",
        **_colors([low, high], mode),
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
    return f"{rounded(100 * result.low)} to {rounded(100 * result.high)}"


@dataclass(frozen=True)
class GridCell:
    """What is planned for a network and its epochs, and what came of it so far.

    Attributes:
        network: in words (see `network_of`).
        epochs: of each run.
        n: runs that are planned.
        n_done: those that are done.
        median: the highest median of its settings so far, 0 to 1; None: to be measured.
    """

    network: str
    epochs: int
    n: int
    n_done: int = 0
    median: float | None = None

    @property
    def in_words(self) -> str:
        """Its accuracy, or that there is none yet."""
        return "to be measured" if self.median is None else percent(self.median)


def cells_of(
    configs: Sequence[TrainConfig], results: Sequence[SettingResult] = ()
) -> tuple[GridCell, ...]:
    """What is planned, by network and epochs, with what is known of it.

    Args:
        configs: of all runs, done or not.
        results: of those that are done.
    """
    planned: dict[_Cell, list[TrainConfig]] = {}
    for config in configs:
        planned.setdefault(_cell(config), []).append(config)
    known: dict[_Cell, list[SettingResult]] = {}
    for result in results:
        known.setdefault(_cell(result.config), []).append(result)
    return tuple(
        GridCell(
            network=network_of(its[0]),
            epochs=its[0].epochs,
            n=len(its),
            n_done=sum(len(result.runs) for result in known.get(key, ())),
            median=max((result.median for result in known.get(key, ())), default=None),
        )
        for key, its in sorted(planned.items())
    )


_Cell: TypeAlias = tuple[tuple[int, ...], int, int]


def _cell(config: TrainConfig) -> _Cell:
    return config.filters, config.hidden, config.epochs


def grid_so_far(cells: Sequence[GridCell], mode: Mode = "light") -> go.Figure:
    """A grid of networks and epochs that fills in as its runs are done.

    Args:
        cells: at least one.
        mode: of the page.
    """
    rows = list(dict.fromkeys(cell.network for cell in cells))
    columns = [str(epochs) for epochs in sorted({cell.epochs for cell in cells})]
    tall = len(rows) <= MAX_TALL_ROWS
    values = np.full((len(rows), len(columns)), np.nan)
    texts = [[""] * len(columns) for _ in rows]
    for cell in cells:
        row, column = rows.index(cell.network), columns.index(str(cell.epochs))
        if cell.median is not None:
            values[row, column] = cell.median
        runs = f"{cell.n} run{'s' if cell.n > 1 else ''}"
        runs = f"{cell.n_done} of {runs}" if cell.n_done else runs
        between = "<br>" if tall else " · "
        texts[row][column] = f"<b>{cell.in_words}</b>{between}{runs}"
    height = 64 if tall else 26
    figure = go.Figure(layout={"template": template(mode), "height": 80 + height * len(rows)})
    place = {"x": columns, "y": rows, "xgap": 3, "ygap": 3, "hoverinfo": "skip"}
    figure.add_heatmap(
        z=np.zeros_like(values),
        text=np.where(np.isnan(values), texts, ""),
        texttemplate="%{text}",
        textfont_color=INK[mode],
        colorscale=[[0, GRID[mode]], [1, GRID[mode]]],
        showscale=False,
        **place,
    )
    known = values[~np.isnan(values)].tolist()
    if known:
        figure.add_heatmap(
            z=values,
            text=np.where(np.isnan(values), "", texts),
            texttemplate="%{text}",
            **_colors(known, mode),
            **place,
        )
    figure.update_xaxes(title="Epochs", type="category", showgrid=False)
    figure.update_yaxes(type="category", showgrid=False, ticks="")
    figure.update_layout(margin_t=28)
    return figure


def _colors(medians: Sequence[float], mode: Mode) -> dict[str, object]:
    """Colors of a heat map that span these medians: the darkest is the best."""
    low, high = min(medians), max(medians)
    return {
        "colorscale": [[0, PAPER[mode]], [1, BLUE]],
        "zmin": low - (high - low) / 2 if high > low else 0,
        "zmax": high if high > low else 1,
        "showscale": False,
    }


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
