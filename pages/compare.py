"""Compare: all runs in one table."""

import pandas as pd
import streamlit as st

from asl_core import snippets
from asl_core.evaluation import wilson_interval
from asl_core.runs import Run
from asl_core.ui.choose_run import offer_training, tell_damaged
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
        "95 % interval": str(interval),
        "Training accuracy": 100 * results.train_accuracy,
        "Epochs": results.epochs,
        "Stopped": results.stopped,
        "Filters": f"{config.filters[0]}, {config.filters[1]}",
        "Parameters": results.params,
        "Batch": config.batch_size,
        "Optimizer": config.optimizer,
        "Learning rate": config.rate,
        "Seed": config.seed,
        "Split": run.spec.split,
        "Letters": " ".join(results.classes),
        "Seconds": results.seconds["total"],
    }


header("Compare", "All runs, newest first. A click on the head of a column sorts by it.")
tell_damaged()
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
            "Parameters": st.column_config.NumberColumn(format="localized"),
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
    offer_training()
same_in_python(snippets.compare(str(run_store().root)))
