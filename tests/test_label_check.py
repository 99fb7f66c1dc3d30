"""The search for wrong labels as work of its own: waiting, running, stopped, left, found."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from asl_core import read_folder
from asl_core.errors import DatasetError, RunError
from asl_core.label_check import RESULT, LabelCheck, Look
from asl_core.runs import RunStore


@pytest.fixture
def check(drawn: Path, tmp_path: Path) -> LabelCheck:
    return LabelCheck(tmp_path, read_folder(drawn).fingerprint)


def again(check: LabelCheck, runs: Path) -> LabelCheck:
    """The same search, as another process sees it."""
    return LabelCheck(runs, check.fingerprint)


def test_what_is_found_is_kept(check: LabelCheck, drawn: Path, tmp_path: Path) -> None:
    assert check.look() == Look("missing")
    assert check.ask()
    assert again(check, tmp_path).look().phase == "waiting"
    assert not again(check, tmp_path).ask()
    told: list[Look] = []
    tell = check._tell

    def note(look: Look) -> None:
        tell(look)
        told.append(again(check, tmp_path).look())

    check._tell = note  # type: ignore[method-assign]
    check.carry_out(str(drawn))
    check.submitted.release()
    assert {look.phase for look in told} == {"running"}
    assert [look.done for look in told] == sorted(look.done for look in told)
    assert again(check, tmp_path).look() == Look("ready", 1.0)
    found = again(check, tmp_path).suspects()
    assert sorted(found.queue.tolist()) == list(range(60))
    assert found.n_likely <= 60
    assert ((found.confidence >= 1 / 3) & (found.confidence <= 1)).all()
    assert found.suggested.dtype == np.int64
    assert not check.ask()
    assert RunStore(tmp_path).list() == ()
    assert RunStore(tmp_path).damaged() == ()
    (check.folder / RESULT).write_bytes(b"half of it")
    with pytest.raises(DatasetError, match="ask again"):
        check.suspects()


def test_one_whose_process_is_gone_can_be_asked_for_again(
    check: LabelCheck, tmp_path: Path
) -> None:
    assert check.ask()
    check.submitted.release()  # as the system does
    assert again(check, tmp_path).look().phase == "interrupted"
    assert again(check, tmp_path).ask()


def test_one_that_waits_can_be_called_off_and_on_again(
    check: LabelCheck, drawn: Path, tmp_path: Path
) -> None:
    assert check.ask()
    check.request_stop()
    assert again(check, tmp_path).look().phase == "missing"
    assert not again(check, tmp_path).ask()  # it waits still, and is wanted again
    assert again(check, tmp_path).look().phase == "waiting"
    check.request_stop()
    check.carry_out(str(drawn))
    assert not (check.folder / RESULT).exists()


def test_a_search_that_is_stopped_leaves_nothing(check: LabelCheck, drawn: Path) -> None:
    assert check.ask()
    tell = check._tell

    def stop_at_once(look: Look) -> None:
        tell(look)
        check.request_stop()

    check._tell = stop_at_once  # type: ignore[method-assign]
    check.carry_out(str(drawn))
    assert check.look() == Look("missing")


def test_photos_that_have_changed_fail_with_words(
    check: LabelCheck, drawn: Path, tmp_path: Path
) -> None:
    other = tmp_path / "photos"
    shutil.copytree(drawn, other)
    (other / "A/A0.png").unlink()
    assert check.ask()
    with pytest.raises(DatasetError):
        check.carry_out(str(other))
    look = check.look()
    assert look.phase == "failed"
    assert "changed meanwhile" in str(look.error)


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="can't be kept"):
        LabelCheck(tmp_path / "file", "f" * 64).ask()
