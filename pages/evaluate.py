"""Evaluate: how good a run is, and which photos it gets wrong."""

import streamlit as st

from asl_core import snippets
from asl_core.evaluation import Interval
from asl_core.runs import Run
from asl_core.settings import MISSION_FINGERPRINT
from asl_core.ui.charts import history_charts
from asl_core.ui.choose_run import choose_run, shown_here
from asl_core.ui.core import evaluation_of, run_store
from asl_core.ui.frame import fact, header, same_in_python
from asl_core.ui.mistakes import show_mistakes
from asl_core.ui.words import RENDERED_RUN, epochs, pictures


def over_fitting(run: Run, interval: Interval) -> str:
    """What the two accuracies say together."""
    if run.results.train_accuracy > interval.high:
        return (
            "Better on what it has learnt than chance explains (the figure is above the "
            "interval): it over-fits."
        )
    return "About as good on what it has not learnt: no sign of over-fitting on this split."


def doubts(run: Run) -> str:
    """How far the accuracy can be believed, as a list."""
    points = [
        "The interval (Wilson, 95 %) says how far chance can move the figure with this many test "
        "pictures."
    ]
    if run.spec.rendered:
        points.append(
            "All pictures are drawn by one program, training and test alike. Real hands, cameras "
            "and rooms differ in ways that it does not draw, so expect less on photos."
        )
    if run.results.fingerprint == MISSION_FINGERPRINT:
        points += [
            "**One epoch is luck.** The mission's text reports 90.25 % on the test photos after "
            "its one epoch (loss 0.8927, accuracy 71.63 %), with an old Keras. With today's Keras "
            "and the same settings, ten seeds gave a median of 73 % (62 to 88 %) after 1 epoch, "
            "87.5 % after 2, 97 % after 5 and 100 % after 20.",
            "All photos show one signer in one room. The figure says nothing of other people.",
        ]
    if run.spec.split != "frames" and not run.spec.rendered:
        points.append(
            "If the photos are frames of a video, as the mission's are, a shuffled split tests on "
            "near-copies of the training photos. Train with the split 'frames' to see the "
            "difference."
        )
    return "\n".join(f"- {point}" for point in points)


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
    fact("Test accuracy", f"{100 * evaluation.accuracy:.1f} %", f"95 % interval {interval}")
with train:
    fact(
        "Training accuracy",
        f"{100 * results.train_accuracy:.1f} %",
        f"{results.train_correct:,} of {results.n_train:,} {noun}",
    )
with wrong:
    fact(
        f"Mislabeled test {noun}",
        f"{len(evaluation.mistakes)} of {len(evaluation)}",
        f"{epochs(run)}, {results.params:,} parameters",
    )
st.markdown(over_fitting(run, interval))
if run.spec.rendered:
    st.caption(RENDERED_RUN)
if results.fingerprint == MISSION_FINGERPRINT:
    st.caption("On one signer in one room; other hands are another matter.")
with st.expander("How far can this figure be believed?", icon=":material/psychology_alt:"):
    st.markdown(doubts(run))
with st.expander("How it learnt", icon=":material/show_chart:"):
    history_charts(run)

true, predicted = show_mistakes(run, evaluation)
same_in_python(snippets.evaluate(str(run_store().root), run.id, true, predicted))
