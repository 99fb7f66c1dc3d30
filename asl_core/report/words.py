"""What a report says besides its figures. Texts of visitors are in it as they are."""

from asl_core.data.manual_alphabet import are_letters
from asl_core.evaluation.evaluation import Evaluation
from asl_core.report.content import RunReport
from asl_core.report.reproduce import needs_folder
from asl_core.runs.describe import classes_of, describe_network, images_of
from asl_core.runs.intervals import percent
from asl_core.runs.run import Run
from asl_core.settings import MISSION_FINGERPRINT


def lead(report: RunReport) -> str:
    """What the run is, in a sentence or two."""
    run, results = report.run, report.run.results
    return (
        f"A network of {results.params:,} parameters ({describe_network(run.spec.config)}) that "
        f"tells {len(results.classes):,} classes apart ({classes_of(run)}). It was trained on "
        f"{results.n_train:,} images ({images_of(run)}) and gets {percent(results.test_accuracy)} "
        f"of {results.n_test:,} test images right (95 % interval {report.accuracy.test.interval})."
    )


def intended_use(run: Run) -> str:
    """What it is good for."""
    return (
        f"To look at, to compare with other runs, and to classify images like those that it has "
        f"learned from: {images_of(run)}."
    )


def limits(report: RunReport) -> tuple[str, ...]:
    """What speaks against believing its accuracy, and against using it."""
    run = report.run
    said = [
        f"It knows {len(run.results.classes):,} classes and answers one of them for whatever it is "
        "shown."
    ]
    if run.spec.rendered:
        said.append(
            "It was trained and tested on rendered images: the accuracy says how well it reads "
            "rendered hands, not photos."
        )
    if run.results.fingerprint == MISSION_FINGERPRINT:
        said.append(
            "All images show one signer in one room: the accuracy says nothing about other people."
        )
    if run.spec.split != "frames" and not run.spec.rendered:
        said.append(
            f"The split is '{run.spec.split}'. If the images are frames of a video, it tests on "
            "near-duplicates of training images, and the accuracy is too high."
        )
    if not report.accuracy.is_checked:
        said.append(
            "The accuracy is that of one training on one split. It was not checked with other "
            "seeds, on blocks of images, or on external test sets."
        )
    if never := report.evaluation.never_predicted:
        said.append(f"It never answers {', '.join(never)}.")
    return tuple(said)


def ethics(run: Run) -> tuple[str, ...]:
    """What to think of before it is used on people."""
    said = [
        "Whoever passes the weights on should know the license of the images, and whether the "
        "people in them agree.",
        "Confidence is no promise: the network is confident of images of things it has never seen.",
    ]
    if are_letters(run.results.classes):
        said.append(
            "Fingerspelled letters are not American Sign Language: nothing that people depend on "
            "should be built on it."
        )
    return tuple(said)


def mistakes(evaluation: Evaluation) -> str:
    """How many answers are wrong."""
    wrong, n = len(evaluation) - evaluation.n_correct, len(evaluation)
    return f"{wrong:,} of {n:,} test images are misclassified."


def folder_note(run: Run) -> str:
    """What `FOLDER` stands for in the commands; empty where it is not in them."""
    if not needs_folder(run):
        return ""
    return (
        f"FOLDER stands for a folder of the same images ({images_of(run)}), whose fingerprint is "
        "the one above."
    )
