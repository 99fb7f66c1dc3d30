"""Evaluate: how good a run is, and which photos it gets wrong."""

import pandas as pd
import streamlit as st

from asl_core import figures, snippets
from asl_core.runs import Run
from asl_core.ui.charts import chart, history_charts, mode
from asl_core.ui.choose_run import choose_run
from asl_core.ui.core import evaluation_of, run_store
from asl_core.ui.frame import header, same_in_python
from asl_core.ui.mistakes import mistakes_gallery

GAP_WORTH_A_WORD = 0.03


def over_fitting(run: Run) -> str:
    """What the two accuracies say together."""
    gap = run.results.train_accuracy - run.results.test_accuracy
    if gap > GAP_WORTH_A_WORD:
        return "Much better on the photos that it has learnt: it over-fits."
    return "About as good on photos that it has not learnt: no sign of over-fitting on this split."


header(
    "Evaluate", "How often is the network right on photos that it has not learnt, and where not?"
)
run = choose_run()
if run is None:
    st.stop()
results, evaluation = run.results, evaluation_of(run, run.id)
interval = evaluation.interval

test, train, wrong = st.columns(3)
test.metric(
    "Test accuracy",
    f"{100 * evaluation.accuracy:.1f} %",
    border=True,
    delta=f"95 % interval {100 * interval.low:.1f} to {100 * interval.high:.1f} %",
    delta_color="off",
    delta_arrow="off",
)
train.metric(
    "Training accuracy",
    f"{100 * results.train_accuracy:.1f} %",
    border=True,
    delta=f"{results.train_correct:,} of {results.n_train:,} photos",
    delta_color="off",
    delta_arrow="off",
)
wrong.metric(
    "Mislabeled test photos",
    f"{len(evaluation.mistakes)} of {len(evaluation)}",
    border=True,
    delta=f"after {run.spec.config.epochs} epochs, {results.params:,} parameters",
    delta_color="off",
    delta_arrow="off",
)
st.markdown(over_fitting(run))
with st.expander("How far can this figure be believed?", icon=":material/psychology_alt:"):
    st.markdown(
        "- The interval (Wilson, 95 %) says how far chance can move the figure with this many test "
        "photos.\n"
        "- **One epoch is luck.** The mission's text reports 90.25 % on the test photos after its "
        "one epoch (loss 0.8927, accuracy 71.63 %), with an old Keras. With today's Keras and the "
        "same settings, ten seeds gave a median of 73 % (62 to 88 %) after 1 epoch, 87.5 % after "
        "2, 97 % after 5 and 100 % after 20.\n"
        "- **The test is easy.** The photos are frames of video, and a shuffled split tests on "
        "near-copies of the training photos. Train with the split 'frames' to see the difference.\n"
        "- All photos show one signer in one room. It says nothing of other people."
    )

with st.expander("How it learnt", icon=":material/show_chart:"):
    history_charts(run)

st.subheader("Confusion matrix")
percent = (
    st.segmented_control(
        "Show", ["Counts", "Per cent of each row"], default="Counts", required=True
    )
    != "Counts"
)
matrix, scores = st.columns([3, 2], gap="large")
with matrix:
    chart(
        figures.confusion_matrix(evaluation, percent, mode()),
        "Confusion matrix, rows true, columns predicted: "
        + "; ".join(
            f"{name}: {row.tolist()}"
            for name, row in zip(evaluation.classes, evaluation.confusion, strict=True)
        ),
    )
scores.dataframe(
    pd.DataFrame(
        {
            "Letter": [score.name for score in evaluation.per_class],
            "Precision": [score.precision for score in evaluation.per_class],
            "Recall": [score.recall for score in evaluation.per_class],
            "F1": [score.f1 for score in evaluation.per_class],
            "Photos": [score.support for score in evaluation.per_class],
        }
    ).style.format(precision=3),
    hide_index=True,
    height="content",
)
scores.caption(
    "Precision: of the photos called so, how many are. Recall: of the photos that are, how many "
    "are called so. F1: the harmonic mean of both."
)

mistakes_gallery(run, evaluation)
same_in_python(snippets.evaluate(str(run_store().root), run.id))
