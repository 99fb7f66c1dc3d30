"""Texts of the core on a page."""

import re
from collections.abc import Mapping, Sequence

from asl_core.config import PresetName
from asl_core.data.manual_alphabet import moving_letters
from asl_core.landmarks.hand import Hand
from asl_core.runs.describe import STOP_REASONS as STOP_REASONS
from asl_core.runs.describe import describe_network, distinctive_settings
from asl_core.runs.intervals import percent as percent  # the pages take all words from here
from asl_core.runs.run import Run

PRESET_NAMES: dict[PresetName, str] = {
    "constant": "Baseline",
    "one-cycle": "One-cycle",
    "many-classes": "Many classes",
    "landmarks": "Hand landmarks",
}
"""What a visitor reads for each preset."""

MAX_NAMED = 30
"""Classes that a sentence names."""

MAX_NAMED_CHARACTERS = 200
"""About the longest list of classes in a sentence."""


_FOUND_IN_WORDS = re.compile(
    r"(?i:(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=[\w-]))"
    r"|(?<=:)(?=(?:[\w+/-]*[a-z+-][\w+/-]*|100|1234):)"
)
"""Within what Streamlit makes a link (an address of the web or of mail) or a picture (`:smile:`,
`:material/delete:`) of words, after escapes are read."""

_WORD_JOINER = "\u2060"
"""Has no width, and breaks no line."""


LONGEST_SHOWN = 60
"""Characters of a value of an address that are repeated to the visitor."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
"""What has no sign of its own, such as what turns the order of the words after it around."""

_LINES = re.compile(r"\s*[\n\r\v\f\x85\u2028\u2029]\s*")

_LONG_WORD = re.compile(rf"(\S{{{LONGEST_SHOWN}}})\S{{{LONGEST_SHOWN // 3},}}")


def shown_value(text: str) -> str:
    """What is shown of a value of an address, which may be any text: its start, on one line, as
    Markdown."""
    line = _UNSEEN.sub("", text[: 10 * LONGEST_SHOWN]).strip()
    cut = line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}…"
    return escape_markdown(cut)


def shown_reason(text: str) -> str:
    """What is wrong with such a value, which may repeat it, as Markdown."""
    return escape_markdown(_LONG_WORD.sub(r"\1…", _UNSEEN.sub("", text)))


def escape_markdown(text: str) -> str:
    """A text, such as one with the name of a file, in which Markdown finds nothing to set."""
    text = _LINES.sub(" ", text)  # a list or a heading begins with a line
    text = _FOUND_IN_WORDS.sub(_WORD_JOINER, text)
    return re.sub(r"([\\`*_{}\[\]()<>#$:~|])", r"\\\1", text)


RENDERED_RUN = (
    "Trained and tested on **rendered** images, which this program generates: this accuracy says "
    "how well it reads rendered hands, not photos."
)


SETTING_LABELS: Mapping[str, str] = {
    "epochs": "Epochs",
    "features": "Network",
    "filters": "Filters",
    "hidden": "Hidden units",
    "kernel_size": "Kernel size",
    "batch_norm": "Batch normalization",
    "dropout": "Dropout",
    "image_size": "Image size",
    "batch_size": "Batch size",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "seed": "Seed",
    "schedule": "Preset",
    "shift": "Shift",
    "rotation": "Rotation",
    "zoom": "Zoom",
    "brightness": "Brightness",
    "mirror": "Horizontal flip",
    "validation_fraction": "Validation split",
    "patience": "Early stopping",
    "class_weights": "Class weights",
    "split": "Split",
    "stop_reason": "End",
}
"""What a visitor reads for each setting of a run."""


def count_of(number: int, noun: str) -> str:
    """A number and its noun, such as `1 image` or `2,000 images`.

    Args:
        number: 0 or more.
        noun: in the singular, with a regular plural.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_classes(classes: Sequence[str]) -> str:
    """Names of classes in one line: all, or the first ones and how many more there are.

    Args:
        classes: their names, at least one.
    """
    shown = list(classes[:MAX_NAMED])
    while len(shown) > 1 and len(", ".join(shown)) > MAX_NAMED_CHARACTERS:
        shown.pop()
    more = len(classes) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def and_all(names: Sequence[str]) -> str:
    """Names in a sentence, such as `A, B and C`.

    Args:
        names: at least one.
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def moving_note(classes: Sequence[str]) -> str:
    """That J and Z move, which an image can't show, where they are among the letters that the
    classes are; empty otherwise. With a blank before it.

    Args:
        classes: their names.
    """
    if not (moving := moving_letters(classes)):
        return ""
    one = len(moving) == 1
    return (
        f" {and_all(moving)} {'is' if one else 'are'} made with a movement, which an image can't "
        "show: it shows one moment of it."
    )


def name_hand(hand: Hand) -> str:
    """Which hand it is; a left one is mirrored for the network."""
    return "right hand" if hand.is_right else "left hand, mirrored"


def epochs(run: Run) -> str:
    """How long a run was trained."""
    done, asked = run.results.epochs, run.spec.config.epochs
    if run.results.stopped:
        return f"stopped in epoch {done} of {asked}"
    return f"{done} epoch{'s' if done > 1 else ''}"


def describe(run: Run, mine: bool | None = None) -> str:
    """A run in one line, with its title if it has one. Not Markdown: see `escape_markdown`.

    Args:
        run: the run.
        mine: whether the visitor who reads it has started it.
    """
    name = run.title or f"{run.created:%d %b %Y %H:%M} UTC"
    parts = [
        name,
        *(["yours"] if mine else []),
        *([run.spec.lesson.pupil] if run.spec.lesson and run.spec.lesson.pupil else []),
        percent(run.results.test_accuracy),
        epochs(run),
        describe_network(run.spec.config),
        *distinctive_settings(run.spec),
        run.id[-6:],
    ]
    return " · ".join(parts)
