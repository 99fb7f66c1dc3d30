"""Each part of Evaluate by Streamlit's own test runner, on a run whose answers are known."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.calibration import calibrate
from asl_core.evaluation import Evaluation
from asl_core.run import Run
from asl_core.runs import open_run
from asl_core.settings import ROOT, settings

PARTS = ("Mistakes", "How far to believe it", "How sure", "Robustness", "Map")


@pytest.fixture
def run(
    drawn: Path, drawn_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """A server with the drawn photos, a run on them, and a folder of others' photos."""
    folder = shutil.copytree(drawn_run.folder, tmp_path / "runs" / drawn_run.id)
    for letter in "AB":
        shutil.copytree(drawn / letter, tmp_path / "others" / letter)
    monkeypatch.setenv("ASL_DATA_DIR", str(drawn))
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("ASL_ALSO_DIRS", os.pathsep.join([str(tmp_path / "others"), "/nowhere/x"]))
    settings.cache_clear()
    yield open_run(Path(folder))
    settings.cache_clear()


@pytest.fixture
def evaluation(run: Run) -> Evaluation:
    return Evaluation.of(run)


def opened(**query: str) -> AppTest:
    """Evaluate as a new visitor with a link gets it."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/evaluate.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.success, app.error, app.subheader)
    return "\n".join(str(e.value) for kind in kinds for e in kind).replace("\\", "")


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_a_cell_of_the_matrix_shows_its_photos(run: Run, evaluation: Evaluation) -> None:
    mistake = evaluation.mistakes[0]
    app = opened(true=mistake.true, predicted=mistake.predicted)
    rows = evaluation.ranked(evaluation.rows(mistake.true, mistake.predicted))
    assert app.selectbox(key="photo").options == [evaluation.files[row] for row in rows]
    assert f"{len(rows)} photos of {mistake.true}, taken for {mistake.predicted}" in words(app)
    app.selectbox(key="sort").select("highest loss first").run()
    rows = evaluation.ranked(rows, "loss")
    assert app.selectbox(key="photo").options == [evaluation.files[row] for row in rows]


def test_a_cell_of_the_diagonal_shows_what_is_right(run: Run, evaluation: Evaluation) -> None:
    letter = max(evaluation.per_class, key=lambda score: score.found)
    app = opened(true=letter.name, predicted=letter.name)
    assert len(app.selectbox(key="photo").options) == letter.found > 0
    assert "Recognised test photos" in words(app)


def test_a_link_opens_a_photo_and_closing_it_leaves_the_link(
    run: Run, evaluation: Evaluation
) -> None:
    mistake = evaluation.mistakes[0]
    app = opened(photo=mistake.file)
    shown = words(app)
    assert f"It shows **{mistake.true}**. The network says **{mistake.predicted}**" in shown
    assert "Where it looked" in shown
    assert "Up to 0.02 is a near-copy" in shown
    sheets = "".join(element.proto.body for element in app.get("html"))
    assert sheets.count('alt="Training picture of ') == 6
    assert app.segmented_control(key="photo_why").options == [mistake.predicted, mistake.true]
    app.selectbox(key="photo").select(None).run()
    assert "Where it looked" not in words(app)


def test_how_far_to_believe_it(run: Run, evaluation: Evaluation) -> None:
    app = opened(part="How far to believe it")
    whole = f"{100 * evaluation.accuracy:.1f} %"
    assert metrics(app)["On all test photos"] == whole
    assert metrics(app)["Without near-copies in training"] == whole  # noise is never a near-copy
    assert metrics(app)["Across frame blocks"] == "not known yet"
    app.button(key="also_/nowhere/x").click().run()
    assert "/nowhere/x" in app.error[0].value
    others = settings().elsewhere[0]
    app.button(key=f"also_{others}").click().run()
    assert not app.error
    assert metrics(app)["others"].endswith("%")
    folds = [{"correct": correct, "n": 10} for correct in (9, 7, 10, 8, 1)]
    (run.folder / "frame_blocks.json").write_text(json.dumps({"folds": folds}))
    app.run()
    assert metrics(app)["Across frame blocks"] == "80.0 %"
    assert "others" in metrics(app)


def test_how_sure(run: Run, evaluation: Evaluation) -> None:
    app = opened(part="How sure")
    expected = calibrate(evaluation.probabilities, evaluation.labels)
    assert metrics(app)["Calibration error"] == f"{100 * expected.before.ece:.1f} points"
    assert metrics(app)["After temperature scaling"] == f"{100 * expected.after.ece:.1f} points"
    assert metrics(app)["Temperature"] == f"{expected.temperature:.2f}"


def test_robustness_is_found_on_demand_and_kept(run: Run) -> None:
    app = opened(part="Robustness")
    assert "##### Mirror" not in words(app)
    next(button for button in app.button if button.label.startswith("Try it")).click().run()
    assert not app.exception
    assert "##### Mirror" in words(app)
    assert (run.folder / "robustness.json").exists()
    assert "##### Mirror" in words(opened(part="Robustness"))


def test_the_map_shows_mistakes_until_points_are_chosen(run: Run, evaluation: Evaluation) -> None:
    app = opened(part="Map")
    assert len(app.selectbox(key="photo").options) == len(evaluation.mistakes)
    assert "Mislabeled test photos" in words(app)


@pytest.mark.parametrize("part", PARTS)
def test_without_its_photos_a_part_says_what_needs_them(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "others"))
    monkeypatch.setattr("asl_core.ui.core._open_if_here", lambda source: None)
    settings.cache_clear()
    app = opened(part=part, run=run.id)
    if part != "How sure":
        assert "only the figures can be shown" in words(app)
