"""Who gets through the door, and what the browser is told there."""

import re

import pytest
from starlette.types import Receive, Scope, Send
from websockets import InvalidStatus

from asl_core.settings import Settings
from asl_core.web.headers import content_security_policy
from asl_core.web.hosts import OTHER_HOST, OTHER_ORIGIN, KnownHosts
from tests.browser.server import Server
from tests.processes import wait_for
from tests.web.raw import as_json, ask, hear_until, rerun, websocket

FOREIGN_HOSTS = ("evil.example", "evil.example:8501", "localhost.evil.example", "10.1.2.3",
                 "user@localhost", "localhost:99999", "localhost/../", "[::2]")  # fmt: skip
PATHS = ("/", "/_stcore/health", "/_stcore/host-config", "/media/none.png", "/static/none.js")


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that does nothing."""


def test_a_server_clears_at_its_start_what_dead_processes_have_left(server: Server) -> None:
    wait_for(lambda: not list((server.runs.root / ".staging").glob("group-*")), 30)
    assert (server.runs.root / ".staging").stat().st_mode & 0o007 == 0


def test_the_app_answers_to_names_of_this_machine(server: Server) -> None:
    port = server.url.rsplit(":", 1)[1]
    for host in (
        "localhost",
        f"localhost:{port}",
        "127.0.0.1",
        "LOCALHOST",
        "[::1]",
        f"[::1]:{port}",
    ):
        assert ask(server.url, "/", host).status == 200, host


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_name_is_refused_with_the_way_out(server: Server, host: str) -> None:
    answer = ask(server.url, "/", host)
    assert (answer.status, answer.text.strip()) == (421, OTHER_HOST)
    assert "ASL_ALLOWED_HOSTS" in answer.text


def test_a_foreign_name_gets_no_websocket(server: Server) -> None:
    """A page whose name was led to 127.0.0.1: its origin and the host that it asks for agree."""
    with (
        pytest.raises(InvalidStatus) as refused,
        websocket(server.url, "evil.example", "http://evil.example"),
    ):
        pass
    assert refused.value.response.status_code == 421
    assert OTHER_HOST.encode() in refused.value.response.body


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:1", "http://127.0.0.1:9999", "https://evil.example", "null", "file://"],
)
def test_a_page_of_another_address_gets_no_websocket(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, websocket(server.url, origin=origin):
        pass
    assert refused.value.response.status_code == 403
    assert OTHER_ORIGIN.encode() in refused.value.response.body


def test_a_page_of_another_address_can_t_upload(server: Server) -> None:
    path = "/_stcore/upload_file/session/file"
    answer = ask(server.url, path, method="PUT", Origin="http://localhost:1")
    assert (answer.status, answer.text.strip()) == (403, OTHER_ORIGIN)


def test_its_own_page_gets_a_websocket(server: Server) -> None:
    with websocket(server.url) as opened:
        rerun(opened)
        assert hear_until(opened, "new_session").new_session.initialize.session_id


def test_every_answer_has_the_headers(server: Server) -> None:
    answers = [ask(server.url, path) for path in PATHS]
    answers += [ask(server.url, "/", "evil.example"), ask(server.url, "/_stcore/metrics")]
    for answer in answers:
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_scripts_in_a_page_are_streamlit_s_own_by_their_hash() -> None:
    (script,) = re.findall(r"script-src ([^;]+)", content_security_policy(()))
    assert script.count("'sha256-") == 1
    assert not re.search(
        r"unsafe-inline|unsafe-eval'|https?:|\*", script.replace("wasm-unsafe-eval", "")
    )


def test_a_setting_names_who_may_frame_the_app() -> None:
    told = Settings(frame_ancestors="https://wiki.example.org, https://b.example:8443")
    assert content_security_policy(told.frame_origins).endswith(
        "frame-ancestors 'self' https://wiki.example.org https://b.example:8443"
    )
    with pytest.raises(ValueError, match="frame_ancestors"):
        Settings(frame_ancestors="https://a.example; script-src *")


def test_names_of_its_own_come_from_a_setting() -> None:
    told = Settings(allowed_hosts="asl.example.org, *.lab.example")
    hosts = KnownHosts(_nothing, told.own_hosts)
    for name in ("asl.example.org", "ASL.example.org:8501", "a.lab.example", "a.b.lab.example"):
        assert hosts.knows(name), name
    for name in ("example.org", "lab.example", "xlab.example", "asl.example.org.evil.example", ""):
        assert not hosts.knows(name), name
    assert KnownHosts(_nothing, ["*"]).knows("any.example")


def test_an_address_is_known_if_it_was_connected_to() -> None:
    hosts = KnownHosts(_nothing, [])
    assert hosts.knows("192.168.1.5:8501", reached="192.168.1.5")
    assert hosts.knows("[fe80::1]:8501", reached="fe80::1")
    assert not hosts.knows("192.168.1.6", reached="192.168.1.5")
    assert not hosts.knows("name.example", reached="192.168.1.5")


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/interact"]
)
def test_what_is_for_programs_is_closed(server: Server, path: str) -> None:
    assert ask(server.url, path).status == 404
    assert "streamlit" not in ask(server.url, path).text.lower()


def test_no_other_page_may_steer_the_app(server: Server) -> None:
    assert as_json(ask(server.url, "/_stcore/host-config"))["allowedOrigins"] == []
