"""Writes a report and its model card to files."""

from dataclasses import dataclass
from pathlib import Path

from asl_core.data.dataset import Dataset
from asl_core.data.source import open_dataset
from asl_core.data.synthetic_cache import CacheEntry
from asl_core.errors import DatasetError, FileError
from asl_core.files import disk_errors_as, replacing
from asl_core.report.card import to_markdown
from asl_core.report.content import RunReport
from asl_core.report.page import to_html
from asl_core.runs.run import Run


@dataclass(frozen=True)
class WrittenReport:
    """The files of a report.

    Attributes:
        html: the report.
        card: the model card.
    """

    html: Path
    card: Path


def write_report(report: RunReport, file: Path) -> WrittenReport:
    """Write both, in place of what is there.

    Args:
        report: what is written.
        file: of the report; the card lies beside it, with the ending `.md`.

    Raises:
        FileError: a file can't be written.
    """
    written = WrittenReport(file.with_suffix(".html"), file.with_suffix(".md"))
    for path, text in ((written.html, to_html(report)), (written.card, to_markdown(report))):
        with (
            disk_errors_as(FileError, f"{path.name} can't be written", path),
            replacing(path) as opened,
        ):
            opened.write(as_bytes(text))
    return written


def as_bytes(text: str) -> bytes:
    """A text as UTF-8. What is no character, as in the name of a file of another system, becomes a
    question mark."""
    return text.encode(errors="replace")


def images_if_here(run: Run) -> Dataset | None:
    """The images of a run, where they were; None if they are gone or changed. Renders nothing."""
    try:
        spec = run.spec.source.spec
        if spec and not CacheEntry(spec).is_ready:
            return None
        dataset = open_dataset(run.spec.source)
    except DatasetError:
        return None
    return dataset if dataset.fingerprint == run.results.fingerprint else None
