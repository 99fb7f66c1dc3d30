"""The visitor's camera, in the browser by `getUserMedia`: frames while a button is held, or one
after the other, each once the last one was answered.

Frames are JPEG files of the center square, `SIDE` pixels wide and never mirrored, as others see the
hand; the picture on the screen is, as in a mirror. They come as a visitor's data: whoever gets them
reads them through the same door as any upload.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import streamlit as st

from asl_core.errors import AslError, ImageError
from asl_core.settings import MAX_ADDED_IMAGES
from asl_core.ui.shared.words import percent

SIDE = 256
"""Of a frame, in pixels: a network gets 50 to 128."""

RECORDED_PER_SECOND = 10
"""Frames of a recording."""

LIVE_PER_SECOND = 5
"""Frames of one visitor that are answered."""

MAX_FRAME_CHARACTERS = 400_000
"""Longest text of a frame; one of 256 pixels has about 20,000."""

MAX_BARS = 10
"""Classes whose probabilities are all shown; of more, the `MOST_PROBABLE`."""

MOST_PROBABLE = 5

MOST_CERTAIN = 0.99
"""Confidence of a letter that is told as such; more is told as more."""

Edit: TypeAlias = Literal["space", "delete", "clear"]
"""What a button does to the word that is being spelled."""

MAX_EDITS = 100
"""Presses of such buttons between two frames."""

MAX_TIME = 1e12
"""Of a frame, in seconds: a browser tells those since the page was opened."""

_START = "data:image/jpeg;base64,"

_component = st.components.v2.component(
    "asl_camera",
    html=Path(__file__).with_suffix(".html").read_text(),
    css=Path(__file__).with_suffix(".css").read_text(),
    js=Path(__file__).with_suffix(".js").read_text(),
    isolate_styles=False,
)


@dataclass(frozen=True)
class LiveAnswer:
    """What is shown beside the picture for a frame.

    Attributes:
        probabilities: of each class, 0 to 1; none: only the label is shown.
        label: shown large; empty: the most probable class.
        wait: seconds after which the browser may ask again; then nothing else counts.
    """

    probabilities: dict[str, float] = field(default_factory=dict)
    label: str = ""
    wait: float = 0.0


@dataclass(frozen=True)
class Frame:
    """What the camera saw.

    Attributes:
        content: a JPEG file.
        at: when it was taken by the browser's clock, seconds from any moment.
    """

    content: bytes
    at: float


@dataclass(frozen=True)
class Word:
    """What is being spelled, below the picture.

    Attributes:
        letters: each with its confidence, 0 to 1; None: it is a space.
        hint: shown as long as there is no letter.
    """

    letters: tuple[tuple[str, float | None], ...]
    hint: str


def record_button(
    label: str, key: str, target: str, on_frames: Callable[[str, list[bytes]], str]
) -> None:
    """The camera with a button that records as long as it is held, at most `MAX_ADDED_IMAGES`.

    Args:
        label: of the button.
        key: of the element.
        target: what a recording is of when it begins; the page may show another when it ends.
        on_frames: told the target, as a browser says it, and the frames of a recording, before the
            page runs again; what it returns is told to the visitor, and so is an error of the
            project.
    """
    count = f"{key}_recordings"

    def take() -> None:
        said = st.session_state[key]["frames"]
        try:
            told = on_frames(*_recording(said))
        except AslError as error:
            told = str(error)
        n, _ = st.session_state.get(count, (0, ""))
        st.session_state[count] = n + 1, told

    answered, told = st.session_state.get(count, (0, ""))
    _component(
        key=key,
        data={
            "mode": "record",
            "label": label,
            "target": target,
            "most": MAX_ADDED_IMAGES,
            "per_second": RECORDED_PER_SECOND,
            "side": SIDE,
            "answered": answered,
            "told": told,
        },
        on_frames_change=take,
    )


def live_camera(
    key: str,
    answer: Callable[[Frame], LiveAnswer],
    word: Word | None = None,
    on_edit: Callable[[Edit], None] = lambda edit: None,
) -> None:
    """The camera with an answer to one frame after the other. Belongs in a fragment of its own.

    The browser sends a frame only after the answer to the last, and at most `LIVE_PER_SECOND`;
    whoever answers sees to it that nobody else's browser sends more (`LiveAnswer.wait`).

    Args:
        key: of the element.
        answer: to a frame, before the fragment runs again; an error of the project is told. The
            frame is not kept.
        word: that is being spelled, if letters are.
        on_edit: told what the visitor does to the word, before the frame that comes with it.
    """
    answered = f"{key}_answer"

    def take() -> None:
        told = st.session_state[key]["frame"]
        told = told if isinstance(told, dict) else {}
        try:
            for edit in _edits(told.get("edits")):
                on_edit(edit)
            if "image" not in told:
                return
            shown = _shown(answer(_frame(told)))
        except AslError as error:
            shown = {"error": str(error), "wait": 0.0}
        st.session_state[answered] = {"number": _number(told.get("number")), **shown}

    _component(
        key=key,
        data={
            "mode": "live",
            "label": "",
            "per_second": LIVE_PER_SECOND,
            "side": SIDE,
            "answer": st.session_state.get(answered),
            "word": _shown_word(word) if word else None,
        },
        on_frame_change=take,
    )


def _number(told: object) -> int:
    """Which frame a browser has sent; 0 if it says something else."""
    return told if isinstance(told, int) and 0 <= told < 2**53 else 0


def _edits(told: object) -> list[Edit]:
    """What was done to the word, in what a browser sends; what is no edit is left out."""
    known: tuple[Edit, ...] = get_args(Edit)
    done = told[:MAX_EDITS] if isinstance(told, list) else []
    return [edit for one in done for edit in known if one == edit]


def _frame(told: dict[str, Any]) -> Frame:
    """The frame in what a browser sends.

    Raises:
        ImageError: it sends something else, or too much.
    """
    (content,) = _frames([told.get("image")])
    at = told.get("at")
    if not isinstance(at, float | int) or not abs(at) < MAX_TIME:
        raise ImageError("The frame", "has no time.")
    return Frame(content, float(at))


def _recording(told: object) -> tuple[str, list[bytes]]:
    """The target and the files in what a browser sends.

    Raises:
        ImageError: it sends something else, or too much.
    """
    target, frames = (told.get("target"), told.get("images")) if isinstance(told, dict) else ("", 0)
    if not isinstance(target, str) or not isinstance(frames, list):
        raise ImageError("The recording", "is none of a camera.")
    return target, _frames(frames)


def _frames(told: list[Any]) -> list[bytes]:
    """The files in what a browser sends.

    Raises:
        ImageError: it sends something else, or too much.
    """
    if len(told) > MAX_ADDED_IMAGES:
        raise ImageError("The recording", f"has more than {MAX_ADDED_IMAGES} frames.")
    return [_file(text) for text in told]


def _file(text: object) -> bytes:
    if not isinstance(text, str) or not text.startswith(_START) or len(text) > MAX_FRAME_CHARACTERS:
        raise ImageError("The frame", "is none of a camera.")
    try:
        return base64.b64decode(text.removeprefix(_START), validate=True)
    except binascii.Error as error:
        raise ImageError("The frame", "is none of a camera.") from error


def _shown_word(word: Word) -> dict[str, Any]:
    letters = [
        {"name": name, "share": "" if share is None else _in_percent(share)}
        for name, share in word.letters
    ]
    return {"letters": letters, "hint": word.hint}


def _in_percent(share: float) -> str:
    """In few characters; nothing is certain."""
    more = ">" if share > MOST_CERTAIN else ""
    return f"{more}{100 * min(share, MOST_CERTAIN):.0f} %"


def _shown(answer: LiveAnswer) -> dict[str, Any]:
    if answer.wait:
        return {"wait": answer.wait}
    shares = list(answer.probabilities.items())
    best = sorted(shares, key=lambda pair: -pair[1])
    label = answer.label or best[0][0]
    return {
        "wait": 0.0,
        "label": label,
        "confidence": percent(best[0][1]) if best else "",
        "bars": shares if len(shares) <= MAX_BARS else best[:MOST_PROBABLE],
    }
