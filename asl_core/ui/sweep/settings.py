"""What a sweep is to try, as controls, and the time that it will take."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from asl_core.config import (
    BASELINE,
    MAX_VALIDATION_SHARE,
    PRESETS,
    ClassWeights,
    SplitName,
    preset_of,
)
from asl_core.data import Dataset, Split
from asl_core.errors import ConfigError
from asl_core.jobs.sweeps import submit_sweep
from asl_core.jobs.tasks import load_timing, timing_task
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.time_estimate import (
    Estimate,
    Throughput,
    estimate,
    estimate_throughput,
    measure_throughput,
)
from asl_core.settings import MAX_SEARCH_MINUTES, MAX_SWEEP_RUNS
from asl_core.sweeps.first_grid import SEEDS, first_grid
from asl_core.sweeps.search import LEAST_SHARE, Search
from asl_core.sweeps.sweep import VALIDATION_SHARE, Grid
from asl_core.ui.shared.imbalance import choose_class_weights, imbalance_note
from asl_core.ui.shared.label_corrections import correct
from asl_core.ui.shared.resources import jobs, run_store, split_of
from asl_core.ui.shared.start_once import start_once
from asl_core.ui.shared.tasks import duration, offer_task
from asl_core.ui.shared.words import PRESET_NAMES, SETTING_LABELS
from asl_core.web.visitor import visitor

FILTERS = (2, 5, 8, 15, 24, 32)
EPOCHS = (1, 2, 3, 5, 10, 20)
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03)
MAX_SEEDS = 10

Number = TypeVar("Number", int, float)


def choose_grid(dataset: Dataset) -> Grid:
    """Controls for a grid of settings.

    Args:
        dataset: its `first_grid` is chosen at first.

    Raises:
        ConfigError: what is chosen can't be tried.
    """
    offered, key = first_grid(dataset), dataset.fingerprint
    first, second = st.columns(2)
    third, fourth = st.columns(2)
    filters = _choose_filters(offered, key, (first, second, third))
    with fourth:
        epochs = choose_numbers("Epochs", EPOCHS, offered.epochs, int, key)
    left, right = st.columns(2)
    presets = [name for name, its in PRESETS.items() if its.features == "pixels"]
    preset = left.selectbox(
        "Base preset",
        presets,
        presets.index(preset_of(offered.base)),
        format_func=PRESET_NAMES.__getitem__,
        key="sweep_preset",
        persist_state="session",
        help="Everything that is not listed here: optimizer, schedule, batch size, augmentation "
        "and the rest of the architecture. Baseline: the mission's settings.",
    )
    with right:
        rates = choose_numbers("Learning rates", RATES, (PRESETS[preset].rate,), float, key=preset)
    left, right = st.columns(2)
    with left:
        seeds = choose_seeds()
    with right:
        share = choose_share(0.0)
    weights = choose_weights(dataset)
    return Grid(
        filters=filters,
        epochs=epochs,
        learning_rates=rates,
        seeds=tuple(range(seeds)),
        base=replace(
            PRESETS[preset], learning_rate=None, validation_fraction=share, class_weights=weights
        ),
    )


def _choose_filters(
    offered: Grid, key: str, columns: Sequence[DeltaGenerator]
) -> tuple[tuple[int, ...], ...]:
    """Filters of two blocks, or of three, each in a column."""
    chosen = []
    for place, column, counts in zip(
        ("first", "second"), columns, zip(*offered.filters, strict=True), strict=False
    ):
        with column:
            label = f"Filters in the {place} conv layer"
            chosen.append(choose_numbers(label, FILTERS, sorted(set(counts)), int, key))
    first, second = chosen
    with columns[2]:
        third = choose_numbers(
            "Filters in the third conv layer",
            FILTERS,
            (),
            int,
            key,
            help="Choose some to try a third block; none leaves it out.",
        )
    return tuple(product(first, second, third) if third else product(first, second))


def choose_seeds() -> int:
    """How many seeds each configuration is trained with."""
    seeds: int = st.slider(
        "Seeds",
        1,
        MAX_SEEDS,
        len(SEEDS),
        key="sweep_seeds",
        persist_state="session",
        help="Every configuration is trained once per seed. One seed can't tell a good "
        "configuration from a lucky one.",
    )
    return seeds


def choose_weights(dataset: Dataset) -> ClassWeights:
    """Whether classes are weighted, with a note where that is worth it."""
    weights = choose_class_weights("sweep_class_weights")
    if weights == "none" and (note := imbalance_note(dataset)):
        st.caption(note)
    return weights


def choose_search() -> Search:
    """Controls for a search."""
    trials = st.slider(
        "Trials", 1, MAX_SWEEP_RUNS, 20, key="search_trials", persist_state="session"
    )
    minutes = st.slider(
        "Time limit (minutes)",
        1,
        MAX_SEARCH_MINUTES,
        5,
        key="search_minutes",
        persist_state="session",
    )
    epochs = st.slider("Maximum epochs", 1, 20, 5, key="search_epochs", persist_state="session")
    return Search(trials, minutes, epochs, validation_fraction=choose_share(LEAST_SHARE))


def corrected_split(dataset: Dataset, name: SplitName) -> tuple[Dataset, Split]:
    """What the runs of a sweep will get: with the label corrections of this server.

    Raises:
        DatasetError: the dataset can't be split so, or nothing is left of it.
    """
    corrected = correct(dataset, split_of(dataset, dataset.fingerprint, name))
    return corrected.dataset, corrected.split


def tell_time(grid: Grid, dataset: Dataset, split: SplitName, runs: Sequence[Run]) -> None:
    """How many runs a grid has, and how long they will take, as measured."""
    features = grid.base.features
    if features == "landmarks":  # of other images, hands may have had to be found first
        runs = [run for run in runs if run.results.fingerprint == dataset.fingerprint]
    throughput = estimate_throughput(runs, grid.base.batch_size, features)
    source = "measured on the newest runs"
    if throughput is None and features == "pixels":
        throughput = _timed(dataset, split)
        source = "measured on one run of one epoch"
    many = f"**{len(grid)} runs**" if len(grid) > 1 else "**1 run**"
    if throughput is None:
        known = "" if features == "pixels" else " A run takes seconds once the hands are found."
        st.markdown(f"{many}.{known}")
        return
    n_images = len(split_of(dataset, dataset.fingerprint, split).train)
    needed = estimate(grid.configs, n_images, len(dataset.classes), throughput)
    st.markdown(f"{many}: about **{span(needed)}** ({source}).")


def start(what: Grid | Search, make_specs: Callable[[], Sequence[RunSpec]]) -> None:
    """Queue a sweep and show it."""

    def queue() -> None:
        st.query_params["sweep"] = submit_sweep(jobs(), run_store(), make_specs, visitor())

    start_once(what, queue)


def span(needed: Estimate) -> str:
    """A range of time as a person says it."""
    low, high = duration(needed.low), duration(needed.high)
    if low == high:
        return low
    return f"{low.removesuffix(' s') if high.endswith(' s') else low} to {high}"


def choose_numbers(
    label: str,
    options: Sequence[Number],
    default: Sequence[Number],
    kind: Callable[[str], Number],
    key: str = "",
    help: str = "Choose several, or type another number.",
) -> tuple[Number, ...]:
    """Several numbers: some to choose from, and any that is typed."""
    offered = sorted({*options, *default})
    chosen = st.multiselect(
        label,
        [f"{value:g}" for value in offered],
        [f"{value:g}" for value in default],
        key=f"sweep_{label}_{key}",
        persist_state="session",
        accept_new_options=True,
        help=help,
    )
    try:
        return tuple(sorted({kind(text) for text in chosen}))
    except ValueError:
        numbers = "whole numbers" if kind is int else "numbers"
        raise ConfigError(f"{label}: give {numbers}. Received: {', '.join(chosen)}") from None


def choose_share(least: float) -> float:
    """The fraction of the training images that is held out to compare on, from `least` on."""
    percent: float = st.slider(
        SETTING_LABELS["validation_fraction"],
        100 * least,
        100 * MAX_VALIDATION_SHARE,
        100 * VALIDATION_SHARE,
        5.0,
        format="%g %%",
        key=f"sweep_validation_{least}",
        persist_state="session",
        help="Fraction of the training images that is held out to compare the configurations on. "
        "With 0 % they are compared on the test images, and the best one looks better than it is.",
    )
    return percent / 100


def _timed(dataset: Dataset, split: SplitName) -> Throughput | None:
    """The throughput of a run of one epoch that is made for this; None until it is known."""
    task = timing_task(run_store(), dataset, split, visitor())
    if not offer_task(task, "Timing one run", "Time one run", ":material/timer:"):
        return None
    return measure_throughput([(BASELINE, load_timing(task))])
