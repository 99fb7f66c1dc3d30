"""What a server keeps for all its visitors, and how often a page looks at the disk."""

import shutil
from pathlib import Path

import pytest
import streamlit as st

from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, Scan
from asl_core.ui.shared.resources import jobs
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
