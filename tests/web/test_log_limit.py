"""Whoever sends nonsense does not fill the log."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core.web.log_limit import SILENT_SECONDS, OncePerMinute
from tests.browser.server import Server
from tests.web.pressing import presser


@pytest.fixture
def forged(drawn: Path, tmp_path: Path) -> Iterator[Server]:
    """A server to which nonsense is sent."""
    started = Server(drawn, tmp_path / "forged")
    yield started
    started.stop()


def raised(text: str) -> logging.LogRecord:
    try:
        raise ValueError(text)
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
    return logging.LogRecord("name", logging.ERROR, "file", 1, "It failed", (), told)


def test_an_error_is_told_once_a_minute_and_how_often_it_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("asl_core.web.log_limit.time.monotonic", lambda: now)
    limit = OncePerMinute()
    assert [limit.filter(raised(str(i))) for i in range(5)] == [True, *[False] * 4]
    now += SILENT_SECONDS
    record = raised("again")
    assert limit.filter(record)
    assert record.getMessage() == "It failed (and 4 more times)"


def test_what_has_no_traceback_is_always_written() -> None:
    limit = OncePerMinute()
    record = logging.LogRecord("name", logging.WARNING, "file", 1, "A sentence", (), None)
    assert all(limit.filter(record) for _ in range(5))


def test_a_visitor_who_sends_values_of_another_kind_adds_a_traceback_and_no_more(
    forged: Server,
) -> None:
    with presser(forged.url, "train") as visitor:
        visitor.look()
        for _ in range(20):
            visitor.send_wrong_kinds()
    log = forged.log.read_text()
    assert 1 <= log.count("Traceback") <= 5
    assert len(log) < 40_000
