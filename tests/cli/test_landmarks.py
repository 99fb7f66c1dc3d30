"""Landmarks in commands, words and links: `--features landmarks`."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from asl_core.__main__ import main
from asl_core.cli.options import preset_with
from asl_core.config import LANDMARKS, TrainConfig
from asl_core.data import read_folder
from asl_core.errors import ConfigError
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.next_step import next_step
from asl_core.evaluation.verdict import Verdict
from asl_core.runs.describe import describe_config, run_json
from asl_core.runs.run import Run
from asl_core.runs.time_estimate import estimate_throughput
from asl_core.ui.shared import snippets
from asl_core.ui.shared.settings_link import from_text, to_text
from tests.made_hands import keep_hands


def test_the_command_trains_on_landmarks(
    drawn: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep_hands(read_folder(drawn))
    arguments = ["train", "--features", "landmarks", "--hidden", "16", "--epochs", "2"]
    arguments += ["--data", str(drawn), "--split", "random", "--runs", str(tmp_path), "--json"]
    monkeypatch.setattr(sys, "argv", ["asl_core", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    told = json.loads(capsys.readouterr().out)
    assert (told["features"], told["hidden"], told["epochs"]) == ("landmarks", 16, 2)
    assert told["n_without_hand"] == 3


def test_without_the_hand_finder_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", "--features", "landmarks", "--data", "rendered:AB:20:5"]
    monkeypatch.setattr(sys, "argv", ["asl_core", *arguments, "--runs", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "download hand-finder" in capsys.readouterr().err


def test_the_preset_is_that_of_the_features() -> None:
    assert preset_with(None, {"features": "landmarks"}) == LANDMARKS
    longer = preset_with(None, {"features": "landmarks", "epochs": 3, "schedule": "constant"})
    assert longer == replace(LANDMARKS, epochs=3, schedule="constant")
    with pytest.raises(ConfigError, match="filters on landmarks"):
        preset_with(None, {"features": "landmarks", "filters": "8,16"})


def test_a_link_brings_the_settings_back() -> None:
    config = replace(LANDMARKS, hidden=64, dropout=0.5, epochs=7)
    assert to_text(config) == "landmarks:epochs=7:dropout=0.5:hidden=64"
    assert from_text(to_text(config)) == config
    with pytest.raises(ConfigError):
        from_text("landmarks:filters=8,16")
    with pytest.raises(ConfigError):
        from_text("constant:hidden=64")


def test_it_is_told_in_words(landmark_run: Run) -> None:
    config = landmark_run.spec.config
    assert describe_config(config).startswith("4 epochs · hand landmarks, 32 units · batch 16")
    assert run_json(landmark_run)["n_without_hand"] == 3
    assert not snippets.is_plain(replace(TrainConfig(), features="landmarks"))


def test_what_to_try_next_can_be_tried(landmark_run: Run) -> None:
    poor = Verdict.of(landmark_run, Evaluation.of(landmark_run))
    poor = replace(poor, test=type(poor.test)(40, 100), train=type(poor.train)(60, 100))
    tried = landmark_run.spec.config
    for _ in range(9):
        step = next_step(tried, poor)
        if step is None:
            return
        assert step.config.features == "landmarks"
        tried = step.config
    raise AssertionError("suggestions never end")


def test_times_are_taken_from_runs_on_the_same_features(landmark_run: Run, drawn_run: Run) -> None:
    both = [landmark_run, drawn_run]
    assert estimate_throughput(both) == estimate_throughput([drawn_run])
    assert estimate_throughput(both, features="landmarks") == estimate_throughput(
        [landmark_run], features="landmarks"
    )
    assert estimate_throughput([landmark_run]) is None
