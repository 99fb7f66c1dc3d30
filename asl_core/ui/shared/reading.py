"""A dataset while its images are decoded: what every page and every visitor sees of it."""

import streamlit as st

from asl_core.background_task import BackgroundTask
from asl_core.data import Dataset, find_source
from asl_core.data.dataset import Source
from asl_core.errors import UnreadError
from asl_core.jobs.tasks import reading_task
from asl_core.permissions import A_PROGRAM, acting_as, requester
from asl_core.ui.shared.choose_dataset import ask_for, may_prepare
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import run_store, sized
from asl_core.ui.shared.tasks import offer_task, show_task, start
from asl_core.ui.shared.words import count_of, escape_markdown
from asl_core.web.visitor import visitor

_LABEL, _ICON = "Read the images", ":material/photo_library:"


def watch_reading(unread: UnreadError) -> None:
    """Have a worker decode a dataset, show how far it is, and run the page again when it is there.

    What this server shows to everybody, and what this visitor has asked for, is begun unasked, once
    for all visitors; another one is offered, since a link must not start work.

    Args:
        unread: raised by whoever wanted to open it.
    """
    source = Source(unread.source)
    owner = visitor() if source.left_out else ""  # a choice of theirs; the whole set is everybody's
    task = reading_task(run_store(), unread, owner)
    if task.state().phase == "none" and not _begin(task, source):
        return
    many = "" if unread.n_images is None else f"{count_of(unread.n_images, 'image')} of "
    what = f"{_ICON} Reading {many}{escape_markdown(source.name)}"
    if show_task(task, what, stop=False, n=unread.n_images).phase == "done":
        st.rerun()


def _begin(task: BackgroundTask, source: Source) -> bool:
    """Begin it, or offer to. Returns whether it is under way."""
    if not may_prepare(source):
        st.caption(f"The images of {escape_markdown(source.name)} have yet to be read.")
        change_button(
            _LABEL, key=f"start_{task.id}", icon=_ICON, type="primary", on_click=ask_for,
            args=(source,),
        )  # fmt: skip
        return False
    everybodys = source.text == find_source().text
    with acting_as(A_PROGRAM if everybodys else requester()):
        return start(task)


def offer_sized(dataset: Dataset, size: int) -> Dataset | None:
    """A dataset with images of another size; None, with the button that has them read, if they are
    not in the cache (any more).

    Args:
        dataset: that is open.
        size: side of the images, in pixels.
    """
    try:
        return sized(dataset, size)
    except UnreadError as unread:
        task = reading_task(run_store(), unread)
        what = f"{_ICON} Reading {count_of(len(dataset), 'image')} at {size} x {size} pixels"
        if offer_task(task, what, _LABEL, _ICON):
            st.rerun()
    return None
