"""The search for label errors: what is found is kept, and a stop leaves nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from asl_core import Dataset, read_folder
from asl_core.errors import DatasetError, StoppedError
from asl_core.evaluation.label_issues import (
    ENOUGH_AGREEMENT,
    SHORT_SHARE,
    find_label_issues,
    load_label_issues,
)


def test_what_is_found_is_kept(drawn: Path, tmp_path: Path) -> None:
    told: list[float] = []
    found = find_label_issues(read_folder(drawn), on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert sorted(found.queue.tolist()) == list(range(60))
    assert found.n_issues <= 60
    assert ((found.confidence >= 1 / 3) & (found.confidence <= 1)).all()
    assert found.suggested.dtype == np.int64
    path = tmp_path / "label_issues.npz"
    found.save(path)
    again = load_label_issues(path)
    assert again.n_issues == found.n_issues
    for name in ("queue", "quality", "suggested", "confidence"):
        assert np.array_equal(getattr(again, name), getattr(found, name))
    for content in (b"", b"half of it", path.read_bytes()[:-40]):
        path.write_bytes(content)
        with pytest.raises(DatasetError, match="Search again"):
            load_label_issues(path)


def test_a_stop_ends_it(drawn: Path) -> None:
    told: list[float] = []
    with pytest.raises(StoppedError):
        find_label_issues(
            read_folder(drawn),
            on_progress=told.append,
            should_stop=lambda: bool(told) and told[-1] > 0.3,
        )
    assert 0.3 < told[-1] < 0.9


def relabeled(dataset: Dataset, labels: np.ndarray) -> Dataset:
    return replace(dataset, labels=labels.astype(np.int64))


def test_wrong_labels_come_first(drawn: Path) -> None:
    labels = read_folder(drawn).labels.copy()
    wrong = [3, 27, 44]
    labels[wrong] = (labels[wrong] + 1) % 3
    found = find_label_issues(relabeled(read_folder(drawn), labels))
    assert sorted(found.queue[:3].tolist()) == wrong
    assert found.n_issues == 3


def test_longer_trainings_follow_where_short_ones_agree_with_too_few_labels(
    drawn: Path, mission: Dataset
) -> None:
    by_chance = np.random.default_rng(0).permutation(np.arange(60) % 3)
    told: list[float] = []
    found = find_label_issues(relabeled(read_folder(drawn), by_chance), on_progress=told.append)
    assert sum(share > SHORT_SHARE for share in told) > 10
    assert found.agreement(by_chance) < ENOUGH_AGREEMENT
    told.clear()
    found = find_label_issues(mission, on_progress=told.append)
    assert [share for share in told if share > SHORT_SHARE] == [1.0]
    assert found.agreement(mission.labels) > 0.98
