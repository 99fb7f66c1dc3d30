"""The model of a run, with all that somebody needs who has nothing else of this project."""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from asl_core.data.manual_alphabet import are_letters
from asl_core.errors import FileError
from asl_core.evaluation.export_check import (
    KERAS_FILE,
    LITERT_FILE,
    TOLERANCE,
    ExportCheck,
    check_files,
)
from asl_core.files import disk_errors_as, replacing
from asl_core.landmarks.features import N_FEATURES
from asl_core.landmarks.finder import N_VIEWS
from asl_core.report.card import MARKDOWN, to_markdown
from asl_core.report.content import RunReport
from asl_core.report.page import TEMPLATES
from asl_core.report.words import lead
from asl_core.report.write import as_bytes
from asl_core.runs.intervals import percent
from asl_core.runs.run import Run
from asl_core.training.architecture import CHANNELS

RESCALES = "The model takes pixels of 0 to 255 and rescales them itself: don't divide by 255."
"""What most tutorials do otherwise."""

NO_IMAGES = "its images are not here, or have changed"
"""Why model files can't be checked."""

LABELS = "labels.txt"

_SCRIPT = Path(__file__).with_name("predict.py")
_REQUIREMENTS = TEMPLATES / "export_requirements.txt"


@dataclass(frozen=True)
class Bundle:
    """The files of a model that is taken along.

    Attributes:
        name: of the folder.
        files: content of each, by name.
    """

    name: str
    files: dict[str, bytes]

    @classmethod
    def of(cls, run: Run, check: ExportCheck | None) -> "Bundle":
        """Of a run.

        Args:
            run: the run.
            check: what was found about its model files; None: they can't be checked.

        Raises:
            RunError: they do not answer as the run did.
            DamagedRunError: they were changed since, or another file of the run.
            RunNotFoundError: the run was deleted meanwhile.
        """
        report = RunReport.of(run, images=False)
        files = {**check_files(run, check), LABELS: labels(run)}
        if takes_images(run):
            files |= {"predict.py": _script(run), "requirements.txt": _REQUIREMENTS.read_bytes()}
        files["README.md"] = as_bytes(_readme(report, check))
        files["model-card.md"] = as_bytes(to_markdown(report))
        return cls(f"asl-model-{run.id}", files)

    def as_zip(self) -> bytes:
        """All files, in one folder."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files.items():
                archive.writestr(f"{self.name}/{name}", content)
        return packed.getvalue()

    def write(self, folder: Path) -> None:
        """Write all files into a folder, which must be new or empty.

        Raises:
            FileError: it is not, or can't be written.
        """
        with disk_errors_as(FileError, f"{folder.name} can't be written", folder):
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise FileError(f"{folder.name} is not empty. Name a new folder.", folder)
            for name, content in self.files.items():
                with replacing(folder / name) as file:
                    file.write(content)


def takes_images(run: Run) -> bool:
    """Whether the model gets the pixels of an image, not the key points of a hand."""
    return run.spec.config.features == "pixels"


def labels(run: Run) -> bytes:
    """The classes of a run, one a line, in the order of the model's outputs (UTF-8)."""
    names = (re.sub(r"[\r\n]+", " ", name) for name in run.results.classes)
    return as_bytes("".join(f"{name}\n" for name in names))


def _script(run: Run) -> bytes:
    """What predicts as the page does: of letters, with either hand."""
    line = "BOTH_HANDS = {}"
    return as_bytes(
        _SCRIPT.read_text(encoding="utf-8").replace(
            line.format(False), line.format(are_letters(run.results.classes))
        )
    )


def tell_check(check: ExportCheck | None) -> str:
    """What was found about the model files, in a sentence."""
    if check is None:
        return f"Not checked against the run: {NO_IMAGES}."
    return (
        f"On {check.n_images} test images {KERAS_FILE} and {LITERT_FILE} answer as the run did: no "
        f"probability differs by more than {check.largest:.1g} ({TOLERANCE:g} is allowed)."
    )


def _readme(report: RunReport, check: ExportCheck | None) -> str:
    run, size = report.run, report.run.spec.config.image_size
    shape = (1, size, size, CHANNELS) if takes_images(run) else (1, N_FEATURES)
    return MARKDOWN.get_template("export.md").render(
        name=report.name,
        lead=lead(report),
        on_landmarks=not takes_images(run),
        n_features=N_FEATURES,
        n_views=N_VIEWS,
        rows=_rows(report, check),
        shape=Markup(str(shape)),
        dtype="uint8" if takes_images(run) else "float32",
    )


def _rows(report: RunReport, check: ExportCheck | None) -> list[tuple[str, str]]:
    run, results, size = report.run, report.run.results, report.run.spec.config.image_size
    images = f"uint8 (n, {size}, {size}, {CHANNELS}), RGB, 0 to 255"
    return [
        ("Run", f"{run.id}, trained on {run.created:%d %b %Y} with ASL Explorer"),
        ("Classes, in the order of the outputs", ", ".join(results.classes)),
        ("Input", images if takes_images(run) else f"float32 (n, {N_FEATURES})"),
        ("Output", f"float32 (n, {len(results.classes)}), probabilities"),
        ("Parameters", f"{results.params:,}"),
        (
            "Test accuracy",
            f"{percent(results.test_accuracy)} of {results.n_test:,} images, 95 % interval "
            f"{report.accuracy.test.interval}",
        ),
        ("Fingerprint of the dataset (SHA-256)", results.fingerprint),
        ("Model files", tell_check(check)),
    ]
