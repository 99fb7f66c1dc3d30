"""Whether the model files of a run answer as the run did, before anybody takes them along."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from asl_core import training
from asl_core.data.dataset import Dataset
from asl_core.errors import DamagedRunError, RunError
from asl_core.evaluation.classify import open_classifier
from asl_core.evaluation.hand_classifier import over_views
from asl_core.evaluation.repeats import check_photos
from asl_core.files import read_bytes, sha256
from asl_core.progress import OnShare, part
from asl_core.runs.run import Run
from asl_core.training.inputs import for_network, has_input

EXPORT_CHECK = "export_check"
"""Name under which it is kept with the run."""

KERAS_FILE, LITERT_FILE = "model.keras", "model.tflite"

N_CHECKED = 32
"""Test images that are tried, spread evenly."""

TOLERANCE = 1e-4
"""How far a probability may be from that of the run: sums are taken in another order, which moves
the sixth digit. Pixels on a wrong scale, or a wrong weight, move the first."""

KERAS_SECONDS = 300
"""Time that Keras may take to load and to answer; it takes four seconds."""

_KERAS_PROGRAM = Path(training.__file__).with_name("keras_answers.py")


@dataclass(frozen=True)
class ExportCheck:
    """What was found about the model files of a run.

    Attributes:
        n_images: test images that were tried.
        keras: largest difference of a probability between `model.keras` and the run.
        litert: the same of `model.tflite`.
        files: SHA-256 of each file as it was tried.
    """

    n_images: int
    keras: float
    litert: float
    files: dict[str, str]

    @property
    def largest(self) -> float:
        """The larger of both differences."""
        return max(self.keras, self.litert)

    @property
    def passed(self) -> bool:
        """Whether both files answer as the run did."""
        return self.largest <= TOLERANCE


def check_export(run: Run, dataset: Dataset, on_progress: OnShare | None = None) -> ExportCheck:
    """Try both model files on test images: the Keras file in a process that has no part of this
    project, so that TensorFlow is not loaded in this one.

    Args:
        run: the run.
        dataset: its images.
        on_progress: told the share that is done; what it raises ends it.

    Raises:
        DatasetError: the dataset is not the run's, or can't be read.
        RunError: a file can't be loaded, or answers with no probabilities.
    """
    tell = on_progress or (lambda share: None)
    tell(0.0)  # Keras is nearly all of it, and tells nothing
    check_photos(run, dataset)
    saved = run.predictions()
    with_answer = np.flatnonzero(saved.found)
    few = np.linspace(0, len(with_answer) - 1, min(N_CHECKED, len(with_answer))).astype(int)
    chosen = with_answer[few]
    inputs = for_network(dataset, run.spec.config, part(tell, 0.0, 0.5)).images
    images, expected = np.asarray(inputs[saved.indices[chosen]]), saved.probabilities[chosen]
    if not len(images) or not has_input(images).all():
        raise RunError(f"Run {run.id} has no test image that its files could be tried on.")
    files = {name: sha256(run.folder / name) for name in (KERAS_FILE, LITERT_FILE)}
    litert = _difference(run, LITERT_FILE, _litert_answers, images, expected)
    keras = _difference(run, KERAS_FILE, _keras_answers, images, expected)
    return ExportCheck(len(images), keras, litert, files)


def check_files(run: Run, check: ExportCheck | None) -> dict[str, bytes]:
    """The model files of a run, by name, if they may be taken along.

    Args:
        run: the run.
        check: what was found about them; None: they can't be checked, since the images are gone.

    Raises:
        RunError: they do not answer as the run did.
        DamagedRunError: they were changed since.
        FileError: they can't be read.
    """
    if check and not check.passed:
        raise RunError(
            f"The model files of run {run.id} are not offered: on {check.n_images} test images "
            f"they answer otherwise than the run did (a probability differs by {check.largest:.2g}"
            f"; {TOLERANCE:g} is allowed). Train again, and report this."
        )
    for name, digest in (check.files if check else {}).items():
        if sha256(run.folder / name) != digest:
            raise DamagedRunError(
                f"{name} of run {run.id} is not the file that was checked. Train again.",
                run.folder / name,
            )
    return {name: read_bytes(run.folder / name) for name in (KERAS_FILE, LITERT_FILE)}


def save_export_check(run: Run, check: ExportCheck) -> None:
    """Keep what `check_export` has found with the run.

    Raises:
        RunError: the run's folder can't be written.
    """
    run.save_artifact(EXPORT_CHECK, asdict(check))


def load_export_check(run: Run) -> ExportCheck | None:
    """What was kept for this run; None if nobody has asked yet.

    Raises:
        DamagedRunError: the file was changed by others.
    """
    return run.load_artifact(EXPORT_CHECK, ExportCheck)


def _difference(
    run: Run,
    file: str,
    answer: Callable[[Run, np.ndarray], np.ndarray],
    images: np.ndarray,
    expected: np.ndarray,
) -> float:
    """The largest, over all images and classes."""
    try:
        answers = answer(run, images)
    except (ValueError, RuntimeError) as error:  # of LiteRT, on what is no model of this kind
        raise RunError(f"{file} of run {run.id} can't be used: {error}") from error
    if answers.shape != expected.shape or not np.isfinite(answers).all():
        raise RunError(f"{file} of run {run.id} answers with no probabilities of its classes.")
    return float(np.abs(answers - expected).max())


def _litert_answers(run: Run, images: np.ndarray) -> np.ndarray:
    return open_classifier(run).probabilities(images)


def _keras_answers(run: Run, images: np.ndarray) -> np.ndarray:
    if run.spec.config.features == "landmarks":
        return over_views(lambda flat, told: _ask_keras(run, flat), images, lambda share: None)
    return _ask_keras(run, images)


def _ask_keras(run: Run, inputs: np.ndarray) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "inputs.npy", Path(folder) / "answers.npy"
        np.save(asked, inputs)
        files = map(str, (_KERAS_PROGRAM, run.folder / KERAS_FILE, asked, answered))
        try:
            subprocess.run(
                [sys.executable, "-P", *files],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=True,
                timeout=KERAS_SECONDS,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
            )
        except subprocess.TimeoutExpired as error:
            raise RunError(f"Keras took over {KERAS_SECONDS} s for {KERAS_FILE}.") from error
        except subprocess.CalledProcessError as error:
            said: list[str] = error.stderr.strip().splitlines()
            last = said[-1] if said else f"it ended with {error.returncode}"
            raise RunError(f"{KERAS_FILE} of run {run.id} can't be used: {last}") from error
        answers: np.ndarray = np.load(answered)
        return answers
