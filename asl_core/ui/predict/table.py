"""The answers to several photos, on the page Predict: a table, of which each row opens."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from asl_core.errors import ImageError
from asl_core.evaluation.prediction import Prediction
from asl_core.report.csv_tables import photos_csv, safe_cell
from asl_core.runs.run import Run
from asl_core.ui.predict.doubt import likeliest, stated_of, verdict_of
from asl_core.ui.predict.photos import Photo
from asl_core.ui.predict.pictures import thumbnail_url
from asl_core.ui.predict.square import square_id
from asl_core.ui.shared.downloads import download
from asl_core.ui.shared.words import percent

Answer = tuple[Photo, Prediction | ImageError]
"""A photo, and what is said of it, or why it can't be read."""

ROW, HEADING, MOST_ROWS = 44, 38, 6
"""Height of a row and of the heading, in pixels, and rows that are seen without scrolling."""


def choose_answer(run: Run, answers: Sequence[Answer]) -> Answer:
    """A row for each photo. Returns the one that is chosen: at first that which came last.

    Args:
        run: that was asked.
        answers: at least one.
    """
    frame = pd.DataFrame([_row(run, *answer) for answer in answers])
    chosen = st.dataframe(
        frame,
        hide_index=True,
        row_height=ROW,
        height=HEADING + ROW * min(MOST_ROWS, len(answers)),
        column_config={
            "Photo": st.column_config.ImageColumn(width=60),
            "File": st.column_config.TextColumn(width=110),
            "Answer": st.column_config.TextColumn(width=140),
            "Confidence": st.column_config.NumberColumn(format="%.1f %%"),
        },
        on_select="rerun",
        selection_mode="single-cell",  # a click anywhere in a row
        key=f"answers_{answers[0][0].id}_{len(answers)}",  # others come: the first is chosen anew
    )
    download(
        "All answers as CSV",
        lambda: _csv(run, answers),
        f"predictions-{run.id}.csv",
        "text/csv",
    )
    row = next((row for row, _ in chosen.selection.cells), 0)
    return answers[row if row < len(answers) else 0]


def _row(run: Run, photo: Photo, answer: Prediction | ImageError) -> dict[str, object]:
    row: dict[str, object] = {"Photo": None, "File": safe_cell(photo.name)}
    if isinstance(answer, ImageError):
        return {**row, "Answer": safe_cell(str(answer)), "Confidence": None, "Second likeliest": ""}
    row["Photo"] = thumbnail_url(answer.image, square_id(photo), run.id)
    verdict = verdict_of(answer, stated_of(run, run.id))
    if verdict.kind == "no hand":
        return {**row, "Answer": verdict.headline, "Confidence": None, "Second likeliest": ""}
    first, second = likeliest(answer)
    guess = f" ({safe_cell(first[0])}?)" if verdict.kind == "unsure" else ""
    return {
        **row,
        "Answer": f"{safe_cell(verdict.headline)}{guess}",
        "Confidence": 100 * first[1],
        "Second likeliest": f"{safe_cell(second[0])} ({percent(second[1], 0)})",
    }


def _csv(run: Run, answers: Sequence[Answer]) -> bytes:
    stated = stated_of(run, run.id)
    return photos_csv(
        run.results.classes,
        [
            (photo.name, str(answer), {})
            if isinstance(answer, ImageError)
            else (photo.name, verdict_of(answer, stated).headline, answer.probabilities)
            for photo, answer in answers
        ],
    )
