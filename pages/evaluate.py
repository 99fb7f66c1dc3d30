"""Evaluate: how good a run is, how far that can be believed, and which images it gets wrong."""

import streamlit as st

from asl_core.evaluation.verdict import Verdict
from asl_core.ui.evaluate.calibration import show_calibration
from asl_core.ui.evaluate.download import show_downloads
from asl_core.ui.evaluate.embedding_map import show_embedding_map
from asl_core.ui.evaluate.generalization import show_generalization
from asl_core.ui.evaluate.mistakes import show_mistakes
from asl_core.ui.evaluate.robustness import show_robustness
from asl_core.ui.evaluate.summary import show_summary
from asl_core.ui.shared import snippets
from asl_core.ui.shared.accuracy import show_accuracy
from asl_core.ui.shared.charts import history_charts
from asl_core.ui.shared.choose_run import choose_run
from asl_core.ui.shared.downloads import DOWNLOADS
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.imbalance import tell_balance
from asl_core.ui.shared.next_step import link_next_step
from asl_core.ui.shared.resources import evaluation_of, run_store
from asl_core.ui.shared.url import choose

MISTAKES = "mistakes"
PARTS = {
    MISTAKES: ("Mistakes", show_mistakes),
    "generalization": ("Generalization", show_generalization),
    "calibration": ("Calibration", show_calibration),
    "robustness": ("Robustness", show_robustness),
    "map": ("Embedding map", show_embedding_map),
    DOWNLOADS: ("Download", show_downloads),
}  # by what the address calls each: its name and what shows it; only the chosen one is computed

header("Evaluate", "How often is a run right, and where does it fail?")
with st.container(key="evaluate_summary", gap="xsmall"):
    choice, figures = st.columns([2, 3], gap="medium")
    with choice:
        run = choose_run()
        if run is None:
            st.stop()
        show_summary(run)
    evaluation = evaluation_of(run, run.id)
    with choice:
        tell_balance(evaluation)
    with figures:
        show_accuracy(run)
with st.container(key="evaluate_view"):
    with st.container(key="evaluate_verdict"):  # below the mistakes on a phone (see page.css)
        link_next_step(run, Verdict.of(run, evaluation).in_words())
    part = choose(
        st.segmented_control,
        "View",
        list(PARTS),
        "part",
        format_func=lambda name: PARTS[name][0],
        required=True,
        label_visibility="collapsed",
    )
    true, predicted = None, None
    if part == MISTAKES:
        true, predicted = show_mistakes(run, evaluation)
    else:
        PARTS[part][1](run, evaluation)
curves = st.expander("Training curves", icon=":material/show_chart:", on_change="rerun")
if curves.open:  # else the browser would draw what nobody sees
    with curves:
        history_charts(run)
page_end(snippets.evaluate(run_store().root.name, run.id, true, predicted))
