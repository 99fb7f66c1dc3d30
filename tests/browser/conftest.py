"""What the tests that judge every page share: the app with a few runs and a sweep."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core.runs.run import Run
from asl_core.settings import ROOT
from tests.browser.server import Server

RENDERED = "rendered:ABC:150:0"
"""Few images and an epoch or two: quickly made, and a network that makes mistakes."""

QUICK = ("--data", RENDERED, "--epochs", "1")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on rendered hands, with two runs and a sweep of four more."""
    home = tmp_path_factory.mktemp("filled")
    for command in (
        ("sweep", *QUICK, "--epochs", "2", "--seeds", "2"),
        ("train", *QUICK),
        ("train", *QUICK),
    ):
        _asl(home, *command)
    started = Server(RENDERED, home)
    yield started
    assert "Traceback" not in started.log.read_text()
    started.stop()


@pytest.fixture(scope="module")
def with_drawn_run(
    drawn: Path, drawn_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The app on drawn images, with one run."""
    started = Server(drawn, tmp_path_factory.mktemp("server"))
    shutil.copytree(drawn_run.folder, started.runs.root / drawn_run.id)
    yield started
    started.stop()


def _asl(home: Path, *command: str) -> None:
    """Run the command line on the folders that the server of that home has."""
    folders = {"ASL_RUNS_DIR": str(home / "runs"), "ASL_CACHE_DIR": str(home / "cache")}
    subprocess.run(
        [sys.executable, "-m", "asl_core", *command],
        cwd=ROOT,
        env={**os.environ, **folders},
        check=True,
        stdout=subprocess.DEVNULL,
    )
