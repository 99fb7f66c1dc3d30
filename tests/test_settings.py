"""What the environment sets is checked where it is read."""

from collections.abc import Iterator

import pytest

from asl_core.errors import SettingsError
from asl_core.settings import settings
from asl_core.ui.shared.words import escape_markdown
from tests.ui.pages import opened


@pytest.fixture(autouse=True)
def _read_again() -> Iterator[None]:
    yield
    settings.cache_clear()


@pytest.mark.parametrize("value", ["fast", "20", "-1"])
def test_a_wrong_value_is_told_with_its_name(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASL_WORKER_NICENESS", value)
    settings.cache_clear()

    with pytest.raises(SettingsError, match=f"ASL_WORKER_NICENESS can't be used.*'{value}'"):
        settings()
    app = opened("data")

    assert not app.exception
    (told,) = app.error
    assert told.value.startswith(escape_markdown("ASL_WORKER_NICENESS"))
