"""The tables of a report, as words: the same in the file and on the card."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from math import isfinite

from asl_core.config import Augmentation, Features, TrainConfig
from asl_core.evaluation.accuracy_summary import percent_range
from asl_core.evaluation.class_score import ClassScore
from asl_core.evaluation.evaluation import Score
from asl_core.evaluation.repeats import Repeats
from asl_core.report.content import RunReport
from asl_core.runs.describe import STOP_REASONS, images_of
from asl_core.runs.intervals import Interval, percent, rounded

_NOT_ON: dict[Features, tuple[str, ...]] = {
    "pixels": ("hidden",),
    "landmarks": (
        *("filters", "kernel_size", "batch_norm", "image_size"),
        *(field.name for field in fields(Augmentation)),
    ),
}
"""Settings that a network on each kind of features does not have."""

NONE = "–"
"""Stands where there is no number."""


@dataclass(frozen=True)
class Table:
    """A table of words.

    Attributes:
        caption: what it tells.
        head: of each column.
        rows: cells; the first one of each tells what the row is about.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def accuracy(report: RunReport) -> Table:
    """Everything that is known about the accuracy: on test images, from the easiest to the hardest,
    and at last on those that it has learned from."""
    results, summary = report.run.results, report.accuracy
    rows = [("Test images", *_score(summary.test))]
    if report.deduplicated:
        label = "Test images without near-duplicates of training images"
        rows.append((label, *_score(report.deduplicated)))
    for repeats, label in (
        (summary.seeds, "Other seeds"),
        (summary.blocks, "Blocks of images that no network has learned from"),
    ):
        if repeats and repeats.done:
            rows.append((label, *_repeats(repeats)))
    rows += [
        (f"External test set: {_last_part(test.folder)}", *_score(test.score))
        for test in summary.external_tests
    ]
    rows.append(("Training images", *_score(Score(results.train_correct, results.n_train))))
    return Table("Accuracy, by test", ("Test", "Accuracy", "95 % interval", "Of"), tuple(rows))


def _score(score: Score) -> tuple[str, str, str]:
    return percent(score.accuracy), str(score.interval), f"{score.n:,} images"


def _repeats(repeats: Repeats) -> tuple[str, str, str]:
    spread = f"{NONE} (from {percent_range(repeats.accuracies)})"
    return f"{percent(repeats.median)} (median)", spread, f"{len(repeats.done)} networks"


def _last_part(folder: str) -> str:
    """Never more of a path than its last part, also of one from Windows."""
    return folder.replace("\\", "/").rstrip("/").rpartition("/")[2]


def classes(report: RunReport) -> Table:
    """Images and scores of each class, and the macro average."""
    results, macro = report.run.results, report.macro
    rows = [
        (
            score.name,
            f"{results.train[score.name]:,}",
            f"{score.support:,}",
            *_scores(score),
        )
        for score in report.evaluation.per_class
    ]
    means = (percent(value) for value in (macro.precision, macro.recall, macro.f1))
    rows.append(("Macro average", f"{results.n_train:,}", f"{results.n_test:,}", *means))
    head = ("Class", "Training images", "Test images", "Precision", "Recall", "F1")
    return Table("Scores of each class, with 95 % intervals", head, tuple(rows))


def _scores(score: ClassScore) -> Iterator[str]:
    for value, interval in (
        (score.precision, score.precision_interval),
        (score.recall, score.recall_interval),
        (score.f1, score.f1_interval),
    ):
        yield f"{percent(value)} ({interval})" if interval else "undefined"


def confusion(report: RunReport) -> Table:
    """The confusion matrix."""
    names = report.evaluation.classes
    rows = zip(names, report.evaluation.confusion.tolist(), strict=True)
    return Table(
        "Confusion matrix: rows are true classes, columns are predicted ones",
        ("True class", *names),
        tuple((name, *map(str, counts)) for name, counts in rows),
    )


def epochs(report: RunReport) -> Table:
    """The numbers of the training curves."""
    names = list(report.history)
    rows = zip(*report.history.values(), strict=True)
    return Table(
        "Training curves in numbers",
        ("Epoch", *(name.replace("val_", "validation ").replace("_", " ") for name in names)),
        tuple(
            (str(epoch), *(rounded(value, 4) if isfinite(value) else NONE for value in row))
            for epoch, row in enumerate(rows, start=1)
        ),
    )


def calibration(report: RunReport) -> Table | None:
    """Calibration errors beside what chance makes of them; None where they are not known."""
    if report.calibration is None:
        return None
    found, (before, after) = report.calibration.found, report.calibration.expected
    return Table(
        f"Expected calibration error (ECE); the temperature is {found.temperature:.2f}",
        ("Confidence", "ECE", "Expected if calibrated"),
        (
            ("As trained", _points(found.before.ece), _range(before)),
            ("Temperature-scaled", _points(found.after.ece), _range(after)),
        ),
    )


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"


def _range(interval: Interval) -> str:
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f} points"


def robustness(report: RunReport) -> Table | None:
    """Accuracy on changed images; None where it was not measured."""
    rows = tuple(
        (
            f"{curve.name.capitalize()} {step.strength:g} ({curve.unit})",
            percent(step.score.accuracy),
            str(step.score.interval),
        )
        for curve in report.curves
        for step in curve.steps
    )
    head = ("Change", "Accuracy", "95 % interval")
    return Table("Accuracy on changed images", head, rows) if rows else None


def data(report: RunReport) -> Table:
    """What the network has learned from, and was tested on."""
    run, results = report.run, report.run.results
    rows = [
        ("Images", images_of(run)),
        ("Fingerprint (SHA-256)", results.fingerprint),
        ("Classes", f"{len(results.classes):,}"),
        ("Split", run.spec.split),
        ("Training images", f"{results.n_train:,}"),
        ("Held out to watch the training", f"{results.n_validation:,}"),
        ("Test images", f"{results.n_test:,}"),
        ("Label corrections", f"{len(results.corrections.history):,}"),
    ]
    if results.n_without_hand:
        rows.append(("Training images in which no hand was found", f"{results.n_without_hand:,}"))
    if report.leakage:
        rows.append(
            ("Test images with a near-duplicate in training", percent(report.leakage.share))
        )
    return Table("Data", ("Property", "Value"), tuple(rows))


def settings(report: RunReport) -> Table:
    """What the training was told, and what came of it."""
    config, results = report.run.spec.config, report.run.results
    rows = [(_label(name), _value(value)) for name, value in _flat(config).items()]
    rows += [
        ("Epochs done", f"{results.epochs} ({STOP_REASONS[results.stop_reason]})"),
        ("Weights of epoch", str(results.best_epoch)),
        ("Parameters", f"{results.params:,}"),
        ("Time of the training", f"{results.seconds['fit']:.1f} s"),
    ]
    return Table("Settings", ("Setting", "Value"), tuple(rows))


def _flat(config: TrainConfig) -> dict[str, object]:
    """The settings that such a network has by name, also those that a later version adds."""
    values: dict[str, object] = {**asdict(config), "learning_rate": config.rate}
    del values["augmentation"]
    values |= asdict(config.augmentation)
    return {name: value for name, value in values.items() if name not in _NOT_ON[config.features]}


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(_value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def versions(report: RunReport) -> Table:
    """What the run was trained with."""
    rows = tuple(
        (name.capitalize() if name != "cpus" else "Processors", str(value))
        for name, value in report.environment.items()
        if value is not None
    )
    return Table("Versions", ("Program", "Version"), rows)
