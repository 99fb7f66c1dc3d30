"""A report has the numbers of the pages, and what visitors wrote does nothing in it."""

import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from asl_core import figures
from asl_core.__main__ import app
from asl_core.cli.options import preset_with
from asl_core.config import LANDMARKS, MANY_CLASSES, ONE_CYCLE, Augmentation, TrainConfig
from asl_core.data import Dataset
from asl_core.data.near_duplicates import find_leakage
from asl_core.data.splits import Split
from asl_core.errors import DatasetError
from asl_core.evaluation.calibration import coverage
from asl_core.evaluation.corruptions import CORRUPTIONS
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.generalization import train_indices
from asl_core.report.card import to_markdown
from asl_core.report.content import RunReport
from asl_core.report.page import to_html
from asl_core.report.reproduce import train_commands
from asl_core.runs.intervals import percent
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT
from tests.report.conftest import HOSTILE

MODES: tuple[figures.Mode, ...] = ("light", "dark")


class Parsed(HTMLParser):
    """What a browser finds in a file: elements with their attributes, and words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def count(self, tag: str) -> int:
        return Counter(name for name, _ in self.elements)[tag]


def drawn_in(html: str) -> dict[str, Any]:
    """The figures of a file, by key and mode."""
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', html)
    assert found
    assert "<" not in found[1]  # so no name can end the element
    figures_found: dict[str, Any] = json.loads(found[1])
    return figures_found


@pytest.fixture(scope="module")
def html(report: RunReport) -> str:
    return to_html(report)


def test_the_figures_are_those_of_the_page(report: RunReport, html: str) -> None:
    found, evaluation = drawn_in(html), report.evaluation
    assert report.calibration
    calibration = report.calibration.found
    answers = coverage(evaluation.probabilities, evaluation.labels)
    neutral = {corruption.name: corruption.neutral for corruption in CORRUPTIONS}
    assert len(report.curves) > 5
    for mode in MODES:
        expected = {
            "loss": figures.history_curve(report.run.history(), "loss", mode),
            "accuracy": figures.history_curve(report.run.history(), "accuracy", mode),
            "confusion": figures.confusion_matrix(evaluation, mode=mode),
            "reliability": figures.reliability_diagram(calibration.before, calibration.after, mode),
            "coverage": figures.coverage_curve(answers, mode),
        }
        for place, curve in enumerate(report.curves):
            drawn = figures.robustness_curve(curve, neutral[curve.name], mode)
            expected[f"robustness-{place}"] = drawn
        assert set(found) == set(expected)
        for key, figure in expected.items():
            assert found[key][mode] == json.loads(figure.to_json()), key


def test_the_numbers_are_those_of_the_page(report: RunReport, html: str, images: Dataset) -> None:
    run, evaluation, words = report.run, Evaluation.of(report.run), Parsed(html).words
    split = Split(train_indices(run, images), run.predictions().indices, run.spec.split)
    assert report.leakage
    assert (report.leakage.near == find_leakage(images, split).near).all()
    for text in (to_markdown(report), words):
        assert percent(evaluation.accuracy) in text
        assert str(evaluation.interval) in text
        assert run.results.fingerprint in text
        assert "83.3 % (median)" in text  # of 9, 12, 11, 8 and 10 of 12
        assert "other people" in text
        assert "25.0 %" in text
        for score in evaluation.per_class:
            assert percent(score.recall) in text
        assert train_commands(run)[-1] in text


def test_no_path_of_the_server_is_in_it(report: RunReport, html: str) -> None:
    card = to_markdown(report)
    for place in ("/srv", str(report.run.folder.parent), str(Path(report.run.spec.data).parent)):
        assert place not in html
        assert place not in card
    assert "FOLDER stands for" in card


def test_what_visitors_wrote_is_text(report: RunReport, hostile_report: RunReport) -> None:
    plain, hostile = Parsed(to_html(report)), Parsed(to_html(hostile_report))
    assert hostile.count("script") == plain.count("script") == 3
    kinds = {tag for tag, _ in plain.elements}
    assert {tag for tag, _ in hostile.elements} - kinds <= {"figure", "figcaption", "img", "br"}
    for _, attributes in hostile.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("src", "data:").startswith("data:")  # type: ignore[union-attr]
        assert attributes.get("href", "#").startswith("#")  # type: ignore[union-attr]
    for name in HOSTILE:
        assert name in hostile.words
    assert "/srv" not in hostile.words


def test_a_card_shows_what_visitors_wrote(hostile_report: RunReport) -> None:
    card = to_markdown(hostile_report)
    _, header, body = card.split("---\n", 2)
    values = yaml.safe_load(header)
    assert values["model-index"][0]["name"] == HOSTILE[0]
    assert values["model-index"][0]["results"][0]["metrics"][0]["value"] == pytest.approx(
        hostile_report.evaluation.accuracy
    )
    tokens = MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(body)
    inline = [child for token in tokens for child in token.children or []]
    assert not {"html_inline", "link_open", "image"} & {token.type for token in inline}
    assert "html_block" not in {token.type for token in tokens}
    cells = [token.content for token in tokens if token.type == "inline"]
    shown = ["".join(c.content for c in t.children or []) for t in tokens if t.type == "inline"]
    for name in HOSTILE:
        assert name in shown  # a cell of its own, and nothing but it
        assert name not in cells  # it was escaped


def test_a_run_whose_images_are_gone(checked_run: Run) -> None:
    report = RunReport.of(checked_run)
    parsed = Parsed(to_html(report))
    assert parsed.count("img") == 0
    assert report.leakage is None
    assert percent(report.evaluation.accuracy) in parsed.words


def test_images_are_left_out_by_choice(mistaken: Run, images: Dataset) -> None:
    shown, hidden = (RunReport.of(mistaken, images, choice) for choice in (True, False))
    assert len(shown.worst) == len(hidden.worst) > 0
    assert Parsed(to_html(shown)).count("img") == len(shown.worst)
    assert Parsed(to_html(hidden)).count("img") == 0
    assert hidden.leakage is not None  # numbers do not depend on it


def test_images_of_others_are_refused(checked_run: Run, images: Dataset) -> None:
    with pytest.raises(DatasetError, match="does not hold the images"):
        RunReport.of(checked_run, replace(images, fingerprint="0" * 64))


@pytest.mark.parametrize("run", RunStore(ROOT / "models").list(), ids=lambda run: run.id)
def test_runs_of_earlier_versions(run: Run, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["report", str(run.folder), "--out", str(tmp_path / "of it.html"), "--json"]
    )
    assert done.exit_code == 0, done.output
    assert "not here" in done.stderr
    html = (tmp_path / "of it.html").read_text()
    assert percent(run.results.test_accuracy) in html
    assert run.title in (tmp_path / "of it.md").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"of it.html", "of it.md"}


@pytest.mark.parametrize(
    "config",
    [
        TrainConfig(),
        replace(ONE_CYCLE, epochs=3, learning_rate=None, seed=9, patience=2),
        replace(MANY_CLASSES, class_weights="balanced", validation_fraction=0.25),
        replace(LANDMARKS, epochs=2, hidden=64),
        TrainConfig(filters=(3, 4, 5), augmentation=Augmentation(mirror=True), image_size=96),
    ],
)
def test_the_command_asks_for_the_same_training(drawn_run: Run, config: TrainConfig) -> None:
    run = replace(drawn_run, spec=replace(drawn_run.spec, config=config, use_corrections=False))
    *_, command = train_commands(run)
    words = command.split()
    assert words[:4] == ["python", "-m", "asl_core", "train"]
    train = typer.main.get_command(app).commands["train"]  # type: ignore[attr-defined]
    asked = train.make_context("train", words[4:]).params
    assert asked["data"] == "FOLDER"
    assert asked["split"] == run.spec.split
    assert asked["ignore_corrections"] is True
    assert preset_with(asked["preset"], asked).rate == config.rate
    found = replace(preset_with(asked["preset"], asked), learning_rate=config.learning_rate)
    assert found == config


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("rendered:ABC:30:0", "rendered:ABC:30:0"),
        ("/srv/signs?without=J&without=a%20b", "'FOLDER?without=J&without=a%20b'"),
    ],
)
def test_the_command_names_the_images_for_others(drawn_run: Run, data: str, told: str) -> None:
    run = replace(drawn_run, spec=replace(drawn_run.spec, data=data))
    assert f"--data {told} " in train_commands(run)[-1]
