"""What the server does before anybody asks."""

import asyncio
import socket
from pathlib import Path

import pytest
from streamlit import config
from streamlit.starlette import App

from asl_core.settings import ROOT
from asl_core.web.door import at_start, hide_error_details
from tests.browser.server import Server
from tests.web.raw import ask

SECRETS = """
ASL_ALLOWED_HOSTS = "hands.example.org"
ASL_REQUESTS_PER_SECOND = 40
[auth]
ASL_RUNS_DIR = "/nowhere"
"""


def test_settings_may_stand_in_the_secrets_of_streamlit(drawn: Path, tmp_path: Path) -> None:
    """Streamlit's cloud has no other place for them; it loads them later than the app's modules."""
    (tmp_path / "secrets.toml").write_text(SECRETS)
    server = Server(drawn, tmp_path, ("--secrets.files", str(tmp_path / "secrets.toml")), "/asl")
    try:
        assert ask(server.url, "/asl/_stcore/health", "hands.example.org").status == 200
        assert ask(server.url, "/asl/_stcore/health", "other.example.org").status == 421
        page = ask(server.url, "/asl/", Accept="text/html")
        assert "Path=/asl" in page.headers["set-cookie"].split("; ")
    finally:
        server.stop()
    log = server.log.read_text()
    assert "lifespan" not in log, "the app was not told of its start"
    assert "Traceback" not in log


def test_what_is_sent_to_a_browser_does_not_wait_for_more() -> None:
    """Streamlit's socket names no protocol, as this one: asyncio leaves such ones as they are."""

    async def accepted() -> int:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            async with at_start(App(str(ROOT / "app.py"))):
                with socket.create_connection(listening.getsockname()):
                    connection, _ = listening.accept()
                    with connection:
                        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    before = config.get_option("server.headless")
    config.set_option("server.headless", True)
    try:
        assert asyncio.run(accepted())
    finally:
        config.set_option("server.headless", before)


@pytest.mark.parametrize("told", ["false", "False", False])
def test_where_the_cloud_says_false_a_visitor_sees_no_traceback(told: str | bool) -> None:
    option = "client.showErrorDetails"
    before = config.get_option(option)
    try:
        config.set_option(option, told)
        hide_error_details()
        assert config.get_option(option) == "none"
    finally:
        config.set_option(option, before)
