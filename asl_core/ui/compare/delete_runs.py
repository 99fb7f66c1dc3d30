"""Deleting runs: a question that names them, and the way back."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

import streamlit as st

from asl_core.errors import AslError, DamagedRunError, NotAllowedError, RunError, RunNotFoundError
from asl_core.permissions import not_yours
from asl_core.runs.deleted import (
    KEEP_HOURS,
    Deletion,
    bring_back,
    may_undo,
    read_deletions,
    remove_for_good,
)
from asl_core.runs.manifest import mark_of
from asl_core.runs.owner import may_change_run
from asl_core.runs.run import Run
from asl_core.runs.store import Scan, open_run
from asl_core.ui.compare.choose_runs import chosen_ids, forget
from asl_core.ui.compare.table import rows_of, sweep_name
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import is_mine, run_store
from asl_core.ui.shared.words import count_of, describe, escape_markdown

UNDO_SECONDS = 600.0
"""Time in which the undoing of a deletion is offered above the table, to who has deleted."""

MOST_NAMED = 5
"""Runs of a deletion that are named."""

_LATEST = "latest_deletion"
_FOLD = "deleted_fold"


def delete_button(label: str, names: Mapping[str, str], key: str, whose: str = "") -> None:
    """A red button that asks whether to delete these runs.

    Args:
        label: of the button.
        names: of the runs by their ids.
        key: of the button; begins with `delete_`, by which it is red.
        whose: `this run`, if it is another's.
    """
    if change_button(label, whose, key=key, icon=":material/delete:"):
        delete_dialog(names)


def offer_to_delete(found: Scan) -> None:
    """A button for any of the runs, chosen or not, and one for each run that can't be used."""
    with st.container(horizontal=True):
        if found.runs and change_button("Delete runs", key="delete_any", icon=":material/delete:"):
            choose_dialog(found.runs)
        for run_id in found.damaged:
            whose = "" if may_change_run(run_id, mark_of(run_store().root / run_id)) else "this run"
            delete_button(
                f"Delete damaged run {run_id}", {run_id: run_id}, f"delete_{run_id}", whose
            )


@st.dialog("Delete runs?")
def choose_dialog(runs: Sequence[Run]) -> None:
    """Ask which runs to delete; at first those that are chosen.

    Args:
        runs: the finished ones, newest first.
    """
    runs = [run for run in runs if may_change_run(run.id, run.owner)]
    if not runs:
        st.caption(not_yours("these runs"))
        return
    names = {run.id: describe(run, is_mine(run)) for run in runs}
    sweeps = {row.sweep: row.runs for row in rows_of(runs) if row.sweep}
    words = {name: f"{sweep_name(some)} · {name[-6:]}" for name, some in sweeps.items()} | names
    chosen = st.multiselect(
        "Runs",
        list(words),
        [run_id for run_id in chosen_ids() if run_id in names],
        format_func=words.__getitem__,
        key="runs_to_delete",
    )
    ids = {
        run.id: names[run.id]
        for name in chosen
        for run in sweeps.get(name, [run for run in runs if run.id == name])
    }
    _ask(ids, "Choose the runs to delete.")


@st.dialog("Delete?")
def delete_dialog(names: Mapping[str, str]) -> None:
    """Ask whether to delete runs, damaged or not.

    Args:
        names: of the runs by their ids.
    """
    st.markdown(_listed(list(names.values())))
    _ask(names)


def _ask(names: Mapping[str, str], otherwise: str = "") -> None:
    """The consequences, and the buttons; `otherwise` is said while there is nothing to delete."""
    st.markdown(
        f"**{count_of(len(names), 'run')}** will be deleted: network, curves and results; links to "
        f"what is deleted stop working. You can undo it for {KEEP_HOURS} hours."
        if names
        else otherwise
    )
    with st.container(horizontal=True):
        confirmed = change_button("Delete", key="confirm_delete", disabled=not names)
        if st.button("Cancel", key="keep_runs"):
            st.rerun()
    if confirmed:
        try:
            with suppress(RunNotFoundError):  # somebody else was faster
                deletion = run_store().delete(*names)
                told = _listed(list(names.values()), ", ")
                st.session_state[_LATEST] = deletion.id, time.monotonic(), told
        except (RunError, NotAllowedError) as error:
            st.error(escape_markdown(str(error)))
        else:
            forget(*names)
            st.rerun()


def offer_undo() -> None:
    """The way back from what this visitor has just deleted, above everything else."""
    latest, when, told = st.session_state.get(_LATEST, ("", 0.0, ""))
    if not latest or time.monotonic() - when > UNDO_SECONDS:
        return
    for deletion in read_deletions(run_store().root):
        if deletion.id == latest:
            with st.container(horizontal=True, vertical_alignment="center", key="just_deleted"):
                st.markdown(f":material/delete: Deleted: {told}", width="content")
                _undo_button(deletion, "undo_latest")


def recently_deleted() -> None:
    """A fold with what can be brought back; nothing is read before it is opened."""
    deletions = read_deletions(run_store().root)
    if not deletions:
        return
    fold = st.expander(
        f"Recently deleted ({sum(len(each.run_ids) for each in deletions)})",
        icon=":material/restore_from_trash:",
        key=_FOLD,
        on_change="rerun",
    )
    if not fold.open:
        return
    with fold:
        for deletion in deletions:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"{_listed(_names(deletion), ', ')}  \n:small[Deleted "
                    f"{deletion.made:%d %b %Y %H:%M} UTC; can be undone until "
                    f"{deletion.ends:%d %b %H:%M} UTC.]",
                    width="stretch",
                )
                _undo_button(deletion, f"undo_{deletion.id}")
                with st.popover("Remove for good", key=f"delete_for_good_{deletion.id}"):
                    st.markdown("This can't be undone, and frees disk space.")
                    change_button(
                        "Remove for good",
                        _whose(deletion),
                        key=f"confirm_delete_{deletion.id}",
                        on_click=_remove_for_good,
                        args=(deletion,),
                    )


def _undo_button(deletion: Deletion, key: str) -> None:
    change_button(
        "Undo", _whose(deletion), key=key, icon=":material/undo:", on_click=_undo, args=(deletion,)
    )


def _whose(deletion: Deletion) -> str:
    return "" if may_undo(deletion) else "these runs"


def _undo(deletion: Deletion) -> None:
    """What the button does, before the page is drawn: a refusal is told in a toast."""
    try:
        back = bring_back(run_store().root, deletion.id)
        st.toast(f"{count_of(len(back), 'run')} brought back.", icon=":material/undo:")
    except AslError as error:
        st.toast(escape_markdown(str(error)), icon=":material/error:")


def _remove_for_good(deletion: Deletion) -> None:
    try:
        remove_for_good(run_store().root, deletion.id)
    except AslError as error:
        st.toast(escape_markdown(str(error)), icon=":material/error:")


def _names(deletion: Deletion) -> list[str]:
    """The first ones of its runs in words; of one that can't be read, its id."""
    names = []
    for run_id in deletion.run_ids[:MOST_NAMED]:
        try:
            names.append(describe(open_run(deletion.folder / run_id)))
        except (DamagedRunError, RunNotFoundError):
            names.append(run_id)
    return [*names, *deletion.run_ids[MOST_NAMED:]]


def _listed(names: Sequence[str], between: str = "  \n") -> str:
    """Names of runs as Markdown: the first ones, and how many more there are."""
    shown = between.join(f"**{escape_markdown(name)}**" for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown + (f" and {more} more" if more > 0 else "")
