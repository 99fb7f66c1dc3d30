"""The figures of a report: those of the page *Evaluate*, for light and dark."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from plotly.graph_objects import Figure

from asl_core import figures
from asl_core.evaluation.calibration import coverage
from asl_core.evaluation.corruptions import CORRUPTIONS
from asl_core.evaluation.robustness import Curve
from asl_core.figures import METRICS, Metric, Mode
from asl_core.report.content import RunReport

ROBUSTNESS = "robustness"
"""What the keys of those figures begin with."""


@dataclass(frozen=True, eq=False)
class ReportFigure:
    """A figure of a report.

    Attributes:
        key: its id in the file.
        alt: what it shows, for those who can't see it.
        draw: the figure, in the colors of a mode.
        title: of its own; empty where it needs none.
    """

    key: str
    alt: str
    draw: Callable[[Mode], Figure]
    title: str = ""

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.draw("light").layout.height)


def figures_of(report: RunReport) -> dict[str, ReportFigure]:
    """All figures, by their keys."""
    found = (*_curves(report), _matrix(report), *_calibration(report), *_robustness(report))
    return {figure.key: figure for figure in found}


def _curves(report: RunReport) -> Iterator[ReportFigure]:
    def curve(metric: Metric) -> ReportFigure:
        return ReportFigure(
            metric,
            f"Training {metric} of each epoch; the numbers are in the table below.",
            lambda mode: figures.history_curve(report.history, metric, mode),
        )

    return map(curve, METRICS)


def _matrix(report: RunReport) -> ReportFigure:
    return ReportFigure(
        "confusion",
        "Confusion matrix: a row per true class, a column per predicted class; the numbers are in "
        "the table below.",
        lambda mode: figures.confusion_matrix(report.evaluation, mode=mode),
    )


def _calibration(report: RunReport) -> Iterator[ReportFigure]:
    if report.calibration is None:
        return
    found = report.calibration.found
    yield ReportFigure(
        "reliability",
        "Accuracy over confidence: "
        + "; ".join(
            f"confidence {b.confidence:.2f}, accuracy {b.accuracy:.2f}, {b.count} images"
            for b in found.before.bins
            if b.count
        ),
        lambda mode: figures.reliability_diagram(found.before, found.after, mode),
    )
    answered = report.evaluation.with_hand()
    selective = coverage(answered.probabilities, answered.labels)
    yield ReportFigure(
        "coverage",
        "Accuracy over coverage, the most confident share that is answered: "
        + "; ".join(
            f"{share:.0%} answered, {selective.accuracy_at(share):.1%} right"
            for share in (1.0, 0.9, 0.8, 0.5)
        ),
        lambda mode: figures.coverage_curve(selective, mode),
    )


def _robustness(report: RunReport) -> Iterator[ReportFigure]:
    neutral = {corruption.name: corruption.neutral for corruption in CORRUPTIONS}

    def curve(place: int, found: Curve) -> ReportFigure:
        return ReportFigure(
            f"{ROBUSTNESS}-{place}",
            f"Accuracy against {found.name}; the numbers are in the table below.",
            lambda mode: figures.robustness_curve(found, neutral[found.name], mode),
            found.name.capitalize(),
        )

    known = [found for found in report.curves if found.name in neutral]  # else: another version's
    return (curve(place, found) for place, found in enumerate(known))
