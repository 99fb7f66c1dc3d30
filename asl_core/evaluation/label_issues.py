"""Images whose label may be wrong, as a queue: the most doubtful first."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path

import numpy as np

from asl_core.config import ONE_CYCLE, TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.splits_folds import random_folds
from asl_core.errors import DatasetError, FileError
from asl_core.files import read_arrays, replacing
from asl_core.progress import OnShare, part
from asl_core.training.cross_validation import cross_val_predict

FOLDS = 3
"""Networks that are trained to ask each image's label of one that has not seen it."""

ENOUGH_AGREEMENT = 0.9
"""Share of the labels that the networks must agree with. Below it, most of what they contradict are
their own mistakes: on the embedded images, all of whose labels are right, networks of one epoch
agree with 36 % of them, and cleanlab takes half of all for wrong."""

FEW_CLASSES, FILTERS_OF_FEW, FILTERS_OF_MANY = 5, (8, 24), (24, 48)
"""Filters of the longer trainings, for up to so many classes and for more."""

IMAGES_SEEN = 24_000
"""Images that the longer trainings see, in 5 to 20 epochs."""

SHORT_SHARE = 0.3
"""Share of the search that is told to be done after the short trainings."""


@dataclass(frozen=True, eq=False)
class LabelIssues:
    """How far each label can be believed.

    Attributes:
        queue: int64 (n,), all images, the most doubtful first.
        quality: float64 (n,), of each image in the dataset's order: 0 (surely wrong) to 1.
        suggested: int64 (n,), what the networks say, in the dataset's order.
        confidence: float64 (n,), how sure they are of that, in the dataset's order, 0 to 1.
        n_issues: how many labels are estimated to be wrong: so many of the queue are worth a look.
    """

    queue: np.ndarray
    quality: np.ndarray
    suggested: np.ndarray
    confidence: np.ndarray
    n_issues: int

    def agreement(self, labels: np.ndarray) -> float:
        """Share of the labels that the networks agree with, 0 to 1.

        Args:
            labels: int (n,), as given, in the dataset's order.
        """
        return float((self.suggested == labels).mean())

    def save(self, path: Path) -> None:
        """Write it to a `.npz` file, whole or not at all, for `load_label_issues`."""
        with replacing(path) as file:
            np.savez_compressed(file, **asdict(self))


def find_label_issues(
    dataset: Dataset,
    config: TrainConfig = ONE_CYCLE,
    folds: int = FOLDS,
    on_progress: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> LabelIssues:
    """Train networks on random folds, and compare their answers with the labels.

    Where short trainings agree with too few labels, longer ones of larger networks follow, and
    their answers count.

    Loads TensorFlow and cleanlab when it is called: for a worker.

    Args:
        dataset: the images with their labels.
        config: of each training at first; a short one, since long ones learn the wrong labels too.
        folds: networks to train.
        on_progress: told the share that is done.
        should_stop: asked often; True ends it with a `StoppedError`.

    Raises:
        DatasetError: a class has fewer images than folds.
        StoppedError: it was stopped.
        TrainingError: a training diverged.
    """
    parts = random_folds(dataset, folds)
    tell = on_progress or (lambda share: None)
    short = part(tell, 0.0, SHORT_SHARE)
    probabilities = cross_val_predict(dataset, parts, config, short, should_stop)
    if (probabilities.argmax(axis=1) == dataset.labels).mean() < ENOUGH_AGREEMENT:
        longer = part(tell, SHORT_SHARE, 1.0)
        config = longer_config(dataset)
        probabilities = cross_val_predict(dataset, parts, config, longer, should_stop)
    tell(1.0)
    return rank_labels(dataset.labels, probabilities)


def longer_config(dataset: Dataset) -> TrainConfig:
    """Settings for images that short trainings do not suffice for: of the networks that are trained
    fastest, and not for long, since one that has learned wrong labels does not contradict them."""
    epochs = ceil(IMAGES_SEEN / len(dataset))
    filters = FILTERS_OF_FEW if len(dataset.classes) <= FEW_CLASSES else FILTERS_OF_MANY
    return replace(ONE_CYCLE, epochs=min(max(epochs, 5), 20), filters=filters)


def rank_labels(labels: np.ndarray, probabilities: np.ndarray) -> LabelIssues:
    """Order labels by how much out-of-sample probabilities speak against them, by cleanlab.

    Northcutt, Jiang, Chuang (2021): Confident learning: estimating uncertainty in dataset labels,
    JAIR 70. Loads cleanlab when it is called.

    Args:
        labels: int (n,), as given; every class occurs.
        probabilities: float (n, classes) of models that have not seen the image; rows sum to 1.
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    quality = get_label_quality_scores(labels, probabilities, method="normalized_margin")
    likely = find_label_issues(labels, probabilities, n_jobs=1)
    return LabelIssues(
        queue=np.argsort(quality, kind="stable"),
        quality=np.asarray(quality, np.float64),
        suggested=probabilities.argmax(axis=1),
        confidence=np.asarray(probabilities.max(axis=1), np.float64),
        n_issues=int(likely.sum()),
    )


def load_label_issues(path: Path) -> LabelIssues:
    """What a search has found.

    Raises:
        DatasetError: nothing yet, or the file is damaged.
    """
    try:
        values = read_arrays(path)
        n_issues = int(values.pop("n_issues"))
        return LabelIssues(**values, n_issues=n_issues)
    except (FileError, KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            "The saved label-error results can't be read. Search again.", path
        ) from error
