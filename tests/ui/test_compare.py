"""The page Compare by Streamlit's own test runner: choosing, renaming and deleting runs."""

import hashlib
import json
import shutil
from pathlib import Path
from urllib.parse import urljoin

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from asl_core.runs.deleted import bring_back, read_deletions
from asl_core.runs.manifest import seal
from asl_core.runs.owner import owner_mark
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT
from asl_core.ui.compare.table import rows_of
from tests.ui.pages import dialog, opened, press, rewrite, text

SWEEP = "grid-20260101-000000-abcdef"


@pytest.fixture
def sweep_of_three(with_run: Run, environment: Path) -> tuple[str, ...]:
    """A server with a run, and a newer sweep of three runs; ids of those, the worst first."""
    ids = tuple(f"2099010{day}-000000-aaaaaa" for day in (1, 2, 3))
    for place, run_id in enumerate(ids):
        folder = environment / run_id
        shutil.copytree(with_run.folder, folder)
        rewrite(folder, "config.json", sweep=SWEEP)
        rewrite(folder, "results.json", test_correct=place + 1)
    return ids


def labels(app: AppTest) -> str:
    """What the folds of a page are called."""
    return "\n".join(fold.label for fold in app.expander)


def compared(app: AppTest) -> Multiselect[str]:
    """The choice of runs below the table."""
    (widget,) = (widget for widget in app.multiselect if widget.label == "Runs to compare")
    return widget


def test_a_link_opens_a_comparison(two_runs: tuple[str, str], drawn_run: Run) -> None:
    older, newer = two_runs
    app = opened("compare", runs=f"{older},{newer}")
    assert compared(app).value == [older, newer]
    assert ticked_rows(app) == [0, 1]
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Run 2: test accuracy"] == f"{100 * drawn_run.results.test_accuracy:.1f} %"
    assert metrics["Difference"] == "+0.0 points"
    assert "don't tell them apart" in text(app)
    assert [heading.value for heading in app.header][2:] == [
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
    assert "1 run will be deleted" in text(compare).replace("*", "")
    assert newer[-6:] in text(compare)
    asked = dialog(f"delete_dialog({{{newer!r}: 'this one'}})")
    assert "this one" in text(asked)
    assert len(store.list()) == 2
    asked.button(key="confirm_delete").click().run()
    assert [run.id for run in store.list()] == [older]
    asked.button(key="confirm_delete").click().run()  # it is gone, which is what was asked for
    for page in (compare, evaluate):
        assert newer in page.run().warning[0].value
        assert not page.exception
    assert compare.query_params["runs"] == older
    assert not asked.exception


def test_what_was_deleted_is_brought_back_from_a_fold_that_all_see(
    two_runs: tuple[str, str], environment: Path
) -> None:
    store = RunStore(environment)
    runs = store.list()
    assert "Recently deleted" not in labels(opened("compare"))
    deletion = store.delete(*two_runs)
    app = opened("compare")
    assert "Recently deleted (2)" in labels(app)
    assert not [button for button in app.button if button.label == "Undo"]  # read when it is opened
    app.session_state["deleted_fold"] = True
    app.run()
    assert f"{100 * runs[0].results.test_accuracy:.1f} %" in text(app)
    press(app, f"undo_{deletion.id}")
    assert store.list() == runs
    assert "Recently deleted" not in labels(app)


def test_what_is_removed_for_good_is_gone(two_runs: tuple[str, str], environment: Path) -> None:
    store = RunStore(environment)
    deletion = store.delete(two_runs[0])
    app = opened("compare")
    app.session_state["deleted_fold"] = True
    press(app.run(), f"confirm_delete_{deletion.id}")
    assert read_deletions(environment) == ()
    assert "Recently deleted" not in labels(app)


def test_any_run_and_a_whole_sweep_is_deleted_without_ticking(
    sweep_of_three: tuple[str, ...], environment: Path
) -> None:
    store = RunStore(environment)
    single = next(run.id for run in store.list() if run.id not in sweep_of_three)
    press(opened("compare"), "delete_any")
    asked = dialog("choose_dialog(run_store().list())")
    assert asked.button(key="confirm_delete").disabled
    asked.multiselect(key="runs_to_delete").set_value([SWEEP]).run()
    assert "3 runs will be deleted" in text(asked).replace("*", "")
    asked.button(key="confirm_delete").click().run()
    assert [run.id for run in store.list()] == [single]
    (deletion,) = read_deletions(environment)
    bring_back(environment, deletion.id)
    assert len(store.list()) == 4


def test_runs_of_a_sweep_are_one_row_and_chosen_runs_come_first(
    sweep_of_three: tuple[str, ...], environment: Path
) -> None:
    single = next(run for run in RunStore(environment).list() if run.id not in sweep_of_three)
    low, middle, _ = sweep_of_three
    table = opened("compare").dataframe[0].value
    assert table["Run"].tolist()[0] == "Sweep of 3 runs, median"
    assert table["95 % interval"].tolist()[0].startswith("range ")
    assert table["Open"].tolist() == [f"sweep?sweep={SWEEP}", f"evaluate?run={single.id}"]
    median = RunStore(environment).load(middle).results.test_accuracy
    assert table["Test accuracy"][0] == pytest.approx(100 * median, abs=0.05)
    app = opened("compare", runs=f"{single.id},{low}")
    opens = app.dataframe[0].value["Open"].tolist()
    assert opens == [f"evaluate?run={single.id}", f"evaluate?run={low}", f"sweep?sweep={SWEEP}"]
    assert ticked_rows(app) == [0, 1]
    app = opened("compare", runs=",".join(sweep_of_three))
    assert f"sweep?sweep={SWEEP}" not in app.dataframe[0].value["Open"].tolist()  # all are chosen


def test_a_ticked_sweep_is_its_best_runs(
    sweep_of_three: tuple[str, ...], environment: Path
) -> None:
    rows = rows_of(RunStore(environment).list())
    assert [row.ids for row in rows if row.sweep] == [tuple(reversed(sweep_of_three))]


def test_how_a_run_ended_is_said_in_words_and_is_a_difference(
    two_runs: tuple[str, str], environment: Path
) -> None:
    rewrite(environment / two_runs[1], "results.json", stop_reason="stop")
    app = opened("compare", runs=",".join(two_runs))
    assert app.dataframe[0].value["End"].tolist() == ["Finished", "Stopped manually"]
    assert app.dataframe[0].value.select_dtypes(bool).empty  # which would look like boxes to tick
    assert "End: finished vs. stopped manually in epoch" in text(app)


def test_rendered_images_are_not_called_frames_of_a_video(
    two_runs: tuple[str, str], environment: Path
) -> None:
    link = ",".join(two_runs)
    assert "frames of one video" in text(opened("compare", runs=link))
    for run_id in two_runs:
        rewrite(environment / run_id, "config.json", marked=True)
    words = text(opened("compare", runs=link))
    assert "independent images" in words
    assert "video" not in words


def test_a_number_is_rounded_in_the_table_as_in_the_text(
    two_runs: tuple[str, str], environment: Path
) -> None:
    for run_id in two_runs:
        results = json.loads((environment / run_id / "results.json").read_text())
        counts = dict.fromkeys(results["test"], 80)
        n = sum(counts.values())
        rewrite(environment / run_id, "results.json", test=counts, test_correct=33 * n // 80)
    app = opened("compare", runs=",".join(two_runs))
    assert app.dataframe[0].value["Test accuracy"].tolist() == [41.3, 41.3]
    assert "41.3 %" in compared(app).options[0]


def test_a_visitor_sees_which_runs_are_theirs(two_runs: tuple[str, str], environment: Path) -> None:
    older, newer = two_runs
    assert "Started by" not in opened("compare").dataframe[0].value  # nothing is known
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page("pages/compare.py")
    app.session_state["visitor"] = "a browser without cookies"
    me = hashlib.sha256(b"a browser without cookies").hexdigest()[:16]
    seal(environment / newer, owner_mark(newer, me))
    seal(environment / older, owner_mark(older, "somebody else"))
    app.run()
    assert app.dataframe[0].value["Started by"].tolist() == ["you", "another browser"]
    yours, theirs = compared(app).options
    assert "yours" in yours
    assert "yours" not in theirs


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
    assert "1 run will be deleted" in text(app).replace("*", "")
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


def ticked_rows(app: AppTest) -> list[int]:
    """Places of the rows that are ticked in the table of runs."""
    table = app.dataframe[0]
    rows: list[int] = app.session_state[table.proto.id.split("-", 2)[-1]]["selection"]["rows"]
    return rows
