"""What a page does for each of many visitors."""

import asyncio
from contextlib import ExitStack

from asl_core.ui.shared.notice import NOTICE_SECONDS
from asl_core.ui.shared.watch import FULL_PACE_VIEWERS
from tests.browser.server import Server
from tests.processes import wait_for
from tests.web.raw import hear_until, rerun, websocket
from tests.web.viewer import Told, Viewer


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


def test_a_browser_that_was_told_nothing_shows_what_is_chosen(server: Server) -> None:
    """A click while a page is being drawn breaks that off, and Streamlit drops what it has not sent
    yet: the controls of the page were drawn as if nothing was chosen."""

    async def draw_twice() -> dict[str, list[int]]:
        viewer = Viewer(server.url, 1, Told(), local=True)
        await viewer.first_load("data?set=test&class=B")
        viewer.states.clear()  # it has not heard of any control
        await viewer.rerun()
        elements = [delta.new_element for delta in viewer.elements.values()]
        await viewer.close()
        groups = [one.button_group for one in elements if one.WhichOneof("type") == "button_group"]
        boxes = [one.selectbox for one in elements if one.WhichOneof("type") == "selectbox"]
        return {one.label: [*one.default] for one in groups} | {
            one.label: [one.default] for one in boxes
        }

    shown = asyncio.run(draw_twice())
    assert (shown["Set"], shown["Class"]) == ([1], [2])
