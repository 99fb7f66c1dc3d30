"""A lesson as a short text in an address, and back: settings, what of them is fixed, and a task."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from asl_core.config import TrainConfig
from asl_core.errors import ConfigError
from asl_core.files import from_json
from asl_core.runs.lesson import MAX_NAME, LessonMark, one_line
from asl_core.ui.shared.settings_link import from_text

Lock = Literal["epochs", "filters", "others"]

LOCKS: Mapping[Lock, str] = {
    "epochs": "Epochs",
    "filters": "Filters",
    "others": "Preset and advanced settings",
}
"""What of the settings may be fixed, and what a visitor reads for each."""

MAX_TASK = 500
"""Longest task, in characters."""

MAX_CHARACTERS = 4_000
"""Longest text that is read; what `to_link` writes is shorter."""

_KEYS: Mapping[str, Lock] = {
    "epochs": "epochs",
    "first": "filters",
    "second": "filters",
    "third": "filters",
    "deep": "filters",
    "hidden": "filters",
}
"""Which lock holds a control, by the first part of its key; all others belong to `others`."""

_ALWAYS = ("preset", "features")
"""Controls that are held with any other, whose own keys depend on them."""


@dataclass(frozen=True)
class Lesson:
    """What a teacher gives to a class.

    Args:
        id: 8 hexadecimal digits, by which its runs are known.
        name: one line, 1 to 80 characters.
        task: any text, up to 500 characters.
        settings: see `settings_link`.
        locked: what of them can't be changed.
        teacher: mark of who has made it (see `LessonMark`); empty: nobody in particular.

    Raises:
        ConfigError: one of them can't be so.
    """

    id: str
    name: str
    task: str
    settings: str
    locked: tuple[Lock, ...]
    teacher: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{8}", self.id):
            raise ConfigError("A lesson's id has 8 hexadecimal digits.")
        if not 0 < len(self.name) <= MAX_NAME or self.name != one_line(self.name):
            raise ConfigError(f"A lesson has a name of 1 to {MAX_NAME} characters, on one line.")
        if not re.fullmatch("([0-9a-f]{16})?", self.teacher):
            raise ConfigError("The mark of a lesson's teacher has 16 hexadecimal digits.")
        if len(self.task) > MAX_TASK:
            raise ConfigError(f"A task has at most {MAX_TASK} characters.")
        _ = self.config

    @property
    def config(self) -> TrainConfig:
        """The settings that it begins with."""
        return from_text(self.settings)

    def held(self, controls: Mapping[str, Any]) -> dict[str, Any]:
        """Those of some controls, by their keys, that are locked."""
        if not self.locked:
            return {}
        return {
            key: value
            for key, value in controls.items()
            if key in _ALWAYS or _KEYS.get(key.split("_")[0], "others") in self.locked
        }

    def mark(self, pupil: str) -> LessonMark:
        """The mark of a run that is trained in it.

        Args:
            pupil: who trains, any text.
        """
        return LessonMark.of(self.id, self.name, pupil, self.teacher)


def to_link(lesson: Lesson) -> str:
    """A lesson as a text of letters, digits, `-` and `_`."""
    content = json.dumps(asdict(lesson), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_link(text: str) -> Lesson:
    """The lesson of a text.

    Raises:
        ConfigError: it is none.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(f"A lesson must have at most {MAX_CHARACTERS} characters.")
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return from_json(content, Lesson)
    except (ValueError, binascii.Error) as error:
        raise ConfigError("It is not one of this program's.") from error
