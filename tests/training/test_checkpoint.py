"""The state of a training on disk: as it was, or none at all."""

from pathlib import Path

import numpy as np
import pytest

from asl_core.progress import Progress
from asl_core.training.checkpoint import Best, Checkpoint

SAVED = Checkpoint(
    Progress(3, 4, 1, history={"loss": [1.0]}, points=((0.5, 1.0, 0.25),)),
    weights=[np.ones((2, 3), np.float32)],
    optimizer=[np.zeros(3), np.array(7)],
    best=Best(1, float("inf"), [np.arange(4.0)]),
    seconds=1.5,
)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    SAVED.save(tmp_path / "checkpoint.npz")
    loaded = Checkpoint.load(tmp_path / "checkpoint.npz")
    assert loaded
    assert loaded.progress == SAVED.progress
    assert (loaded.best.epoch, loaded.best.score, loaded.seconds) == (1, float("inf"), 1.5)
    for one, two in ((loaded.weights, SAVED.weights), (loaded.optimizer, SAVED.optimizer)):
        assert len(one) == len(two)
        assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("content", [b"", b"half of it", b"PK\x03\x04"])
def test_an_odd_file_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "checkpoint.npz").write_bytes(content)
    assert Checkpoint.load(tmp_path / "checkpoint.npz") is None
    (tmp_path / "checkpoint.npz").unlink()
    assert Checkpoint.load(tmp_path / "checkpoint.npz") is None
    (tmp_path / "checkpoint.npz").mkdir()
    assert Checkpoint.load(tmp_path / "checkpoint.npz") is None


def test_an_odd_state_in_a_whole_file_is_no_checkpoint(tmp_path: Path) -> None:
    for told in ("[1]", '{"progress": {"x": 1}, "best": {}, "seconds": 1}'):
        np.savez(tmp_path / "checkpoint.npz", told=np.array(told))
        assert Checkpoint.load(tmp_path / "checkpoint.npz") is None
