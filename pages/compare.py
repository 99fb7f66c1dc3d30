"""Compare: all runs in one table, the curves of some, and the difference of two."""

import streamlit as st

from asl_core import figures
from asl_core.progress import HELD_OUT, held_out
from asl_core.runs.run import Run
from asl_core.runs.store import Scan
from asl_core.ui.compare.choose_runs import choose_runs
from asl_core.ui.compare.delete_runs import offer_to_delete, offer_undo, recently_deleted
from asl_core.ui.compare.edit_runs import list_runs
from asl_core.ui.compare.lessons import offer_lessons
from asl_core.ui.compare.pair import choose_pair, show_images, show_pair
from asl_core.ui.shared import snippets
from asl_core.ui.shared.charts import chart, drawn_once, mode
from asl_core.ui.shared.choose_run import offer_training, warn_damaged
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.resources import run_store


def curves(chosen: list[Run]) -> None:
    """Loss and accuracy of the chosen runs over each other."""
    st.header("Training curves")
    histories = {str(number): run.history() for number, run in enumerate(chosen, start=1)}
    drawn_in = mode()
    for column, metric in zip(st.columns(2), figures.METRICS, strict=True):
        last = ", ".join(f"run {name}: {h[metric][-1]:.3f}" for name, h in histories.items())
        with column:
            chart(
                drawn_once(
                    lambda metric=metric: figures.history_curves(histories, metric, drawn_in),  # type: ignore[misc]
                    *("curves", *(run.id for run in chosen), metric, drawn_in),
                ),
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


def compare(found: Scan) -> tuple[str, ...]:
    """The table of runs, and what is known of those that are chosen in it.

    Args:
        found: at least one run.

    Returns:
        Ids of the two whose difference is shown, if two are.
    """
    chosen = choose_runs(found.runs)
    offer_to_delete(found)
    if not chosen:
        return ()
    list_runs(chosen)
    if len(chosen) == 1:
        st.caption("Choose a second run to see how the two differ.")
        curves(chosen)
        return ()
    st.header("Difference of two runs")
    first, second = choose_pair(chosen)
    comparison = None
    if first != second:
        comparison = show_pair(chosen, first, second)
    else:
        st.caption("Choose two different runs.")
    curves(chosen)
    if comparison:
        show_images(chosen[first], comparison, first, second)
    return chosen[first].id, chosen[second].id


header(
    "Compare",
    "Which run is better, and is the difference more than chance? Tick the runs to compare, or a "
    "sweep. A click on the head of a column sorts.",
)
found = run_store().scan()
warn_damaged(found.damaged)
offer_undo()
pair: tuple[str, ...] = ()
if found.runs:
    pair = compare(found)
else:
    offer_to_delete(found)
    offer_training()
if len(found.runs) == 1:
    st.info("There is one run so far. It takes two to compare.", icon=":material/compare_arrows:")
    st.page_link("pages/train.py", label="Train another run", icon=":material/arrow_forward:")
offer_lessons(found.runs)
recently_deleted()
page_end(snippets.compare(run_store().root.name, *pair))
