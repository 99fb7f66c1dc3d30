"""The runs that a visitor compares: a table, filters, and a choice that is kept in the URL."""

from collections.abc import Callable, Mapping, Sequence
from zlib import crc32

import pandas as pd
import streamlit as st

from asl_core.errors import DamagedRunError, RunNotFoundError
from asl_core.evaluation.accuracy_summary import percent_range
from asl_core.evaluation.generalization import load_external_tests
from asl_core.evaluation.repeats import Repeats, load_repeats
from asl_core.runs.describe import (
    classes_of,
    describe_filters,
    distinctive_settings,
    images_of,
    run_json,
)
from asl_core.runs.intervals import Interval
from asl_core.runs.run import Run
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.words import describe, epochs, escape_markdown

MAX_CHOSEN = 8
"""Runs that are compared at once: as many as there are colors to tell them apart."""

ALL = "All"
_URL = "runs"
_DURABLE = "compared"
_TABLE = "run_rows"

_CHECKED = ("New stretches of video", "Other seeds", "Other people")
"""Columns of what the checks of a run find."""

_COLUMNS = {
    "Created (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    "Test accuracy": st.column_config.NumberColumn(format="%.1f %%"),
    "New stretches of video": st.column_config.NumberColumn(format="%.1f %%"),
    "Other seeds": st.column_config.NumberColumn(format="%.1f %%"),
    "Training accuracy": st.column_config.NumberColumn(format="%.1f %%"),
    "Parameters": st.column_config.NumberColumn(format="localized"),
    "Learning rate": st.column_config.NumberColumn(format="%g"),
    "Total time (s)": st.column_config.NumberColumn(format="%.1f"),
    "Open": st.column_config.LinkColumn(display_text="Evaluate"),
}


def choose_runs(runs: Sequence[Run]) -> list[Run]:
    """A table of all runs, in which, or below which, some are chosen.

    Returns:
        The chosen ones in the order of the choice, each checked against its manifest.
    """
    known = {run.id: run for run in runs}
    chosen = _asked_for(known)
    _draw_table(_filtered(runs), chosen)
    names = {run.id: describe(run) for run in runs}
    # The browser goes on showing what a chosen run was called, but not in a widget that is new.
    widget = f"compared_{crc32(repr([run.title for run in runs if run.title]).encode())}"
    if st.session_state.get(widget) != chosen:  # else a click meanwhile could be undone
        st.session_state[widget] = chosen
    st.multiselect(
        "Runs to compare",
        list(names),
        key=widget,
        format_func=names.__getitem__,
        max_selections=MAX_CHOSEN,
        placeholder="Choose here, or by the checkboxes at the left of the table",
        on_change=lambda: _take_over(st.session_state[widget], known),
    )
    remember(chosen)
    return [run for run_id in chosen if (run := _checked(run_id))]


def _take_over(told: Sequence[str], known: Mapping[str, Run]) -> None:
    """Remember what the widget says, unless a run was deleted under the visitor: the
    browser sends the words of the options, and those of that one name no run."""
    if all(run_id in known for run_id in told):
        remember(told)


def remember(run_ids: Sequence[str]) -> None:
    """Keep a choice from page to page and in the URL."""
    st.session_state[_DURABLE] = list(run_ids)
    if run_ids:
        st.query_params[_URL] = ",".join(run_ids)
    else:
        st.query_params.pop(_URL, None)


def forget(run_id: str) -> None:
    """Take a run out of the choice."""
    remember([chosen for chosen in st.session_state.get(_DURABLE, []) if chosen != run_id])


def _asked_for(known: dict[str, Run]) -> list[str]:
    linked = [run_id for run_id in st.query_params.get(_URL, "").split(",") if run_id]
    if missing := [run_id for run_id in linked if run_id not in known]:
        st.warning(
            f"Runs not found (perhaps deleted): {escape_markdown(', '.join(missing))}.",
            icon=":material/link_off:",
        )
    wanted = linked or st.session_state.get(_DURABLE, [])
    return [run_id for run_id in dict.fromkeys(wanted) if run_id in known][:MAX_CHOSEN]


def _checked(run_id: str) -> Run | None:
    try:
        return run_store().load(run_id)
    except (DamagedRunError, RunNotFoundError) as error:
        st.warning(escape_markdown(str(error)), icon=":material/heart_broken:")
        return None


def _filtered(runs: Sequence[Run]) -> list[Run]:
    """The runs that fit the filters above the table; a filter without a choice is not shown."""
    kinds: tuple[tuple[str, Callable[[Run], str]], ...] = (
        ("Classes", classes_of),
        ("Split", lambda run: run.spec.split),
        ("Dataset", images_of),
    )
    fitting = list(runs)
    if len(runs) < 2:
        return fitting
    with st.container(horizontal=True):
        text = st.text_input("Search", key="runs_search", persist_state="session", width=220)
        fitting = [run for run in fitting if text.casefold() in _searched(run).casefold()]
        for label, kind in kinds:
            options = [ALL, *sorted({kind(run) for run in runs})]
            if len(options) > 2:
                key = f"runs_{label.lower()}"
                if st.session_state.get(key) not in options:  # its last run was deleted
                    st.session_state[key] = ALL
                wish = st.selectbox(label, options, key=key, persist_state="session", width=220)
                fitting = [run for run in fitting if wish in (ALL, kind(run))]
    return fitting


def _searched(run: Run) -> str:
    return f"{run.title} {describe(run)} {run.id}"


def _draw_table(shown: Sequence[Run], chosen: Sequence[str]) -> None:
    if not shown:
        st.caption("No run matches.")
        return
    rows = [i for i, run in enumerate(shown) if run.id in chosen]
    state = st.session_state.get(_TABLE)
    if state is None or sorted(state["selection"]["rows"]) != rows:
        st.session_state[_TABLE] = {"selection": {"rows": rows}}

    def on_select() -> None:
        marked = [shown[i].id for i in sorted(st.session_state[_TABLE]["selection"]["rows"])]
        here = {run.id for run in shown}
        kept = [run_id for run_id in chosen if run_id in marked or run_id not in here]
        remember([*kept, *(run_id for run_id in marked if run_id not in kept)][:MAX_CHOSEN])

    st.dataframe(
        _table(shown),
        hide_index=True,
        column_config=_COLUMNS,
        key=_TABLE,
        on_select=on_select,
        selection_mode="multi-row",
        alt="Finished runs, newest first",
    )


def _table(shown: Sequence[Run]) -> pd.DataFrame:
    """The runs as rows; what no check of any of them has found yet has no column."""
    table = pd.DataFrame(_row(run) for run in shown)
    checked = table.columns.intersection([*_CHECKED])
    return table.drop(columns=[name for name in checked if table[name].isna().all()])


def _row(run: Run) -> dict[str, object]:
    """A run as a row for people."""
    values = run_json(run)
    return {
        "Run": values["title"]
        or ", ".join(
            [epochs(run), describe_filters(run.spec.config), *distinctive_settings(run.spec)]
        ),
        "Test accuracy": round(100 * values["test_accuracy"], 1),  # as everywhere else
        "95 % interval": str(Interval(*values["interval"])),
        **_checked_accuracy(run),
        "Training accuracy": round(100 * values["train_accuracy"], 1),
        "Created (UTC)": run.created.replace(tzinfo=None),
        "Epochs": values["epochs"],
        "Stopped early": values["stopped"],
        "Filters": ", ".join(map(str, values["filters"])),
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


def _checked_accuracy(run: Run) -> dict[str, object]:
    """What the checks of a run have found so far."""
    try:
        blocks, seeds = load_repeats(run, "blocked_cv"), load_repeats(run, "seeds")
        others = [test.score.accuracy for test in load_external_tests(run)]
    except (DamagedRunError, RunNotFoundError):  # told where the run is opened
        return {}
    found = _percent(blocks), _percent(seeds), percent_range(others) if others else None
    return dict(zip(_CHECKED, found, strict=True))


def _percent(repeats: Repeats) -> float | None:
    return round(100 * repeats.median, 1) if repeats.complete else None
