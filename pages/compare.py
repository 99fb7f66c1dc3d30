"""Compare: all runs in one table, the curves of some, and the difference of two."""

import streamlit as st

from asl_core import figures
from asl_core.progress import HELD_OUT, held_out
from asl_core.runs.run import Run
from asl_core.ui.compare.choose_runs import choose_runs
from asl_core.ui.compare.edit_runs import list_runs, offer_to_delete
from asl_core.ui.compare.pair import choose_pair, show_pair
from asl_core.ui.shared import snippets
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.choose_run import offer_training, warn_damaged
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.resources import run_store


def curves(chosen: list[Run]) -> None:
    """Loss and accuracy of the chosen runs over each other."""
    histories = {str(number): run.history() for number, run in enumerate(chosen, start=1)}
    for column, metric in zip(st.columns(2), figures.METRICS, strict=True):
        last = ", ".join(f"run {name}: {h[metric][-1]:.3f}" for name, h in histories.items())
        with column:
            chart(
                figures.history_curves(histories, metric, mode()),
                f"Training {metric} of each epoch; at the end {last}.",
                key=f"curves_{metric}",
            )
    st.caption(
        "Means over the training images of each epoch, while the weights still changed: so the "
        "accuracies are usually below those of the finished networks."
    )
    dashed = sorted(filter(None, {held_out(h, "accuracy") for h in histories.values()}))
    if dashed:
        images = " or ".join(HELD_OUT[prefix] for prefix in dashed)
        st.caption(f"Dashed: on the {images} images, after each epoch.")


header(
    "Compare",
    "Which run is better, and is the difference more than chance? Tick the runs to compare; "
    "below, each can be renamed or deleted. Click the head of a column to sort by it.",
)
found = run_store().scan()
warn_damaged(found.damaged)
offer_to_delete(found.damaged)
runs = found.runs
pair: tuple[str, ...] = ()
if len(runs) == 1:
    st.info("There is one run so far. It takes two to compare.", icon=":material/compare_arrows:")
    st.page_link("pages/train.py", label="Train another run", icon=":material/arrow_forward:")
if not runs:
    offer_training()
elif chosen := choose_runs(runs):
    list_runs(chosen)
    curves(chosen)
    st.header("Difference of two runs")
    if len(chosen) > 1:
        first, second = choose_pair(chosen)
        pair = (chosen[first].id, chosen[second].id)
        if first != second:
            show_pair(chosen, first, second)
        else:
            st.caption("Choose two different runs.")
    else:
        st.caption("Choose a second run to see how the two differ.")
page_end(snippets.compare(run_store().root.name, *pair))
