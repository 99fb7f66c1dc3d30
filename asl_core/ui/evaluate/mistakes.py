"""From the confusion matrix to the images behind it."""

import pandas as pd
import streamlit as st

from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.confusion import MOST_AS_LARGE, clickable_matrix, least_width
from asl_core.runs.intervals import Interval
from asl_core.runs.run import Run
from asl_core.ui.evaluate.gallery import IMAGE, choose_image, warn_no_images
from asl_core.ui.shared.charts import mode, tool_bar
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.url import choose, keep
from asl_core.ui.shared.words import escape_markdown

ALL = "All classes"
COUNTS, NORMALIZED = "Counts", "Normalized by row"
TRUE, PREDICTED = "true", "predicted"
"""Parameters of the address."""

_MATRIX = "confusion_matrix"
LONGEST_BESIDE = 12
"""Characters of a name up to which the table fits beside the matrix."""


def show_mistakes(run: Run, evaluation: Evaluation) -> tuple[str | None, str | None]:
    """The confusion matrix, the scores of each class, and the images of the chosen cell.

    Returns:
        The chosen true and predicted class; None where all are shown.
    """
    st.header("Confusion matrix")
    true, predicted, percent = _choose(evaluation)
    longest = max(map(len, evaluation.classes))
    if len(evaluation.classes) <= MOST_AS_LARGE and longest <= LONGEST_BESIDE:
        matrix, scores = st.columns(2, gap="medium")
    else:
        matrix, scores = st.container(), st.container()
    with matrix:
        _matrix(evaluation, percent, (true, predicted))
    with scores:
        _scores(evaluation)
    _gallery(run, evaluation, true, predicted)
    return true, predicted


def _choose(evaluation: Evaluation) -> tuple[str | None, str | None, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        true, predicted = (
            choose(
                st.selectbox,
                label,
                [None, *evaluation.classes],
                name,
                format_func=lambda chosen: chosen or ALL,
                placeholder=ALL,
                width=240,
            )
            for label, name in (("True class", TRUE), ("Predicted class", PREDICTED))
        )
        shown = st.segmented_control(
            "Values",
            [COUNTS, NORMALIZED],
            default=COUNTS,
            required=True,
            key="matrix_values",
            help="Normalized, each row adds up to 100 %: of the images of a true class, the share "
            "that is given each predicted class.",
        )
    return true, predicted, shown == NORMALIZED


def _matrix(evaluation: Evaluation, percent: bool, chosen: tuple[str | None, str | None]) -> None:
    key = f"matrix_{chosen}"  # a new chart for each choice: in the old one its cell stays selected
    st.html(  # on a screen that is too narrow for all names it scrolls to the side
        f"<style>.st-key-{_MATRIX} {{overflow-x: auto}} .st-key-{_MATRIX} > * "
        f"{{min-width: {least_width(evaluation)}px}}</style>"
    )
    with st.container(key=_MATRIX):
        st.plotly_chart(
            clickable_matrix(evaluation, percent, chosen, mode()),
            theme=None,
            key=key,
            on_select=lambda: _take_cell(key, evaluation.classes),
            selection_mode="points",
            config=tool_bar(),
            alt="Confusion matrix, rows true, columns predicted: "
            + "; ".join(
                f"{name}: {row.tolist()}"
                for name, row in zip(evaluation.classes, evaluation.confusion, strict=True)
            ),
        )
    st.caption("Click a cell, or choose two classes above, to see its images below.")


def _take_cell(key: str, classes: tuple[str, ...]) -> None:
    points = st.session_state[key].selection.points
    if points:
        keep(TRUE, classes[int(points[0]["y"])])
        keep(PREDICTED, classes[int(points[0]["x"])])
        keep(IMAGE, None)


def _scores(evaluation: Evaluation) -> None:
    scores = evaluation.per_class
    st.dataframe(
        pd.DataFrame(
            {
                "Class": [score.name for score in scores],
                "Precision": [_with(s.precision, s.precision_interval) for s in scores],
                "Recall": [_with(s.recall, s.recall_interval) for s in scores],
                "F1": [_with(s.f1, s.f1_interval) for s in scores],
                "Images": [score.support for score in scores],
            }
        ),
        hide_index=True,
        height="content",
    )
    st.caption(
        "In percent, each with its 95 % interval. Precision of a class: of the images that are "
        "predicted to be of it, the share that are. Recall: of the images of the class, the share "
        "that is predicted to be. F1: the harmonic mean of both."
    )


def _with(value: float, interval: Interval | None) -> str:
    if interval is None:
        return "undefined"
    return f"{100 * value:.1f} ({100 * interval.low:.0f} to {100 * interval.high:.0f})"


def _gallery(run: Run, evaluation: Evaluation, true: str | None, predicted: str | None) -> None:
    right = true is not None and true == predicted
    st.header(f"{'Correctly classified' if right else 'Misclassified'} test images")
    rows = evaluation.rows(true, predicted)
    if not len(rows):
        st.success(_none_of(true, predicted), icon=":material/check_circle:")
    elif (dataset := dataset_of(run)) is None:
        warn_no_images(run)
    else:
        count = f"{len(rows):,} image{'s' if len(rows) > 1 else ''}{_which(true, predicted)}. "
        doubt = (
            " To find images whose own label may be wrong, see *Data quality* on the page *Data*."
        )
        st.caption(
            f"{count}Choose one to see its probabilities, where the network looked, and the "
            f"nearest training images.{'' if right else doubt}"
        )
        choose_image(run, evaluation, dataset, rows)


def _none_of(true: str | None, predicted: str | None) -> str:
    if true and true == predicted:
        return f"No test image of {escape_markdown(true)} was classified correctly."
    if predicted:
        other = f" of {escape_markdown(true)}" if true else " of another class"
        return f"No test image{other} was predicted to be {escape_markdown(predicted)}."
    return f"No test image{f' of {escape_markdown(true)}' if true else ''} was misclassified."


def _which(true: str | None, predicted: str | None) -> str:
    parts = [f" of {escape_markdown(true)}"] if true else []
    if predicted:
        parts.append(f" predicted to be {escape_markdown(predicted)}")
    return ",".join(parts)
