"""The part of the page Data that looks for what may be wrong, by Streamlit's own test runner."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from asl_core import read_folder
from asl_core.datasets import Dataset
from asl_core.decisions import Decision, decide, decision, read_decisions
from asl_core.files import sha256
from asl_core.label_check import check_labels, label_check, read_suspects
from asl_core.settings import ROOT, settings
from asl_core.staging import staged_runs
from asl_core.ui.core import jobs, run_store


@pytest.fixture(scope="module")
def searched(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs beside which wrong labels have been looked for in the drawn photos."""
    runs = tmp_path_factory.mktemp("searched")
    check_labels(runs, read_folder(drawn).fingerprint, str(drawn))
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


def opened(check: str | None = None, page: str = "data") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page(f"pages/{page}.py")
    if check:
        app.query_params["check"] = check
    app.run()
    assert not app.exception
    assert not app.error
    return app


def words(app: AppTest) -> str:
    kinds = (app.subheader, app.markdown, app.caption, app.info, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def history() -> tuple[Decision, ...]:
    return read_decisions(run_store().root).history


def test_nothing_is_looked_for_unasked(dataset: Dataset) -> None:
    assert "near-copy" not in words(opened())
    assert "Is this" not in words(opened())


def test_problems_are_counted_and_shown(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "photos"
    shutil.copytree(dataset.folder, folder)
    shutil.copy(folder / "B/B3.png", folder / "A/A90.png")
    Image.open(folder / "B/B4.png").resize((40, 40)).save(folder / "B/B91.png")
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    settings.cache_clear()
    app = opened("Pictures")
    assert "of the 12 test photos" in words(app)
    (problems,) = (group for group in app.button_group if group.label == "Problem")
    assert problems.options[0] == "exact copy: 1"
    assert problems.options[-1] == "odd size: 1"
    assert any("A/A90.png: exact copy" in e.proto.body for e in app.get("html"))
    problems.set_value("odd size").run()
    assert any("40 x 40" in e.proto.body for e in app.get("html"))


@pytest.mark.slow
def test_the_queue_is_worked_off_and_back(dataset: Dataset) -> None:
    root = run_store().root
    queue = [int(i) for i in read_suspects(label_check(root, dataset.fingerprint).result).queue]
    first, second, third, fourth = queue[:4]
    app = opened("Labels")
    assert f"Is this {dataset.letter(first)}?" in words(app)
    press(app, f"keep_{first}")
    press(app, f"exclude_{second}")
    wanted = next(name for name in dataset.classes if name != dataset.letter(third))
    app.selectbox(key=f"letter_{third}").select(wanted).run()
    press(app, f"relabel_{third}")
    assert history() == (
        decision(dataset, first, "keep"),
        decision(dataset, second, "exclude"),
        decision(dataset, third, "relabel", wanted),
    )
    assert dataset.files[fourth] in words(app)
    assert "1 is left out, 1 has another label" in words(app)
    press(app, f"take_back_{third}")
    assert history() == (decision(dataset, first, "keep"), decision(dataset, second, "exclude"))
    assert dataset.files[third] in words(app)
    listed = opened("Decisions")
    assert "Decided: 2," in words(listed)
    press(listed, f"undo_{first}")
    assert history() == (decision(dataset, second, "exclude"),)
    press(listed, f"undo_{second}")
    assert "Nothing is decided yet" in words(listed)


def test_train_tells_what_counts_and_can_do_without(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs(), "_warm", True)  # no training, so no worker either
    assert "**48 photos**" in words(opened(page="train"))
    decide(run_store().root, *(decision(dataset, i, "exclude") for i in range(20)))
    app = opened(page="train")
    assert "**32 photos**" in words(app)
    assert "20 are left out" in words(app)
    app.toggle(key="use_decisions").set_value(False).run()
    assert "**48 photos**" in words(app)
    assert "decided=False" in app.code[0].value
    assert staged_runs(run_store()) == []


def test_too_many_exclusions_can_be_undone(dataset: Dataset) -> None:
    decide(run_store().root, *(decision(dataset, i, "exclude") for i in range(60)))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/data.py")
    app.query_params["check"] = "Decisions"
    app.run()
    assert "none are left" in app.error[0].value
    press(app, "undo_59")
    assert len(history()) == 59


def test_a_search_is_offered_where_there_was_none(dataset: Dataset) -> None:
    label_check(run_store().root, dataset.fingerprint).result.unlink()
    app = opened("Labels")
    assert [b.label for b in app.button if "wrong labels" in b.label] == ["Look for wrong labels"]
