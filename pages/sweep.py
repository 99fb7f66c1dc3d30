"""Sweep: many configurations, each with several seeds, and how good each is."""

import streamlit as st

from asl_core.data.trainable import check_trainable
from asl_core.errors import ConfigError, DatasetError
from asl_core.sweeps.search import Search, prepare
from asl_core.sweeps.sweep import Grid
from asl_core.ui.shared import snippets
from asl_core.ui.shared.choose_features import choose_features, tell_hands
from asl_core.ui.shared.choose_split import choose_split
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.leave_out import show_dataset_error, tell_left_out
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import current_dataset, jobs, run_store
from asl_core.ui.shared.start_once import can_start
from asl_core.ui.sweep.landmarks import choose_landmark_grid
from asl_core.ui.sweep.plan import is_beside_controls, show_plan, tell_search
from asl_core.ui.sweep.results import draw_results
from asl_core.ui.sweep.settings import (
    choose_grid,
    choose_search,
    corrected_split,
    start,
    tell_time,
)
from asl_core.ui.sweep.watch import choose_sweep, show_sweep, watch_sweep

GRID, SEARCH = "Grid search", "Optuna search"


def choose_what_to_try() -> Grid | Search:
    """A grid of networks on pixels or on landmarks, or a search, which is on pixels."""
    if how == SEARCH:
        return choose_search()
    if choose_features("sweep_features") == "landmarks":
        return choose_landmark_grid(dataset)
    return choose_grid(dataset)


header(
    "Sweep",
    "Train many configurations, each with several seeds, and compare them on held-out validation "
    "images. Runs of *Train* go first.",
)
dataset = current_dataset()
jobs().warm_up()
tell_left_out(dataset)
store, data = run_store(), dataset.source
runs = store.list()

how = st.segmented_control(
    "Method",
    [GRID, SEARCH],
    default=GRID,
    required=True,
    key="sweep_how",
    persist_state="session",
    label_visibility="collapsed",
)
controls, answer = st.columns(2, gap="large")
below = st.container()
wanted: Grid | Search | None = None
possible = True
source = ""
with controls:
    split = choose_split(dataset)
    try:
        wanted = choose_what_to_try()
        learned = corrected_split(dataset, split)
        check_trainable(*learned, wanted.base)
        if wanted.base.features == "landmarks":
            possible = tell_hands(*learned)
    except ConfigError as error:
        show_error(error)
        wanted = None
    except DatasetError as error:
        show_dataset_error(error)
        wanted = None

with answer:
    if isinstance(wanted, Grid):
        source = snippets.sweep(data.name, split, wanted, store.root.name)
        tell_time(wanted, dataset, split, runs)
    elif wanted:
        source = snippets.search(data.name, split, wanted, store.root.name)
        tell_search(wanted)
    writable = can_start()
    started = change_button(
        "Start sweep",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=not (wanted and writable and possible),
    )
    if started and isinstance(wanted, Grid):
        grid = wanted
        start(grid, lambda: grid.specs(split, data))
    elif started and isinstance(wanted, Search):
        search = wanted
        start(search, lambda: prepare(store, search, split, data))

with below:
    shown = choose_sweep(runs)
here = is_beside_controls(shown, (wanted, split))
with answer:
    if shown and here:
        watch_sweep(shown)
    elif isinstance(wanted, Grid):
        show_plan(wanted)
with below:
    if shown and not here:
        show_sweep(shown)
    if shown and shown.active:
        st.caption("The results are drawn here as soon as all runs are done.")
    elif shown and shown.best:
        draw_results(shown, shown.best, with_grid=not here)
if source:
    page_end(source)
