"""Evaluate: how good a run is, how far that can be believed, and which photos it gets wrong."""

from collections.abc import Callable

import streamlit as st

from asl_core.evaluation.evaluation import Evaluation
from asl_core.runs.intervals import Interval
from asl_core.runs.run import Run
from asl_core.settings import MISSION_FINGERPRINT
from asl_core.ui.evaluate.calibration import show_calibration
from asl_core.ui.evaluate.embedding_map import show_embedding_map
from asl_core.ui.evaluate.generalization import show_generalization
from asl_core.ui.evaluate.mistakes import show_mistakes
from asl_core.ui.evaluate.robustness import show_robustness
from asl_core.ui.shared import snippets
from asl_core.ui.shared.charts import history_charts
from asl_core.ui.shared.choose_run import choose_run, shown_here
from asl_core.ui.shared.frame import header, metric_card, same_in_python
from asl_core.ui.shared.label_corrections import decided_for
from asl_core.ui.shared.resources import evaluation_of, run_store
from asl_core.ui.shared.words import RENDERED_RUN, epochs, pictures


def over_fitting(run: Run, interval: Interval) -> str:
    """What the two accuracies say together."""
    if run.results.train_accuracy > interval.high:
        return (
            "Better on what it has learnt than chance explains (the figure is above the "
            "interval): it over-fits."
        )
    return "About as good on what it has not learnt: no sign of over-fitting on this split."


PARTS: dict[str, Callable[[Run, Evaluation], None]] = {
    "How far to believe it": show_generalization,
    "How sure": show_calibration,
    "Robustness": show_robustness,
    "Map": show_embedding_map,
}  # beside the mistakes; only the chosen part is computed


header(
    "Evaluate", "How often is the network right on pictures that it has not learnt, and where not?"
)
run = choose_run(shown_here)
if run is None:
    st.stop()
noun = pictures(run.spec.rendered)
results, evaluation = run.results, evaluation_of(run, run.id)
interval = evaluation.interval

test, train, wrong = st.columns(3)
with test:
    metric_card("Test accuracy", f"{100 * evaluation.accuracy:.1f} %", f"95 % interval {interval}")
with train:
    metric_card(
        "Training accuracy",
        f"{100 * results.train_accuracy:.1f} %",
        f"{results.train_correct:,} of {results.n_train:,} {noun}",
    )
with wrong:
    metric_card(
        f"Mislabeled test {noun}",
        f"{len(evaluation.mistakes)} of {len(evaluation)}",
        f"{epochs(run)}, {results.params:,} parameters",
    )
st.markdown(over_fitting(run, interval))
if run.spec.rendered:
    st.caption(RENDERED_RUN)
if changed := decided_for(run):
    st.caption(f":material/rule: After decisions about doubtful {noun}: {changed}.")
if results.fingerprint == MISSION_FINGERPRINT:
    st.caption("On one signer in one room; other hands are another matter.")
part = st.segmented_control(
    "Look at",
    ["Mistakes", *PARTS],
    default="Mistakes",
    required=True,
    key="part",
    bind="query-params",
)
true, predicted = None, None
if part in PARTS:
    PARTS[part](run, evaluation)
else:
    true, predicted = show_mistakes(run, evaluation)
learnt = st.expander("How it learnt", icon=":material/show_chart:", on_change="rerun")
if learnt.open:  # else the browser would draw what nobody sees
    with learnt:
        history_charts(run)
same_in_python(snippets.evaluate(str(run_store().root), run.id, true, predicted))
