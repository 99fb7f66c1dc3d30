"""All pages by Streamlit's own test runner: with photos and without, with runs and without."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.runs.owner import owner_mark
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT, settings
from asl_core.ui.shared.resources import jobs
from tests.ui.pages import dialog, opened, rewrite, text

PAGES = ("home", "data", "train", "sweep", "evaluate", "compare", "predict")

PARAMETERS = (
    *("set", "class", "letter", "split", "check", "page", "data", "settings", "run", "runs"),
    *("true", "predicted", "part", "sort", "image", "photo", "map", "sweep", "order"),
)
"""Of the addresses of all pages, those of earlier versions among them."""

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


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_no_explanation_of_its_code(page: str) -> None:
    # Streamlit writes every expression that stands alone, such as a text below a constant
    _, *body = ast.parse((ROOT / "pages" / f"{page}.py").read_text()).body
    assert not [
        line for line in body if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    ]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_a_run(environment: Path, page: str) -> None:
    assert opened(page).title


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_a_run(with_run: Run, page: str) -> None:
    assert not opened(page).error


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("value", ["", "<b>*a*</b> $x$ ](/" + "x" * 5_000])
def test_a_link_with_wrong_values_opens_the_page(with_run: Run, page: str, value: str) -> None:
    app = opened(page, **dict.fromkeys(PARAMETERS, value))
    assert app.title
    assert not app.error
    assert not app.run().exception


def test_without_photos_every_page_has_content(without_photos: None) -> None:
    for page in PAGES:  # of one server, whose workers start once
        app = opened(page)
        assert not app.error, page
        assert app.title, page
        words = text(app)
        if page in ("home", "data"):
            assert "not photos" in words
            assert "ASL_DATA_DIR" in words
            assert "python -m asl_core download" in words
        if page in ("home", "data", "train"):
            assert drawn_hands(app) == (36 if page == "data" else 12)


def drawn_hands(app: AppTest) -> int:
    """Pictures in the sheets of a page, but for the alphabet's."""
    sheets = [element.proto.body for element in app.get("html")]
    return max(
        int(body.count("A rendered hand signing")) for body in sheets if "signing X" not in body
    )


def test_all_pages_open_with_the_same_newest_run(
    environment: Path, drawn_run: Run, tmp_path: Path
) -> None:
    photos, rendered = "20250101-000000-aaaaaa", "20250202-000000-bbbbbb"
    for run_id in (photos, rendered):
        shutil.copytree(drawn_run.folder, environment / run_id)
    rewrite(environment / rendered, "config.json", data="rendered:ABC:2000:0", split="rendered")
    rewrite(environment / rendered, "results.json", fingerprint="another")
    for page in ("evaluate", "predict"):
        assert opened(page).selectbox(key="run_widget").value == photos
    assert photos[-6:] in text(opened("home"))
    app = opened("evaluate", data="rendered:ABC:2000:0")
    assert app.selectbox(key="run_widget").value == rendered
    assert "**rendered**" in text(app)
    del app.query_params["run"]  # as a browser does on the way to another page
    app.switch_page("pages/predict.py").run()
    assert app.selectbox(key="run_widget").value == rendered
    app.selectbox(key="run_widget").select(photos).run()
    app.switch_page("pages/evaluate.py").run()
    assert app.selectbox(key="run_widget").value == photos
    jobs().close()


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


def test_the_web_process_never_loads_tensorflow(with_run: Run) -> None:
    script = DRIVE_ALL_PAGES.format(pages=PAGES[1:])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"loaded": [], "modules": True}


def test_a_title_is_saved_and_shown_on_all_pages(
    two_runs: tuple[str, str], environment: Path
) -> None:
    newer = two_runs[1]
    asked = dialog("rename_dialog(run_store().list()[0])")
    asked.text_input(key=f"title_{newer}").set_value("8 *filters*")
    asked.button[0].click().run()
    assert not asked.exception
    assert RunStore(environment).load(newer).title == "8 *filters*"
    assert any("8 *filters*" in o for o in opened("evaluate").selectbox(key="run_widget").options)
    assert any(r"8 \*filters\*" in caption.value for caption in opened("home").caption)


@pytest.mark.parametrize(("owner", "taken"), [("", True), ("somebody else", False)])
def test_only_ones_own_training_takes_the_place_of_the_chosen_run(
    with_run: Run, owner: str, taken: bool
) -> None:
    manifest = settings().runs_dir / with_run.id / "manifest.json"
    mark = owner_mark(with_run.id, owner)
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "owner": mark}))

    def look() -> None:
        import streamlit as st

        from asl_core.ui.shared.notice import just_finished

        just_finished({st.session_state["under_way"]})
        just_finished(set())

    app = AppTest.from_function(look)
    app.session_state["under_way"] = with_run.id
    app.run()
    assert not app.exception
    assert ("run" in app.session_state) == taken
    assert bool(app.session_state["trainings_finished"]) == taken
