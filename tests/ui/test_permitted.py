"""Controls that are off for whoever may not use them; the core refuses what they would do."""

from pathlib import Path

import pytest

from asl_core.permissions import Requester
from asl_core.runs.manifest import seal
from asl_core.runs.owner import owner_mark
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.ui.shared import permitted
from tests.ui.pages import opened, text

WHY = "Here one can only look."


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at the pages of this test may change nothing."""
    who = Requester("", may_change=False, may_change_all=False, refusal=WHY)
    monkeypatch.setattr("asl_core.permissions._known_by", lambda: who)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("page", "button"), [("train", "Train"), ("sweep", "Start sweep"), ("home", "Train now")]
)
def test_a_reader_finds_buttons_off_and_reads_why(page: str, button: str, with_run: Run) -> None:
    app = opened(page)
    assert not app.exception
    assert WHY in text(app)
    (found,) = (each for each in app.button if each.label == button)
    assert found.disabled
    assert found.help == WHY


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(("page", "button"), [("train", "Train"), ("sweep", "Start sweep")])
def test_a_button_that_was_left_on_is_refused_in_words(
    page: str, button: str, with_run: Run, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permitted, "_off", lambda whose, arguments: arguments)
    app = opened(page)
    (found,) = (each for each in app.button if each.label == button)
    found.click().run()
    assert not app.exception
    assert any(WHY in error.value for error in app.error)
    assert [run.id for run in RunStore(environment).list()] == [with_run.id]
    assert not list((environment / ".staging").glob("*/"))


def test_who_owns_a_run_finds_its_buttons_on_and_others_find_them_off(
    with_run: Run, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(environment / with_run.id, owner_mark(with_run.id, "anna"))
    for owner, off in (("anna", False), ("ben", True)):
        who = Requester(owner, may_change_all=False)
        monkeypatch.setattr("asl_core.permissions._known_by", lambda who=who: who)
        app = opened("compare", runs=with_run.id)
        (rename,) = (each for each in app.button if each.label == "Rename")
        assert rename.disabled is off
        assert ("Only whoever started this run" in (rename.help or "")) is off
