"""The chosen runs by name: their number and color, and their titles."""

import streamlit as st

from asl_core import figures
from asl_core.errors import NotAllowedError, RunError
from asl_core.runs.describe import describe_spec
from asl_core.runs.owner import may_change_run
from asl_core.runs.run import Run
from asl_core.settings import MAX_TITLE
from asl_core.ui.compare.delete_runs import delete_button
from asl_core.ui.shared.charts import mode
from asl_core.ui.shared.permitted import change_button, change_form_button
from asl_core.ui.shared.resources import is_mine
from asl_core.ui.shared.words import describe, escape_markdown


def list_runs(runs: list[Run]) -> None:
    """The chosen runs, numbered in the order of the choice, each with what can be done with it."""
    for number, (run, color) in enumerate(
        zip(runs, figures.run_colors(mode()), strict=False), start=1
    ):
        with st.container(border=True):
            text, buttons = st.columns([5, 2], vertical_alignment="center", gap="small")
        with text.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<b style="color:{color};font-size:1.3rem">{number}</b>', width="content")
            with st.container(width="stretch", gap=None):
                st.markdown(f"**{escape_markdown(describe(run, is_mine(run)))}**")
                st.caption(describe_spec(run.spec))
        whose = "" if may_change_run(run.id, run.owner) else "this run"
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if change_button("Rename", whose, key=f"rename_{run.id}", icon=":material/edit:"):
                rename_dialog(run)
            delete_button("Delete", {run.id: describe(run)}, f"delete_{run.id}", whose)


@st.dialog("Rename run")
def rename_dialog(run: Run) -> None:
    """Ask for the title of a run."""
    with st.form("title_form", border=False):
        title = st.text_input(
            "Title",
            run.title,
            max_chars=MAX_TITLE,
            key=f"title_{run.id}",
            placeholder="An empty title shows the date",
        )
        saved = change_form_button("Save", type="primary")
    if saved:
        try:
            run.rename(title or "")
        except (RunError, NotAllowedError) as error:
            st.error(escape_markdown(str(error)))
        else:
            st.rerun()
