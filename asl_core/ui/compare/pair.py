"""Two runs on the same test images: the difference, what it is worth, and on which images."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from asl_core.config import UNUSED, preset_of
from asl_core.data import Dataset
from asl_core.errors import PairingError
from asl_core.evaluation.comparison import Comparison, Disagreement, independent_interval
from asl_core.evaluation.repeats import has_blocks
from asl_core.runs.intervals import Interval, percent, rounded, wilson_interval
from asl_core.runs.run import Run
from asl_core.ui.shared.frame import metric_card
from asl_core.ui.shared.images import Picture, columns_for, sheet
from asl_core.ui.shared.paginate import paginate
from asl_core.ui.shared.reading import watch_reading
from asl_core.ui.shared.resources import dataset_of, unread_of
from asl_core.ui.shared.words import (
    PRESET_NAMES,
    SETTING_LABELS,
    STOP_REASONS,
    describe,
    escape_markdown,
)

PER_PAGE = 24


def choose_pair(runs: Sequence[Run]) -> tuple[int, int]:
    """Which two of the chosen runs are compared, as places in `runs`."""
    if len(runs) == 2:
        return 0, 1
    with st.container(horizontal=True):
        first, second = (
            st.selectbox(
                label,
                range(len(runs)),
                index=index,
                format_func=lambda i: f"{i + 1}: {describe(runs[i])}",
            )
            for index, label in enumerate(("Run", "Compared with"))
        )
    return first, second


def show_pair(runs: Sequence[Run], first: int, second: int) -> Comparison | None:
    """The difference of two of the chosen runs.

    Args:
        runs: the chosen ones.
        first: place of the one in `runs`.
        second: place of the other.

    Returns:
        Them image by image; None if they are of different images.
    """
    pair, names = (runs[first], runs[second]), _names(first, second)
    st.caption(_settings_that_differ(*pair))
    try:
        comparison = Comparison.of(*pair)
    except PairingError as error:
        _show_unpaired(pair, names, str(error))
        return None
    _show_facts(pair, names, comparison.difference, comparison.interval)
    st.markdown(f"**{comparison.in_words(*names)}**")
    (both, only_first), (only_second, neither) = comparison.table.tolist()
    st.table(
        pd.DataFrame(
            {f"{names[1]} right": [both, only_second], f"{names[1]} wrong": [only_first, neither]},
            index=[f"{names[0]} right", f"{names[0]} wrong"],
        ),
        width="content",
        alt="Test images by which of the two runs is right",
    )
    st.caption(
        f"{len(comparison):,} test images. McNemar's exact test looks only at those on which just "
        f"one run is right (p = {comparison.p_value:.3g}); the interval is Tango's. Both describe "
        f"these two networks only: other seeds would give other networks. {_independence(pair[0])}"
    )
    return comparison


def show_images(run: Run, comparison: Comparison, first: int, second: int) -> None:
    """The images that only one of two runs gets right.

    Args:
        run: one of them.
        comparison: of both.
        first: place of the one among the chosen runs.
        second: place of the other.
    """
    names = _names(first, second)
    if unread := unread_of(run):
        watch_reading(unread)
    for number, name in enumerate(names, start=1):
        _gallery(run, names, name, comparison.only_right(number))


def _names(first: int, second: int) -> tuple[str, str]:
    return f"Run {first + 1}", f"Run {second + 1}"


def points(difference: float) -> str:
    """A difference of accuracies in percentage points, such as `+1.3`.

    Args:
        difference: -1 to 1.
    """
    sign = "-" if difference < 0 else "+"
    return f"{sign}{rounded(100 * abs(difference))}"


def _independence(run: Run) -> str:
    """What the test takes for granted, of the images of a run."""
    if has_blocks(run):
        return (
            "And they assume independent images, which frames of one video are not: treat a "
            "borderline result as noise."
        )
    return "And they assume independent images."


def _show_facts(
    pair: Sequence[Run], names: Sequence[str], difference: float, interval: Interval
) -> None:
    *columns, last = st.columns(3)
    for column, run, name in zip(columns, pair, names, strict=True):
        results = run.results
        with column:
            metric_card(
                f"{name}: test accuracy",
                percent(results.test_accuracy),
                f"95 % interval {wilson_interval(results.test_correct, results.n_test)}",
            )
    with last:
        metric_card(
            "Difference",
            f"{points(difference)} points",
            f"95 % interval {points(interval.low)} to {points(interval.high)}",
        )


def _show_unpaired(pair: Sequence[Run], names: Sequence[str], reason: str) -> None:
    results = [run.results for run in pair]
    interval = independent_interval([r.test_correct for r in results], [r.n_test for r in results])
    st.info(
        f"{escape_markdown(reason)} So they can't be compared image by image, and part of the "
        "difference may come from the images.",
        icon=":material/rule:",
    )
    _show_facts(pair, names, results[0].test_accuracy - results[1].test_accuracy, interval)
    clear = interval.low > 0 or interval.high < 0
    st.markdown(
        "**The interval of the difference excludes 0: more than noise, whether due to the "
        "networks or the images.**"
        if clear
        else "**The interval of the difference includes 0: it may be noise.**"
    )
    st.caption("Newcombe's interval for independent samples, from the two Wilson intervals.")


def _settings_that_differ(first: Run, second: Run) -> str:
    one, two = (_settings(run) for run in (first, second))
    differing = [
        f"{name}: {escape_markdown(one[name])} vs. {escape_markdown(two[name])}"
        for name in one
        if one[name] != two[name]
    ]
    if not differing:
        return "Both have the same settings."
    return f"Settings that differ: {'; '.join(differing)}."


def _settings(run: Run) -> dict[str, str]:
    """Each setting of a run as the page Train says it: its value by its label."""
    config = run.spec.config
    values = config.to_json()
    values |= values.pop("augmentation")
    values |= {
        "filters": ", ".join(map(str, config.filters)),
        "learning_rate": config.rate,
        "schedule": PRESET_NAMES[preset_of(config)],
        "validation_fraction": f"{100 * config.validation_fraction:g} %",
        "patience": f"patience {config.patience}" if config.patience else "off",
        "kernel_size": f"{config.kernel_size} px",
        "image_size": f"{config.image_size} px",
        "split": run.spec.split,
        "stop_reason": _end(run),
    }
    values |= dict.fromkeys(UNUSED[config.features], "none")
    return {SETTING_LABELS[name]: _spelled(value) for name, value in values.items()}


def _end(run: Run) -> str:
    """How the training ended."""
    words = STOP_REASONS[run.results.stop_reason].lower()
    return f"{words} in epoch {run.results.epochs}" if run.results.stopped else words


def _spelled(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _gallery(run: Run, names: Sequence[str], name: str, found: Sequence[Disagreement]) -> None:
    st.header(f"Images that only {name.lower()} gets right: {len(found):,}")
    if not found:
        st.caption("None.")
        return
    dataset = dataset_of(run)
    with paginate(len(found), PER_PAGE, f"only_{name}_{run.id}") as part:
        shown = found[part]
        if dataset:
            columns = columns_for(dataset.classes)
            sheet([_picture(item, names, dataset) for item in shown], columns)
            return
        st.caption("The images are unavailable or have changed; these are their files.")
        values = {
            "File": [item.file for item in shown],
            "True class": [item.true for item in shown],
            names[0]: [item.first for item in shown],
            names[1]: [item.second for item in shown],
        }
        st.dataframe(pd.DataFrame(values), hide_index=True)


def _picture(item: Disagreement, names: Sequence[str], dataset: Dataset) -> Picture:
    one, two = (name.removeprefix("Run ") for name in names)
    return Picture(
        dataset.images[item.index],
        item.true,
        f"{item.file}: {item.true}; {names[0]} predicts {item.first}, {names[1]} {item.second}",
        f"{one}: {item.first} · {two}: {item.second}",
        dataset.rendered,
    )
