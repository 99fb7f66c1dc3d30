"""Servers that the tests of the pages share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from asl_core.runs.run import Run
from asl_core.settings import settings
from asl_core.ui.shared.resources import jobs


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    """What another test has shown of a run or folder of the same name is forgotten."""
    st.cache_data.clear()
    st.cache_resource.clear()


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


@pytest.fixture
def two_runs(environment: Path, drawn_run: Run) -> tuple[str, str]:
    """A server with two runs that give the same answers; the ids, the older first."""
    ids = ("20250101-000000-aaaaaa", "20250202-000000-bbbbbb")
    for run_id in ids:
        shutil.copytree(drawn_run.folder, environment / run_id)
    return ids


@pytest.fixture
def without_photos(environment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A fresh server without photos, whose drawings end with the test."""
    if settings().download_dir.exists():
        pytest.skip("this machine has downloaded the photos")
    jobs().close()  # workers of another test would draw into its cache
    monkeypatch.delenv("ASL_DATA_DIR")
    monkeypatch.setenv("ASL_CACHE_DIR", str(environment.parent / "cache"))
    settings.cache_clear()
    yield
    jobs().close()
