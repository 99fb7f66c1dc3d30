"""Work that a worker does on request: who holds it, how far it is, what any end leaves."""

import json
from pathlib import Path

import pytest

from asl_core.errors import RunError, TrainingError
from asl_core.task_state import Errand, ErrandState


def seen(tmp_path: Path) -> Errand:
    """The same work, as another process sees it."""
    return Errand(tmp_path / "errands" / "test", tmp_path / "result")


@pytest.fixture
def errand(tmp_path: Path) -> Errand:
    return seen(tmp_path)


def test_from_the_wish_to_the_end(errand: Errand, tmp_path: Path) -> None:
    assert errand.state() == ErrandState("none")
    assert errand.take()
    assert seen(tmp_path).state() == ErrandState("queued")
    with errand.working():
        assert errand.wanted
        errand.tell(0.25)
        assert seen(tmp_path).state() == ErrandState("working", 0.25)
        assert not seen(tmp_path).take()
        errand.result.touch()
    errand.submitted.release()
    assert seen(tmp_path).state() == ErrandState("done", 1.0)
    assert not errand.take()
    assert not errand.wanted


def test_only_one_may_hold_it(errand: Errand, tmp_path: Path) -> None:
    assert errand.take()
    assert not seen(tmp_path).take()
    assert seen(tmp_path).state().active
    errand.submitted.release()
    assert seen(tmp_path).take()


def test_what_its_worker_still_does_is_not_begun_again(errand: Errand, tmp_path: Path) -> None:
    errand.take()
    with errand.working():
        errand.submitted.release()  # whoever asked for it is gone
        assert seen(tmp_path).state().phase == "working"
        assert not seen(tmp_path).take()


def test_a_failure_is_told_and_can_be_tried_again(errand: Errand) -> None:
    errand.take()
    with pytest.raises(ValueError, match="no photos"), errand.working():
        raise ValueError("no photos")
    errand.submitted.release()
    assert errand.state() == ErrandState("failed", error="no photos")
    assert errand.take()
    assert errand.state().phase == "queued"


def test_what_nobody_holds_is_interrupted(errand: Errand, tmp_path: Path) -> None:
    errand.take()
    errand.tell(0.5)
    errand.submitted.release()  # as the system does when a process ends
    assert errand.state() == ErrandState("interrupted", 0.5)
    torn = tmp_path / "errands" / "test.json"
    assert json.loads(torn.read_text())["share"] == 0.5
    torn.write_text('{"share"')
    assert errand.state().phase == "interrupted"


def test_one_that_waits_can_be_called_off_and_on_again(errand: Errand, tmp_path: Path) -> None:
    errand.take()
    seen(tmp_path).request_stop()
    assert errand.state().phase == "none"
    assert not errand.wanted
    assert not seen(tmp_path).take()  # it waits still, and is wanted again
    assert errand.state().phase == "queued"
    assert errand.wanted


def test_a_training_that_was_stopped_is_no_failure(errand: Errand) -> None:
    errand.take()
    with errand.working():
        errand.request_stop()
        raise TrainingError("stopped")
    errand.submitted.release()
    assert errand.state().phase == "none"


def test_another_failure_after_a_stop_is_told(errand: Errand) -> None:
    errand.take()
    errand.request_stop()
    with pytest.raises(OSError, match="disk"), errand.working():
        raise OSError("the disk is gone")


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "errands").touch()
    with pytest.raises(RunError, match=r"errands.*can't be kept|can't be kept.*errands"):
        seen(tmp_path).take()
