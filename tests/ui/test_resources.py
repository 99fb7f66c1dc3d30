"""What a server keeps for all its visitors, and how often a page looks at the disk."""

import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, Scan
from asl_core.ui.shared.resources import browser_of, jobs
from tests.ui.pages import opened


def test_a_visitor_who_empties_the_cache_starts_no_other_workers() -> None:
    before = jobs()
    st.cache_resource.clear()
    st.cache_data.clear()
    assert jobs() is before


@pytest.mark.parametrize("page", ["home", "evaluate", "compare", "predict", "sweep"])
def test_a_page_looks_through_the_runs_once(
    with_run: Run, environment: Path, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(with_run.folder, environment / "20250101-000000-aaaaaa")
    (environment / "20250101-000000-aaaaaa" / "model.tflite").unlink()
    app = opened(page)
    looks: list[Scan] = []
    scan = RunStore.scan

    def counted(self: RunStore) -> Scan:
        looks.append(scan(self))
        return looks[-1]

    monkeypatch.setattr(RunStore, "scan", counted)
    app.run()
    assert not app.exception
    assert len(looks) == 1


def test_a_browser_is_the_same_visitor_after_each_load_of_a_page() -> None:
    token, when = bytes(range(16)), 1_700_000_000
    first, again = (generate_xsrf_token_string(token, when) for _ in range(2))
    assert first != again
    assert browser_of(first) == browser_of(again)
    assert browser_of(generate_xsrf_token_string()) != browser_of(first)
    assert browser_of("2|no|token") == browser_of("2|no|token") != browser_of("")
