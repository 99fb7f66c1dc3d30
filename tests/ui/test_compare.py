"""The page Compare by Streamlit's own test runner: choosing, renaming and deleting runs."""

import json
from pathlib import Path
from urllib.parse import urljoin

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, seal
from tests.ui.pages import dialog, opened, rewrite, text


def compared(app: AppTest) -> Multiselect[str]:
    """The choice of runs below the table."""
    (widget,) = (widget for widget in app.multiselect if widget.label == "Runs to compare")
    return widget


def test_a_link_opens_a_comparison(two_runs: tuple[str, str], drawn_run: Run) -> None:
    older, newer = two_runs
    app = opened("compare", runs=f"{older},{newer}")
    assert compared(app).value == [older, newer]
    assert app.session_state["run_rows"]["selection"]["rows"] == [0, 1]
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Run 2: test accuracy"] == f"{100 * drawn_run.results.test_accuracy:.1f} %"
    assert metrics["Difference"] == "+0.00 points"
    assert "don't tell them apart" in text(app)
    assert [heading.value for heading in app.header][1:] == [
        "Images that only run 1 gets right: 0",
        "Images that only run 2 gets right: 0",
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
    RunStore(environment).load(older).rename("My baseline")
    app = opened("compare", runs=newer)
    assert app.dataframe[0].value["Run"].tolist()[1] == "My baseline"
    app.text_input(key="runs_search").set_value("BASE").run()
    assert app.dataframe[0].value["Run"].tolist() == ["My baseline"]
    assert compared(app).value == [newer]
    app.text_input(key="runs_search").set_value("nothing such").run()
    assert not app.dataframe
    assert "No run matches" in text(app)


def test_a_choice_survives_that_a_run_is_renamed(
    two_runs: tuple[str, str], environment: Path
) -> None:
    older, newer = two_runs
    compare = opened("compare")
    compared(compare).set_value([older, newer]).run()
    RunStore(environment).load(older).rename("New name")
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
    assert "trained and tested on different datasets" in text(app)
    assert "it may be noise" in text(app)
    assert not app.table


def test_the_table_leads_to_a_run_below_any_base_path(two_runs: tuple[str, str]) -> None:
    links = opened("compare").dataframe[0].value["Open"].tolist()
    for base in ("http://host/", "http://host/apps/asl/"):
        assert [urljoin(f"{base}compare", link) for link in links] == [
            f"{base}evaluate?run={run_id}" for run_id in reversed(two_runs)
        ]


def test_settings_that_differ_are_named_one_by_one(
    two_runs: tuple[str, str], environment: Path
) -> None:
    folder = environment / two_runs[0]
    config = json.loads((folder / "config.json").read_text())["config"]
    changed = {"filters": [8, 15], "augmentation": {**config["augmentation"], "rotation": 10.0}}
    rewrite(folder, "config.json", config={**config, **changed})
    words = text(opened("compare", runs=",".join(two_runs)))
    assert "Filters: 8, 15 vs. 5, 15; Rotation: 10 vs. 0." in words


def test_settings_are_named_as_on_train(two_runs: tuple[str, str], environment: Path) -> None:
    folder = environment / two_runs[0]
    config = json.loads((folder / "config.json").read_text())["config"]
    changed = {
        "augmentation": {**config["augmentation"], "mirror": True},
        "validation_fraction": 0.2,
        "patience": 3,
        "schedule": "one-cycle",
        "learning_rate": 0.01,
        "filters": [5, 15, 25],
        "kernel_size": 3,
        "dropout": 0.25,
        "batch_norm": True,
        "image_size": 64,
    }
    rewrite(folder, "config.json", config={**config, **changed})
    words = text(opened("compare", runs=",".join(two_runs)))
    for difference in (
        "Horizontal flip: on vs. off",
        "Validation split: 20 % vs. 0 %",
        "Early stopping: patience 3 vs. off",
        "Preset: One-cycle vs. Baseline",
        "Learning rate: 0.01 vs. 0.001",
        "Filters: 5, 15, 25 vs. 5, 15",
        "Kernel size: 3 px vs. 5 px",
        "Dropout: 0.25 vs. 0",
        "Batch normalization: on vs. off",
        "Image size: 64 px vs. 50 px",
    ):
        assert difference in words
