"""Whatever lies in the folders of the server: every page opens, and shows no path of the server."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element

from asl_core.config import TrainConfig
from asl_core.data.dataset import Source
from asl_core.runs.manifest import MANIFEST, RUN_FILES, seal
from asl_core.runs.pending import PendingRun, new_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT, settings
from asl_core.sweeps.search import Search, SearchFolder, prepare
from tests.ui.pages import opened, rewrite, text

PAGES = ("home", "data", "train", "sweep", "evaluate", "compare", "predict")
NESTED = b"[" * 100_000
ODD_CONTENTS = (b"", NESTED, b"\xff\x00", b"{}", b"null", b"[1]", b'{"x": 1}')


def all_words(app: AppTest) -> str:
    """Everything that the server has told the browser to show, also what is folded."""

    def walk(node: Block | Element) -> Iterator[str]:
        yield str(getattr(node, "proto", ""))
        if isinstance(node, Block):
            for child in node.children.values():
                yield from walk(child)

    return "\n".join([*walk(app.main), *walk(app.sidebar)])


def assert_sound(page: str, secret: Path, **query: str) -> None:
    app = opened(page, **query)  # raises nothing
    words = all_words(app)
    assert len(words) > 300  # else there is nothing to see
    for path in (secret, settings().cache_dir, settings().runs_dir, ROOT):
        assert str(path) not in words


def stage_run(store: RunStore, spec: RunSpec) -> PendingRun:
    staged = new_pending(store, spec)
    assert staged.claim()
    staged.submitted.release()  # its process has ended
    return staged


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_beside_damaged_runs(
    environment: Path, drawn_run: Run, drawn: Path, page: str
) -> None:
    shutil.copytree(drawn_run.folder, environment / drawn_run.id)
    number = 0
    for name in (*RUN_FILES, MANIFEST):
        for content in ODD_CONTENTS:
            odd = environment / f"20250101-000000-{number:06x}"
            shutil.copytree(drawn_run.folder, odd)
            (odd / name).write_bytes(content)
            if name != MANIFEST:
                seal(odd)
            number += 1
    named = environment / "20260101-000000-aaaaaa"
    shutil.copytree(drawn_run.folder, named)
    (named / "title.txt").mkdir()
    assert_sound(page, drawn)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_beside_odd_tasks_and_corrections(
    environment: Path, with_run: Run, drawn: Path, page: str
) -> None:
    store = RunStore(environment)
    if page in ("data", "train"):
        (environment / "label_corrections.json").write_bytes(NESTED)
        assert_sound(page, drawn)
        (environment / "label_corrections.json").unlink()
    specs = [RunSpec(TrainConfig(), "random", str(drawn))]
    for content in ODD_CONTENTS:
        search = prepare(store, Search(), "random", Source(str(drawn)))
        specs.append(search[0])
        for name in ("search.json", "status.json", "deadline.json"):
            (SearchFolder(store, str(search[0].sweep)).path / name).write_bytes(content)
    for spec in specs:
        stage_run(store, spec)
    for content in ODD_CONTENTS:
        for name in ("config.json", "state.json", "task.json"):
            file = stage_run(store, specs[0]).folder / name
            assert file.is_file()
            file.write_bytes(content)
    assert_sound(page, drawn)
    for spec in specs[1:]:
        if page == "sweep":
            assert_sound("sweep", drawn, sweep=str(spec.sweep))


PARTS = ("mistakes", "generalization", "calibration", "robustness", "map", "download")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("predictions.npz", "mistakes"),
        ("robustness.json", "robustness"),
        ("blocked_cv.json", "generalization"),
        ("seeds-0.json", "generalization"),
        ("export_check.json", "download"),
    ],
)
def test_evaluate_says_what_is_damaged(
    with_run: Run, environment: Path, name: str, part: str
) -> None:
    folder = environment / with_run.id
    for content in (b"", NESTED, b'{"x": 1}'):
        (folder / name).write_bytes(content)
        if name in RUN_FILES:
            seal(folder)
        assert_sound("evaluate", environment, run=with_run.id, part=part)
        for page in ("home", "compare"):
            assert_sound(page, environment)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_tells_where_on_the_server_something_is(
    environment: Path, two_runs: tuple[str, str], tmp_path: Path, page: str
) -> None:
    secret = tmp_path / "secret place"
    gone = {"config.json": {"data": f"{secret}/photos"}, "results.json": {"fingerprint": "gone"}}
    for name, changes in gone.items():
        rewrite(environment / two_runs[1], name, **changes)
    broken = environment / "20240101-000000-aaaaaa"
    shutil.copytree(environment / two_runs[0], broken)
    (broken / MANIFEST).unlink()
    assert_sound(page, tmp_path)
    for part in PARTS if page == "evaluate" else ():
        assert_sound("evaluate", tmp_path, run=two_runs[1], part=part)


@pytest.mark.parametrize("page", ["home", "data", "train"])
@pytest.mark.parametrize("what", ["missing", "one class"])
def test_a_folder_of_images_that_can_not_be_used_is_told_by_its_name(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, what: str
) -> None:
    folder = tmp_path / "the images"
    if what == "one class":
        (folder / "A").mkdir(parents=True)
    monkeypatch.setenv("ASL_DATA_DIR", str(folder))
    settings.cache_clear()
    assert_sound(page, tmp_path)
    if page == "data":
        assert "the images" in text(opened(page))


@pytest.mark.parametrize("page", PAGES)
def test_a_folder_of_runs_that_can_not_be_made_blocks_the_start_alone(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "file" / "runs"))
    settings.cache_clear()
    assert_sound(page, tmp_path)
    if page in ("train", "sweep"):
        app = opened(page)
        (start,) = (each for each in app.button if each.label in ("Train", "Start sweep"))
        assert start.disabled
        assert "can't be saved" in text(app)


def test_a_correction_that_can_not_be_read_is_told(environment: Path, with_run: Run) -> None:
    (environment / "decisions.json").write_text(json.dumps({"schema": 1, "history": [[]]}))
    assert "decisions.json is damaged" in text(opened("data"))
