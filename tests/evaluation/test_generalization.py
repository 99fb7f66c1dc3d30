"""The assessment of a run: from the command line, and from Python."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from asl_core import read_folder
from asl_core.errors import DamagedRunError, DatasetError
from asl_core.evaluation.blocked_cv import BlockedCV, blocked_cv, load_blocked_cv
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.generalization import assess, leakage_of
from asl_core.runs.intervals import wilson_interval
from asl_core.runs.run import Run
from asl_core.runs.store import open_run
from asl_core.settings import ROOT


@pytest.fixture(scope="module")
def run(drawn_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The drawn run in a folder of its own, which an assessment may add to."""
    folder = tmp_path_factory.mktemp("assessed") / drawn_run.folder.name
    return open_run(Path(shutil.copytree(drawn_run.folder, folder)))


@pytest.fixture(scope="module")
def strangers(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Other photos: B under its name, A's pictures called C, and a class that no run knows."""
    folder = tmp_path_factory.mktemp("strangers") / "photos"
    for here, there in (("B", "B"), ("A", "C"), ("A", "Z")):
        shutil.copytree(drawn / here, folder / there)
    return folder


@pytest.fixture(scope="module")
def blocks(run: Run, drawn: Path) -> BlockedCV:
    """The run across frame blocks, trained here: the command finds it kept."""
    told: list[float] = []
    found = blocked_cv(run, read_folder(drawn), told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    return found


@pytest.fixture(scope="module")
def report(run: Run, drawn: Path, strangers: Path, blocks: BlockedCV) -> dict[str, Any]:
    """What the command prints."""
    words = ("assess", run.folder, "--data", drawn, "--also", strangers, "--also", drawn, "--json")
    done = subprocess.run(
        [sys.executable, "-m", "asl_core", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_command_tells_every_figure(report: dict[str, Any], run: Run) -> None:
    evaluation = Evaluation.of(run)
    interval = wilson_interval(evaluation.n_correct, 12)
    assert report["accuracy"] == run.results.test_accuracy
    assert report["interval"] == [interval.low, interval.high]
    assert report["near_duplicates"] == 0  # the drawn pictures are noise
    assert report["accuracy_without_near_duplicates"] == report["accuracy"]
    assert len(report["blocked_cv"]["accuracy"]) == 5
    assert report["blocked_cv"]["median"] == np.median(report["blocked_cv"]["accuracy"])
    assert 0 <= report["ece"] <= 1
    assert report["temperature"] > 0


def test_elsewhere_counts_the_known_classes_only(
    report: dict[str, Any], run: Run, drawn: Path, strangers: Path
) -> None:
    others, own = report["external_tests"]
    assert [others["folder"], own["folder"]] == [str(strangers), str(drawn)]
    assert [others["n"], own["n"]] == [40, 60]
    for score in (others, own):
        interval = wilson_interval(round(score["accuracy"] * score["n"]), score["n"])
        assert score["interval"] == [interval.low, interval.high]
        assert 1 / 3 <= score["confidence"] <= 1


def test_frame_blocks_are_trained_once_and_kept_with_the_run(
    report: dict[str, Any], run: Run, drawn: Path, blocks: BlockedCV
) -> None:
    assert load_blocked_cv(run) == blocks
    assert list(blocks.accuracies) == report["blocked_cv"]["accuracy"]
    assert [fold.n for fold in blocks.folds] == [12] * 5
    told: list[float] = []
    assert blocked_cv(run, read_folder(drawn), told.append) == blocks
    assert told == []
    assert open_run(run.folder) == run  # its manifest still holds


def test_all_in_one_value(report: dict[str, Any], run: Run, drawn: Path) -> None:
    again = assess(run, read_folder(drawn)).to_json()
    again["external_tests"] = report["external_tests"]
    assert again == report


def test_photos_without_frame_numbers_have_no_blocks(drawn: Path, tmp_path: Path) -> None:
    from asl_core import TrainConfig, train

    for letter in "AB":
        (tmp_path / "photos" / letter).mkdir(parents=True)
        for name, source in zip("abcdefgh", range(8), strict=True):
            copy = tmp_path / "photos" / letter / f"{name}.png"
            shutil.copy(drawn / letter / f"{letter}{source // 2}.png", copy)
    run = train(tmp_path / "photos", TrainConfig(), "random", tmp_path / "runs")
    found = assess(run, read_folder(tmp_path / "photos")).to_json()
    assert found["blocked_cv"] is None
    assert found["near_duplicates"] == 1  # each picture is there twice
    assert found["accuracy_without_near_duplicates"] is None


def test_other_photos_are_refused(run: Run, strangers: Path) -> None:
    with pytest.raises(DatasetError, match="--also"):
        leakage_of(run, read_folder(strangers))


def test_a_kept_result_that_was_changed_is_told(run: Run, report: dict[str, Any]) -> None:
    path = run.folder / "blocked_cv.json"
    whole = path.read_text()
    for broken in (whole[:-4], "{}", '{"folds": [1]}'):
        path.write_text(broken)
        with pytest.raises(DamagedRunError, match=r"blocked_cv\.json"):
            load_blocked_cv(run)
    path.write_text(whole)
