"""What a sweep is going to try, where its progress is shown as soon as it has started."""

from collections.abc import Sequence

import streamlit as st

from asl_core.config import TrainConfig
from asl_core.figures.sweep import cells_of, grid_so_far
from asl_core.sweeps.search import Search
from asl_core.sweeps.sweep import Grid, SettingResult, Sweep
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.words import count_of

_HERE = "sweep_beside_controls"


def is_beside_controls(sweep: Sweep | None, wanted: object) -> bool:
    """Whether a sweep has the place of the plan: while it is under way, and then until something
    else is wanted.

    Args:
        sweep: the one that is shown, if there is one.
        wanted: what the controls say.
    """
    if sweep is None:
        return False
    if sweep.active:
        st.session_state[_HERE] = sweep.id, wanted
        return True
    return bool(st.session_state.get(_HERE) == (sweep.id, wanted))


def show_plan(grid: Grid) -> None:
    """The grid before anything of it is measured."""
    draw_grid(grid.configs, (), "planned_grid")
    parts = [
        count_of(len(values), noun)
        for values, noun in ((grid.seeds, "seed"), (grid.learning_rates, "learning rate"))
        if len(values) > 1 or noun == "seed"
    ]
    st.caption(f"Each cell: {' x '.join(parts)}. It fills in as the runs are done.")


def tell_search(search: Search) -> None:
    """What a search does."""
    st.markdown(
        f"**{search.trials} trials** at most, within **{search.minutes:g} minutes**. The "
        "first two are the presets; then Optuna samples filters, epochs, learning rate, "
        "batch size, optimizer and schedule by what has gone well so far (TPE), and prunes "
        "a trial that is worse than the median of the others after as many epochs."
    )


def draw_grid(configs: Sequence[TrainConfig], results: Sequence[SettingResult], key: str) -> None:
    """Networks and epochs of a sweep, with what is known of them.

    Args:
        configs: of all its runs, done or not.
        results: of those that are done.
        key: of the figure.
    """
    cells = cells_of(configs, results)
    varied = "hidden units" if configs[0].features == "landmarks" else "filters"
    told = "; ".join(f"{cell.network}, {cell.epochs}: {cell.in_words}" for cell in cells)
    chart(
        grid_so_far(cells, mode()),
        f"{'Median accuracy' if results else 'Plan'} by {varied} and epochs: {told}",
        key=key,
    )
