"""The suggestion under a poor result: *Train* tries it at a click, *Evaluate* links to *Train*."""

from dataclasses import replace

import streamlit as st

from asl_core.evaluation.next_step import NextStep, next_step
from asl_core.evaluation.verdict import Verdict
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND
from asl_core.ui.shared.accuracy import CHECK
from asl_core.ui.shared.choose_dataset import current_source
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import evaluation_of, jobs, run_store
from asl_core.ui.shared.settings_link import to_text
from asl_core.ui.shared.start_once import start_once
from asl_core.ui.shared.url import keep
from asl_core.web.visitor import visitor


def link_next_step(run: Run, said: str = "") -> None:
    """A link to *Train* with the suggested settings, if there are any. It starts nothing.

    Args:
        run: that it follows.
        said: words before it, on the same line if there is room.
    """
    if run.spec.data == ANY_HAND:  # what it learned from is not here to be learned better
        st.markdown(
            "Tested on people that it had not seen: *Generalization* has each of the photo sets."
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        step = _suggested(run, said)
        if step:
            _link(run, step)


def _link(run: Run, step: NextStep) -> None:
    query = {"settings": to_text(step.config), "split": run.spec.split}
    source = run.spec.source
    if source.text != current_source().text:
        if (
            source.spec is None and source.own_id is None
        ):  # a folder that is not shown here now, and that no link opens
            return
        query["data"] = source.text
    st.page_link(
        "pages/train.py",
        label=f"Set up {step.change} on Train",
        icon=":material/tune:",
        query_params=query,
    )


def offer_next_step(run: Run) -> None:
    """A button that trains with the suggested settings, if there are any."""
    step = _suggested(run)
    if step is None or not change_button(
        f"Train with {step.change}", icon=":material/play_arrow:", key=f"next_step_{run.id}"
    ):
        return
    check = st.session_state.get(CHECK, True)
    spec = replace(run.spec, config=step.config, check_accuracy=check)
    if start_once(spec, lambda: jobs().train(run_store(), spec, visitor())):
        keep("settings", to_text(step.config))  # the controls follow
        st.rerun()


def _suggested(run: Run, said: str = "") -> NextStep | None:
    verdict = Verdict.of(run, evaluation_of(run, run.id))
    step = next_step(run.spec.config, verdict, run.results.stop_reason)
    words = f"**Next step: {step.change}.** {step.why}" if step else ""
    if said or words:
        st.markdown(f"{said} {words}".strip())
    return step
