"""Whatever an address says: no exception, no markup, no path, no work; over the raw websocket."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from asl_core.runs.run import Run
from tests.browser.server import Server
from tests.web.hostile_values import ENCODED, PARAMETERS, TEXTS, VALUES, ask_page
from tests.web.raw import ask, websocket

SAMPLE = tuple(map(quote, TEXTS[::12]))
"""Values that are tried each time that tests run."""


@pytest.fixture(scope="module")
def attacked(
    drawn: Path, drawn_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The app with a run, of which all that the server itself prepares is there."""
    started = Server(drawn, tmp_path_factory.mktemp("attacked"))
    shutil.copytree(drawn_run.folder, started.runs.root / drawn_run.id)
    with websocket(started.url) as opened:
        for page in PARAMETERS:
            assert not ask_page(opened, page, "")
    yield started
    started.stop()


def on_the_disk(server: Server) -> set[Path]:
    """All files of runs, tasks and the cache, but for what workers compile as they get ready."""
    home = server.log.parent
    return {
        path
        for path in home.rglob("*")
        if path != server.log and "compiled" not in path.relative_to(home).parts
    }


def attack(server: Server, page: str, queries: list[str]) -> list[str]:
    """Open addresses of a page one after the other, as one visitor."""
    faults = []
    with websocket(server.url) as opened:
        for query in queries:
            faults += [f"{query[:80]}: {fault}" for fault in ask_page(opened, page, query)]
    return faults


def test_a_sample_of_hostile_values_does_nothing(attacked: Server) -> None:
    before = on_the_disk(attacked)
    for page, names in PARAMETERS.items():
        together = ["&".join(f"{name}={value}" for name in names) for value in SAMPLE]
        assert not attack(attacked, page, together)
    assert on_the_disk(attacked) == before
    assert "Traceback" not in attacked.log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "name"), [(page, name) for page, names in PARAMETERS.items() for name in names]
)
def test_each_hostile_value_alone_does_nothing(attacked: Server, page: str, name: str) -> None:
    before = on_the_disk(attacked)
    queries = [f"{name}={value}" for value in VALUES]
    queries += [f"{name}={VALUES[0]}&{name}={VALUES[16]}", f"{name}", f"{name}[]=1&{name}=;"]
    assert not attack(attacked, page, queries)
    assert on_the_disk(attacked) == before
    assert "Traceback" not in attacked.log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("page", PARAMETERS)
def test_hostile_values_together_do_nothing(attacked: Server, page: str) -> None:
    before = on_the_disk(attacked)
    names = PARAMETERS[page]
    mixed = [
        "&".join(f"{name}={VALUES[(i + 7 * n) % len(VALUES)]}" for n, name in enumerate(names))
        for i in range(len(VALUES))
    ]
    assert not attack(attacked, page, mixed)
    assert on_the_disk(attacked) == before
    assert "Traceback" not in attacked.log.read_text()


@pytest.mark.slow
def test_hostile_runs_have_no_preview(attacked: Server) -> None:
    for value in map(quote, TEXTS):
        if len(value) > 8_000:  # longer than the server takes an address to be
            continue
        page = ask(attacked.url, f"/evaluate?run={value}")
        assert page.status == 200, value
        assert "<title>Evaluate · ASL Explorer</title>" in page.text
        picture = ask(attacked.url, f"/preview/{value.replace('/', '%2F')}.png")
        assert picture.status in (200, 400, 403, 404), value
        assert "root:x:0" not in picture.text
    assert "Traceback" not in attacked.log.read_text()


def test_there_are_sixty_values() -> None:
    assert len(set(VALUES)) >= 60
    assert "" in ENCODED
