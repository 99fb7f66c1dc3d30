"""Broken images, and those made to harm, through the real endpoint and page."""

import asyncio

import pytest

from asl_core.runs.run import Run
from tests.browser.server import Server
from tests.runs.test_runs import copy_into
from tests.web.attack import Target, attack


@pytest.mark.slow
def test_a_server_stands_broken_images_and_bombs(server: Server, drawn_run: Run) -> None:
    """How fast it is meanwhile, the benchmark of the same name tells."""
    copy_into(server.runs, drawn_run, drawn_run.id)
    target = Target(server.url, server.process.pid, server.log)
    found = asyncio.run(attack(target, 27, with_quota=False))
    assert found["errors"] == []
    assert found["tracebacks"] == 0
    assert int(str(found["lines_in_the_log"])) <= int(str(found["files"]))
    assert int(str(found["images_refused_on_the_page"])) > 0
    assert int(str(found["memory_in_the_end_mb"])) - int(str(found["memory_before_mb"])) <= 100
