"""Images that a run has not seen: their classes, and how many of them are right."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from asl_core.data.dataset import Dataset
from asl_core.errors import ClassMismatchError, ImageError
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.hand_classifier import HandClassifier
from asl_core.evaluation.prediction import Classifier, Prediction, ReadPixels
from asl_core.images import read_image
from asl_core.progress import OnShare, part
from asl_core.runs.run import Run
from asl_core.training.inputs import for_network

READ = 0.9
"""Share of a test on landmarks that is done when the hands are found."""


def open_classifier(run: Run) -> Classifier:
    """The model of a run, loaded: what it gets of an image depends on the run."""
    if run.spec.config.features == "landmarks":
        return HandClassifier(run)
    return Classifier(run)


def predict(run: Run, files: Sequence[Path]) -> list[Prediction | ImageError]:
    """The class of each image, or why it can't be read; one bad file does not stop the others."""
    classifier = open_classifier(run)
    return [predict_or_error(classifier, file, str(file)) for file in files]


def predict_or_error(
    classifier: Classifier, source: Path | bytes, name: str, read: ReadPixels = read_image
) -> Prediction | ImageError:
    """The class of one image, or why it can't be read."""
    try:
        return classifier.predict(source, name, read)
    except ImageError as error:
        return error


def evaluate(
    run: Run,
    dataset: Dataset,
    known_only: bool = False,
    on_progress: OnShare = lambda share: None,
) -> Evaluation:
    """Test a run on all images of a dataset; classes are matched by name.

    Args:
        run: the run.
        dataset: the images.
        known_only: leave out images of classes that the run does not know, instead of refusing.
        on_progress: told the share that is done, often; what it raises ends it.

    Raises:
        ClassMismatchError: the dataset has classes unknown to the run (or none that it knows).
    """
    classes = run.results.classes
    unknown = [name for name in dataset.classes if name not in classes]
    if len(unknown) == len(dataset.classes):
        raise ClassMismatchError(
            f"Run {run.id} knows {', '.join(classes)}; {dataset.folder.name} has none of them, but "
            f"{', '.join(unknown)}. Choose another dataset.",
            path=dataset.folder,
        )
    if unknown and not known_only:
        raise ClassMismatchError(
            f"Run {run.id} knows {', '.join(classes)}; {dataset.folder.name} also has "
            f"{', '.join(unknown)}. Leave those out with --known-only, or choose another dataset.",
            path=dataset.folder,
        )
    to_run = np.array([classes.index(n) if n in classes else -1 for n in dataset.classes])
    labels = to_run[dataset.labels]
    known = np.flatnonzero(labels >= 0)
    config = run.spec.config
    read = READ if config.features == "landmarks" else 0.0
    inputs = for_network(dataset, config, part(on_progress, 0.0, read)).images
    return Evaluation.of_answers(
        labels[known],
        open_classifier(run).probabilities(inputs[known], part(on_progress, read, 1.0)),
        classes,
        tuple(dataset.files[index] for index in known),
        known,
    )
