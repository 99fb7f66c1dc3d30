"""The runs that a visitor compares: a table, filters, and a choice that is kept in the URL."""

from collections.abc import Callable, Mapping, Sequence
from zlib import crc32

import streamlit as st

from asl_core.errors import DamagedRunError, RunNotFoundError
from asl_core.runs.describe import classes_of, images_of
from asl_core.runs.run import Run
from asl_core.ui.compare.table import COLUMNS, Row, rows_of, table
from asl_core.ui.shared.resources import is_mine, run_store
from asl_core.ui.shared.words import describe, escape_markdown, shown_value

MAX_CHOSEN = 8
"""Runs that are compared at once: as many as there are colors to tell them apart."""

ALL = "All"
_URL = "runs"
_DURABLE = "compared"
_TABLE = "run_rows"


def choose_runs(runs: Sequence[Run]) -> list[Run]:
    """A table of all runs, in which, or below which, some are chosen.

    Returns:
        The chosen ones in the order of the choice, each checked against its manifest.
    """
    known = {run.id: run for run in runs}
    chosen = _asked_for(known)
    _draw_table(_filtered(runs), chosen)
    names = {run.id: describe(run, is_mine(run)) for run in runs}
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


def chosen_ids() -> list[str]:
    """What this visitor has chosen, as it is kept from page to page."""
    return list(st.session_state.get(_DURABLE, []))


def remember(run_ids: Sequence[str]) -> None:
    """Keep a choice from page to page and in the URL."""
    st.session_state[_DURABLE] = list(run_ids)
    if run_ids:
        st.query_params[_URL] = ",".join(run_ids)
    else:
        st.query_params.pop(_URL, None)


def forget(*run_ids: str) -> None:
    """Take runs out of the choice."""
    remember([chosen for chosen in chosen_ids() if chosen not in run_ids])


def _asked_for(known: dict[str, Run]) -> list[str]:
    linked = [run_id for run_id in st.query_params.get(_URL, "").split(",") if run_id]
    if missing := [run_id for run_id in linked if run_id not in known]:
        st.warning(
            f"Runs not found (perhaps deleted): {shown_value(', '.join(missing))}.",
            icon=":material/link_off:",
        )
    wanted = linked or chosen_ids()
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
        ("Lesson", _lesson_of),
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


def _lesson_of(run: Run) -> str:
    return run.spec.lesson.name if run.spec.lesson else "None"


def _searched(run: Run) -> str:
    lesson = f"{run.spec.lesson.name} {run.spec.lesson.pupil}" if run.spec.lesson else ""
    return f"{run.title} {describe(run)} {run.id} {lesson}"


def _draw_table(shown: Sequence[Run], chosen: Sequence[str]) -> None:
    if not shown:
        st.caption("No run matches.")
        return
    rows = rows_of(shown, chosen)
    ticked = [i for i, row in enumerate(rows) if not row.sweep and row.runs[0].id in chosen]
    # Chosen runs move to the top: a tick that was sent before is of the rows as they stood then.
    key = f"{_TABLE}_{crc32(repr([row.ids for row in rows]).encode())}"
    state = st.session_state.get(key)
    if state is None or sorted(state["selection"]["rows"]) != ticked:
        st.session_state[key] = {"selection": {"rows": ticked}}
    st.dataframe(
        table(rows),
        hide_index=True,
        column_config=COLUMNS,
        key=key,
        on_select=lambda: _tick(rows, st.session_state[key]["selection"]["rows"], chosen),
        selection_mode="multi-row",
        placeholder="",
        alt="Finished runs: the chosen ones, then the others, the newest first",
    )


def _tick(rows: Sequence[Row], ticked: Sequence[int], chosen: Sequence[str]) -> None:
    """Take over what is ticked in the table: of a sweep, all its runs, the best first."""
    marked = [run_id for i in sorted(ticked) for run_id in rows[i].ids]
    here = {row.runs[0].id for row in rows if not row.sweep}
    kept = [run_id for run_id in chosen if run_id in marked or run_id not in here]
    wanted = list(dict.fromkeys([*kept, *marked]))
    if len(wanted) > MAX_CHOSEN:
        st.toast(
            f"At most {MAX_CHOSEN} runs are compared at once; of a sweep, the best.",
            icon=":material/filter_8:",
        )
    remember(wanted[:MAX_CHOSEN])
