"""Accuracy by group, counted by hand."""

from dataclasses import replace
from pathlib import Path

from asl_core.data import read_folder
from asl_core.evaluation.by_group import scores_by_group
from asl_core.evaluation.evaluation import Evaluation
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND


def test_each_group_has_its_own_score(drawn_run: Run, drawn: Path) -> None:
    dataset, evaluation = read_folder(drawn), Evaluation.of(drawn_run)
    assert scores_by_group(drawn_run, evaluation, dataset) == {}
    assert scores_by_group(drawn_run, evaluation, None) == {}
    right = evaluation.predicted == evaluation.labels
    person = {
        int(index): "right" if its else "wrong"
        for index, its in zip(evaluation.indices, right, strict=True)
    }
    groups = tuple(person.get(i, "unseen") for i in range(60))
    scores = scores_by_group(drawn_run, evaluation, replace(dataset, groups=groups))
    told = {name: (score.correct, score.n) for name, score in scores.items()}
    n_right = int(right.sum())
    assert 0 < n_right < len(right)
    assert told == {"right": (n_right, n_right), "wrong": (0, len(right) - n_right)}


def test_those_of_the_shipped_run_are_its_photo_sets(drawn_run: Run) -> None:
    evaluation = Evaluation.of(drawn_run)
    shipped = replace(drawn_run, spec=replace(drawn_run.spec, data=ANY_HAND))
    scores = scores_by_group(shipped, evaluation, None)
    assert sum(score.n for score in scores.values()) == len(evaluation)
    assert set(scores) == {file.split("/")[0] for file in evaluation.files}
