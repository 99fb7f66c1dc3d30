"""How much a visitor may upload, ask and say, against a real server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets import ConnectionClosed, InvalidStatus

from asl_core.settings import MAX_SESSION_BYTES, MAX_SESSION_FILES, MAX_UPLOAD_BYTES
from asl_core.web.messages import MAX_RERUN_BYTES, MAX_STATE_LETTERS, _passes
from asl_core.web.rates import ASKS_TOO_MUCH, BURST_SECONDS, MAX_SOCKETS, TokenBucket
from asl_core.web.uploads import NETWORK_IS_FULL, NO_SESSION, SERVER_IS_FULL, SESSION_IS_FULL
from tests.browser.server import Server
from tests.processes import wait_for
from tests.web.raw import ask, hear, hear_until, rerun, visitor, websocket

LARGE = 9 * 2**20
"""Bytes of a file that is taken."""

MAX_GB = 0.03
PER_SECOND = 5


@pytest.fixture(scope="module")
def small(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds three such files, and is asked little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASL_UPLOADS_MAX_GB", str(MAX_GB))
        patch.setenv("ASL_REQUESTS_PER_SECOND", str(PER_SECOND))
        started = Server(drawn, tmp_path_factory.mktemp("small"))
    yield started
    started.stop()
    assert "Traceback" not in started.log.read_text()


def rss(server: Server) -> int:
    found: int = psutil.Process(server.process.pid).memory_info().rss
    return found


def test_an_upload_to_no_session_is_refused(server: Server) -> None:
    with visitor(server.url) as gone:
        assert gone.upload("file", 10).status == 204
    wait_for(lambda: gone.upload("file", 10).status == 404)
    assert gone.upload("file", 10).text.strip() == NO_SESSION
    assert replace(gone, session="no-session").upload("file", 10).status == 404


def test_a_page_may_hold_so_many_files(server: Server) -> None:
    with visitor(server.url) as there, ThreadPoolExecutor(4) as pool:
        names = [f"file-{n}" for n in range(MAX_SESSION_FILES + 20)]
        answers = list(pool.map(lambda name: there.upload(name, 10), names))
        taken = [answer for answer in answers if answer.status == 204]
        refused = [answer for answer in answers if answer.status == 413]
        assert len(taken) + len(refused) == len(names)
        assert MAX_SESSION_FILES - 3 <= len(taken) <= MAX_SESSION_FILES  # those under way count
        assert {answer.text.strip() for answer in refused} == {SESSION_IS_FULL}
    with visitor(server.url) as other:
        assert other.upload("file", 10).status == 204


def test_a_page_may_hold_many_large_files() -> None:
    assert MAX_SESSION_BYTES >= 20 * MAX_UPLOAD_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("in_parts", [False, True])
def test_the_server_holds_so_many_bytes(small: Server, in_parts: bool) -> None:
    with (
        visitor(small.url, "10.0.0.1") as one,
        visitor(small.url, "10.0.0.2") as another,
        visitor(small.url, "10.0.0.3") as two,
    ):
        before = rss(small)
        for each in (one, another, two):
            assert each.upload("file", LARGE, in_parts).status == 204
        for n in range(6):
            answer = two.upload(f"file-{n}", LARGE, in_parts)
            assert (answer.status, answer.text.strip()) == (413, SERVER_IS_FULL)
        assert rss(small) - before < 2 * MAX_GB * 10**9 + 2 * LARGE
        assert two.upload("small", 10).status == 204


@pytest.mark.slow
def test_files_of_a_page_that_is_closed_give_way(small: Server) -> None:
    for address in ("10.0.3.1", "10.0.3.2", "10.0.3.3"):
        with visitor(small.url, address) as one:
            assert one.upload("file", LARGE).status == 204
    with visitor(small.url, "10.0.3.1") as two:
        wait_for(lambda: two.upload("file", LARGE).status == 204, pause=0.5)


def test_a_page_may_not_change_what_is_for_all(server: Server) -> None:
    """Streamlit would answer that the page now runs when its code is saved."""
    install = BackMsg()
    install.backend_operation_request.install_skills.SetInParent()
    others = (BackMsg(set_run_on_save=True), BackMsg(clear_cache=True), BackMsg(load_git_info=True))
    with websocket(server.url) as opened:
        for message in (*others, install):
            opened.send(message.SerializeToString())
        rerun(opened)
        heard = []
        while "script_finished" not in heard:
            heard.append(hear(opened).WhichOneof("type"))
        assert not {"git_info_changed", "backend_operation_response"} & set(heard)
        assert heard[0] == "new_session"  # nothing was said to what came before


@pytest.mark.parametrize(
    "said",
    [
        {"json_value": '{"x":[' + "[]," * 900_000 + "[]]}"},
        {"json_trigger_value": '{"x":[' + '"",' * 900_000 + '""]}'},
    ],
)
def test_a_component_may_not_say_what_fills_the_memory(
    server: Server, said: dict[str, str]
) -> None:
    with websocket(server.url) as opened:
        rerun(opened)
        hear_until(opened, "script_finished")
        message = BackMsg()
        message.rerun_script.widget_states.widgets.add(id="$$ID-any-one", **said)
        opened.send(message.SerializeToString())
        heard = set()
        with suppress(TimeoutError):  # the page is silent, since it was not told
            while True:
                answer = ForwardMsg()
                answer.ParseFromString(opened.recv(timeout=2))
                heard.add(answer.WhichOneof("type"))
        assert "new_session" not in heard


@pytest.mark.parametrize("content", [b"\xff\xff\xff no message", "text"])
def test_what_is_no_message_ends_the_websocket(server: Server, content: bytes | str) -> None:
    with websocket(server.url) as opened:
        opened.send(content)
        with pytest.raises(ConnectionClosed) as closed:
            hear_until(opened, "script_finished")
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1002


def test_a_bucket_gives_what_has_come_in() -> None:
    bucket = TokenBucket(per_second=1_000, most=3)
    assert bucket.take(3) == 0
    assert 0 < bucket.take(3) <= 0.003
    wait_for(lambda: bucket.take(3) == 0, 5, 0.001)


def test_an_address_that_asks_too_much_is_refused(small: Server) -> None:
    """The last one, since then the server answers nothing for a while."""
    for _ in range(PER_SECOND * BURST_SECONDS * 3):
        answer = ask(small.url, "/_stcore/health")
        if answer.status != 200:
            break
    assert (answer.status, answer.text.strip()) == (429, ASKS_TOO_MUCH)
    assert int(answer.headers["retry-after"]) >= 1
    assert "content-security-policy" in answer.headers
    forwarded = ask(small.url, "/_stcore/health", X_Forwarded_For="192.0.2.7")
    assert forwarded.status == 200  # somebody else's, by a proxy on this machine


@pytest.mark.slow
def test_one_network_leaves_half_of_the_room_to_others(small: Server) -> None:
    with (
        visitor(small.url, "10.0.1.1") as one,
        visitor(small.url, "10.0.1.1") as beside,
        visitor(small.url, "10.0.1.2") as other,
    ):
        assert one.upload("file", LARGE).status == 204
        refused = beside.upload("file", LARGE)
        assert (refused.status, refused.text.strip()) == (413, NETWORK_IS_FULL)
        assert other.upload("file", LARGE).status == 204


def rerun_of(*states: WidgetState, **asked: str) -> BackMsg:
    """A message that asks for the page again."""
    message = BackMsg()
    message.rerun_script.widget_states.widgets.extend(states)
    for name, value in asked.items():
        setattr(message.rerun_script, name, value)
    return message


@pytest.mark.parametrize(
    ("message", "passes"),
    [
        (rerun_of(WidgetState(id="$$ID-1-None", bool_value=True)), True),
        (rerun_of(WidgetState(id="x", bool_value=True)), False),  # ends in a traceback
        (rerun_of(query_string="run=1"), True),
        (rerun_of(query_string="x" * MAX_RERUN_BYTES), False),
        (rerun_of(page_name="x" * MAX_RERUN_BYTES), False),
        (rerun_of(WidgetState(id="$$ID-1-None", json_value="1" * MAX_STATE_LETTERS)), True),
        (rerun_of(WidgetState(id="$$ID-1-None", json_value="1" * (MAX_STATE_LETTERS + 1))), False),
    ],
)
def test_a_message_is_no_larger_than_it_needs_to_be(message: BackMsg, passes: bool) -> None:
    assert _passes(message) is passes


def test_an_address_has_so_many_websockets_open(server: Server) -> None:
    with ExitStack() as open_ones:
        for _ in range(MAX_SOCKETS):
            open_ones.enter_context(websocket(server.url, X_Forwarded_For="10.0.2.1"))
        with pytest.raises(InvalidStatus, match="429"):
            open_ones.enter_context(websocket(server.url, X_Forwarded_For="10.0.2.1"))
        open_ones.enter_context(websocket(server.url, X_Forwarded_For="10.0.2.2"))
    with websocket(server.url, X_Forwarded_For="10.0.2.1") as again:
        rerun(again)
        hear_until(again, "new_session")
