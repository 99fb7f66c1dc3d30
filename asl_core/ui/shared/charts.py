"""Figures on a page, in the page's light or dark colors."""

import streamlit as st
from plotly.graph_objects import Figure

from asl_core import figures
from asl_core.progress import HELD_OUT, History, held_out
from asl_core.runs.run import Run


def mode() -> figures.Mode:
    """Whether the visitor's page is light or dark."""
    return "dark" if st.context.theme.type == "dark" else "light"


def chart(figure: Figure, alt: str, key: str | None = None) -> None:
    """Show a figure.

    Args:
        figure: with the project's own template.
        alt: what it shows, for those who can't see it.
        key: needed where two figures of a page may be equal.
    """
    st.plotly_chart(figure, theme=None, alt=alt, key=key, config={"displayModeBar": False})


def history_charts(run: Run) -> None:
    """Loss and accuracy of a finished run, side by side."""
    history = run.history()
    for column, metric in zip(st.columns(2), figures.METRICS, strict=True):
        with column:
            chart(
                figures.history_curve(history, metric, mode()),
                in_numbers(history, metric),
                key=f"{metric}_{run.id}",
            )
    partial = " The last point is a partial epoch." if run.results.stopped else ""
    st.caption(
        "Means over the training images of each epoch, taken while the weights were changing. "
        f"The accuracies elsewhere are of the final network.{partial} {tell_held_out(history)}"
    )


def in_numbers(history: History, metric: figures.Metric) -> str:
    """A curve for those who can't see it."""
    told = f"Training {metric} of each epoch: {[round(v, 3) for v in history.get(metric, [])]}"
    if prefix := held_out(history, metric):
        values = [round(v, 3) for v in history[f"{prefix}_{metric}"]]
        told += f"; {HELD_OUT[prefix]} {metric}: {values}"
    return told


def tell_held_out(history: History) -> str:
    """What the dashed line of the curves is; empty where there is none."""
    prefix = held_out(history, "accuracy")
    if prefix is None:
        return ""
    use = " They are only watched: nothing is chosen by them." if prefix == "test" else ""
    return f"Dashed: the {HELD_OUT[prefix]} images, after each epoch.{use}"
