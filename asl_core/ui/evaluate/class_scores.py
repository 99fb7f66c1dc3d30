"""Precision, recall and F1 of each class, and their means over all classes."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from asl_core.evaluation.class_score import ClassScore
from asl_core.evaluation.confusion import MacroAverage
from asl_core.evaluation.evaluation import Evaluation
from asl_core.runs.intervals import Interval, rounded
from asl_core.ui.shared.words import percent

SHORT = 10
"""Characters of a class's name that a narrow column shows."""

_PERCENT = st.column_config.NumberColumn(format="%.1f", width="small")


def show_scores(evaluation: Evaluation) -> None:
    """The table, which can be sorted by each of its numbers, and the macro averages."""
    st.header("Scores of each class")
    scores = evaluation.per_class
    macro = MacroAverage.of(scores)
    st.markdown(
        f"**Macro average** · precision {percent(macro.precision)} · recall "
        f"{percent(macro.recall)} · F1 {percent(macro.f1)}"
    )
    intervals = st.toggle(
        "Show 95 % intervals", key="score_intervals", help="Each number with its Wilson interval."
    )
    table = pd.DataFrame(_columns(scores, intervals))
    short = intervals or max(len(score.name) for score in scores) <= SHORT
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config={
            "Class": st.column_config.TextColumn(width="small" if short else None, pinned=True),
            **dict.fromkeys(("Precision", "Recall", "F1"), _PERCENT),
            "Images": st.column_config.NumberColumn(width="small"),
        },
    )
    st.caption(
        "In percent. Precision of a class: of the images that are predicted to be of it, the share "
        "that are; empty where none is. Recall: of the images of the class, the share that is "
        "predicted to be. F1: the harmonic mean of both. Macro average: the mean over the classes, "
        "each counted once; an undefined precision counts as 0."
    )


def _columns(scores: Sequence[ClassScore], intervals: bool) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {"Class": [score.name for score in scores]}
    for name, values, ends in (
        ("Precision", [s.precision for s in scores], [s.precision_interval for s in scores]),
        ("Recall", [s.recall for s in scores], [s.recall_interval for s in scores]),
        ("F1", [s.f1 for s in scores], [s.f1_interval for s in scores]),
    ):
        columns[name] = [
            None if interval is None else 100 * value
            for value, interval in zip(values, ends, strict=True)
        ]
        if intervals:
            columns[f"{name}, 95 %"] = [_ends(interval) for interval in ends]
    columns["Images"] = [score.support for score in scores]
    return columns


def _ends(interval: Interval | None) -> str:
    if interval is None:
        return "undefined"
    return f"{rounded(100 * interval.low, 0)} to {rounded(100 * interval.high, 0)}"
