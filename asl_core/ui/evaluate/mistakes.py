"""From the confusion matrix to the photos behind it."""

import pandas as pd
import streamlit as st

from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.confusion import clickable_matrix
from asl_core.runs.intervals import Interval
from asl_core.runs.run import Run
from asl_core.ui.evaluate.gallery import PHOTO, choose_image, warn_no_images
from asl_core.ui.shared.charts import mode
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.words import escape_markdown, pictures

ALL = "All letters"
PERCENT = "Per cent of each row"


def show_mistakes(run: Run, evaluation: Evaluation) -> tuple[str | None, str | None]:
    """The confusion matrix, the scores of each letter, and the photos of the chosen cell.

    Returns:
        The chosen true and predicted class; None where all are shown.
    """
    st.subheader("Confusion matrix")
    true, predicted, percent = _choose(evaluation)
    matrix, scores = st.columns(2, gap="medium")
    with matrix:
        _matrix(evaluation, percent, (true, predicted))
    with scores:
        _scores(evaluation, pictures(run.spec.rendered))
    _gallery(run, evaluation, true, predicted)
    return true, predicted


def _choose(evaluation: Evaluation) -> tuple[str | None, str | None, bool]:
    letters = [ALL, *evaluation.classes]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = [
            st.selectbox(
                f"{name} letter", letters, key=name.lower(), bind="query-params", width=160
            )
            for name in ("True", "Predicted")
        ]
        shown = st.segmented_control("Show", ["Counts", PERCENT], default="Counts", required=True)
    true, predicted = (None if letter == ALL else letter for letter in chosen)
    return true, predicted, shown == PERCENT


def _matrix(evaluation: Evaluation, percent: bool, chosen: tuple[str | None, str | None]) -> None:
    key = f"matrix_{chosen}"  # a new chart for each choice: in the old one its cell stays selected
    st.plotly_chart(
        clickable_matrix(evaluation, percent, chosen, mode()),
        theme=None,
        key=key,
        on_select=lambda: _take_cell(key),
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Confusion matrix, rows true, columns predicted: "
        + "; ".join(
            f"{name}: {row.tolist()}"
            for name, row in zip(evaluation.classes, evaluation.confusion, strict=True)
        ),
    )
    st.caption("Click a cell, or choose two letters above, to see its pictures below.")


def _take_cell(key: str) -> None:
    points = st.session_state[key].selection.points
    if points:
        st.session_state["true"], st.session_state["predicted"] = points[0]["y"], points[0]["x"]
        st.session_state[PHOTO] = None


def _scores(evaluation: Evaluation, noun: str) -> None:
    scores = evaluation.per_class
    st.dataframe(
        pd.DataFrame(
            {
                "Letter": [score.name for score in scores],
                "Precision": [_with(s.precision, s.precision_interval) for s in scores],
                "Recall": [_with(s.recall, s.recall_interval) for s in scores],
                "F1": [_with(s.f1, s.f1_interval) for s in scores],
                noun.capitalize(): [score.support for score in scores],
            }
        ),
        hide_index=True,
        height="content" if len(scores) <= 12 else 460,
    )
    st.caption(
        f"In per cent, each with its 95 % interval. Precision of A: of the {noun} that the network "
        f"calls A, the share that are A. Recall of A: of the {noun} of A, the share that it calls "
        "A. F1: the harmonic mean of both."
    )


def _with(value: float, interval: Interval | None) -> str:
    if interval is None:
        return "none"
    return f"{100 * value:.1f} ({100 * interval.low:.0f} to {100 * interval.high:.0f})"


def _gallery(run: Run, evaluation: Evaluation, true: str | None, predicted: str | None) -> None:
    noun = pictures(run.spec.rendered)
    st.subheader(f"{_title(true, predicted)} test {noun}")
    rows = evaluation.rows(true, predicted)
    if not len(rows):
        st.success(
            f"{_none_of(true, predicted)} among the test {noun}.", icon=":material/check_circle:"
        )
    elif (dataset := dataset_of(run)) is None:
        warn_no_images(run)
    else:
        st.caption(
            f"{len(rows):,} {noun if len(rows) > 1 else noun[:-1]}{_which(true, predicted)}. "
            "Choose one to see what the network says of it, where it looked, and what resembles it."
            + (
                ""
                if true and true == predicted
                else f" The network is wrong about these; {noun} whose own label may be wrong are "
                "looked for on *Data*."
            )
        )
        choose_image(run, evaluation, dataset, rows)


def _title(true: str | None, predicted: str | None) -> str:
    return "Recognised" if true and true == predicted else "Mislabeled"


def _none_of(true: str | None, predicted: str | None) -> str:
    if true and true == predicted:
        return f"No {escape_markdown(true)} was recognised"
    if predicted:
        return (
            f"No {escape_markdown(true) if true else 'other letter'} was taken for "
            f"{escape_markdown(predicted)}"
        )
    return f"No {escape_markdown(true)} was mislabeled" if true else "Nothing was mislabeled"


def _which(true: str | None, predicted: str | None) -> str:
    parts = [f" of {escape_markdown(true)}"] if true else []
    if predicted:
        parts.append(f" taken for {escape_markdown(predicted)}")
    return ",".join(parts)
