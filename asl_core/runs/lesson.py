"""Which lesson a run was trained in, and by whom, in their own words."""

from dataclasses import dataclass

MAX_NAME, MAX_PUPIL = 80, 40
"""Longest name of a lesson and of a pupil, in characters."""


def one_line(text: str) -> str:
    """A text that people wrote, in one line, of characters that can be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@dataclass(frozen=True)
class LessonMark:
    """A mark of a run.

    Attributes:
        id: of the lesson: several may have the same name.
        name: of the lesson, one line.
        pupil: who trains, as they call themselves; may be empty.
        teacher: mark of who has made the lesson (`owner_mark` of its id), who may archive its runs.
    """

    id: str
    name: str
    pupil: str
    teacher: str = ""

    @classmethod
    def of(cls, lesson_id: str, name: str, pupil: str, teacher: str = "") -> "LessonMark":
        """A mark of texts that people wrote: names are made one line, and cut."""
        return cls(lesson_id, one_line(name)[:MAX_NAME], one_line(pupil)[:MAX_PUPIL], teacher)
