"""Runs whose reports the tests judge."""

import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from asl_core.data import Dataset, read_folder
from asl_core.evaluation.evaluation import Score
from asl_core.evaluation.generalization import ExternalTest, save_external_test
from asl_core.evaluation.repeats import artifact_name
from asl_core.evaluation.robustness import robustness_of, save_robustness
from asl_core.report.content import RunReport, WorstMistake
from asl_core.runs.manifest import seal
from asl_core.runs.run import Run
from asl_core.runs.store import open_run
from tests.ui.pages import rewrite

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} | [a](javascript:alert(1)) `b` www.example.org http://example.org",
)
"""Names of classes, each of which would do something where it is not escaped."""

TINY = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
"""An image."""


class _Titled(Run):
    """A run with a title that no file has."""

    @property
    def title(self) -> str:
        return HOSTILE[0]


@pytest.fixture(scope="session")
def images(drawn: Path) -> Dataset:
    """The drawn images."""
    return read_folder(drawn)


@pytest.fixture(scope="session")
def checked_run(drawn_run: Run, images: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with all that can be found out about it."""
    folder = tmp_path_factory.mktemp("checked") / drawn_run.id
    run = open_run(Path(shutil.copytree(drawn_run.folder, folder)))
    save_robustness(run, robustness_of(run, images))
    for number, correct in enumerate((9, 12, 11, 8, 10)):
        run.save_artifact(artifact_name("seeds", number), asdict(Score(correct, 12)))
    found = ExternalTest("/srv/secret/place/other people", Score(5, 20), 0.9)
    save_external_test(run, "external_test-0123456789abcdef", found)
    return run


@pytest.fixture(scope="session")
def report(checked_run: Run, images: Dataset) -> RunReport:
    """All of it in a report."""
    return RunReport.of(checked_run, images)


@pytest.fixture(scope="session")
def hostile_report(report: RunReport) -> RunReport:
    """The same where visitors have called classes, files, the run and the set what does harm."""
    results, evaluation = report.run.results, report.evaluation
    names = dict(zip(results.classes, HOSTILE, strict=True))
    run = _Titled(
        report.run.id,
        report.run.folder,
        replace(report.run.spec, data=f"/srv/secret/{HOSTILE[1].replace('/', '')}"),
        replace(
            results,
            classes=HOSTILE,
            train={names[name]: n for name, n in results.train.items()},
            test={names[name]: n for name, n in results.test.items()},
        ),
    )
    wrong = np.roll(evaluation.probabilities, 1, axis=1)  # so that there are mistakes
    worst = (WorstMistake(f"{HOSTILE[0]}\udcff", HOSTILE[1], HOSTILE[2], 0.9, TINY),)
    return replace(
        report,
        run=run,
        evaluation=replace(evaluation, classes=HOSTILE, probabilities=wrong),
        worst=worst,
    )


@pytest.fixture
def mistaken(drawn_run: Run, tmp_path: Path) -> Run:
    """The run with answers that are all wrong: each is the class after the true one."""
    run = open_run(Path(shutil.copytree(drawn_run.folder, tmp_path / drawn_run.id)))
    saved = run.predictions()
    n = len(run.results.classes)
    wrong = np.full((len(saved.labels), n), 0.1 / (n - 1), np.float32)
    wrong[np.arange(len(wrong)), (saved.labels + 1) % n] = 0.9
    np.savez_compressed(
        run.folder / "predictions.npz",
        indices=saved.indices,
        files=np.array(saved.files),
        labels=saved.labels,
        probabilities=wrong,
    )
    rewrite(run.folder, "results.json", test_correct=0)
    seal(run.folder)
    return open_run(run.folder)
