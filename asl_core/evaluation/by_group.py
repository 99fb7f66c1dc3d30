"""How many answers are right in each group of test images, such as each person."""

from collections.abc import Sequence
from statistics import median

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.evaluation.evaluation import Evaluation, Score
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND

NOT_LETTERS = "not_letters"
"""Photo set of hands that sign no letter: a group of its own, but nobody's letters."""


def accuracy_on_new_people(run: Run) -> float:
    """Median accuracy of the photo sets that the shipped run on landmarks was tested on, each held
    out, on letters; 0 to 1.

    Args:
        run: that one.

    Raises:
        RunNotFoundError: the run was deleted meanwhile.
        DamagedRunError: a file is not one of ours.
    """
    scores = scores_by_group(run, Evaluation.of(run), None)
    return median(score.accuracy for name, score in scores.items() if name != NOT_LETTERS)


def scores_by_group(run: Run, evaluation: Evaluation, dataset: Dataset | None) -> dict[str, Score]:
    """The score of each group, in the order of their names.

    Args:
        run: that was tested.
        evaluation: its answers.
        dataset: its images, if they are here.

    Returns:
        Empty if no groups are known, or there is one alone. Those of the shipped run on landmarks
        are the photo sets, which the names of its files begin with.
    """
    groups: Sequence[str] = ()
    if run.spec.data == ANY_HAND:
        groups = [file.partition("/")[0] for file in evaluation.files]
    elif dataset is not None and dataset.groups:
        groups = [dataset.groups[index] for index in evaluation.indices]
    right, names = evaluation.predicted == evaluation.labels, np.asarray(groups)
    known = np.unique(names).tolist()
    if len(known) < 2:
        return {}
    return {
        name: Score(int(right[names == name].sum()), int((names == name).sum())) for name in known
    }
