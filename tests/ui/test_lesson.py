"""A lesson's link: what it fixes is fixed, its words are text, and one that is none is told."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Slider

from asl_core.config import BASELINE, ONE_CYCLE
from asl_core.errors import ConfigError
from asl_core.runs.pending import list_pending
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.ui.shared.lesson_link import Lesson, from_link, to_link
from asl_core.ui.shared.settings_link import to_text
from tests.ui.pages import opened, press, rewrite, text

TASK = "Train **twice**.\n<script>alert(1)</script> :material/delete: [a](http://a.example)"
LESSON = Lesson(
    "0123abcd", "First *steps*", TASK, to_text(replace(ONE_CYCLE, epochs=3)), ("epochs",)
)


def slider(app: AppTest, label: str) -> Slider[Any]:
    """The one slider with this label."""
    (found,) = (each for each in app.slider if each.label == label)
    return found


@pytest.mark.usefixtures("environment")
def test_a_lesson_fixes_what_it_locks_and_nothing_else() -> None:
    app = opened("train", lesson=to_link(LESSON), settings=to_text(replace(BASELINE, epochs=9)))
    assert (slider(app, "Epochs").value, slider(app, "Epochs").disabled) == (3, True)
    assert app.session_state["preset"] == "one-cycle"  # on which the locked controls depend
    filters = slider(app, "Filters in the first conv layer")
    assert not filters.disabled
    epochs = slider(app, "Epochs")
    epochs.proto.disabled = False  # as a browser that was tampered with
    epochs.set_value(50).run()
    assert slider(app, "Epochs").value == 3
    slider(app, "Filters in the first conv layer").set_value(7).run()
    assert slider(app, "Filters in the first conv layer").value == 7
    press(app, "Leave the lesson")
    assert not slider(app, "Epochs").disabled
    assert "lesson" not in app.query_params


@pytest.mark.usefixtures("environment")
def test_the_sender_s_words_are_text_and_marked_as_theirs() -> None:
    app = opened("train", lesson=to_link(LESSON))
    assert [shown.value for shown in app.text] == [TASK]
    assert "From whoever sent the link:" in [shown.value for shown in app.caption]
    assert "Lesson: First \\*steps\\*" in [shown.value for shown in app.header]
    assert slider(app, "Epochs").value == 3


@pytest.mark.usefixtures("environment")
def test_a_lesson_starts_nothing_by_itself() -> None:
    opened("train", lesson=to_link(LESSON))
    assert list_pending(RunStore(settings().runs_dir)) == []


def encoded(**changes: object) -> str:
    """A lesson with values that it can't have."""
    values = {**json.loads(base64.urlsafe_b64decode(to_link(LESSON) + "===")), **changes}
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


BROKEN = (
    "", "x", "é", "....", "A" * 5_000, base64.b64encode(b"[1]").decode(),
    encoded(id="../../etc"), encoded(name=""), encoded(name="a\nb"), encoded(name="x" * 81),
    encoded(task="x" * 501), encoded(settings="constant:epochs=1000"), encoded(settings="rm"),
    encoded(locked=["everything"]), encoded(locked="epochs"), encoded(task=7),
)  # fmt: skip


@pytest.mark.parametrize("link", BROKEN)
def test_what_is_no_lesson_is_refused(link: str) -> None:
    with pytest.raises(ConfigError):
        from_link(link)


@pytest.mark.usefixtures("environment")
def test_a_page_tells_what_is_no_lesson_and_goes_on() -> None:
    app = opened("train", lesson=encoded(name="<b>"[:0]))
    assert "The link asks for 'Lesson: " in text(app)
    assert not slider(app, "Epochs").disabled
    assert not app.exception


def test_a_lesson_comes_back_from_its_link() -> None:
    assert from_link(to_link(LESSON)) == LESSON
    every = replace(LESSON, locked=("epochs", "filters", "others"), name="🤟", task="é" * 500)
    assert from_link(to_link(every)) == every


def test_a_class_is_seen_and_archived_together(with_run: Run, two_runs: tuple[str, str]) -> None:
    root = settings().runs_dir
    for run_id, pupil in zip(two_runs, ("Ada", "<b>Bob</b>"), strict=True):
        mark = {"id": "0123abcd", "name": "First *steps*", "pupil": pupil}
        rewrite(root / run_id, "config.json", lesson=mark)
    app = opened("compare")
    app.session_state["lessons_fold_once"] = True  # as if its fold had been opened
    app.run()
    assert "First *steps* · 2 runs of 2 pupils" in text(app).replace("**", "", 1).replace("**", "")
    shown = app.dataframe[0].value
    assert set(shown["Pupil"].dropna()) == {"Ada", "<b>Bob</b>"}
    press(app, "Archive these runs")
    assert [run.id for run in RunStore(root).list()] == [with_run.id]
    press(app, "Bring back")
    assert len(RunStore(root).list()) == 3
