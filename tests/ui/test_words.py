"""Numbers in sentences agree with their nouns, and every setting of a run has a label."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from asl_core.config import Augmentation, TrainConfig
from asl_core.data import make_split, read_folder
from asl_core.progress import Progress
from asl_core.runs.intervals import Interval
from asl_core.task_state import TaskState
from asl_core.ui.shared.label_corrections import Corrected
from asl_core.ui.shared.words import (
    SETTING_LABELS,
    count_of,
    escape_markdown,
    percent,
    shown_reason,
    shown_value,
)
from tests.ui.pages import text


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (2000, "2,000 images")]
)
def test_a_number_agrees_with_its_noun(number: int, words: str) -> None:
    assert count_of(number, "image") == words


def test_every_setting_has_a_label_of_its_own() -> None:
    settings = {field.name for kind in (TrainConfig, Augmentation) for field in fields(kind)}
    assert settings | {"split", "stop_reason"} == {*SETTING_LABELS, "augmentation"}
    assert len(set(SETTING_LABELS.values())) == len(SETTING_LABELS)


@pytest.mark.parametrize(("epochs", "words"), [(1, "after 1 epoch "), (2, "after 2 epochs ")])
def test_an_interrupted_task_says_so_in_a_sentence(epochs: int, words: str) -> None:
    def draw(state: "TaskState") -> None:  # run as a script, without the imports above
        from asl_core.ui.shared.tasks import tell_end

        tell_end(state, "Training")

    state = TaskState("interrupted", progress=Progress(5, 10, epochs))
    app = AppTest.from_function(draw, args=(state,)).run()
    assert f"Training was interrupted {words}because" in text(app)


@pytest.mark.parametrize(
    ("excluded", "relabeled", "words"),
    [
        (1, 0, "1 image excluded"),
        (0, 1, "1 image relabeled"),
        (2, 1, "2 images excluded, 1 relabeled"),
        (0, 0, ""),
    ],
)
def test_corrections_are_counted(drawn: Path, excluded: int, relabeled: int, words: str) -> None:
    dataset = read_folder(drawn)
    corrected = Corrected(dataset, make_split(dataset, "random"), excluded, relabeled)
    assert corrected.in_words == words
    assert bool(corrected) == bool(words)


def test_a_half_is_rounded_up_as_by_a_browser() -> None:
    for share, words in (
        (165 / 400, "41.3 %"),
        (167 / 400, "41.8 %"),
        (29 / 400, "7.3 %"),
        (1 / 3, "33.3 %"),
    ):
        assert percent(share) == words
    assert percent(float(np.float32(1))) == "100.0 %"
    assert percent(0.125, 0) == "13 %"
    assert str(Interval(165 / 400, 0.5)) == "41.3 to 50.0 %"


def test_a_value_of_an_address_is_one_short_line_of_text() -> None:
    assert shown_value("# h\n\n- l\r\n> q") == r"\# h - l \> q"
    assert shown_value("\u202egnp.exe\0 \u200bA") == "gnp.exe A"
    assert shown_value("x" * 100_000) == "x" * 60 + "…"
    assert shown_reason(f"Got {'9' * 400} of it") == f"Got {'9' * 60}… of it"
    assert escape_markdown("a\n\n- b") == "a - b"
