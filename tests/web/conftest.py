"""A real server for the tests of its door."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.server import Server


@pytest.fixture(scope="package")
def server(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on loopback."""
    started = Server(drawn, tmp_path_factory.mktemp("door"))
    yield started
    started.stop()
    assert "Traceback" not in started.log.read_text()
