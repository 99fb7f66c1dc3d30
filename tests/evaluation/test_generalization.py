"""The assessment of a run: from the command line, and from Python."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from asl_core import read_folder
from asl_core.errors import DamagedRunError, DatasetError, StoppedError
from asl_core.evaluation.accuracy_summary import AccuracySummary
from asl_core.evaluation.evaluation import Evaluation, Score
from asl_core.evaluation.generalization import ExternalTest, assess, leakage_of
from asl_core.evaluation.repeats import (
    RepeatKind,
    Repeats,
    load_repeats,
    repeat_all,
    train_again,
)
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
def blocks(run: Run, drawn: Path) -> Repeats:
    """The run across frame blocks, trained here: the command finds it kept."""
    told: list[float] = []
    found = repeat_all(run, read_folder(drawn), "blocked_cv", told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    return found


@pytest.fixture(scope="module")
def report(run: Run, drawn: Path, strangers: Path, blocks: Repeats) -> dict[str, Any]:
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
    assert len(report["seeds"]["accuracy"]) == 5
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
    report: dict[str, Any], run: Run, drawn: Path, blocks: Repeats
) -> None:
    assert load_repeats(run, "blocked_cv") == blocks
    assert list(blocks.accuracies) == report["blocked_cv"]["accuracy"]
    assert [score.n for score in blocks.done] == [12] * 5
    told: list[float] = []
    assert repeat_all(run, read_folder(drawn), "blocked_cv", told.append) == blocks
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


def test_a_seed_is_a_training_of_its_own(
    report: dict[str, Any], run: Run, drawn: Path, tmp_path: Path
) -> None:
    from asl_core import train

    config = replace(run.spec.config, seed=run.spec.config.seed + 2)
    same = train(drawn, config, run.spec.split, tmp_path / "runs")
    score = load_repeats(run, "seeds").scores[1]
    assert score
    assert (score.correct, score.n) == (same.results.test_correct, same.results.n_test)


def test_a_training_that_was_stopped_goes_on_to_the_same_score(
    run: Run, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asl_core.training.fit.CHECKPOINT_SECONDS", 0.0)
    folder = Path(shutil.copytree(run.folder, tmp_path / run.id))
    for file in folder.glob("seeds-*.json"):
        file.unlink()
    longer = replace(run.spec, config=replace(run.spec.config, epochs=6))
    copy, kept = replace(run, folder=folder, spec=longer), tmp_path / "checkpoint.npz"
    dataset = read_folder(drawn)
    with pytest.raises(StoppedError):
        train_again(copy, dataset, "seeds", 0, None, kept.exists, kept)
    assert load_repeats(copy, "seeds").done == ()
    told: list[float] = []
    resumed = train_again(copy, dataset, "seeds", 0, told.append, None, kept)
    assert told[0] > 1 / 6
    (folder / "seeds-0.json").unlink()
    assert train_again(copy, dataset, "seeds", 0) == resumed


def test_what_is_known_is_told_from_the_easiest_test_to_the_hardest(run: Run) -> None:
    def repeats(kind: RepeatKind, *correct: int | None) -> Repeats:
        return Repeats(kind, tuple(None if n is None else Score(n, 10) for n in correct))

    other = ExternalTest("hackmit", Score(1, 3), 0.9)
    summary = AccuracySummary(
        Score(399, 400),
        repeats("seeds", 9, 10, None),
        repeats("blocked_cv", 8, 10, 9),
        (other, ExternalTest("lee", Score(1, 2), 0.9)),
    )
    assert summary.in_words() == (
        "Test 99.8 % · other seeds 90 to 100 %, 2 of 3 so far · "
        "new stretches 90.0 % (80 to 100) · other people 33 to 50 %"
    )
    assert summary.to_json() == {
        "seeds": {"accuracy": [0.9, 1.0], "median": 0.95},
        "blocked_cv": {"accuracy": [0.8, 1.0, 0.9], "median": 0.9},
        "external_tests": {"hackmit": 1 / 3, "lee": 0.5},
    }
    none_yet = AccuracySummary(Score(3, 4), repeats("seeds", None), None, ())
    assert none_yet.in_words() == "Test 75.0 %"


def test_blocks_that_an_earlier_version_kept_in_one_file_are_read(
    drawn_run: Run, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(drawn_run.folder, tmp_path / drawn_run.id))
    folds = [{"correct": correct, "n": 12} for correct in (4, 5, 6, 7, 8)]
    for name in ("frame_blocks.json", "blocked_cv.json"):
        (folder / name).write_text(json.dumps({"folds": folds}))
        found = load_repeats(replace(drawn_run, folder=folder), "blocked_cv")
        assert [score.correct for score in found.done] == [4, 5, 6, 7, 8]
        assert found.complete
        (folder / name).unlink()


def test_a_kept_result_that_was_changed_is_told(run: Run, report: dict[str, Any]) -> None:
    path = run.folder / "blocked_cv-3.json"
    whole = path.read_text()
    for broken in (whole[:-4], "{}", '{"correct": 9, "n": 1}'):
        path.write_text(broken)
        with pytest.raises(DamagedRunError, match=r"blocked_cv-3\.json"):
            load_repeats(run, "blocked_cv")
    path.write_text(whole)
