"""What the tests of datasets share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core.settings import settings


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cache of the test alone."""
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
