"""The search for wrong labels in one dataset, as a worker does it, and what it found.

`<runs>/.label_checks/<start of the dataset's fingerprint>/` holds `suspects.npz` once it is done,
and the files of the errand until then.
"""

from dataclasses import asdict
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from asl_core.data.source import open_dataset
from asl_core.errors import DatasetError
from asl_core.evaluation.label_issues import LabelIssues, find_label_issues
from asl_core.files import replacing
from asl_core.task_state import Errand

FOLDER = ".label_checks"
"""Below the folder of runs, which workers on other machines see, too."""


def label_check(runs: Path, fingerprint: str) -> Errand:
    """The search in one dataset.

    Args:
        runs: folder of the runs.
        fingerprint: of the dataset, which another state of the photos does not have.
    """
    folder = runs / FOLDER / fingerprint[:32]
    return Errand(folder / "search", folder / "suspects.npz")


def check_labels(runs: Path, fingerprint: str, source: str) -> None:
    """Train the networks and keep the suspects. Loads TensorFlow and cleanlab: for a worker.

    Args:
        runs: folder of the runs.
        fingerprint: of the dataset.
        source: what opens it.

    Raises:
        DatasetError: the photos have changed since, or are too few.
        TrainingError: a training diverged.
    """
    errand = label_check(runs, fingerprint)
    with errand.working():
        if not errand.wanted:
            return
        dataset = open_dataset(source)
        if dataset.fingerprint != fingerprint:
            raise DatasetError("The photos have changed meanwhile. Ask again.")
        found = find_label_issues(
            dataset, on_progress=errand.tell, should_stop=errand.stop_requested
        )
        with replacing(errand.result) as file:
            np.savez_compressed(file, **asdict(found))


def load_label_issues(path: Path) -> LabelIssues:
    """What a search has found.

    Raises:
        DatasetError: nothing yet, or the file is damaged.
    """
    try:
        with np.load(path) as arrays:
            values = {name: arrays[name] for name in arrays.files}
        return LabelIssues(**{**values, "n_issues": int(values["n_issues"])})
    except (OSError, KeyError, TypeError, ValueError, EOFError, BadZipFile) as error:
        raise DatasetError(f"{path} can't be read ({error}). Delete it and ask again.") from error
