"""Tables as CSV, against answers that are counted by hand."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from asl_core.evaluation.evaluation import Evaluation
from asl_core.report.csv_tables import confusion_csv, predictions_csv, safe_cell, scores_csv

EVALUATION = Evaluation(
    labels=np.array([0, 0, 1]),
    probabilities=np.array([[0.75, 0.25], [0.125, 0.875], [0.5, 0.5]]),
    classes=("A", "B"),
    files=("A/1.png", "A/2.png", "B/1.png"),
    indices=np.arange(3),
)
HOSTILE = "=HYPERLINK(1)"


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def test_the_confusion_matrix_has_a_row_for_each_true_class() -> None:
    expected = [["true \\ predicted", "A", "B"], ["A", "1", "1"], ["B", "1", "0"]]
    assert read(confusion_csv(EVALUATION)) == expected


def test_each_prediction_has_its_probabilities() -> None:
    assert read(predictions_csv(EVALUATION)) == [
        ["file", "label", "predicted", "confidence", "p(A)", "p(B)"],
        ["A/1.png", "A", "A", "0.75", "0.75", "0.25"],
        ["A/2.png", "A", "B", "0.875", "0.125", "0.875"],
        ["B/1.png", "B", "A", "0.5", "0.5", "0.5"],
    ]


def test_each_class_has_its_scores() -> None:
    head, first, second = read(scores_csv(EVALUATION))
    assert head[:5] == ["class", "images", "precision", "precision low", "precision high"]
    assert first[:3] == ["A", "2", "0.5"]
    assert float(first[3]) < 0.5 < float(first[4])
    assert second[0:3] == ["B", "1", "0.0"]
    never = replace(EVALUATION, probabilities=np.array([[1.0, 0.0]] * 3))
    assert read(scores_csv(never))[2][2:5] == ["", "", ""], "precision is undefined, not 0"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_text_is_a_formula(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"
    assert safe_cell(f" \u200b{start}1+1").startswith("'")  # what stands before it is not seen
    assert safe_cell("A=1") == "A=1"


def test_names_of_classes_and_files_are_made_safe_everywhere() -> None:
    hostile = replace(EVALUATION, classes=(HOSTILE, "B"), files=("=1", "+2", "-3"))
    for write in (confusion_csv, predictions_csv, scores_csv):
        cells = [cell for row in read(write(hostile)) for cell in row]
        assert any(HOSTILE in cell for cell in cells)
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
