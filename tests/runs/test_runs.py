"""Runs on disk and runs on their way: whole or not at all, whatever ends when."""

import json
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from asl_core.background_task import STAGING
from asl_core.config import TrainConfig
from asl_core.errors import DamagedRunError, RunNotFoundError, TaskGoneError
from asl_core.files import from_json
from asl_core.progress import Progress
from asl_core.runs.deleted import remove_for_good
from asl_core.runs.manifest import MANIFEST, RUN_FILES
from asl_core.runs.pending import PendingRun, find_pending, list_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore, new_run_id, open_run
from asl_core.task_state import TaskState
from tests.background_tasks import asked
from tests.processes import hear, kill, start

UNKNOWN = "20200101-000000-abcdef"

PUBLISHER = """
import shutil, sys
from pathlib import Path
from asl_core.runs.manifest import RUN_FILES
from asl_core.runs.store import RunStore, open_run
from asl_core.runs.pending import new_pending
store, source = RunStore(sys.argv[1]), open_run(Path(sys.argv[2]))
for _ in range(int(sys.argv[3])):
    pending = new_pending(store, source.spec)
    pending.claim()
    pending.files.mkdir()
    for name in RUN_FILES:
        shutil.copyfile(source.folder / name, pending.files / name)
    pending.publish()
    pending.discard()
    print(pending.id, flush=True)
"""

WORKER = """
import sys, time
from asl_core.runs.store import RunStore
from asl_core.runs.pending import PendingRun
pending = PendingRun(RunStore(sys.argv[1]), sys.argv[2])
with pending.worker:
    pending.write_state("training")
    print("holds", flush=True)
    time.sleep(120)
"""


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def saved(store: RunStore, drawn_run: Run) -> Run:
    """A whole run in the store, free to be damaged."""
    return copy_into(store, drawn_run, drawn_run.id)


@pytest.fixture
def staged(store: RunStore) -> PendingRun:
    """A run that was asked for by this process."""
    return asked(store, RunSpec(TrainConfig(epochs=3), "frames", "/photos"))


def copy_into(store: RunStore, run: Run, run_id: str) -> Run:
    shutil.copytree(run.folder, store.root / run_id)
    return open_run(store.root / run_id)


def fill(staged: PendingRun, run: Run) -> None:
    staged.files.mkdir(exist_ok=True)
    for name in RUN_FILES:
        shutil.copyfile(run.folder / name, staged.files / name)


def flip(path: Path, position: int, mask: int = 0x01) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= mask
    path.write_bytes(content)


def test_store_that_is_not_there_yet_is_empty_and_is_not_made_by_looking(store: RunStore) -> None:
    assert store.list() == ()
    assert store.damaged() == ()
    assert list_pending(store) == []
    assert not store.root.exists()


def test_published_run_is_listed_and_loads_equal(
    store: RunStore, staged: PendingRun, drawn_run: Run
) -> None:
    fill(staged, drawn_run)

    run = staged.publish()
    staged.discard()

    assert run.id == staged.id
    assert store.list() == (run,)
    assert store.load(run.id) == run
    assert sorted(path.name for path in run.folder.iterdir()) == sorted([*RUN_FILES, MANIFEST])
    assert list((store.root / STAGING).rglob("*.json")) == []


def test_run_without_all_of_its_files_is_not_published(
    store: RunStore, staged: PendingRun, drawn_run: Run
) -> None:
    fill(staged, drawn_run)
    (staged.files / "model.tflite").unlink()

    with pytest.raises(FileNotFoundError):
        staged.publish()

    assert store.list() == ()
    assert not (store.root / staged.id).exists()


def test_newest_run_comes_first(store: RunStore, drawn_run: Run) -> None:
    ids = ["20240101-000000-ffffff", "20260101-120000-000000", "20250630-235959-aaaaaa"]
    for run_id in ids:
        copy_into(store, drawn_run, run_id)

    listed = store.list()

    assert [run.id for run in listed] == [ids[1], ids[2], ids[0]]
    assert [run.created.year for run in listed] == [2026, 2025, 2024]


def test_new_ids_differ_and_sort_by_time() -> None:
    first = [new_run_id() for _ in range(50)]
    time.sleep(1.1)

    assert len(set(first)) == 50
    assert first == sorted(first)  # so that runs of a sweep stay in the order of its grid
    assert max(first) < new_run_id()


def test_what_is_no_run_is_not_listed(store: RunStore, saved: Run) -> None:
    (store.root / "notes.txt").write_text("mine")
    (store.root / "my-folder").mkdir()
    (store.root / f"{saved.id}-copy").mkdir()

    assert [run.id for run in store.list()] == [saved.id]
    assert store.damaged() == ()


def test_config_comes_back_as_it_was_asked_for(tmp_path: Path, drawn: Path) -> None:
    spec = RunSpec(TrainConfig(7, (3, 4), 16, "adam", 0.002, 9), "frames", str(drawn))

    assert from_json(json.dumps(spec.to_json()), RunSpec) == spec


def test_settings_results_history_and_predictions_come_back(
    saved: Run, drawn_run: Run, drawn: Path
) -> None:
    assert saved.spec == RunSpec(TrainConfig(epochs=2, batch_size=8), "random", str(drawn))
    assert saved.results == drawn_run.results
    assert saved.results.train == {"A": 16, "B": 16, "C": 16}
    assert saved.results.test == {"A": 4, "B": 4, "C": 4}
    assert (saved.results.n_train, saved.results.n_test) == (48, 12)
    assert saved.results.params == 2_678
    assert set(saved.results.seconds) == {"load", "fit", "evaluate", "total"}

    history = saved.history()
    assert list(history) == ["loss", "accuracy", "test_loss", "test_accuracy"]
    assert [len(values) for values in history.values()] == [2, 2, 2, 2]
    assert all(np.isfinite(values).all() for values in history.values())

    saying = saved.predictions()
    assert saying.probabilities.shape == (12, 3)
    assert saying.probabilities.dtype == np.float32
    np.testing.assert_allclose(saying.probabilities.sum(axis=1), 1, atol=1e-5)
    letters = [file.split("/")[0] for file in saying.files]
    assert [saved.results.classes[label] for label in saying.labels] == letters
    right = int((saying.probabilities.argmax(axis=1) == saying.labels).sum())
    assert right == saved.results.test_correct


@pytest.mark.parametrize("name", [*RUN_FILES, MANIFEST])
def test_missing_file_damages_a_run(name: str, store: RunStore, saved: Run) -> None:
    (saved.folder / name).unlink()

    assert_damaged(store, saved)


@pytest.mark.parametrize("name", [*RUN_FILES, MANIFEST])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_truncated_file_damages_a_run(name: str, share: float, store: RunStore, saved: Run) -> None:
    path = saved.folder / name
    content = path.read_bytes()
    path.write_bytes(content[: min(int(len(content) * share), len(content) - 1)])

    assert_damaged(store, saved)


@pytest.mark.parametrize("name", [*RUN_FILES, MANIFEST])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 1.0])
def test_one_changed_byte_damages_a_run(
    name: str, place: float, store: RunStore, saved: Run
) -> None:
    path = saved.folder / name
    flip(path, int((path.stat().st_size - 1) * place))

    with pytest.raises(DamagedRunError, match=saved.id):
        store.load(saved.id)


@pytest.mark.parametrize("name", ["config.json", "results.json", MANIFEST])
def test_list_stands_every_changed_byte(name: str, store: RunStore, saved: Run) -> None:
    """`list` checks no content, so it may get any values: it leaves the run out or shows it."""
    path = saved.folder / name
    content = path.read_bytes()
    for position in range(len(content)):
        flip(path, position, 0x01)
        assert len(store.list()) + len(store.damaged()) == 1
        path.write_bytes(content)
    assert store.load(saved.id) == saved


def test_manifest_of_another_schema_is_not_read(store: RunStore, saved: Run) -> None:
    manifest = json.loads((saved.folder / MANIFEST).read_text())
    (saved.folder / MANIFEST).write_text(json.dumps({**manifest, "schema": 99}))

    assert_damaged(store, saved)
    with pytest.raises(DamagedRunError, match="schema 99"):
        store.load(saved.id)


def assert_damaged(store: RunStore, saved: Run) -> None:
    with pytest.raises(DamagedRunError, match=saved.id):
        store.load(saved.id)
    assert store.list() == ()
    assert store.damaged() == (saved.id,)


def test_damaged_run_hides_no_other(store: RunStore, saved: Run, drawn_run: Run) -> None:
    other = copy_into(store, drawn_run, UNKNOWN)
    (saved.folder / "model.tflite").unlink()

    assert store.list() == (other,)
    assert store.damaged() == (saved.id,)


@pytest.mark.parametrize(
    "run_id", ["", ".", "..", "../x", "/etc", STAGING, UNKNOWN, f"{UNKNOWN}\n", f"./{UNKNOWN}"]
)
def test_unknown_id_finds_no_run_and_deletes_nothing(
    run_id: str, store: RunStore, saved: Run
) -> None:
    (store.root.parent / "x").mkdir()

    with pytest.raises(RunNotFoundError):
        store.load(run_id)
    with pytest.raises(RunNotFoundError):
        store.delete(run_id)

    assert (store.root.parent / "x").is_dir()
    assert store.list() == (saved,)


def test_id_with_a_way_around_is_not_followed(store: RunStore, saved: Run) -> None:
    for run_id in (f"../{store.root.name}/{saved.id}", f"{saved.id}/", f"{saved.id}/../{saved.id}"):
        with pytest.raises(RunNotFoundError):
            store.load(run_id)


def test_deleted_run_is_gone_and_nothing_is_left_of_it(store: RunStore, saved: Run) -> None:
    deletion = store.delete(saved.id)

    assert store.list() == ()
    remove_for_good(store.root, deletion.id)
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    with pytest.raises(RunNotFoundError):
        store.load(saved.id)
    with pytest.raises(RunNotFoundError):
        store.delete(saved.id)


def test_damaged_run_can_be_deleted(store: RunStore, saved: Run) -> None:
    (saved.folder / MANIFEST).unlink()

    store.delete(saved.id)

    assert store.damaged() == ()


def test_reader_never_sees_half_a_run_while_another_process_publishes(
    store: RunStore, drawn_run: Run
) -> None:
    publisher = start(PUBLISHER, store.root, drawn_run.folder, 25)
    seen: set[str] = set()
    looks = 0
    while publisher.poll() is None:
        assert store.damaged() == ()
        for run in store.list():
            if run.id not in seen:
                assert store.load(run.id).results == drawn_run.results
                seen.add(run.id)
        looks += 1
    told = publisher.communicate()[0].split()

    assert publisher.returncode == 0
    assert looks > 25
    assert len(seen) > 1
    assert {run.id for run in store.list()} == set(told)
    assert len(told) == 25


def test_publisher_killed_at_any_moment_leaves_whole_runs_only(
    store: RunStore, drawn_run: Run
) -> None:
    rng = random.Random(0)
    told: set[str] = set()
    for _ in range(4):
        publisher = start(PUBLISHER, store.root, drawn_run.folder, 1_000)
        told.add(hear(publisher))
        time.sleep(rng.uniform(0, 0.2))
        kill(publisher)

    assert store.damaged() == ()
    assert told <= {run.id for run in store.list()}
    assert all(store.load(run.id).results == drawn_run.results for run in store.list())
    assert all(unfinished.state().phase == "interrupted" for unfinished in list_pending(store))


def test_phases_and_progress_of_a_staged_run_are_told(store: RunStore, staged: PendingRun) -> None:
    assert staged.state() == TaskState("queued")
    assert staged.spec == RunSpec(TrainConfig(epochs=3), "frames", "/photos")

    progress = Progress(epochs=3, batches=4).after_batch(2, 0.5, 0.75)
    with staged.working():
        assert staged.state() == TaskState("working", "starting")

        staged.write_state("training", progress)
        told = find_pending(store, staged.id).state()
        assert told.active
        assert (told.phase, told.step) == ("working", "training")
        assert told.progress is not None
        assert told.progress.fraction_done == pytest.approx(0.5 / 3)
        assert told.progress.points == ((0.5, 0.5, 0.75),)

        staged.write_state("evaluating")
        assert staged.state() == TaskState("working", "evaluating")

    assert list_pending(store) == []


def test_staged_runs_come_oldest_first_and_are_no_finished_runs(store: RunStore) -> None:
    first = asked(store, RunSpec(TrainConfig(), "random", "/a"))
    time.sleep(1.1)
    second = asked(store, RunSpec(TrainConfig(), "random", "/b"))

    assert [staged.id for staged in list_pending(store)] == [first.id, second.id]
    assert store.list() == ()
    with pytest.raises(RunNotFoundError):
        store.load(first.id)


@pytest.mark.parametrize("run_id", ["", "..", "../x", UNKNOWN])
def test_unknown_staged_run_is_not_found(run_id: str, store: RunStore, staged: PendingRun) -> None:
    with pytest.raises(RunNotFoundError):
        find_pending(store, run_id)


def test_wish_to_stop_reaches_whoever_trains(store: RunStore, staged: PendingRun) -> None:
    worker = PendingRun(store, staged.id)
    assert not worker.stop_requested()

    find_pending(store, staged.id).request_stop()

    assert worker.stop_requested()


def test_queued_run_whose_submitter_is_gone_is_interrupted(staged: PendingRun) -> None:
    assert staged.state() == TaskState("queued")

    staged.submitted.release()

    told = staged.state()
    assert told.phase == "interrupted"
    assert not told.active


def test_run_whose_worker_is_gone_waits_for_another_while_its_submitter_lives(
    staged: PendingRun,
) -> None:
    with staged.worker:
        staged.write_state("training")
        assert staged.state() == TaskState("working", "training")

    assert staged.state().phase == "queued"
    staged.submitted.release()
    assert staged.state().phase == "interrupted"


def test_only_a_run_that_nobody_holds_is_taken_up(store: RunStore, staged: PendingRun) -> None:
    other = PendingRun(store, staged.id)
    assert not other.claim()
    staged.submitted.release()
    staged.request_stop()
    assert other.claim()
    assert not other.stop_requested()
    assert staged.state() == TaskState("queued")
    assert not PendingRun(store, staged.id).claim()
    other.submitted.release()
    with staged.worker:
        staged.write_state("training")
        assert not other.claim()
    staged.discard()
    assert other.state().phase == "none"
    assert list_pending(store) == []


def test_a_cancelled_run_is_dropped_unless_somebody_is_at_work_on_it(
    store: RunStore, staged: PendingRun
) -> None:
    seen = PendingRun(store, staged.id)
    with staged.working():
        seen.cancel()  # the page that offers it may have been drawn before the work began
        assert staged.stop_requested()
        assert staged.state().step == "starting"
    waits = asked(store, RunSpec(TrainConfig(), "frames", "/photos"))
    PendingRun(store, waits.id).cancel()
    assert list_pending(store) == []
    with pytest.raises(TaskGoneError, match="canceled"), waits.working():
        raise AssertionError("nobody may begin it")


def test_a_run_that_the_disk_has_no_room_for_is_refused_in_words(store: RunStore) -> None:
    script = """
import resource, signal, sys
from asl_core.config import TrainConfig
from asl_core.errors import TaskError
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.runs.pending import new_pending
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))  # bytes: folders can be made, files can't
try:
    new_pending(RunStore(sys.argv[1]), RunSpec(TrainConfig(), "frames", "/photos")).claim()
except TaskError as error:
    print(error)
"""
    process = start(script, store.root)
    assert "can't be written" in hear(process)
    assert process.wait() == 0
    assert list_pending(store) == []
    assert not [p for p in store.root.rglob("*") if p.is_file() and p.suffix != ".lock"]


def test_run_whose_worker_is_killed_is_interrupted(store: RunStore, staged: PendingRun) -> None:
    worker = start(WORKER, store.root, staged.id)
    try:
        assert hear(worker) == "holds"
        staged.submitted.release()
        assert staged.state() == TaskState("working", "training")
    finally:
        kill(worker)

    assert staged.state().phase == "interrupted"
    assert [unfinished.id for unfinished in list_pending(store)] == [staged.id]


def test_failed_run_keeps_the_words_and_the_traceback(store: RunStore, staged: PendingRun) -> None:
    with pytest.raises(ValueError, match="gone"), staged.working():
        raise ValueError("the photos are gone")

    assert find_pending(store, staged.id).state() == TaskState("failed", error="ValueError")
    assert "ValueError: the photos are gone" in staged.log()


def test_error_without_words_is_told_by_its_name(staged: PendingRun) -> None:
    with pytest.raises(MemoryError), staged.working():
        raise MemoryError

    assert staged.state().error == "MemoryError"


def test_discarded_run_is_gone(store: RunStore, staged: PendingRun) -> None:
    staged.discard()

    assert list_pending(store) == []
    assert not staged.folder.exists()
    with pytest.raises(RunNotFoundError):
        find_pending(store, staged.id)
    assert staged.state().phase == "none"
    assert not staged.folder.exists()


def test_published_run_is_no_longer_staged_even_before_it_is_cleared(
    store: RunStore, staged: PendingRun, drawn_run: Run
) -> None:
    fill(staged, drawn_run)
    staged.publish()

    assert list_pending(store) == []


def test_watching_disturbs_no_end(store: RunStore) -> None:
    """Pages ask for the status all the time, also at the moment in which a run is cleared."""
    unexpected: list[Exception] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            for unfinished in list_pending(store):
                try:
                    unfinished.state()
                except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                    unexpected.append(error)

    with watchers(watch, 2, ended):
        for _ in range(200):
            staged = asked(store, RunSpec(TrainConfig(), "random", "/a"))
            staged.write_state("training")
            staged.discard()
            staged.submitted.release()

    assert unexpected == []
    assert list_pending(store) == []


def test_failed_run_never_shows_as_interrupted(store: RunStore) -> None:
    """A status that is read while the worker lets go is the old one or the last one."""
    told: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            for unfinished in list_pending(store):
                told.add(unfinished.state().phase)

    with watchers(watch, 1, ended):
        for _ in range(30):
            staged = asked(store, RunSpec(TrainConfig(), "random", "/a"))
            with suppress(ValueError), staged.working():
                raise ValueError("no")
            staged.submitted.release()

    assert "failed" in told
    assert "interrupted" not in told


@contextmanager
def watchers(call: Callable[[], None], count: int, ended: threading.Event) -> Iterator[None]:
    """Threads that watch over and over until the block ends."""
    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
