"""The table of runs: the chosen ones first, and those of a sweep as one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import pandas as pd
import streamlit as st

from asl_core.errors import DamagedRunError, RunNotFoundError
from asl_core.evaluation.accuracy_summary import percent_range
from asl_core.evaluation.generalization import load_external_tests
from asl_core.evaluation.repeats import Repeats, load_repeats
from asl_core.runs.describe import (
    classes_of,
    describe_network,
    distinctive_settings,
    run_json,
)
from asl_core.runs.intervals import Interval, percent, rounded
from asl_core.runs.run import Run
from asl_core.ui.shared.resources import is_mine
from asl_core.ui.shared.words import STOP_REASONS, epochs

_CHECKED = ("New stretches", "Other seeds", "Other people")
"""Columns of what the checks of a run find."""

_OPTIONAL = (*_CHECKED, "Started by", "Lesson", "Pupil")
"""Columns that are left out where nothing is known."""

RUN_PIXELS = 230
"""Width of the names: on a phone, the accuracies are beside them."""

_PERCENT = st.column_config.NumberColumn(format="%.1f %%")

COLUMNS = {
    "Run": st.column_config.TextColumn(width=RUN_PIXELS),
    "Created (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    "Test accuracy": _PERCENT,
    "New stretches": _PERCENT,
    "Other seeds": _PERCENT,
    "Training accuracy": _PERCENT,
    "Started by": st.column_config.TextColumn(
        help="You: from this browser, as its cookie tells. Empty where it is not known: on the "
        "command line, or by an earlier version."
    ),
    "Parameters": st.column_config.NumberColumn(format="localized"),
    "Learning rate": st.column_config.NumberColumn(format="%g"),
    "Total time (s)": st.column_config.NumberColumn(format="%.1f"),
    "Open": st.column_config.LinkColumn(display_text=r"^(\w+)\?"),
}


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        runs: one run, or those of a sweep, newest first.
        sweep: id of that sweep; empty for a run.
    """

    runs: tuple[Run, ...]
    sweep: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The runs, in the order in which they are chosen by this row: the best first."""
        best = sorted(self.runs, key=lambda run: -run.results.test_accuracy)
        return tuple(run.id for run in best)


def rows_of(runs: Sequence[Run], chosen: Sequence[str] = ()) -> list[Row]:
    """The rows: first the chosen runs, in the order of the choice; then the others, in which a
    sweep of several runs is one row, unless all of them are chosen.

    Args:
        runs: to be shown, newest first.
        chosen: ids of the chosen ones, shown or not.
    """
    shown = {run.id: run for run in runs}
    rows = [Row((shown[run_id],)) for run_id in chosen if run_id in shown]
    sweeps: dict[str, list[Run]] = {}
    for run in runs:
        sweeps.setdefault(run.spec.sweep or run.id, []).append(run)
    for name, members in sweeps.items():
        left = [run for run in members if run.id not in chosen]
        if len(members) == 1:
            rows += [Row((run,)) for run in left]
        elif left:
            rows.append(Row(tuple(members), name))
    return rows


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows for people; what is known of none of them has no column."""
    made = pd.DataFrame(_sweep_row(row) if row.sweep else _run_row(row.runs[0]) for row in rows)
    made = made[list(_run_row(rows[0].runs[0]))]  # in the order of a run, wherever a sweep is first
    optional = made.columns.intersection([*_OPTIONAL])
    return made.drop(columns=[name for name in optional if made[name].isna().all()])


def sweep_name(runs: Sequence[Run]) -> str:
    """A sweep in a few words."""
    return f"Sweep of {len(runs)} runs"


def _filters(run: Run) -> str:
    config = run.spec.config
    return ", ".join(map(str, config.filters)) if config.features == "pixels" else "none"


def _run_row(run: Run) -> dict[str, object]:
    values = run_json(run)
    return {
        "Run": values["title"]
        or ", ".join(
            [epochs(run), describe_network(run.spec.config), *distinctive_settings(run.spec)]
        ),
        "Test accuracy": _number(values["test_accuracy"]),
        "95 % interval": str(Interval(*values["interval"])),
        **_checked_accuracy(run),
        "Training accuracy": _number(values["train_accuracy"]),
        "Lesson": run.spec.lesson.name if run.spec.lesson else None,
        "Pupil": run.spec.lesson.pupil or None if run.spec.lesson else None,
        "Started by": _started_by([run]),
        "Created (UTC)": run.created.replace(tzinfo=None),
        "Epochs": values["epochs"],
        "End": STOP_REASONS[run.results.stop_reason],
        "Filters": _filters(run),
        "Parameters": values["params"],
        "Batch size": values["batch_size"],
        "Optimizer": values["optimizer"],
        "Learning rate": values["learning_rate"],
        "Seed": values["seed"],
        "Dataset": values["data"],
        "Split": values["split"],
        "Classes": classes_of(run),
        "Total time (s)": values["seconds"]["total"],
        "Open": f"evaluate?run={run.id}",  # relative, so that it is below the server's base path
    }


def _sweep_row(row: Row) -> dict[str, object]:
    """A sweep: the median of its runs, and what is the same for all of them."""
    each = pd.DataFrame(_run_row(run) for run in row.runs)
    same = {name: each[name][0] for name in each if each[name].nunique(dropna=False) == 1}
    accuracies = [run.results.test_accuracy for run in row.runs]
    low, high = rounded(100 * min(accuracies)), percent(max(accuracies))
    return {
        **same,
        "Run": f"{sweep_name(row.runs)}, median",
        "Test accuracy": _number(median(accuracies)),
        "95 % interval": f"range {low} to {high}",
        "Training accuracy": _number(median(run.results.train_accuracy for run in row.runs)),
        "Started by": _started_by(row.runs),
        "Created (UTC)": min(run.created for run in row.runs).replace(tzinfo=None),
        "Total time (s)": sum(run.results.seconds["total"] for run in row.runs),
        "Open": f"sweep?sweep={row.sweep}",
    }


def _started_by(runs: Sequence[Run]) -> str | None:
    """Who did: the same for all of these runs, else it is not said."""
    words = {True: "you", False: "another browser", None: None}
    told = {words[is_mine(run)] for run in runs}
    return told.pop() if len(told) == 1 else None


def _checked_accuracy(run: Run) -> dict[str, object]:
    """What the checks of a run have found so far."""
    try:
        blocks, seeds = load_repeats(run, "blocked_cv"), load_repeats(run, "seeds")
        others = [test.score.accuracy for test in load_external_tests(run)]
    except (DamagedRunError, RunNotFoundError):  # told where the run is opened
        return dict.fromkeys(_CHECKED)
    found = _median(blocks), _median(seeds), percent_range(others) if others else None
    return dict(zip(_CHECKED, found, strict=True))


def _median(repeats: Repeats) -> float | None:
    return _number(repeats.median) if repeats.complete else None


def _number(share: float) -> float:
    """In percent, rounded as everywhere, so that the browser's own rounding finds nothing left."""
    return float(rounded(100 * share))
