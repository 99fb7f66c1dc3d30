"""A dataset while its images are decoded: what every page and every visitor sees of it."""

import streamlit as st

from asl_core.data.dataset import Source
from asl_core.errors import UnreadError
from asl_core.jobs.tasks import reading_task
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import show_task, start
from asl_core.ui.shared.words import count_of, escape_markdown
from asl_core.web.visitor import visitor


def watch_reading(unread: UnreadError) -> None:
    """Have a worker decode a dataset, show how far it is, and run the page again when it is there.

    It is begun unasked, once for all visitors, as a page that opens the dataset would do it itself.

    Args:
        unread: raised by whoever wanted to open it.
    """
    source = Source(unread.source)
    owner = visitor() if source.left_out else ""  # a choice of theirs; the whole set is everybody's
    task = reading_task(run_store(), unread, owner)
    if task.state().phase == "none" and not start(task):
        return
    many = "" if unread.n_images is None else f"{count_of(unread.n_images, 'image')} of "
    what = f":material/photo_library: Reading {many}{escape_markdown(source.name)}"
    if show_task(task, what, stop=False, n=unread.n_images).phase == "done":
        st.rerun()
