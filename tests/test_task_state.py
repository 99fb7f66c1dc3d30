"""A background task on disk: who holds it, how far it is, what any end leaves."""

import errno
import fcntl
import json
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from asl_core.background_task import STAGING, TELL_SECONDS, BackgroundTask, task_ids
from asl_core.errors import ImageError, StoppedError, TaskError, TaskGoneError
from asl_core.files import is_held
from asl_core.progress import Progress
from asl_core.task_state import TaskState, new_request


def seen(root: Path) -> BackgroundTask:
    """The task as another process sees it."""
    return BackgroundTask(root, "count-a")


@pytest.fixture
def task(tmp_path: Path) -> BackgroundTask:
    """A task that nobody has asked for yet."""
    request = new_request("count", tmp_path / "result", "somebody", source="/images")
    return BackgroundTask(tmp_path, "count-a", request)


def test_from_the_wish_to_the_end(task: BackgroundTask, tmp_path: Path) -> None:
    assert task.state() == TaskState("none")
    assert task.claim()
    assert seen(tmp_path).state() == TaskState("queued")
    assert seen(tmp_path).request == task.request
    assert task_ids(tmp_path) == ["count-a"]
    with task.working():
        assert seen(tmp_path).state() == TaskState("working", "starting")
        task.tell(0.25)
        told = seen(tmp_path).state()
        assert (told.phase, told.fraction_done) == ("working", 0.25)
        assert told.seconds_left is not None
        assert not seen(tmp_path).claim()
        task.result.touch()
    task.submitted.release()
    assert seen(tmp_path).state().phase == "none"  # its folder is cleared, and with it the request
    assert task.state() == TaskState("done", fraction_done=1.0)
    assert not task.claim()
    assert task_ids(tmp_path) == []


def test_it_is_told_a_few_times_a_second_at_most(task: BackgroundTask) -> None:
    task.claim()
    with task.working():
        task.tell(0.1)
        task.tell(0.2)
        assert task.state().fraction_done == 0.1
        threading.Event().wait(TELL_SECONDS)
        task.tell(0.3)
        assert task.state().fraction_done == 0.3


def test_progress_of_a_training_is_told_whole(task: BackgroundTask) -> None:
    task.claim()
    progress = Progress(epochs=3, batches=4).after_batch(2, float("nan"), 0.75)
    with task.working():
        task.write_state("training", progress)
        told = task.state()
        assert told.step == "training"
        assert told.fraction_done == pytest.approx(0.5 / 3)
        assert told.progress
        assert told.progress.points[0][2] == 0.75


def test_only_one_may_hold_it(task: BackgroundTask, tmp_path: Path) -> None:
    assert task.claim()
    assert not seen(tmp_path).claim()
    assert seen(tmp_path).state().active
    task.submitted.release()
    assert seen(tmp_path).claim()


def test_what_its_worker_still_does_is_not_begun_again(
    task: BackgroundTask, tmp_path: Path
) -> None:
    task.claim()
    with task.working():
        task.submitted.release()  # whoever asked for it is gone
        assert seen(tmp_path).state().phase == "working"
        assert not seen(tmp_path).claim()


def test_a_failure_is_told_in_words_and_can_be_tried_again(task: BackgroundTask) -> None:
    task.claim()
    with pytest.raises(ImageError), task.working():
        raise ImageError("hand.jpg", "is broken.")
    task.submitted.release()
    assert task.state() == TaskState("failed", error="hand.jpg is broken.")
    assert "raise ImageError" in task.log()
    assert task.claim()
    assert task.state().phase == "queued"
    assert task.log() == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("in /srv/secret/x.py"), "ValueError"),
        (OSError(28, "No space left on device", "/srv/runs/x"), "No space left on device"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_failure_of_another_kind_tells_no_path(
    task: BackgroundTask, error: Exception, words: str
) -> None:
    task.claim()
    with pytest.raises(type(error)), task.working():
        raise error
    assert task.state().error == words


def test_what_nobody_holds_is_interrupted_and_goes_on(task: BackgroundTask, tmp_path: Path) -> None:
    task.claim()
    (task.folder / "kept.txt").touch()
    task.submitted.release()  # as the system does when a process ends
    assert task.state().phase == "interrupted"
    other = seen(tmp_path)  # it lets go when it is forgotten
    assert other.claim()
    assert task.state().phase == "queued"
    assert (task.folder / "kept.txt").exists()


@pytest.mark.parametrize(
    "content",
    ["", '{"phase"', "[" * 100_000, "[1]", '{"x": 1}', '{"phase": "odd"}', "\x00\xff"]
    + [json.dumps({"phase": "working", "progress": odd}) for odd in ({"x": 1}, [1], "x", 3)],
)
def test_an_odd_state_is_an_interrupted_task(task: BackgroundTask, content: str) -> None:
    task.claim()
    (task.folder / "state.json").write_text(content)
    assert task.state() == TaskState("interrupted")


def test_an_odd_request_is_an_error_in_words(task: BackgroundTask, tmp_path: Path) -> None:
    task.claim()
    (task.folder / "task.json").write_text("[1")
    with pytest.raises(TaskError, match="can't be read"):
        _ = seen(tmp_path).request
    assert seen(tmp_path).state().phase == "queued"
    (task.folder / "task.json").unlink()
    (task.folder / "task.json").mkdir()
    assert seen(tmp_path).state().phase == "queued"


def test_a_training_of_the_version_before_is_interrupted(tmp_path: Path) -> None:
    folder = tmp_path / STAGING / "20260101-000000-abcdef"
    folder.mkdir(parents=True)
    (folder / "status.json").write_text('{"phase": "training", "progress": null, "error": null}')
    assert task_ids(tmp_path) == [folder.name]
    assert BackgroundTask(tmp_path, folder.name).state().phase == "interrupted"


def test_one_that_waits_can_be_called_off_and_asked_for_again(
    task: BackgroundTask, tmp_path: Path
) -> None:
    task.claim()
    seen(tmp_path).cancel()
    assert task.state().phase == "none"
    with pytest.raises(TaskGoneError), task.working():
        raise AssertionError("nobody may begin it")
    task.submitted.release()
    assert task.claim()
    assert task.state().phase == "queued"
    assert not task.stop_requested()


def test_one_that_was_stopped_is_no_failure(task: BackgroundTask, tmp_path: Path) -> None:
    task.claim()
    with task.working():
        seen(tmp_path).cancel()
        assert task.stop_requested()
        raise StoppedError("stopped")
    task.submitted.release()
    assert task.state().phase == "none"


def test_another_failure_after_a_stop_is_told(task: BackgroundTask) -> None:
    task.claim()
    task.request_stop()
    with pytest.raises(OSError, match="disk"), task.working():
        raise OSError("the disk is gone")
    task.submitted.release()
    assert task.state().phase == "failed"


def test_a_worker_does_not_begin_what_another_is_at(task: BackgroundTask, tmp_path: Path) -> None:
    task.claim()
    other = seen(tmp_path)
    other.worker.timeout = 0.1
    with (
        task.working(),
        pytest.raises(TaskGoneError, match="Another process"),
        other.working(),
    ):
        raise AssertionError("two may not be at it")


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / STAGING).touch()
    task = BackgroundTask(tmp_path, "count-a", new_request("count", tmp_path / "result"))
    with pytest.raises(TaskError, match=r"can't be written") as raised:
        task.claim()
    assert str(tmp_path) not in str(raised.value)


def test_resuming_on_a_full_disk_loses_nothing(
    task: BackgroundTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert task.claim()
    task.submitted.release()
    kept = task.folder / "checkpoint.npz"
    kept.write_bytes(b"an hour of work")
    with monkeypatch.context() as full:

        def refuse(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr("asl_core.background_task.write_json", refuse)
        with pytest.raises(TaskError, match=r"No space left on device\. Free disk space"):
            seen(tmp_path).claim()
    assert kept.exists()
    assert seen(tmp_path).state().phase == "interrupted"


def test_only_what_came_to_nothing_is_dismissed(task: BackgroundTask, tmp_path: Path) -> None:
    assert task.claim()
    seen(tmp_path).dismiss()  # of a page that was drawn before somebody asked again
    assert task.state().phase == "queued"
    task.submitted.release()
    seen(tmp_path).dismiss()
    assert task.state().phase == "none"


def test_who_asks_again_is_the_owner_now(task: BackgroundTask, tmp_path: Path) -> None:
    assert task.claim()
    task.submitted.release()
    request = new_request("count", tmp_path / "result", "another", source="/moved")
    again = BackgroundTask(tmp_path, "count-a", request)
    assert again.claim()
    again.submitted.release()
    assert seen(tmp_path).request == request


def test_a_look_at_a_lock_hides_none_from_another_and_holds_none(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "a.lock")
    assert not is_held(tmp_path / "a.lock")
    with lock:
        assert is_held(tmp_path / "a.lock")
    with (tmp_path / "a.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)  # another process looks at the same time
        assert not is_held(tmp_path / "a.lock")
