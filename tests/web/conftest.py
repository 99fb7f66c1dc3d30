"""A real server for the tests of its door."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.server import Server


@pytest.fixture(scope="package")
def server(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on loopback, with what a dead process has left two days ago."""
    home = tmp_path_factory.mktemp("door")
    left = home / "runs" / ".staging" / "group-0"
    left.mkdir(parents=True)
    os.utime(left, (time.time() - 2 * 86_400,) * 2)
    started = Server(drawn, home)
    yield started
    started.stop()
    assert "Traceback" not in started.log.read_text()
