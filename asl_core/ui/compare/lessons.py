"""Runs of lessons as classes: how many there are, and one click that archives all of a class."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from asl_core.errors import NotAllowedError, RunError
from asl_core.runs.archive import archive, list_archives, may_archive, unarchive
from asl_core.runs.lesson import LessonMark
from asl_core.runs.run import Run
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.words import count_of, escape_markdown


def offer_lessons(runs: Sequence[Run]) -> None:
    """A fold with each lesson of the runs, and with what was archived; nothing where none is.

    Args:
        runs: the finished ones, newest first.
    """
    classes = by_lesson(runs)
    archives = list_archives(run_store())
    if not classes and not archives:
        return
    fold = lasting_fold("Lessons", ":material/school:", "lessons_fold")
    if fold is None:
        return
    with fold:
        for mark, members in classes:
            put_away = partial(archive, run_store(), members)
            key = f"archive_{mark.id}_{mark.teacher}"
            _line(mark, members, key, "Archive these runs", put_away)
        for archived in archives:
            for mark, members in by_lesson(archived.runs):
                key = f"unarchive_{archived.id}_{mark.id}_{mark.teacher}"
                _line(
                    mark, members, key, "Bring back", partial(unarchive, run_store(), archived.id)
                )


def by_lesson(runs: Sequence[Run]) -> list[tuple[LessonMark, list[Run]]]:
    """The runs of each lesson, with the mark of its newest one."""
    classes: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        if mark := run.spec.lesson:  # a link that was made up has another teacher, or none
            classes.setdefault((mark.id, mark.teacher), []).append(run)
    return [(mark, each) for each in classes.values() if (mark := each[0].spec.lesson)]


def _line(
    mark: LessonMark, members: Sequence[Run], key: str, label: str, act: Callable[[], object]
) -> None:
    """A lesson in words, and a button.

    Args:
        mark: of the lesson.
        members: its runs.
        key: of the button.
        label: of the button.
        act: what it does; an error of the core is told.
    """
    pupils = {run.spec.lesson.pupil for run in members if run.spec.lesson}
    with st.container(horizontal=True, vertical_alignment="center"):
        told = f"{count_of(len(members), 'run')} of {count_of(len(pupils), 'pupil')}"
        st.markdown(f"**{escape_markdown(mark.name)}** · {told}", width="stretch")
        pressed = change_button(
            label, "" if all(map(may_archive, members)) else "these runs", key=key
        )
    if pressed:
        try:
            act()
        except (RunError, NotAllowedError) as error:
            show_error(error)
        else:
            st.rerun()
