"""Compare: all runs in one table."""

import pandas as pd
import streamlit as st

from asl_core import snippets
from asl_core.evaluation import wilson_interval
from asl_core.runs import Run
from asl_core.ui.core import run_store
from asl_core.ui.frame import header, same_in_python


def row(run: Run) -> dict[str, object]:
    """A run as a row of the table."""
    config, results = run.spec.config, run.results
    interval = wilson_interval(results.test_correct, results.n_test)
    return {
        "Made (UTC)": run.created.replace(tzinfo=None),
        "Open": f"/evaluate?run={run.id}",
        "Test accuracy": 100 * results.test_accuracy,
        "95 % interval": f"{100 * interval.low:.1f} to {100 * interval.high:.1f} %",
        "Training accuracy": 100 * results.train_accuracy,
        "Epochs": config.epochs,
        "Filters": f"{config.filters[0]}, {config.filters[1]}",
        "Parameters": results.params,
        "Batch": config.batch_size,
        "Optimizer": config.optimizer,
        "Learning rate": config.rate,
        "Seed": config.seed,
        "Split": run.spec.split,
        "Letters": " ".join(results.classes),
        "Seconds": results.seconds["total"],
        "Stopped": results.stopped,
    }


header("Compare", "All runs, newest first. Click a heading to sort.")
runs = run_store().list()
if runs:
    per_cent = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        pd.DataFrame(row(run) for run in runs),
        hide_index=True,
        column_config={
            "Test accuracy": per_cent,
            "Training accuracy": per_cent,
            "Made (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "Learning rate": st.column_config.NumberColumn(format="%g"),
            "Seconds": st.column_config.NumberColumn(format="%.1f"),
            "Open": st.column_config.LinkColumn(display_text="Evaluate"),
        },
    )
    st.caption(
        "Two accuracies whose intervals overlap widely may differ by chance alone: train with "
        "several seeds before you prefer one setting."
    )
else:
    st.info("There is no trained run yet.", icon=":material/model_training:")
    st.page_link("pages/train.py", label="Train one", icon=":material/arrow_forward:")
same_in_python(snippets.compare(str(run_store().root)))
