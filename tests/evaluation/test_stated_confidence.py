"""From which confidence on a run knows, counted by hand."""

from dataclasses import asdict, replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from asl_core.errors import DamagedRunError
from asl_core.evaluation.evaluation import NO_HAND, Evaluation
from asl_core.evaluation.stated_confidence import (
    STATED_CONFIDENCE,
    StatedConfidence,
    state_confidence,
    stated_confidence,
)
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, NO_LETTER, ROOT

CLASSES = ("A", "B", NO_LETTER)


def answered(groups: list[tuple[int, str, str, float]]) -> Evaluation:
    """So many images each of a class, answered by another with a confidence; none: no hand."""
    labels, rows = [], []
    for count, true, said, confidence in groups:
        row = np.full(3, np.nan)
        if said != NO_HAND:
            row[:] = (1 - confidence) / 2
            row[CLASSES.index(said)] = confidence
        labels += [CLASSES.index(true)] * count
        rows += [row] * count
    n = len(labels)
    return Evaluation.of_answers(
        np.array(labels), np.array(rows, np.float32), CLASSES, ("",) * n, np.arange(n)
    )


def test_the_threshold_counted_by_hand() -> None:
    # At 0.9: 95 of 95. At 0.7: 95 of 100, which is the share that is wanted. At 0.5: 95 of 110.
    evaluation = answered(
        [
            *((95, "A", "A", 0.905), (5, "B", "A", 0.705), (10, "B", "A", 0.505)),
            *((20, "A", NO_HAND, 1), (20, "A", NO_LETTER, 0.99), (50, NO_LETTER, NO_LETTER, 0.4)),
        ]
    )
    found = state_confidence(evaluation, "photos")
    assert found == StatedConfidence(0.51, 0.95, 100 / 150, 200, "photos")
    assert not found.of_new_people
    assert found.knows("A", 0.51)
    assert not found.knows("A", 0.5)
    assert not found.knows(NO_LETTER, 0.99)
    assert not found.knows(NO_HAND, 1.0)


def test_a_hand_that_signs_nothing_is_an_error_where_it_is_answered() -> None:
    evaluation = answered([(95, "A", "A", 0.905), (15, NO_LETTER, "A", 0.705)])
    found = state_confidence(evaluation, "photos")
    assert found == StatedConfidence(0.71, 1.0, 1.0, 110, "photos")


def test_what_is_always_right_is_known_from_the_least_confident_on() -> None:
    found = state_confidence(answered([(50, "A", "A", 0.605), (9, "B", "B", 0.9)]), "photos")
    assert found == StatedConfidence(0.6, 1.0, 1.0, 59, "photos")


@pytest.mark.parametrize(
    "groups",
    [
        [(49, "A", "A", 0.9)],  # too few
        [(49, "A", "A", 0.9), (51, "B", "A", 0.8)],  # too few are sure
        [(100, "A", "A", 0.9), (10, "B", "A", 0.9)],  # never right often enough
    ],
)
def test_nothing_is_stated_that_was_not_seen(groups: list[tuple[int, str, str, float]]) -> None:
    assert state_confidence(answered(groups), "photos") is None


def test_what_is_kept_with_a_run_is_taken_and_checked(drawn_run: Run, tmp_path: Path) -> None:
    copytree(drawn_run.folder, tmp_path / drawn_run.id)
    run = replace(drawn_run, folder=tmp_path / drawn_run.id)
    own = stated_confidence(run)
    assert own == state_confidence(Evaluation.of(run), "its test images")
    kept = StatedConfidence(0.7, 0.96, 0.8, 100, "photos of people held out")
    run.save_artifact(STATED_CONFIDENCE, asdict(kept))
    assert stated_confidence(run) == kept
    run.save_artifact(STATED_CONFIDENCE, {**asdict(kept), "accuracy": 1.5})
    with pytest.raises(DamagedRunError):
        stated_confidence(run)


def without_artifacts(run: Run, folder: Path) -> Path:
    """A copy of a run with nothing kept beside its answers."""
    copy = Path(copytree(run.folder, folder / run.id))
    (copy / f"{STATED_CONFIDENCE}.json").unlink()
    return copy


def test_each_person_counts_alike_and_the_worst_is_told() -> None:
    # At 0.5, Ann has 190 of 190 right, and Bob 6 of 10: 0.98 of all, but 0.8 of a person.
    evaluation = answered(
        [
            *((190, "A", "A", 0.905), (6, "B", "B", 0.705), (4, "B", "A", 0.505)),
            (20, NO_LETTER, "A", 0.605),
        ]
    )
    people = ["Ann"] * 190 + ["Bob"] * 10 + ["nobody"] * 20
    found = state_confidence(evaluation, "photos", people)
    assert found == StatedConfidence(0.51, 1.0, 196 / 200, 220, "photos", lowest=1.0)
    assert state_confidence(evaluation, "photos") != found


def test_the_shipped_run_states_what_its_answers_on_people_held_out_say(tmp_path: Path) -> None:
    (run,) = (run for run in RunStore(ROOT / "models").list() if run.spec.data == ANY_HAND)
    kept = run.load_artifact(STATED_CONFIDENCE, StatedConfidence)
    assert kept == stated_confidence(replace(run, folder=without_artifacts(run, tmp_path)))
    assert kept
    assert kept.of_new_people
    assert kept.lowest is not None
    assert kept.lowest > 0.85
    assert kept.answered > 0.8
