"""What is known of a run's answers as CSV, for spreadsheets and scripts."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from asl_core.evaluation.class_score import ClassScore
from asl_core.evaluation.evaluation import Evaluation
from asl_core.runs.intervals import Interval

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet takes for a formula (OWASP, 'CSV Injection')."""

_UNSEEN = " \u00a0\u200b\u200c\u200d\u2060\ufeff"
"""What may stand before a formula without being seen, and is taken away by some spreadsheets."""


def safe_cell(text: str) -> str:
    """A text of anybody that a spreadsheet takes for text, not for a formula."""
    seen = text.lstrip(_UNSEEN)
    return f"'{text}" if seen.startswith(_FORMULA) else text


def confusion_csv(evaluation: Evaluation) -> bytes:
    """The confusion matrix: a row for each true class, a column for each predicted one."""
    names = evaluation.classes
    rows = zip(names, evaluation.confusion.tolist(), strict=True)
    return _csv(["true \\ predicted", *names], ([name, *counts] for name, counts in rows))


def scores_csv(evaluation: Evaluation) -> bytes:
    """Precision, recall and F1 of each class, 0 to 1, with 95 % intervals; empty if undefined."""
    head = ["class", "images"]
    for name in ("precision", "recall", "f1"):
        head += [name, f"{name} low", f"{name} high"]
    return _csv(head, map(_score_row, evaluation.per_class))


def predictions_csv(evaluation: Evaluation) -> bytes:
    """A row for each test image: what it is, what was predicted, and all probabilities, 0 to 1."""
    names = evaluation.classes
    head = ["file", "label", "predicted", "confidence", *(f"p({name})" for name in names)]
    rows = zip(
        evaluation.files,
        evaluation.labels,
        evaluation.predicted,
        evaluation.probabilities.tolist(),
        strict=True,
    )
    return _csv(
        head,
        (
            [file, names[label], names[predicted], max(probabilities), *probabilities]
            for file, label, predicted, probabilities in rows
        ),
    )


def photos_csv(
    classes: Sequence[str], rows: Iterable[tuple[str, str, Mapping[str, float]]]
) -> bytes:
    """A row for each photo that a visitor brought: what was answered, and all probabilities, 0 to
    1; empty where there are none.

    Args:
        classes: of the run.
        rows: name of the file, the answer in words, and the probability of each class; none where
            there is no hand, or no image.
    """
    head = ["file", "answer", "likeliest", "confidence", *(f"p({name})" for name in classes)]
    return _csv(head, (_photo_row(classes, *row) for row in rows))


def _photo_row(
    classes: Sequence[str], file: str, answer: str, probabilities: Mapping[str, float]
) -> list[object]:
    values = [probabilities.get(name, "") for name in classes]
    if not any(values):
        return [file, answer, "", "", *("" for _ in classes)]
    best = max(probabilities, key=lambda name: probabilities[name])
    return [file, answer, best, probabilities[best], *values]


def _score_row(score: ClassScore) -> list[object]:
    row: list[object] = [score.name, score.support]
    for value, interval in (
        (score.precision, score.precision_interval),
        (score.recall, score.recall_interval),
        (score.f1, score.f1_interval),
    ):
        row += _ends(value, interval)
    return row


def _ends(value: float, interval: Interval | None) -> list[object]:
    return ["", "", ""] if interval is None else [value, interval.low, interval.high]


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8, texts made safe, numbers as they are."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in (head, *rows):
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode(errors="replace")
