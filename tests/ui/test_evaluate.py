"""The page Evaluate by Streamlit's own test runner, and each of its parts on a known run."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from asl_core import read_folder
from asl_core.evaluation.calibration import calibrate
from asl_core.evaluation.evaluation import Evaluation
from asl_core.jobs.checks import check_tasks
from asl_core.jobs.tasks import external_test_task, robustness_task
from asl_core.runs.manifest import seal
from asl_core.runs.run import Run
from asl_core.runs.store import open_run
from asl_core.settings import settings
from asl_core.ui.evaluate.gallery import N_WORST
from asl_core.ui.shared.url import to_mistakes
from asl_core.ui.shared.words import percent
from tests.background_tasks import done_here
from tests.ui.pages import opened, press, rewrite, text

PARTS = ("mistakes", "generalization", "calibration", "robustness", "map", "download")


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


def changed(run: Run, run_id: str) -> Path:
    """A copy of a run to be changed: what a server knows of an id it does not look at again."""
    return Path(shutil.copytree(run.folder, run.folder.parent / run_id))


def shown_files(app: AppTest) -> list[str]:
    """Files of the images that can be chosen, in their order on the page."""
    told = [each.proto.json for each in app.get("bidi_component")]
    sheets = [json.loads(each) for each in told if each]
    sheets = [sheet for sheet in sheets if isinstance(sheet, str)]
    return [unquote(file) for sheet in sheets for file in re.findall(r"image=([^\"&]+)", sheet)]


def matrix(app: AppTest) -> Any:
    """What the browser is told of the matrix."""
    (found,) = (
        json.loads(each.proto.json)
        for each in app.get("bidi_component")
        if each.proto.component_name == "asl_confusion_matrix"
    )
    return found


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_without_its_photos_a_run_shows_its_figures(
    environment: Path, drawn_run: Run, tmp_path: Path
) -> None:
    shutil.copytree(drawn_run.folder, environment / drawn_run.id)
    rewrite(environment / drawn_run.id, "config.json", data="/nowhere")
    results = json.loads((environment / drawn_run.id / "results.json").read_text())
    rewrite(environment / drawn_run.id, "results.json", fingerprint="gone")
    app = opened("evaluate")
    assert app.metric[0].value.endswith("%")
    if results["test_correct"] < sum(results["test"].values()):
        assert "are unavailable" in text(app)


def test_a_link_to_a_run_that_is_not_here_says_so(with_run: Run) -> None:
    app = opened("evaluate", run="20200101-000000-abcdef")
    assert "20200101-000000-abcdef" in app.warning[0].value
    assert app.selectbox(key="run_widget").value == with_run.id


def test_a_damaged_run_is_named_and_the_others_shown(environment: Path, with_run: Run) -> None:
    broken = environment / "20260101-000000-cccccc"
    shutil.copytree(with_run.folder, broken)
    (broken / "model.tflite").unlink()
    app = opened("evaluate")
    assert broken.name in app.warning[0].value
    assert app.selectbox(key="run_widget").options == [
        option for option in app.selectbox(key="run_widget").options if with_run.id[-6:] in option
    ]


def test_a_change_of_bytes_is_an_error_in_words(environment: Path, with_run: Run) -> None:
    model = environment / with_run.id / "model.tflite"
    content = bytearray(model.read_bytes())
    content[100] ^= 1
    model.write_bytes(content)
    assert "is damaged: model.tflite" in text(opened("evaluate"))


def test_evaluate_shows_the_runs_figures(with_run: Run) -> None:
    app = opened("evaluate")
    results = with_run.results
    assert metrics(app)["Test accuracy"] == percent(results.test_accuracy)
    assert f"**Training accuracy** {percent(results.train_accuracy)} of" in text(app)
    wrong = results.n_test - results.test_correct
    assert f"{wrong} of {results.n_test}, most confident first" in text(app)


def test_the_figure_to_believe_comes_first(run: Run) -> None:
    app = opened("evaluate")
    assert [metric.label for metric in app.metric] == ["Test accuracy"]
    assert app.button(key=f"check_{run.id}").label == "Check the accuracy"
    for i, correct in enumerate((9, 7, 10)):
        (run.folder / f"blocked_cv-{i}.json").write_text(json.dumps({"correct": correct, "n": 10}))
    (run.folder / "seeds-0.json").write_text(json.dumps({"correct": 6, "n": 10}))
    app = opened("evaluate")
    told = [(metric.label, metric.value, metric.delta) for metric in app.metric]
    assert told[:-1] == [
        ("On new stretches of images", "90.0 %", "3 of 5 so far: 70 to 100 %"),
        ("With other seeds", "60.0 %", "1 of 5 so far: 60 %"),
    ]
    assert app.button(key=f"check_{run.id}").label == "Go on checking"


def test_a_figure_that_is_being_checked_has_its_place(run: Run) -> None:
    task = check_tasks(run)[-1]
    assert task.claim()
    app = opened("evaluate")
    assert metrics(app)["On new stretches of images"] == metrics(app)["With other seeds"] == "–"
    assert app.button(key=f"stop_checks_{run.id}").label == "Stop checking"
    assert "Checking the accuracy" not in text(opened("data"))  # it is told beside the figures
    app.button(key=f"stop_checks_{run.id}").click().run()
    assert task.state().phase == "none"
    task.submitted.release()
    assert "With other seeds" not in metrics(opened("evaluate"))


def test_a_stopped_run_says_how_far_it_came(with_run: Run, environment: Path) -> None:
    folder = environment / with_run.id
    results = json.loads((folder / "results.json").read_text())
    (folder / "results.json").write_text(
        json.dumps({**results, "stop_reason": "stop", "epochs": 1, "best_epoch": 1})
    )
    seal(folder)
    app = opened("evaluate")
    assert "stopped in epoch 1 of 2" in text(app)


def test_a_cell_of_the_matrix_shows_its_photos(run: Run, evaluation: Evaluation) -> None:
    mistake = evaluation.mistakes[0]
    app = opened("evaluate", true=mistake.true, predicted=mistake.predicted)
    rows = evaluation.ranked(evaluation.rows(mistake.true, mistake.predicted))
    assert len(rows) > N_WORST
    assert shown_files(app) == [evaluation.files[row] for row in rows]
    assert f"{len(rows)} images of {mistake.true}" in text(app)
    app.selectbox(key="sort").select("loss").run()
    ranked = [*rows[:N_WORST], *evaluation.ranked(rows[N_WORST:], "loss")]
    assert shown_files(app) == [evaluation.files[row] for row in ranked]
    press(app, "Show all mistakes")
    assert len(shown_files(app)) == len(evaluation.mistakes)
    assert not {"true", "predicted"} & set(app.query_params)


def test_a_link_to_mistakes_opens_all_of_them(run: Run, evaluation: Evaluation) -> None:
    mistake = evaluation.mistakes[0]
    app = opened("evaluate", part="calibration", true=mistake.true, predicted=mistake.predicted)
    app.query_params.clear()
    for name, value in to_mistakes(run.id).items():  # as a link on another page does
        app.query_params[name] = value
    app.run()
    assert len(shown_files(app)) == len(evaluation.mistakes)


def test_the_matrix_has_what_its_table_is_built_of(run: Run, evaluation: Evaluation) -> None:
    a, b, _ = evaluation.classes
    told = matrix(opened("evaluate", true=a, predicted=b))
    assert told["chosen"] == [0, 1]
    assert told["shown"]["names"] == list(evaluation.classes)
    assert told["shown"]["counts"] == evaluation.confusion.tolist()
    assert told["shown"]["texts"][0] == [str(count) for count in evaluation.confusion[0]]
    assert matrix(opened("evaluate", predicted=b))["chosen"] == [-1, 1]
    assert matrix(opened("evaluate"))["chosen"] is None


def test_the_matrix_can_be_taken_along_and_is_drawn_on_demand(run: Run) -> None:
    app = opened("evaluate")
    assert "Save the confusion matrix" in [each.label for each in app.expander]
    assert not app.get("plotly_chart")


def test_a_cell_of_the_diagonal_shows_what_is_right(run: Run, evaluation: Evaluation) -> None:
    letter = max(evaluation.per_class, key=lambda score: score.true_positives)
    app = opened("evaluate", true=letter.name, predicted=letter.name)
    assert len(shown_files(app)) == letter.true_positives > 0
    assert app.header[0].value.startswith("Correctly classified")


def test_a_link_opens_an_image_and_closing_it_leaves_the_link(
    run: Run, evaluation: Evaluation
) -> None:
    mistake = evaluation.mistakes[0]
    app = opened("evaluate", image=mistake.file)
    shown = text(app)
    assert f"**{mistake.true}**" in shown
    assert f"**{mistake.predicted}**" in shown
    assert "Grad-CAM" in shown
    sheets = "".join(element.proto.body for element in app.get("html"))
    assert sheets.count('alt="Training image of ') == 6
    assert app.segmented_control(key="saliency_class").options == [mistake.predicted, mistake.true]
    assert f"1 of {len(evaluation.mistakes)}" in shown
    del app.query_params["image"]  # as the browser's way back does
    app.run()
    assert "Grad-CAM" not in text(app)
    assert "image" not in app.query_params


def test_from_an_image_to_the_next(run: Run, evaluation: Evaluation) -> None:
    first, second = evaluation.mistakes[:2]
    app = opened("evaluate", image=first.file)
    assert next(each for each in app.button if each.label == "Previous").disabled
    press(app, "Next mistake")
    assert app.query_params["image"] in (second.file, [second.file])
    assert f"2 of {len(evaluation.mistakes)}" in text(app)
    right = next(
        evaluation.files[row]
        for row in range(len(evaluation))
        if evaluation.predicted[row] == evaluation.labels[row]
    )
    app = opened("evaluate", image=right)  # it is no mistake, and opens all the same
    assert "Grad-CAM" in text(app)
    assert not [each for each in app.button if each.label == "Next mistake"]


def test_a_link_to_an_image_that_is_not_here_says_so(run: Run) -> None:
    app = opened("evaluate", image="A/nothing.png")
    assert "Image: A/nothing.png" in text(app)
    assert "image" not in app.query_params


def test_generalization(run: Run, evaluation: Evaluation) -> None:
    app = opened("evaluate", part="generalization")
    whole = percent(evaluation.accuracy)
    assert metrics(app)["On all test images"] == whole
    assert metrics(app)["Excluding near-duplicates of training images"] == whole  # noise has none
    assert metrics(app)["Across frame blocks"] == "not computed yet"
    (told,) = app.error
    assert "no folder x" in told.value  # the others can be tested all the same
    others = settings().elsewhere[0]
    assert [b.label for b in app.button if b.label.startswith("Test on")] == ["Test on 'others'"]
    done_here(external_test_task(run, others))
    app.run()
    assert metrics(app)["others"].endswith("%")
    folds = [{"correct": correct, "n": 10} for correct in (9, 7, 10, 8, 1)]
    (run.folder / "blocked_cv.json").write_text(json.dumps({"folds": folds}))
    app.run()
    assert metrics(app)["Across frame blocks"] == "80.0 %"
    assert "others" in metrics(app)


def test_a_test_on_others_can_be_called_off(run: Run) -> None:
    task = external_test_task(run, settings().elsewhere[0])
    assert task.claim()
    app = opened("evaluate", part="generalization")
    app.button(key=f"cancel_{task.id}").click().run()
    task.submitted.release()
    assert task.state().phase == "none"


def test_calibration(run: Run, evaluation: Evaluation) -> None:
    app = opened("evaluate", part="calibration")
    expected = calibrate(evaluation.probabilities, evaluation.labels)
    before, after = (100 * part.ece for part in (expected.before, expected.after))
    assert metrics(app)["Expected calibration error (ECE)"] == f"{before:.1f} points"
    assert metrics(app)["ECE after temperature scaling"] == f"{after:.1f} points"
    assert metrics(app)["Temperature"] == f"{expected.temperature:.2f}"


def test_robustness_is_found_on_demand_and_kept(run: Run, drawn: Path) -> None:
    app = opened("evaluate", part="robustness")
    assert "Horizontal flip" not in [h.value for h in app.header]
    assert [b.label for b in app.button if b.label.startswith("Measure")]
    done_here(robustness_task(run, read_folder(drawn)))
    assert (run.folder / "robustness.json").exists()
    found = opened("evaluate", part="robustness")
    assert "Horizontal flip" in [h.value for h in found.header]
    assert "Mirrored, as the other hand signs them: **" in text(found)


def test_the_map_shows_mistakes_until_points_are_chosen(run: Run, evaluation: Evaluation) -> None:
    app = opened("evaluate", part="map")
    assert len(shown_files(app)) == len(evaluation.mistakes)
    assert app.header[0].value.startswith("Misclassified")


@pytest.mark.parametrize("part", PARTS)
def test_without_its_photos_a_part_says_what_needs_them(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "others"))
    monkeypatch.setattr("asl_core.ui.shared.resources._open_if_here", lambda source: None)
    settings.cache_clear()
    app = opened("evaluate", part=part, run=run.id)
    if part == "download":
        assert "Not checked against the run: its images are not here" in text(app)
    elif part != "calibration":
        assert "are unavailable" in text(app)


def test_links_of_earlier_versions_open_the_same_view(run: Run, evaluation: Evaluation) -> None:
    mistake = evaluation.mistakes[0]
    old = opened("evaluate", part="How sure", sort="closest call first")
    assert "Expected calibration error (ECE)" in metrics(old)
    old = opened("evaluate", true="All letters", photo=mistake.file, sort="highest loss first")
    assert old.selectbox(key="true").value is None
    assert old.selectbox(key="sort").value == "loss"
    assert "Grad-CAM" in text(old)
    assert not old.warning


def test_the_verdict_of_a_run_without_a_mistake_is_not_overfitting(run: Run) -> None:
    folder = changed(run, "20250101-000000-aaaaaa")
    results = json.loads((folder / "results.json").read_text())
    n_train, n_test = sum(results["train"].values()), sum(results["test"].values())
    rewrite(folder, "results.json", train_correct=n_train, test_correct=n_test)
    saved = dict(np.load(folder / "predictions.npz"))
    saved["probabilities"] = np.eye(3, dtype=np.float32)[saved["labels"]]
    np.savez_compressed(folder / "predictions.npz", **saved)
    seal(folder)
    app = opened("evaluate", run=folder.name)
    assert metrics(app)["Test accuracy"] == "100.0 %"
    assert "**Training accuracy** 100.0 %" in text(app)
    assert "sign of overfitting on" in text(app)
    assert "a sign of overfitting (" not in text(app)


def test_any_names_of_classes_can_be_chosen(run: Run) -> None:
    names = ("<b>", "Tomato___Spider_mites Two-spotted_spider_mite", "$x$ *y* [z](w)")
    folder = changed(run, "20250202-000000-bbbbbb")
    results = json.loads((folder / "results.json").read_text())
    counts = {
        part: dict(zip(names, results[part].values(), strict=True)) for part in ("train", "test")
    }
    rewrite(folder, "results.json", classes=names, **counts)
    for true in names:
        app = opened("evaluate", run=folder.name, true=true)
        assert app.selectbox(key="true").value == true
        assert not app.warning
    assert app.dataframe[0].value["Class"].tolist() == list(names)
