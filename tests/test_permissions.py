"""Who may start, change or remove what: asked of the real stores and tasks, in their folders."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from asl_core.background_task import BackgroundTask
from asl_core.config import TrainConfig
from asl_core.data import open_dataset
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.download import download_images
from asl_core.data.grow_dataset import GrowingDataset, new_by_hand
from asl_core.data.label_corrections import decide, decision, undo
from asl_core.errors import NotAllowedError
from asl_core.jobs.imports import new_import
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.sweeps import submit_sweep
from asl_core.permissions import A_PROGRAM, Requester, acting_as, requester
from asl_core.runs.archive import archive, unarchive
from asl_core.runs.deleted import bring_back, remove_for_good
from asl_core.runs.lesson import LessonMark
from asl_core.runs.manifest import seal
from asl_core.runs.owner import owner_mark
from asl_core.runs.pending import new_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.runs.train import train
from asl_core.task_state import new_request

ANNA, BEN = "anna000000000000", "ben0000000000000"
READER = Requester("", may_change=False, may_change_all=False, refusal="Here one can only look.")


def only(owner: str) -> Requester:
    """Somebody who may change what is their own."""
    return Requester(owner, may_change_all=False)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def of_anna(store: RunStore, drawn: Path) -> Run:
    """A run that Anna has asked for."""
    run = train(drawn, TrainConfig(epochs=1), split="original", runs=store.root)
    seal(run.folder, owner_mark(run.id, ANNA))
    return store.load(run.id)


def spec_of(drawn: Path) -> RunSpec:
    return RunSpec(TrainConfig(epochs=1), "original", str(drawn))


def everything_below(folder: Path) -> dict[Path, bytes]:
    paths = sorted(folder.rglob("*"))
    return {path: path.read_bytes() if path.is_file() else b"" for path in paths}


def test_a_program_may_do_everything() -> None:
    assert requester() == A_PROGRAM
    with acting_as(READER):
        assert requester() == READER
        with acting_as(A_PROGRAM):
            assert requester() == A_PROGRAM
    assert requester() == A_PROGRAM


def test_who_may_only_look_changes_nothing(store: RunStore, of_anna: Run, drawn: Path) -> None:
    dataset, sets, jobs = open_dataset(drawn), DatasetStore(store.root), Jobs()
    card = new_by_hand(sets, "Mine", ANNA)
    taken = decision(dataset, 0, "exclude")
    decide(store.root, taken)
    request = new_request("quality", store.root / "result", ANNA)
    task = BackgroundTask(store.root, "quality", request)
    task.claim()
    gone = train(drawn, TrainConfig(epochs=1), split="original", runs=store.root)
    deletion = store.delete(gone.id)
    put_away = train(drawn, TrainConfig(epochs=1), split="original", runs=store.root)
    archive_id = archive(store, [put_away])
    actions: list[Callable[[], object]] = [
        lambda: jobs.train(store, spec_of(drawn), ANNA),
        lambda: jobs.submit(BackgroundTask(store.root, "other", request)),
        lambda: jobs.check(of_anna, owner=ANNA),
        lambda: submit_sweep(jobs, store, lambda: [spec_of(drawn)], ANNA),
        task.request_stop,
        task.cancel,
        task.dismiss,
        lambda: of_anna.rename("Other"),
        lambda: store.delete(of_anna.id),
        lambda: bring_back(store.root, deletion.id),
        lambda: remove_for_good(store.root, deletion.id),
        lambda: archive(store, [of_anna]),
        lambda: unarchive(store, archive_id),
        lambda: decide(store.root, taken),
        lambda: undo(store.root),
        lambda: new_by_hand(sets, "Other", ANNA),
        lambda: GrowingDataset(sets, card.id, ANNA).add_class("A"),
        lambda: sets.rename(card.id, "Other", ANNA),
        lambda: sets.delete(card.id, ANNA),
        lambda: new_import(store, "a.zip", [b"x"], "Other", ANNA),
        lambda: download_images(store.root / "photos"),
    ]
    before = everything_below(store.root)
    for owner in ("", ANNA):
        with acting_as(replace(READER, owner=owner)):
            jobs.warm_up()
            for action in actions:
                with pytest.raises(NotAllowedError, match="only look"):
                    action()
    assert everything_below(store.root) == before
    task.submitted.release()


def test_a_run_is_changed_by_its_owner_alone(store: RunStore, of_anna: Run) -> None:
    with acting_as(only(BEN)):
        for action in (lambda: of_anna.rename("Ben's"), lambda: store.delete(of_anna.id)):
            with pytest.raises(NotAllowedError, match="Only whoever started this run"):
                action()
    assert of_anna.title == ""
    with acting_as(only(ANNA)):
        of_anna.rename("Anna's")
        deletion = store.delete(of_anna.id)
    with acting_as(only(BEN)):
        for undone in (bring_back, remove_for_good):
            with pytest.raises(NotAllowedError):
                undone(store.root, deletion.id)
    with acting_as(only(ANNA)):
        assert bring_back(store.root, deletion.id) == (of_anna.id,)
    assert store.load(of_anna.id).title == "Anna's"


def test_of_several_runs_none_is_deleted_if_one_is_another_s(
    store: RunStore, of_anna: Run, drawn: Path
) -> None:
    mine = train(drawn, TrainConfig(epochs=1), split="original", runs=store.root)
    seal(mine.folder, owner_mark(mine.id, BEN))
    with acting_as(only(BEN)), pytest.raises(NotAllowedError):
        store.delete(mine.id, of_anna.id)
    assert {run.id for run in store.list()} == {mine.id, of_anna.id}


def test_what_nobody_owns_is_of_whoever_runs_the_server(store: RunStore, of_anna: Run) -> None:
    seal(of_anna.folder)
    run = store.load(of_anna.id)
    for somebody in (only(ANNA), only("")):
        with acting_as(somebody), pytest.raises(NotAllowedError):
            store.delete(run.id)
    with acting_as(Requester(BEN)):
        store.delete(run.id)


def test_a_damaged_run_is_no_one_s(store: RunStore, of_anna: Run) -> None:
    (of_anna.folder / "manifest.json").write_text("{")
    with acting_as(only(ANNA)), pytest.raises(NotAllowedError):
        store.delete(of_anna.id)
    assert of_anna.folder.exists()


def test_a_task_is_stopped_by_who_asked_for_it_not_by_who_looks_at_it(tmp_path: Path) -> None:
    def seen_by(owner: str) -> BackgroundTask:
        request = new_request("quality", tmp_path / "result", owner)
        return BackgroundTask(tmp_path, "quality", request)

    asked = seen_by(ANNA)
    with acting_as(only(ANNA)):
        assert asked.claim()
    with acting_as(only(BEN)):
        for action in (seen_by(BEN).cancel, seen_by(BEN).request_stop, seen_by(BEN).dismiss):
            with pytest.raises(NotAllowedError, match="this task"):
                action()
    assert seen_by(BEN).state().phase == "queued"
    with acting_as(only(ANNA)):
        seen_by(ANNA).cancel()
    assert asked.state().phase == "none"


def test_an_interrupted_training_is_gone_on_with_by_its_owner_alone(
    store: RunStore, drawn: Path
) -> None:
    pending = new_pending(store, spec_of(drawn), ANNA)
    pending.claim()
    pending.submitted.release()
    assert pending.state().phase == "interrupted"
    with acting_as(only(BEN)), pytest.raises(NotAllowedError):
        Jobs().submit(pending)
    assert pending.state().phase == "interrupted"


def test_a_teacher_puts_the_runs_of_their_lesson_away_and_no_pupil_does(
    store: RunStore, drawn: Path
) -> None:
    mark = LessonMark.of("0123abcd", "Filters", "Anna", owner_mark("0123abcd", "the teacher"))
    spec = replace(spec_of(drawn), lesson=mark)
    runs = []
    for owner in (ANNA, BEN):
        pending = new_pending(store, spec, owner)
        made = train(drawn, TrainConfig(epochs=1), split="original", runs=store.root)
        (made.folder / "config.json").write_text(json.dumps(spec.to_json()))
        made.folder.rename(store.root / pending.id)
        seal(store.root / pending.id, owner_mark(pending.id, owner))
        runs.append(store.load(pending.id))
    with acting_as(only(BEN)), pytest.raises(NotAllowedError, match="has made a lesson"):
        archive(store, runs)
    with acting_as(only("the teacher")):
        archive_id = archive(store, runs)
    assert store.list() == ()
    with acting_as(only(ANNA)), pytest.raises(NotAllowedError):
        unarchive(store, archive_id)
    with acting_as(only("the teacher")):
        unarchive(store, archive_id)
    assert len(store.list()) == 2


def test_a_dataset_is_of_who_asks_whatever_is_said_of_it(store: RunStore) -> None:
    sets = DatasetStore(store.root)
    card = new_by_hand(sets, "Anna's", ANNA)
    with acting_as(only(BEN)):
        for asker in ("", ANNA):
            with pytest.raises(NotAllowedError, match="this dataset"):
                sets.rename(card.id, "Ben's", asker)
        with pytest.raises(NotAllowedError, match="this dataset"):
            new_by_hand(sets, "In her name", ANNA)
    assert [each.name for each in sets.list()] == ["Anna's"]
