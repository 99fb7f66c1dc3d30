"""Sweep: many configurations, each with several seeds, and how good each is."""

import streamlit as st

from asl_core.data.trainable import check_trainable
from asl_core.errors import ConfigError, DatasetError
from asl_core.sweeps.search import prepare
from asl_core.ui.shared import snippets
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.resources import current_dataset, jobs, run_store
from asl_core.ui.shared.start_once import can_start
from asl_core.ui.sweep.settings import (
    choose_grid,
    choose_search,
    choose_sweep_split,
    corrected_split,
    start,
    tell_time,
)
from asl_core.ui.sweep.watch import choose_sweep, watch_sweep

GRID, SEARCH = "Grid search", "Optuna search"

header(
    "Sweep",
    "Train many configurations, and compare them on held-out validation images. Each is trained "
    "with several seeds, since one run may be lucky. Runs started on the Train page go first.",
)
dataset = current_dataset()
jobs().warm_up()
store, data = run_store(), dataset.source
runs = store.list()

how = st.segmented_control(
    "Method", [GRID, SEARCH], default=GRID, required=True, key="sweep_how", persist_state="session"
)
controls, summary = st.columns([2, 3], gap="large")
source = ""
with controls:
    split = choose_sweep_split(dataset)
    try:
        if how == GRID:
            grid = choose_grid(dataset)
            check_trainable(*corrected_split(dataset, split), grid.base)
            source = snippets.sweep(data.name, split, grid, store.root.name)
            tell_time(grid, dataset, split, runs)
        else:
            search = choose_search()
            check_trainable(*corrected_split(dataset, split), search.base)
            source = snippets.search(data.name, split, search, store.root.name)
            st.markdown(
                f"**{search.trials} trials** at most, within **{search.minutes:g} minutes**. The "
                "first two are the presets; then Optuna samples filters, epochs, learning rate, "
                "batch size, optimizer and schedule by what has gone well so far (TPE), and prunes "
                "a trial that is worse than the median of the others after as many epochs."
            )
    except (ConfigError, DatasetError) as error:
        show_error(error)
    writable = can_start()
    if st.button(
        "Start sweep",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=not (source and writable),
    ):
        if how == GRID:
            start(grid, lambda: grid.specs(split, data))
        else:
            start(search, lambda: prepare(store, search, split, data))

with summary:
    shown = choose_sweep(runs)
    if shown:
        watch_sweep(shown)
if source:
    page_end(source)
