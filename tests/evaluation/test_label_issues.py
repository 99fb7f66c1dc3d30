"""The search for label errors: what is found is kept, and a stop leaves nothing."""

from pathlib import Path

import numpy as np
import pytest

from asl_core import read_folder
from asl_core.errors import DatasetError, TrainingError
from asl_core.evaluation.label_issues import find_label_issues, load_label_issues


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
    with pytest.raises(TrainingError, match="Stopped"):
        find_label_issues(
            read_folder(drawn),
            on_progress=told.append,
            should_stop=lambda: bool(told) and told[-1] > 0.3,
        )
    assert 0.3 < told[-1] < 0.9
