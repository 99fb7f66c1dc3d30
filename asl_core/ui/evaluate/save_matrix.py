"""The confusion matrix to take along: as a figure, and as a table of its numbers."""

import streamlit as st

from asl_core import figures
from asl_core.evaluation.evaluation import Evaluation
from asl_core.report.csv_tables import confusion_csv
from asl_core.ui.shared.charts import chart, mode


def offer_matrix(evaluation: Evaluation, percents: bool, run_id: str) -> None:
    """A fold with both; nothing is drawn while it is closed.

    Args:
        evaluation: the answers; the classes stand in their order.
        percents: percent of each row instead of counts, in the figure.
        run_id: of the run, for the name of the file.
    """
    fold = st.expander("Save the confusion matrix", icon=":material/grid_on:", on_change="rerun")
    if not fold.open:
        return
    with fold:
        st.download_button(
            "Numbers as CSV",
            lambda: confusion_csv(evaluation),
            f"confusion-{run_id}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        chart(
            figures.confusion_matrix(evaluation, percents, mode()),
            "Confusion matrix, rows true, columns predicted: "
            + "; ".join(
                f"{name}: {row.tolist()}"
                for name, row in zip(evaluation.classes, evaluation.confusion, strict=True)
            ),
            name="confusion-matrix",
        )
