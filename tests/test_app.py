"""Every page by Streamlit's own test runner: with photos and without, with runs and without."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from asl_core import Recipe, TrainConfig
from asl_core.run import Run, RunSpec
from asl_core.runs import RunStore, seal
from asl_core.settings import ROOT, settings
from asl_core.staging import stage
from asl_core.titles import rename, title_of
from asl_core.ui.core import drawer

PAGES = ("home", "data", "train", "sweep", "evaluate", "compare", "predict")

DRIVE_ALL_PAGES = """
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
for page in {pages!r}:
    app.switch_page(f"pages/{{page}}.py").run()
    assert not app.exception, app.exception
loaded = [name for name in ("tensorflow", "keras", "jax", "torch") if name in sys.modules]
print(json.dumps({{"loaded": loaded, "modules": "asl_core" in sys.modules}}))
"""


@pytest.fixture
def environment(tmp_path: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server with the drawn photos and an empty folder of runs, which is given."""
    monkeypatch.setenv("ASL_DATA_DIR", str(drawn))
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    settings.cache_clear()
    yield tmp_path / "runs"
    settings.cache_clear()


@pytest.fixture
def with_run(environment: Path, drawn_run: Run) -> Run:
    """The same server with one finished run."""
    shutil.copytree(drawn_run.folder, environment / drawn_run.id)
    return drawn_run


def opened(page: str, **query: str) -> AppTest:
    """A page as a new visitor gets it."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page != "home":
        app.switch_page(f"pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    """All words on a page."""
    elements = (app.title, app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    words = "\n".join(str(element.value) for kind in elements for element in kind)
    return words.replace("\\", "")  # escapes of Markdown


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_a_run(environment: Path, page: str) -> None:
    assert opened(page).title


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_a_run(with_run: Run, page: str) -> None:
    assert not opened(page).error


@pytest.fixture
def without_photos(environment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A fresh server without photos, whose drawings end with the test."""
    if settings().download_dir.exists():
        pytest.skip("this machine has downloaded the photos")
    monkeypatch.delenv("ASL_DATA_DIR")
    monkeypatch.setenv("ASL_CACHE_DIR", str(environment.parent / "cache"))
    settings.cache_clear()
    yield
    drawer().close()


@pytest.mark.parametrize("page", PAGES)
def test_without_photos_every_page_has_content(without_photos: None, page: str) -> None:
    app = opened(page)
    assert not app.error
    assert app.title
    words = text(app)
    if page in ("home", "data"):
        assert "Rendered, not photos" in words
        assert "ASL_DATA_DIR" in words
        assert "python -m asl_core download" in words
    if page in ("home", "data", "train"):
        assert drawn_hands(app) == (12 if page == "train" else 36)


def drawn_hands(app: AppTest) -> int:
    """Pictures in the sheets of a page, but for the alphabet's."""
    sheets = [element.proto.body for element in app.get("html")]
    return max(
        int(body.count("A drawn hand signing")) for body in sheets if "signing X" not in body
    )


def test_a_set_is_drawn_beside_the_page_which_then_shows_it(
    without_photos: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASL_DATA_DIR", "rendered:AB:40:7")
    settings.cache_clear()
    app = opened("data")
    assert app.subheader[0].value == "The first of 32 training pictures"
    wait_until_drawn(app, "rendered:AB:40:7", "32 training pictures")
    assert app.selectbox(key="split").options == ["drawn", "mission", "random"]
    app.switch_page("pages/train.py").run()
    assert "learn from **32 pictures**" in text(app)


def wait_until_drawn(app: AppTest, source: str, heading: str) -> None:
    for _ in range(600):
        if drawer().look(Recipe.parse(source)).phase == "ready":
            break
        time.sleep(0.1)
    app.run()
    assert not app.exception
    assert app.subheader[0].value == heading


def test_another_set_is_made_kept_over_pages_and_opened_by_its_link(environment: Path) -> None:
    app = opened("data")
    assert app.subheader[0].value == "48 training photos"
    assert not app.number_input  # of a folded part, nothing is drawn
    app.session_state["make_set_open"] = True
    app.run()
    (pictures,) = (box for box in app.number_input if box.label == "Pictures")
    (turned,) = (slider for slider in app.slider if slider.label.startswith("Turned"))
    pictures.set_value(20)
    turned.set_value((-30.0, 40.0))
    (letters,) = (group for group in app.button_group if group.label == "Letters")
    letters.set_value(["Z", "A"])
    press(app, "Draw this set")
    made = "rendered:AZ:20:0:turn=-30~40"
    assert app.query_params["data"] == made
    wait_until_drawn(app, made, "16 training pictures")
    assert "they are as they begin" in text(app)
    app.switch_page("pages/home.py").run()
    assert app.query_params["data"] == made
    assert opened("data", data=made).subheader[0].value == "16 training pictures"
    app.switch_page("pages/data.py").run()
    press(app, "Back to the photos")
    assert app.subheader[0].value == "48 training photos"
    assert "data" not in app.query_params


def test_the_alphabet_is_drawn_when_it_is_unfolded(environment: Path) -> None:
    app = opened("data")
    app.session_state["alphabet_open"] = True
    app.run()
    (sheet,) = (e.proto.body for e in app.get("html") if "signing X" in e.proto.body)
    assert sheet.count("A drawn hand signing") == 26


def press(app: AppTest, label: str) -> None:
    (button,) = (button for button in app.button if button.label == label)
    button.click().run()
    assert not app.exception


@pytest.mark.parametrize("link", ["rendered:AB:9999:0", "/etc"])
def test_a_link_to_what_can_not_be_drawn_says_so(environment: Path, link: str) -> None:
    app = opened("data", data=link)
    assert app.subheader[0].value == "48 training photos"
    app.query_params["data"] = link
    app.run()
    assert "can't be drawn" in app.warning[0].value


def test_a_page_prefers_a_run_of_what_it_is_for(
    environment: Path, drawn_run: Run, tmp_path: Path
) -> None:
    photos, rendered = "20250101-000000-aaaaaa", "20250202-000000-bbbbbb"
    for run_id in (photos, rendered):
        shutil.copytree(drawn_run.folder, environment / run_id)
    rewrite(environment / rendered, "config.json", data="rendered:ABC:2000:0", split="drawn")
    rewrite(environment / rendered, "results.json", fingerprint="another")
    assert opened("evaluate").selectbox(key="run_widget").value == photos
    assert opened("predict").selectbox(key="run_widget").value == photos
    app = opened("evaluate", data="rendered:ABC:2000:0")
    assert app.selectbox(key="run_widget").value == rendered
    assert "**rendered** pictures" in text(app)
    del app.query_params["run"]  # as a browser does on the way to another page
    app.switch_page("pages/predict.py").run()
    assert app.selectbox(key="run_widget").value == photos
    app.selectbox(key="run_widget").select(rendered).run()
    assert "**rendered** hands" in text(app)
    app.switch_page("pages/evaluate.py").run()
    assert app.selectbox(key="run_widget").value == rendered
    drawer().close()


def rewrite(run: Path, file: str, **changes: object) -> None:
    """Change a file of a run, and seal it again."""
    values = json.loads((run / file).read_text())
    (run / file).write_text(json.dumps({**values, **changes}))
    seal(run)


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
        assert "only the figures can be shown" in text(app)


def test_a_folder_that_is_not_there_is_named(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASL_DATA_DIR", "/nowhere/photos")
    settings.cache_clear()
    assert "/nowhere/photos" in text(opened("data"))


def test_the_layer_table_follows_the_controls(environment: Path) -> None:
    app = opened("train")
    assert app.dataframe[0].value["Parameters"].tolist() == [0, 380, 0, 1890, 0, 0, 408]
    app.slider(key="first").set_value(8).run()
    assert app.dataframe[0].value["Parameters"].tolist() == [0, 608, 0, 3015, 0, 0, 408]
    assert "4,031 parameters" in text(app)


def test_controls_survive_a_change_of_page(environment: Path) -> None:
    app = opened("train")
    app.slider(key="epochs_constant").set_value(42).run()
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/train.py").run()
    assert app.slider(key="epochs_constant").value == 42


def test_the_chosen_run_is_kept_on_other_pages_and_in_the_url(
    environment: Path, drawn_run: Run
) -> None:
    older, newer = "20250101-000000-aaaaaa", "20250202-000000-bbbbbb"
    for run_id in (older, newer):
        shutil.copytree(drawn_run.folder, environment / run_id)
    app = opened("evaluate")
    assert app.query_params["run"] == newer
    app.selectbox(key="run_widget").select(older).run()
    assert app.query_params["run"] == older
    app.switch_page("pages/predict.py").run()
    assert app.selectbox(key="run_widget").value == older
    assert app.query_params["run"] == older
    linked = opened("evaluate", run=older)
    assert linked.selectbox(key="run_widget").value == older


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
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Test accuracy"] == f"{100 * results.test_accuracy:.1f} %"
    assert metrics["Training accuracy"] == f"{100 * results.train_accuracy:.1f} %"
    wrong = results.n_test - results.test_correct
    assert metrics["Mislabeled test photos"] == f"{wrong} of {results.n_test}"


def test_the_web_process_never_loads_tensorflow(with_run: Run) -> None:
    script = DRIVE_ALL_PAGES.format(pages=PAGES[1:])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"loaded": [], "modules": True}


def test_a_stopped_run_says_how_far_it_came(with_run: Run, environment: Path) -> None:
    folder = environment / with_run.id
    results = json.loads((folder / "results.json").read_text())
    (folder / "results.json").write_text(json.dumps({**results, "ended": "stop", "epochs": 1}))
    seal(folder)
    app = opened("evaluate")
    assert (
        "stopped in epoch 1 of 2"
        in {m.label: m.delta for m in app.metric}["Mislabeled test photos"]
    )


def test_an_unreadable_status_is_an_interrupted_run(environment: Path) -> None:
    store = RunStore(environment)
    staged = stage(store, RunSpec(TrainConfig(), "random", "nowhere"))
    (staged.folder / "status.json").write_text("")
    assert "interrupted" in text(opened("train"))
    assert not opened("home").error
    staged.submitted.release()


def test_names_of_classes_are_not_markdown(
    environment: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("*a*", "$b$"):
        shutil.copytree(drawn / "A", tmp_path / "odd" / name)
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "odd"))
    settings.cache_clear()
    assert any(r"\*a\*" in caption.value for caption in opened("data").caption)


@pytest.fixture
def two_runs(environment: Path, drawn_run: Run) -> tuple[str, str]:
    """A server with two runs that give the same answers; the ids, the older first."""
    ids = ("20250101-000000-aaaaaa", "20250202-000000-bbbbbb")
    for run_id in ids:
        shutil.copytree(drawn_run.folder, environment / run_id)
    return ids


def test_a_link_opens_a_comparison(two_runs: tuple[str, str], drawn_run: Run) -> None:
    older, newer = two_runs
    app = opened("compare", runs=f"{older},{newer}")
    assert compared(app).value == [older, newer]
    assert app.session_state["run_rows"]["selection"]["rows"] == [0, 1]
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Run 2: test accuracy"] == f"{100 * drawn_run.results.test_accuracy:.1f} %"
    assert metrics["Difference"] == "+0.00 points"
    assert "don't tell them apart" in text(app)
    assert [heading.value for heading in app.subheader][1:] == [
        "Photos that only run 1 gets right: 0",
        "Photos that only run 2 gets right: 0",
    ]
    right = drawn_run.results.test_correct
    assert app.table[0].value.to_numpy().tolist() == [
        [right, 0],
        [0, drawn_run.results.n_test - right],
    ]


def test_a_choice_is_kept_in_the_url_and_from_page_to_page(two_runs: tuple[str, str]) -> None:
    older, newer = two_runs
    app = opened("compare")
    assert not app.metric
    assert "runs" not in app.query_params
    compared(app).set_value([newer]).run()
    assert app.query_params["runs"] == newer
    assert "Choose a second run" in text(app)
    compared(app).set_value([newer, older]).run()
    assert app.query_params["runs"] == f"{newer},{older}"
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/compare.py").run()
    assert compared(app).value == [newer, older]
    compared(app).set_value([]).run()
    assert "runs" not in app.query_params
    assert not app.exception


def test_the_table_of_runs_is_searched(two_runs: tuple[str, str], environment: Path) -> None:
    older, newer = two_runs
    rename(RunStore(environment).load(older), "My baseline")
    app = opened("compare", runs=newer)
    assert app.dataframe[0].value["Run"].tolist()[1] == "My baseline"
    app.text_input(key="runs_search").set_value("BASE").run()
    assert app.dataframe[0].value["Run"].tolist() == ["My baseline"]
    assert compared(app).value == [newer]
    app.text_input(key="runs_search").set_value("nothing such").run()
    assert not app.dataframe
    assert "No run fits" in text(app)


def dialog(call: str) -> AppTest:
    """A dialog that stays open: the test runner runs whole pages, which would close it."""
    lines = (
        "from asl_core.ui.edit_runs import delete_dialog, rename_dialog",
        "from asl_core.ui.core import run_store",
        call,
    )
    return AppTest.from_string("\n".join(lines), default_timeout=60).run()


def test_a_title_is_saved_and_shown_on_all_pages(
    two_runs: tuple[str, str], environment: Path
) -> None:
    newer = two_runs[1]
    asked = dialog("rename_dialog(run_store().list()[0])")
    asked.text_input(key=f"title_{newer}").set_value("8 *filters*")
    asked.button[0].click().run()
    assert not asked.exception
    assert title_of(RunStore(environment).load(newer)) == "8 *filters*"
    assert any("8 *filters*" in o for o in opened("evaluate").selectbox(key="run_widget").options)
    assert any(r"8 \*filters\*" in caption.value for caption in opened("home").caption)


def compared(app: AppTest) -> Multiselect[str]:
    """The choice of runs below the table."""
    (widget,) = (widget for widget in app.multiselect if widget.label == "Runs to compare")
    return widget


def test_a_choice_survives_that_a_run_is_renamed(
    two_runs: tuple[str, str], environment: Path
) -> None:
    older, newer = two_runs
    compare = opened("compare")
    compared(compare).set_value([older, newer]).run()
    rename(RunStore(environment).load(older), "New name")
    compare.run()
    assert not compare.warning
    assert compare.query_params["runs"] == f"{older},{newer}"
    assert compared(compare).value == [older, newer]


def test_a_run_is_deleted_after_a_question_and_others_are_told(
    two_runs: tuple[str, str], environment: Path
) -> None:
    older, newer = two_runs
    store = RunStore(environment)
    compare, evaluate = opened("compare", runs=f"{newer},{older}"), opened("evaluate", run=newer)
    compare.button(key=f"delete_{newer}").click().run()
    assert "can't be undone" in text(compare)
    asked = dialog(f"delete_dialog({newer!r}, 'this one')")
    assert "this one" in text(asked)
    assert len(store.list()) == 2
    asked.button(key=f"confirm_{newer}").click().run()
    assert [run.id for run in store.list()] == [older]
    asked.button(key=f"confirm_{newer}").click().run()  # it is gone, which is what was asked for
    for page in (compare, evaluate):
        assert newer in page.run().warning[0].value
        assert not page.exception
    assert compare.query_params["runs"] == older
    assert not asked.exception


def test_a_run_that_is_damaged_inside_is_left_out_of_a_comparison(
    two_runs: tuple[str, str], environment: Path
) -> None:
    older, newer = two_runs
    file = environment / newer / "predictions.npz"
    content = bytearray(file.read_bytes())
    content[50] ^= 1
    file.write_bytes(content)
    app = opened("compare", runs=f"{newer},{older}")
    assert f"Run {newer} is damaged" in text(app)
    assert "Choose a second run" in text(app)
    file.unlink()
    app.run().button(key=f"delete_{newer}").click().run()
    assert "can't be undone" in text(app)
    assert not app.exception


def test_runs_on_other_test_photos_are_compared_by_intervals(
    two_runs: tuple[str, str], environment: Path
) -> None:
    folder = environment / two_runs[0]
    results = json.loads((folder / "results.json").read_text())
    (folder / "results.json").write_text(json.dumps({**results, "fingerprint": "0" * 64}))
    seal(folder)
    app = opened("compare", runs=",".join(two_runs))
    assert "trained and tested on different photos" in text(app)
    assert "it may be noise" in text(app)
    assert not app.table
