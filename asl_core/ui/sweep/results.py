"""The results of a sweep, on a page."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from asl_core.config import TrainConfig
from asl_core.figures.sweep import (
    AXES,
    CHOICES,
    axes_of,
    heat_map,
    parallel_coordinates,
    spread,
    values_of,
)
from asl_core.runs.describe import describe_config
from asl_core.runs.intervals import percent, rounded, wilson_interval
from asl_core.sweeps.sweep import SettingResult, Sweep
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.url import to_mistakes
from asl_core.ui.shared.words import count_of


def draw_results(sweep: Sweep, best: SettingResult, with_grid: bool) -> None:
    """The heat map of a grid, and all runs.

    Args:
        sweep: at least one of its runs is done.
        best: of its settings.
        with_grid: whether the heat map of a grid with two axes is drawn, too, and not only that of
            more, of which the visitor chooses two.
    """
    axes = [axis for axis in AXES if len(values_of(sweep.results, axis)) > 1]
    if axes and not sweep.is_search and (with_grid or len(axes) > 2):
        st.markdown(f"### Median {_part(sweep)} accuracy")
        _draw_heat_map(sweep, best, axes)
    if len(sweep.results) > 1:
        st.markdown("### All runs")
        draw_runs(sweep)
        st.caption("Drag along an axis to see only the runs that pass there.")
        _draw_table(sweep, _part(sweep))


def draw_runs(sweep: Sweep) -> None:
    """Every run of a sweep as a line."""
    chart(
        parallel_coordinates(sweep, mode()),
        f"Every run as a line through its settings to its {_part(sweep)} accuracy.",
        key=f"parallel_{sweep.id}",
    )


def _part(sweep: Sweep) -> str:
    """The images that the runs are compared on."""
    return "validation" if sweep.by_validation else "test"


def _draw_heat_map(sweep: Sweep, best: SettingResult, axes: Sequence[str]) -> None:
    """Two axes of a grid; of every other one, the value that is chosen."""
    choices = [*axes, *(axis for axis in axes_of(best.config) if axis not in axes)]
    if len(axes) > 2:
        with st.container(horizontal=True):
            across = st.selectbox("Horizontal axis", axes, key="sweep_across", width=260)
            rest = [axis for axis in axes if axis != across]
            down = st.selectbox("Vertical axis", rest, key="sweep_down", width=260)
            fixed = {
                axis: st.selectbox(
                    f"Fixed: {axis}",
                    values_of(sweep.results, axis),
                    values_of(sweep.results, axis).index(AXES[axis](best.config)),
                    format_func="{:g}".format,
                    key=f"sweep_fixed_{axis}_{sweep.id}",
                    width=260,
                )
                for axis in rest
                if axis != down
            }
    else:
        across, down, fixed = choices[0], choices[1], {}
    cells = [
        cell
        for cell in sweep.results
        if all(AXES[axis](cell.config) == value for axis, value in fixed.items())
    ]
    told = "; ".join(
        f"{AXES[across](cell.config):g}, {AXES[down](cell.config):g}: {percent(cell.median)}"
        for cell in cells
    )
    chart(
        heat_map(cells, across, down, mode()),
        f"Median accuracy by {across} and {down}: {told}",
        key=f"heat_map_{sweep.id}",
    )
    st.caption(
        "Median over the seeds, and below it the lowest and the highest. The darkest is the best; "
        "the colors span these medians alone, however close they are."
    )


def tell_best(sweep: Sweep, best: SettingResult) -> None:
    """The best setting in words, and how far to believe it."""
    part = _part(sweep)
    known = f"a {part} accuracy of **{percent(best.median)}** (one seed)"
    if len(best.runs) > 1:
        known = (
            f"a median {part} accuracy of **{percent(best.median)}** "
            f"({spread(best)} %, {len(best.runs)} seeds)"
        )
    setting = describe_config(best.config, seed=False)
    st.markdown(f"**Best{' so far' if sweep.active else ''}: {setting}**, with {known}.")
    rivals = sum(cell.high >= best.low for cell in sweep.results if cell is not best)
    if rivals:
        st.caption(
            f"Its range overlaps that of {count_of(rivals, 'other configuration')}: the difference "
            "may be chance. Try more seeds."
        )
    if sweep.active:
        return
    if not sweep.by_validation:
        st.warning(
            "The configurations were compared on the test images, so this is the luckiest result, "
            "and optimistic. With a validation split the test images stay unseen.",
            icon=":material/balance:",
        )
    else:
        st.markdown(
            "On the **test images**, which had no say in the choice: "
            f"**{percent(best.test_accuracy)}** ({_test_spread(best)})."
        )
    st.page_link(
        "pages/evaluate.py",
        label="See its mistakes",
        icon=":material/arrow_forward:",
        query_params=to_mistakes(best.median_run.id),
    )


def _test_spread(cell: SettingResult) -> str:
    """How far to trust the accuracy on the test images, in words."""
    accuracies = [run.results.test_accuracy for run in cell.runs]
    if len(accuracies) > 1:
        low, high = rounded(100 * min(accuracies)), percent(max(accuracies))
        return f"median of {len(accuracies)} seeds, range {low} to {high}"
    results = cell.runs[0].results
    return f"95 % interval: {wilson_interval(results.test_correct, results.n_test)}"


def _draw_table(sweep: Sweep, part: str) -> None:
    """The settings, the best first, by what they differ in."""
    shares = (f"Median {part} accuracy", "Lowest", "Highest")
    values: dict[str, Callable[[TrainConfig], object]] = {**AXES, **CHOICES}
    varied = [
        name
        for name, value in values.items()
        if len({value(cell.config) for cell in sweep.results}) > 1
    ]
    rows = [
        dict(
            zip(
                shares,
                (float(rounded(100 * x)) for x in (cell.median, cell.low, cell.high)),
                strict=True,
            )
        )
        | {"Runs": len(cell.runs)}
        | {name.capitalize(): values[name](cell.config) for name in varied}
        for cell in sorted(sweep.results, key=lambda cell: -cell.median)
    ]
    shown = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            **dict.fromkeys(shares, shown),
            "Learning rate": st.column_config.NumberColumn(format="%.3g"),
        },
    )
