"""The page Data by Streamlit's own test runner: its pictures, and what may be wrong with them."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from asl_core import read_folder
from asl_core.data import Dataset, SyntheticSpec
from asl_core.data.label_corrections import (
    LabelCorrection,
    decide,
    decision,
    load_label_corrections,
)
from asl_core.evaluation.label_issues import load_label_issues
from asl_core.files import sha256
from asl_core.jobs.tasks import label_issues_task, quality_task
from asl_core.runs.pending import list_pending
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT, settings
from asl_core.ui.shared.resources import jobs, run_store
from tests.background_tasks import done_here
from tests.ui.pages import opened, press, text, wait_until_drawn


@pytest.fixture(scope="module")
def searched(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs beside which wrong labels have been looked for in the drawn photos."""
    runs = tmp_path_factory.mktemp("searched")
    done_here(label_issues_task(RunStore(runs), read_folder(drawn)))
    return runs


@pytest.fixture
def dataset(
    searched: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Dataset]:
    """The drawn photos on a server with a finished search; no photo may change."""
    shutil.copytree(searched, tmp_path / "runs")
    monkeypatch.setenv("ASL_DATA_DIR", str(drawn))
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    settings.cache_clear()
    before = {path: sha256(path) for path in drawn.rglob("*.png")}
    yield read_folder(drawn)
    assert {path: sha256(path) for path in drawn.rglob("*.png")} == before
    settings.cache_clear()


def history() -> tuple[LabelCorrection, ...]:
    return load_label_corrections(run_store().root).history


def sound(page: str, **query: str) -> AppTest:
    """A page as a new visitor gets it, without an error."""
    app = opened(page, **query)
    assert not app.error
    return app


def test_a_set_is_drawn_beside_the_page_which_then_shows_it(
    without_photos: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASL_DATA_DIR", "rendered:AB:40:7")
    settings.cache_clear()
    app = opened("data")
    assert "32 training" in app.header[0].value
    wait_until_drawn(app, "rendered:AB:40:7", "32 training images")
    assert app.selectbox(key="split").options == ["rendered", "original", "random"]
    left = SyntheticSpec.parse("rendered:AB:40:7").left_hands()
    assert "40 images of a 3D hand" in text(app)
    assert f"{left} of them show a left hand" in text(app)
    app.switch_page("pages/train.py").run()
    assert "**32 images**" in text(app)


def test_another_set_is_made_kept_over_pages_and_opened_by_its_link(environment: Path) -> None:
    app = opened("data")
    assert app.header[0].value == "48 training images"
    assert not app.number_input  # of a folded part, nothing is drawn
    app.session_state["make_set_open"] = True
    app.run()
    (count,) = (box for box in app.number_input if str(box.key).startswith("count_"))
    (turned,) = (slider for slider in app.slider if str(slider.key).startswith("turn_"))
    count.set_value(20)
    turned.set_value((-30.0, 40.0))
    (letters,) = (group for group in app.button_group if group.label == "Letters")
    letters.set_value(["Z", "A"])
    press(app, "Generate")
    made = "rendered:AZ:20:0:turn=-30~40"
    assert app.query_params["data"] == made
    wait_until_drawn(app, made, "16 training images")
    assert "made with a movement" in text(app)
    app.switch_page("pages/home.py").run()
    assert app.query_params["data"] == made
    assert opened("data", data=made).header[0].value == "16 training images"
    app.switch_page("pages/data.py").run()
    press(app, "Back to the photos")
    assert app.header[0].value == "48 training images"
    assert "data" not in app.query_params


def test_the_alphabet_is_drawn_when_it_is_unfolded(environment: Path) -> None:
    app = opened("data")
    app.session_state["alphabet_open"] = True
    app.run()
    (sheet,) = (e.proto.body for e in app.get("html") if "signing X" in e.proto.body)
    assert sheet.count("A rendered hand signing") == 26


@pytest.mark.parametrize("link", ["rendered:AB:9999:0", "/etc"])
def test_a_link_to_what_can_not_be_drawn_says_so(environment: Path, link: str) -> None:
    app = opened("data", data=link)
    assert app.header[0].value == "48 training images"
    app.query_params["data"] = link
    app.run()
    assert "can't be rendered" in app.warning[0].value


def test_a_folder_that_is_not_there_is_named(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASL_DATA_DIR", "/nowhere/photos")
    settings.cache_clear()
    words = text(opened("data"))
    assert "ASL_DATA_DIR names photos" in words
    assert "/nowhere" not in words


def test_nothing_is_looked_for_unasked(dataset: Dataset) -> None:
    assert "near-duplicate" not in text(sound("data"))
    assert "Is this" not in text(sound("data"))


def test_problems_are_counted_and_shown(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "photos"
    shutil.copytree(dataset.folder, folder)
    shutil.copy(folder / "B/B3.png", folder / "A/A90.png")
    Image.open(folder / "B/B4.png").resize((40, 40)).save(folder / "B/B91.png")
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    settings.cache_clear()
    app = sound("data", check="images")
    assert "of the 12 test images" not in text(app)  # a link starts no work
    assert [b.label for b in app.button if b.key and b.key.startswith("start_quality")]
    done_here(quality_task(run_store(), read_folder(folder)))
    app = sound("data", check="images")
    assert "of the 12 test images" in text(app)
    (problems,) = (group for group in app.button_group if group.label == "Problem")
    assert problems.options[0] == "exact duplicate: 1"
    assert problems.options[-1] == "odd size: 1"
    assert any("A/A90.png: exact duplicate" in e.proto.body for e in app.get("html"))
    problems.set_value("odd size").run()
    assert any("40 x 40" in e.proto.body for e in app.get("html"))


@pytest.mark.slow
def test_the_queue_is_worked_off_and_back(dataset: Dataset) -> None:
    task = label_issues_task(run_store(), dataset)
    queue = [int(i) for i in load_label_issues(task.result).queue]
    first, second, third, fourth = queue[:4]
    app = sound("data", check="label-errors")
    assert f"Is this {dataset.class_name(first)}?" in text(app)
    press(app, f"keep_{first}")
    press(app, f"exclude_{second}")
    wanted = next(name for name in dataset.classes if name != dataset.class_name(third))
    app.selectbox(key=f"letter_{third}").select(wanted).run()
    press(app, f"relabel_{third}")
    assert history() == (
        decision(dataset, first, "keep"),
        decision(dataset, second, "exclude"),
        decision(dataset, third, "relabel", wanted),
    )
    assert dataset.files[fourth] in text(app)
    assert "1 image excluded, 1 relabeled" in text(app)
    press(app, f"take_back_{third}")
    assert history() == (decision(dataset, first, "keep"), decision(dataset, second, "exclude"))
    assert dataset.files[third] in text(app)
    listed = sound("data", check="corrections")
    assert "Corrections: 2," in text(listed)
    press(listed, f"undo_{first}")
    assert history() == (decision(dataset, second, "exclude"),)
    press(listed, f"undo_{second}")
    assert "No corrections" in text(listed)


def test_train_tells_what_counts_and_can_do_without(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs(), "_warm", True)  # no training, so no worker either
    assert "**48 images**" in text(sound("train"))
    decide(run_store().root, *(decision(dataset, i, "exclude") for i in range(20)))
    app = sound("train")
    assert "**32 images**" in text(app)
    assert "20 images excluded" in text(app)
    app.toggle(key="use_corrections").set_value(False).run()
    assert "**48 images**" in text(app)
    assert any("use_corrections=False" in code.value for code in app.code)
    assert list_pending(run_store()) == []


def test_too_many_exclusions_can_be_undone(dataset: Dataset) -> None:
    decide(run_store().root, *(decision(dataset, i, "exclude") for i in range(60)))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/data.py")
    app.query_params["check"] = "corrections"
    app.run()
    assert "exclude all training or all test images" in app.error[0].value
    press(app, "undo_59")
    assert len(history()) == 59


def test_a_search_is_offered_where_there_was_none(dataset: Dataset) -> None:
    label_issues_task(run_store(), dataset).result.unlink()
    app = sound("data", check="label-errors")
    assert [b.label for b in app.button if "label errors" in b.label] == ["Find label errors"]


def test_networks_that_know_too_little_do_not_call_labels_wrong(dataset: Dataset) -> None:
    task = label_issues_task(run_store(), dataset)
    found = load_label_issues(task.result)
    replace(found, suggested=np.zeros(60, np.int64), n_issues=33).save(task.result)
    app = sound("data", check="label-errors")
    (told,) = app.warning
    assert "agree with only **33 % of the labels**" in told.value
    assert "33 of 60" in told.value
    assert "labels are wrong**" not in text(app)
