"""What a page does for each of many visitors."""

from contextlib import ExitStack

from asl_core.ui.shared.notice import NOTICE_SECONDS
from asl_core.ui.shared.watch import FULL_PACE_VIEWERS
from tests.browser.server import Server
from tests.processes import wait_for
from tests.web.raw import hear_until, rerun, websocket


def seconds_between_looks(server: Server, pages: ExitStack) -> float:
    """Of a new visitor, whose page stays open."""
    opened = pages.enter_context(websocket(server.url))
    rerun(opened)
    seconds = hear_until(opened, "auto_rerun").auto_rerun.interval
    hear_until(opened, "script_finished")
    return seconds


def test_pages_of_many_visitors_look_as_much_more_seldom(server: Server) -> None:
    with ExitStack() as pages:
        for _ in range(FULL_PACE_VIEWERS):
            first = seconds_between_looks(server, pages)
        assert first == NOTICE_SECONDS
        for _ in range(FULL_PACE_VIEWERS):
            last = seconds_between_looks(server, pages)
        assert last == 2 * NOTICE_SECONDS

    def is_usual_again() -> bool:
        with ExitStack() as pages:
            return seconds_between_looks(server, pages) == NOTICE_SECONDS

    wait_for(is_usual_again, pause=1.0)
