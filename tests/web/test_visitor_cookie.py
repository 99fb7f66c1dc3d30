"""A browser is known again after it was closed, and nobody can say that they are another."""

import stat
from pathlib import Path

from asl_core.web.visitor_cookie import SECRET, cookie_name, issued, visitor_of, visitor_secret
from tests.browser.server import Server
from tests.web.raw import ask


def test_a_page_gives_a_cookie_that_lasts_and_is_kept(server: Server) -> None:
    given = ask(server.url, "/", Accept="text/html").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(given.split("; "))
    assert "Secure" not in given
    cookie = given.split(";")[0]
    assert (
        ask(server.url, "/data", Accept="text/html", Cookie=cookie)
        .headers["set-cookie"]
        .startswith(f"{cookie};")
    )
    assert "Secure" in ask(
        server.url, "/", Accept="text/html", X_Forwarded_Proto="https"
    ).headers["set-cookie"]  # fmt: skip


def test_a_cookie_that_was_not_issued_here_is_replaced(server: Server) -> None:
    name, value = (
        ask(server.url, "/", Accept="text/html").headers["set-cookie"].split(";")[0].split("=")
    )
    for forged in ("0" * 32 + value[32:], value[:-1] + "x", "", "a; b=c", value + "0"):
        answer = ask(server.url, "/", Accept="text/html", Cookie=f"other=1; {name}={forged}")
        assert forged not in answer.headers["set-cookie"] or not forged
        assert visitor_of({name: forged}, b"0" * 32) is None


def test_what_is_no_page_gets_no_cookie(server: Server) -> None:
    assert "asl_visitor" not in ask(server.url, "/_stcore/health").headers.get("set-cookie", "")


def test_servers_of_the_same_runs_share_the_secret_and_others_do_not(tmp_path: Path) -> None:
    secret = visitor_secret(tmp_path / "runs")
    visitor_secret.cache_clear()  # as in another process
    assert visitor_secret(tmp_path / "runs") == secret
    assert stat.S_IMODE((tmp_path / "runs" / SECRET).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [SECRET]
    other = visitor_secret(tmp_path / "others")
    assert cookie_name(other) != cookie_name(secret)
    value = issued(secret)
    assert visitor_of({cookie_name(secret): value}, secret) == value[:32]
    assert visitor_of({cookie_name(other): value}, other) is None


def test_where_runs_can_not_be_written_the_secret_is_of_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    secret = visitor_secret(tmp_path / "file" / "runs")
    assert len(secret) == 32
    assert visitor_secret(tmp_path / "file" / "runs") == secret
