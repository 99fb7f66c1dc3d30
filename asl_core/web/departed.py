"""What is left of visitors who are gone for good: dropped soon, whether anybody else comes or not.

Streamlit keeps the session of a closed page for `server.disconnectedSessionTTL` seconds, in case
that its browser comes back, and lets go of it only when another page is closed after that.
"""

import asyncio
import ctypes
import gc
import logging
import sys

from streamlit import runtime
from streamlit.runtime.app_session import AppSession

from asl_core.web.kept_files import KEPT
from asl_core.web.uploads import held

LOOK_SECONDS = 5.0
"""Time between two looks who is gone."""


async def forget_departed() -> None:
    """Look again and again; ends when it is canceled."""
    before: dict[str, AppSession] = {}
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            before = forget_those_not_among(before)
        except Exception:  # whatever it is, others are to be forgotten
            logging.getLogger(__name__).exception("What visitors have left can't be dropped.")


def forget_those_not_among(before: dict[str, AppSession]) -> dict[str, AppSession]:
    """Drop what is held of sessions to which nobody can come back.

    Args:
        before: the sessions that were there at the last look, by their ids.

    Returns:
        Those that are there now. A session that Streamlit forgot is among neither, and ends.
    """
    manager = runtime.get_instance()._session_mgr  # nothing else tells which can be resumed
    now = {info.session.id: info.session for info in manager.list_sessions()}
    departed = {*before, *KEPT.sessions()} - now.keys()
    had_files = any(held(session_id).files for session_id in departed)
    for session_id in departed:
        if session := before.get(session_id):
            session.shutdown()  # nothing happens if it has been
        KEPT.drop_session(session_id)
    if had_files:
        before.clear()
        _give_back_memory()
    return now


def _give_back_memory() -> None:
    """Sessions are cycles of objects, and the C library keeps what is freed in large pieces."""
    gc.collect()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
