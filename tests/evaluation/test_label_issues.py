"""The search for wrong labels as a worker does it: found, stopped, and of photos that changed."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from asl_core import read_folder
from asl_core.errors import DatasetError
from asl_core.evaluation.label_check import check_labels, label_check, load_label_issues
from asl_core.runs.store import RunStore
from asl_core.task_state import Errand


@pytest.fixture
def fingerprint(drawn: Path) -> str:
    return read_folder(drawn).fingerprint


@pytest.fixture
def errand(fingerprint: str, tmp_path: Path) -> Errand:
    return label_check(tmp_path, fingerprint)


def test_what_is_found_is_kept(
    errand: Errand, fingerprint: str, drawn: Path, tmp_path: Path
) -> None:
    assert errand.take()
    check_labels(tmp_path, fingerprint, str(drawn))
    errand.submitted.release()
    assert errand.state().phase == "done"
    found = load_label_issues(errand.result)
    assert sorted(found.queue.tolist()) == list(range(60))
    assert found.n_issues <= 60
    assert ((found.confidence >= 1 / 3) & (found.confidence <= 1)).all()
    assert found.suggested.dtype == np.int64
    assert RunStore(tmp_path).list() == ()
    assert RunStore(tmp_path).damaged() == ()
    errand.result.write_bytes(b"half of it")
    with pytest.raises(DatasetError, match="ask again"):
        load_label_issues(errand.result)


def test_it_tells_how_far_it_is_and_leaves_nothing_when_it_is_stopped(
    errand: Errand, fingerprint: str, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    tell = Errand.tell

    def note(self: Errand, share: float) -> None:
        tell(self, share)
        told.append(label_check(tmp_path, fingerprint).state().share)
        if share > 0.3:
            self.request_stop()

    errand.take()
    monkeypatch.setattr(Errand, "tell", note)
    check_labels(tmp_path, fingerprint, str(drawn))
    errand.submitted.release()
    assert told == sorted(told)
    assert 0.3 < told[-1] < 0.9
    assert errand.state().phase == "none"
    assert not errand.result.exists()


def test_one_that_was_called_off_is_not_begun(
    errand: Errand, fingerprint: str, drawn: Path, tmp_path: Path
) -> None:
    errand.take()
    errand.request_stop()
    check_labels(tmp_path, fingerprint, str(drawn))
    assert not errand.result.exists()


def test_photos_that_have_changed_fail_with_words(
    errand: Errand, fingerprint: str, drawn: Path, tmp_path: Path
) -> None:
    other = tmp_path / "photos"
    shutil.copytree(drawn, other)
    (other / "A/A0.png").unlink()
    errand.take()
    with pytest.raises(DatasetError):
        check_labels(tmp_path, fingerprint, str(other))
    errand.submitted.release()
    assert errand.state().phase == "failed"
    assert "changed meanwhile" in errand.state().error
