"""Decisions about photos: kept beside the runs, undone, and applied before a training."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from asl_core import Comparison, TrainConfig, make_split, read_folder, train
from asl_core.data.label_corrections import (
    FILE,
    LabelCorrections,
    apply_label_corrections,
    decide,
    decision,
    load_label_corrections,
    undo,
)
from asl_core.errors import DatasetError, PairingError, RunError
from asl_core.evaluation.generalization import leakage_of
from asl_core.files import sha256
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.runs.train import run_training
from tests.background_tasks import asked

QUICK = TrainConfig(epochs=1, batch_size=8)


def test_what_was_decided_is_there_again_and_can_be_undone(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    assert load_label_corrections(tmp_path) == LabelCorrections()
    assert undo(tmp_path) == LabelCorrections()
    kept = decision(dataset, 0, "keep")
    moved = decision(dataset, 0, "relabel", "B")
    dropped = decision(dataset, 5, "exclude")
    decide(tmp_path, kept)
    assert decide(tmp_path, moved, dropped).history == (kept, moved, dropped)
    assert load_label_corrections(tmp_path).about(dataset) == {0: moved, 5: dropped}
    assert undo(tmp_path).about(dataset) == {0: moved}
    assert undo(tmp_path).about(dataset) == {0: kept}
    assert load_label_corrections(tmp_path).history == (kept,)
    assert RunStore(tmp_path).list() == ()
    assert RunStore(tmp_path).damaged() == ()


def test_any_decision_can_be_taken_back_alone(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    first, second, again = (
        decision(dataset, 0, "exclude"),
        decision(dataset, 1, "exclude"),
        decision(dataset, 0, "keep"),
    )
    decide(tmp_path, first, second, again)
    assert undo(tmp_path, second).history == (first, again)
    assert undo(tmp_path, second).history == (first, again)
    assert undo(tmp_path, again).about(dataset) == {0: first}


def test_a_folder_that_can_not_be_written_is_named(drawn: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="can't be saved"):
        decide(tmp_path / "file", decision(read_folder(drawn), 0, "keep"))


def test_they_change_labels_and_take_photos_out_of_the_split(drawn: Path) -> None:
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    out, tested, moved = int(split.train[0]), int(split.test[0]), int(split.train[1])
    wanted = next(name for name in dataset.classes if name != dataset.class_name(moved))
    decisions = LabelCorrections(
        (
            decision(dataset, out, "exclude"),
            decision(dataset, tested, "exclude"),
            decision(dataset, moved, "relabel", wanted),
        )
    )
    changed, left = apply_label_corrections(decisions, dataset, split)
    assert changed.class_name(moved) == wanted
    assert np.flatnonzero(changed.labels != dataset.labels).tolist() == [moved]
    np.testing.assert_array_equal(left.train, split.train[1:])
    np.testing.assert_array_equal(left.test, split.test[1:])
    assert changed.files == dataset.files
    assert changed.fingerprint == dataset.fingerprint
    same, whole = apply_label_corrections(LabelCorrections(), dataset, split)
    np.testing.assert_array_equal(same.labels, dataset.labels)
    np.testing.assert_array_equal(whole.train, split.train)


def test_another_photo_of_the_same_name_is_not_meant(drawn: Path, tmp_path: Path) -> None:
    taken = LabelCorrections((decision(read_folder(drawn), 0, "exclude"),))
    other = tmp_path / "other"
    shutil.copytree(drawn, other)
    assert set(taken.about(read_folder(other))) == {0}
    shutil.copy(drawn / "B/B0.png", other / "A/A0.png")
    assert taken.about(read_folder(other)) == {}


def test_nonsense_is_refused(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    with pytest.raises(DatasetError, match="one of A, B, C"):
        decision(dataset, 0, "relabel", "Q")
    with pytest.raises(DatasetError, match="needs a class"):
        decision(dataset, 0, "exclude", "A")
    with pytest.raises(DatasetError, match="needs a class"):
        decision(dataset, 0, "relabel")
    everything = LabelCorrections(tuple(decision(dataset, index, "exclude") for index in range(60)))
    with pytest.raises(DatasetError, match="Undo"):
        apply_label_corrections(everything, dataset, make_split(dataset, "random"))
    wrong = asdict(decision(dataset, 0, "exclude")) | {"label": "B"}
    for broken in (
        "{",
        "[" * 100_000,
        json.dumps({"schema": 2, "history": []}),
        json.dumps({"schema": 1}),
        json.dumps({"schema": 1, "history": [[]]}),
        json.dumps({"schema": 1, "history": [wrong]}),
    ):
        (tmp_path / FILE).write_text(broken)
        with pytest.raises(DatasetError, match=FILE):
            load_label_corrections(tmp_path)


def test_what_an_earlier_version_kept_is_read_and_goes_on(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    first, second = decision(dataset, 0, "exclude"), decision(dataset, 1, "exclude")
    old = json.dumps({"schema": 1, "history": [asdict(first)]})
    (tmp_path / "decisions.json").write_text(old)
    assert load_label_corrections(tmp_path).history == (first,)
    assert decide(tmp_path, second).history == (first, second)
    assert load_label_corrections(tmp_path).history == (first, second)
    assert undo(tmp_path).history == (first,)
    assert undo(tmp_path) == load_label_corrections(tmp_path) == LabelCorrections()
    assert (tmp_path / "decisions.json").read_text() == old


def test_two_visitors_at_once_lose_nothing(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: decide(tmp_path, decision(dataset, i, "keep")), range(40)))
    assert set(load_label_corrections(tmp_path).about(dataset)) == set(range(40))


@pytest.fixture(scope="module")
def decided(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """A run trained after two photos were relabelled and three excluded, and one without."""
    runs = tmp_path_factory.mktemp("decided")
    dataset = read_folder(drawn)
    before = {path: sha256(path) for path in drawn.rglob("*.png")}
    split = make_split(dataset, "random")
    train_a = [i for i in split.train if dataset.class_name(i) == "A"]
    test_c = [i for i in split.test if dataset.class_name(i) == "C"]
    decide(
        runs,
        *(decision(dataset, i, "exclude") for i in (*train_a[:2], test_c[0])),
        *(decision(dataset, i, "relabel", "B") for i in (train_a[2], test_c[1])),
        decision(dataset, train_a[3], "keep"),
    )
    pair = (
        train(drawn, QUICK, "random", runs),
        train(drawn, QUICK, "random", runs, use_corrections=False),
    )
    assert {path: sha256(path) for path in drawn.rglob("*.png")} == before
    return pair


def test_the_next_training_counts_what_is_left(decided: tuple[Run, Run], drawn: Path) -> None:
    run, without = decided
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    assert without.results.train == {"A": 16, "B": 16, "C": 16}
    assert without.results.test == {"A": 4, "B": 4, "C": 4}
    assert run.results.train == {"A": 13, "B": 17, "C": 16}
    assert run.results.test == {"A": 4, "B": 5, "C": 2}
    saved = run.predictions()
    out = next(i for i in split.test if dataset.class_name(i) == "C")
    np.testing.assert_array_equal(saved.indices, split.test[split.test != out])
    assert np.bincount(saved.labels).tolist() == [4, 5, 2]
    right = (saved.probabilities.argmax(axis=1) == saved.labels).sum()
    assert run.results.test_correct == right


def test_a_run_keeps_the_decisions_that_it_was_trained_with(decided: tuple[Run, Run]) -> None:
    run, without = decided
    taken = [entry.action for entry in run.results.corrections.history]
    assert sorted(taken) == ["exclude", "exclude", "exclude", "relabel", "relabel"]
    assert without.results.corrections == LabelCorrections()
    assert not without.spec.use_corrections
    runs = run.folder.parent
    left = load_label_corrections(runs)
    undo(runs)
    assert RunStore(runs).load(run.id).results == run.results
    decide(runs, left.history[-1])


def test_what_was_n_train_images_is_found_again(decided: tuple[Run, Run], drawn: Path) -> None:
    run, _ = decided
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    out = [i for i in split.train if dataset.class_name(i) == "A"][:2]
    assert len(leakage_of(run, dataset).nearest) == run.results.n_test
    assert not set(out) & set(leakage_of(run, dataset).nearest.tolist())


def test_runs_before_and_after_are_not_paired(decided: tuple[Run, Run]) -> None:
    with pytest.raises(PairingError, match="label corrections"):
        Comparison.of(*decided)


def test_another_label_of_a_test_photo_is_no_pair(
    decided: tuple[Run, Run], drawn: Path, tmp_path: Path
) -> None:
    _, without = decided
    dataset = read_folder(drawn)
    tested = int(make_split(dataset, "random").test[0])
    wanted = next(name for name in dataset.classes if name != dataset.class_name(tested))
    decide(tmp_path, decision(dataset, tested, "relabel", wanted))
    with pytest.raises(PairingError, match="1 test image was relabeled"):
        Comparison.of(train(drawn, QUICK, "random", tmp_path), without)


def test_decisions_taken_while_a_run_waits_do_not_reach_it(drawn: Path, tmp_path: Path) -> None:
    dataset = read_folder(drawn)
    decide(tmp_path, decision(dataset, 0, "exclude"))
    staged = asked(RunStore(tmp_path), RunSpec(QUICK, "random", str(drawn)))
    decide(tmp_path, decision(dataset, 1, "exclude"))
    with staged.working():
        run = run_training(staged)
    staged.submitted.release()
    assert [entry.file for entry in run.results.corrections.history] == [dataset.files[0]]
    assert run.results.n_train + run.results.n_test == 59
