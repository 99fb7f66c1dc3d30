"""A lesson on *Train*: what the sender of its link says, who takes part, and how to make one."""

import secrets
from urllib.parse import urlencode

import streamlit as st

from asl_core.config import TrainConfig
from asl_core.errors import ConfigError
from asl_core.runs.lesson import MAX_NAME, MAX_PUPIL, LessonMark, one_line
from asl_core.runs.owner import owner_mark
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.lesson_link import LOCKS, MAX_TASK, Lesson, from_link, to_link
from asl_core.ui.shared.settings_link import to_text
from asl_core.ui.shared.url import asked_for, keep, refuse
from asl_core.ui.shared.words import escape_markdown
from asl_core.web.visitor import visitor

_QUERY, _SETTINGS = "lesson", "settings"

_BEGUN = "lesson_begun"
"""Id of the lesson whose settings were shown: from then on the visitor's own count, where no lock
holds them."""

_PUPIL = "pupil"
_IDS = "lesson_ids"


def open_lesson() -> Lesson | None:
    """The lesson of the address, shown with the sender's words as text; None if there is none."""
    text = asked_for(_QUERY)
    if text is None:
        return None
    try:
        lesson = from_link(text)
    except ConfigError as error:
        refuse(_QUERY, "Lesson", text, f"which can't be used. {error}")
        return None
    if st.session_state.get(_BEGUN) != lesson.id:
        st.session_state[_BEGUN] = lesson.id
        if _SETTINGS not in st.query_params:
            keep(_SETTINGS, lesson.settings)
    _show(lesson)
    return lesson


def _show(lesson: Lesson) -> None:
    with st.container(border=True, key="lesson"):
        st.header(f"Lesson: {escape_markdown(lesson.name)}")
        if lesson.task:
            st.caption("From whoever sent the link:")
            st.text(lesson.task)
        if lesson.locked:
            st.caption(f"Fixed in this lesson: {', '.join(LOCKS[lock] for lock in lesson.locked)}.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                "Your name in this lesson",
                key=_PUPIL,
                max_chars=MAX_PUPIL,
                persist_state="session",
                width=300,
                help="Your runs carry it: all who use this server see it on *Compare*.",
            )
            st.button("Leave the lesson", on_click=_leave, icon=":material/logout:")


def _leave() -> None:
    keep(_QUERY, None)
    st.session_state.pop(_BEGUN, None)


def mark_of(lesson: Lesson | None) -> LessonMark | None:
    """What a run that is started now carries."""
    return lesson.mark(str(st.session_state.get(_PUPIL, ""))) if lesson else None


def offer_to_make(config: TrainConfig) -> None:
    """A fold that makes the link of a lesson which begins with these settings."""
    fold = lasting_fold("Make a lesson", ":material/school:", "make_lesson_fold")
    if fold is None:
        return
    with fold:
        st.caption(
            "A link that opens this page with the settings above and a task, for a class. Runs "
            "that are started from it carry the lesson's and the pupil's name; *Compare* shows "
            "them together, and archives them together."
        )
        name = one_line(st.text_input("Name", key="lesson_name", max_chars=MAX_NAME))
        task = st.text_area("Task", key="lesson_task", max_chars=MAX_TASK)
        locked = st.pills(
            "What pupils can't change",
            list(LOCKS),
            selection_mode="multi",
            key="locks",
            format_func=LOCKS.__getitem__,
        )
        if name:
            ids = st.session_state.setdefault(_IDS, {})
            lesson_id = ids.setdefault(name, secrets.token_hex(4))
            lesson = Lesson(
                lesson_id,
                name,
                task,
                to_text(config),
                tuple(locked),
                owner_mark(lesson_id, visitor()),
            )
            st.code(_address(lesson), language=None, wrap_lines=True)


def _address(lesson: Lesson) -> str:
    """The link: also of the dataset and the split that are chosen here."""
    here = {name: st.query_params[name] for name in ("data", "split") if name in st.query_params}
    return f"{st.context.url or 'train'}?{urlencode({**here, _QUERY: to_link(lesson)})}"
