"""Work on a finished run: who holds it, how far it is, and what is left when a process ends."""

import json
import shutil
from pathlib import Path

import pytest

from asl_core.errand import Errand
from asl_core.runs import Run, open_run


@pytest.fixture
def errand(drawn_run: Run, tmp_path: Path) -> Errand:
    folder = shutil.copytree(drawn_run.folder, tmp_path / drawn_run.id)
    return Errand(open_run(Path(folder)), "test")


def test_from_the_wish_to_the_end(errand: Errand) -> None:
    assert errand.state().phase == "none"
    assert errand.take()
    assert errand.state().phase == "queued"
    with errand.at_work():
        errand.tell(0.25)
        assert errand.state().phase == "working"
        assert errand.state().done == 0.25
    errand.release()
    assert errand.state().phase == "none"


def test_only_one_may_hold_it(errand: Errand, drawn_run: Run, tmp_path: Path) -> None:
    assert errand.take()
    other = Errand(open_run(tmp_path / drawn_run.id), "test")
    assert not other.take()
    assert other.state().active
    errand.release()
    assert other.take()


def test_a_failure_is_told_and_can_be_tried_again(errand: Errand) -> None:
    errand.take()
    with pytest.raises(ValueError, match="no photos"), errand.at_work():
        raise ValueError("no photos")
    errand.release()
    assert errand.state().phase == "failed"
    assert errand.state().error == "no photos"
    assert errand.take()
    assert errand.state().phase == "queued"


def test_what_nobody_holds_is_interrupted(errand: Errand, drawn_run: Run, tmp_path: Path) -> None:
    errand.take()
    errand.tell(0.5)
    errand.release()  # as the system does when a process ends
    assert errand.state().phase == "interrupted"
    torn = tmp_path / ".staging" / f"{drawn_run.id}.test.json"
    assert json.loads(torn.read_text())["done"] == 0.5
    torn.write_text('{"done"')
    assert errand.state().phase == "interrupted"
