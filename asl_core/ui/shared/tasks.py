"""Work that a worker does on request, on a page: its bar with a button to stop it, or its end."""

import streamlit as st

from asl_core.task_state import Errand
from asl_core.ui.shared.poll import poll
from asl_core.ui.shared.words import escape_markdown

LOOK_SECONDS = 1.0


def watch_errand(errand: Errand, what: str) -> bool:
    """Show how far it is, if it is under way; the whole page runs again when it has ended.

    Args:
        errand: the work.
        what: is being done, as a sentence begins.

    Returns:
        Whether it is under way.
    """
    state = errand.state()
    if state.active:
        poll(LOOK_SECONDS, _watch)(errand, what)
    elif state.phase == "failed":
        st.error(f"Failed: {escape_markdown(state.error)}", icon=":material/error:")
    elif state.phase == "interrupted":
        st.warning("Interrupted: its process ended.", icon=":material/power_off:")
    return state.active


def _watch(errand: Errand, what: str) -> None:
    state = errand.state()
    if not state.active:
        st.rerun()
    how_far = f"{100 * state.share:.0f} %" if state.share else "waiting for its turn, or starting"
    st.progress(state.share, f"{what}: {how_far}. It goes on if you leave this page.")
    if errand.stop_requested():
        st.caption("Stopping.")
    else:
        st.button(
            "Stop",
            icon=":material/stop:",
            key=f"stop_{errand.result.parent.name}",  # a path would be no name for the browser
            on_click=errand.request_stop,
        )
