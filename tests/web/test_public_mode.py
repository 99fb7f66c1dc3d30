"""Strangers look and predict, and change nothing; everybody changes what is their own alone."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.types import Scope

from asl_core.config import TrainConfig
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.grow_dataset import new_by_hand
from asl_core.files import write_json
from asl_core.runs.archive import archive
from asl_core.runs.lesson import LessonMark
from asl_core.runs.manifest import seal
from asl_core.runs.owner import owner_mark
from asl_core.runs.pending import new_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore, new_run_id
from asl_core.settings import ROOT, Settings
from asl_core.web.local import is_local
from asl_core.web.public_mode import NOT_OPEN, unsafe_settings
from asl_core.web.visitor import AT_HOME, READ_ONLY, browser_of
from asl_core.web.visitor_cookie import visitor_of, visitor_secret
from tests.browser.server import Server
from tests.processes import answers, free_port, wait_for
from tests.web.pressing import Presser, presser
from tests.web.raw import ask, websocket

VIEWS = {
    "": {"Train now"},
    "data": {"Generate", "Your own images"},
    "data?check=images": {"Check the images"},
    "data?check=label-errors": {"Find label errors"},
    "train": {"Train", "Discard", "Resume"},
    "sweep": {"Start sweep"},
    "evaluate?run={0}": {"Check the accuracy"},
    "compare?runs={0},{1}": {"Rename", "Delete", "Undo", "Remove for good", "Bring back"},
    "predict": set[str](),
}
"""Addresses, and buttons that must have been pressed there: else the test would see nothing."""

QUICK = ("train", "compare?runs={0},{1}")


BUTTONS_ON = """
from asl_core.ui.shared import permitted
permitted._off = lambda whose, arguments: arguments
from streamlit.web.cli import main
main(prog_name="streamlit")
"""
"""Streamlit takes no press of a button that is off. Here all are on, so that a press arrives at the
core, which is what must refuse it."""


def open_server(home: Path, source: Path, run: Run, **environment: str) -> Server:
    """A server with what there is to change: runs of somebody, a training that was interrupted,
    runs that were deleted or archived, a dataset. All its buttons are on."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        started = Server(source, home, program=("-c", BUTTONS_ON))
    store = started.runs
    for owner in ("anna", "anna", "", "anna", "anna"):
        folder = store.root / new_run_id()
        shutil.copytree(run.folder, folder)
        seal(folder, owner_mark(folder.name, owner))
    store.delete(store.list()[0].id)
    mark = LessonMark.of("0123abcd", "Filters", "Anna")
    spec = RunSpec(TrainConfig(epochs=1), "original", str(source))
    of_lesson = store.list()[0]
    write_json(of_lesson.folder / "config.json", replace(spec, lesson=mark).to_json())
    seal(of_lesson.folder, owner_mark(of_lesson.id, "anna"))
    archive(store, [store.load(of_lesson.id)])
    pending = new_pending(store, spec, "anna")
    pending.claim()
    pending.submitted.release()
    new_by_hand(DatasetStore(store.root), "Anna's", "anna")
    return started


def everything_below(folder: Path) -> dict[str, bytes]:
    """Files and folders that a visitor could have changed, by their path."""
    found = {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith(".lock")
    }
    assert found
    return found


def address(view: str, store: RunStore) -> tuple[str, str]:
    """Path and query of a view."""
    page, _, query = view.format(*(run.id for run in store.list())).partition("?")
    return page, query


@pytest.fixture(scope="module")
def public(
    drawn: Path, drawn_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server for strangers."""
    home = tmp_path_factory.mktemp("public")
    started = open_server(home, drawn, drawn_run, ASL_PUBLIC="1")
    with presser(started.url, "data") as visitor:
        visitor.look()  # the images are decoded once, for all
    yield started
    started.stop()
    assert "Traceback" not in started.log.read_text()


@pytest.mark.parametrize(
    "view",
    [
        view
        if view in ("train", "compare?runs={0},{1}")
        else pytest.param(view, marks=pytest.mark.slow)
        for view in VIEWS
    ],
)
def test_a_stranger_who_presses_everything_changes_nothing(public: Server, view: str) -> None:
    home = public.runs.root
    before = everything_below(home)
    with presser(public.url, *address(view, public.runs)) as visitor:
        pressed = visitor.press_all()
    assert VIEWS[view] <= set(pressed), pressed
    assert visitor.faults == []
    assert any(READ_ONLY in sentence for sentence in visitor.told)
    assert everything_below(home) == before


@pytest.fixture(scope="module")
def behind_a_door(
    drawn: Path, drawn_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server for people whom one trusts."""
    home = tmp_path_factory.mktemp("door")
    started = open_server(home, drawn, drawn_run, ASL_PUBLIC="0")
    yield started
    started.stop()
    assert "Traceback" not in started.log.read_text()


def browser_at(server: Server) -> tuple[str, str]:
    """A new browser: the cookie that the server gives it, and who it is then."""
    given = ask(server.url, "/", Accept="text/html").headers["set-cookie"]
    cookie = next(part for part in given.split(", ") if "asl_visitor" in part).split(";")[0]
    token = visitor_of(dict([cookie.split("=")]), visitor_secret(server.runs.root))
    assert token
    return cookie, browser_of(token)


@pytest.mark.slow
def test_behind_a_door_everybody_starts_and_changes_what_is_their_own(
    behind_a_door: Server,
) -> None:
    """The same presses that change nothing above do something here, of one's own alone."""
    server, store = behind_a_door, behind_a_door.runs
    (cookie, mine), (other, _) = browser_at(server), browser_at(server)
    there = {run.id for run in store.list()}
    with presser(server.url, "train", cookie=cookie) as visitor:
        visitor.look()
        visitor.press_labeled("Train")
        wait_for(lambda: len(store.list()) > len(there), 120)
    (run_id,) = {run.id for run in store.list()} - there
    assert store.load(run_id).owner == owner_mark(run_id, mine)
    before = everything_below(store.root / run_id)
    compare = f"compare?runs={run_id},{{1}}"
    for somebody in (other, "", f"{cookie[:-3]}000", "_streamlit_xsrf=2|0|0|0"):
        with presser(server.url, *address(compare, store), cookie=somebody) as visitor:
            assert {"Delete runs", "Rename", "Delete"} <= set(visitor.press_all())
        assert visitor.faults == []
    after = everything_below(store.root / run_id)  # its accuracy is checked meanwhile
    assert before.items() <= after.items()
    assert "title.txt" not in after
    assert there <= {run.id for run in store.list()}
    with presser(server.url, *address(compare, store), cookie=cookie) as own:
        own.look()
        own.press_keyed(f"delete_{run_id}")
        own.press_keyed("confirm_delete")
    assert run_id not in {run.id for run in store.list()}
    assert there <= {run.id for run in store.list()}


def scope_of(client: str | None, host: str, **headers: str) -> Scope:
    """A request."""
    sent = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {
        "type": "websocket",
        "client": (client, 1) if client else None,
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }


@pytest.mark.parametrize(
    ("scope", "local"),
    [
        (scope_of("127.0.0.1", "localhost:8501"), True),
        (scope_of("127.0.0.1", "127.0.0.1:8501"), True),
        (scope_of("::1", "[::1]:8501"), True),
        (scope_of("127.0.0.1", "asl.example.org"), False),
        (scope_of("10.0.0.7", "localhost:8501"), False),
        (scope_of("127.0.0.1", "localhost", x_forwarded_for="10.0.0.7"), False),
        (scope_of("127.0.0.1", "localhost", x_forwarded_for="127.0.0.1"), False),
        (scope_of("127.0.0.1", "localhost", x_forwarded_proto="https"), False),
        (scope_of("127.0.0.1", "localhost", forwarded="for=10.0.0.7"), False),
        (scope_of("127.0.0.1", "localhost", via="1.1 proxy"), False),
        (scope_of("127.0.0.1", "localhost", x_real_ip="10.0.0.7"), False),
        (scope_of("127.0.0.1", "localhost.example.org"), False),
        (scope_of("127.0.0.1", ""), False),
        (scope_of(None, "localhost"), False),
        (scope_of("testclient", "localhost"), False),
    ],
)
def test_who_sits_at_the_machine_comes_from_it_asks_for_it_and_is_not_passed_on(
    scope: Scope, local: bool
) -> None:
    assert is_local(scope) is local


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Forwarded_For": "203.0.113.5"},
        {"X_Asl_Local": "1", "X_Forwarded_For": "203.0.113.5"},
        {"Via": "1.1 proxy"},
    ],
)
def test_without_a_word_who_comes_through_a_proxy_is_a_stranger(
    server: Server, headers: dict[str, str]
) -> None:
    with websocket(server.url, **headers) as opened:
        there = Presser(opened, "train", "")
        there.look()
    strangers = bool(headers)
    assert any(READ_ONLY in sentence for sentence in there.told) is strangers
    assert AT_HOME.startswith(READ_ONLY)


UNSAFE = {
    "server.enableXsrfProtection": ("false", {}),
    "server.enableCORS": ("false", {}),
    "server.corsAllowedOrigins": ("*", {}),
    "client.showErrorDetails": ("full", {}),
    "server.trustedUserHeaders": ('{"X-User": "email"}', {}),
    "ASL_FRAME_ANCESTORS": ("", {"ASL_FRAME_ANCESTORS": "*"}),
    "ASL_ALLOWED_HOSTS": ("", {"ASL_ALLOWED_HOSTS": "asl.example.org,*"}),
}


def started_with(name: str, public: str, port: int = 0) -> "subprocess.Popen[str]":
    """The app with one setting that is unsafe."""
    value, environment = UNSAFE[name]
    option = [f"--{name}", value] if value else []
    return subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true",
         "--server.port", str(port or free_port()), *option],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "ASL_PUBLIC": public, **environment},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", UNSAFE)
def test_a_public_server_does_not_start_with_an_unsafe_setting(name: str) -> None:
    process = started_with(name, "1")
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"\n- {name} " in told
    assert told.count("\n- ") == 1
    assert "Traceback" not in told


def test_one_that_was_told_nothing_turns_strangers_away_and_serves_its_machine() -> None:
    port = free_port()
    process = started_with("client.showErrorDetails", "", port)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{url}/_stcore/health"))
        assert ask(url, "/").status == 200
        turned_away = ask(url, "/", X_Forwarded_For="203.0.113.5")
        assert (turned_away.status, turned_away.text.strip()) == (503, NOT_OPEN)
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="takes root to be another user")
def test_another_user_of_the_machine_is_a_stranger() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        code = f"import socket, time; c = socket.create_connection(('127.0.0.1', {port}))"
        for user, local in ((65534, False), (os.getuid(), True)):
            other = subprocess.Popen(
                ["/usr/bin/python3", "-c", f"{code}; time.sleep(60)"], user=user
            )
            connection, client = listening.accept()
            with connection:
                scope = scope_of("127.0.0.1", "localhost")
                assert is_local({**scope, "client": client}) is local
            other.kill()
            other.wait()


def test_an_app_with_a_name_for_others_takes_nobody_for_who_sits_at_the_machine(
    drawn: Path, tmp_path: Path
) -> None:
    variables = {"ASL_ALLOWED_HOSTS": "asl.example.org"}
    started = Server(drawn, tmp_path / "named", variables=variables)
    with presser(started.url, "train") as visitor:  # a proxy need not say that it is one
        visitor.look()
    started.stop()
    assert any(READ_ONLY in sentence for sentence in visitor.told)


def test_settings_as_they_come_are_safe() -> None:
    assert unsafe_settings(Settings(public=True)) == ()
