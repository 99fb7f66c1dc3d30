"""Documents on disk: whatever stands in one, a reader gets a value or an error of the project."""

import json
import os
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import pytest
from filelock import FileLock
from pydantic import AliasChoices, Field

from asl_core.config import TrainConfig
from asl_core.errors import ConfigError, FileError, MissingFileError, RunError
from asl_core.files import disk_errors_as, read_json, reread_json, write_json
from asl_core.task_state import TaskState


@dataclass(frozen=True)
class Sample:
    """A document with a field that had another name before."""

    count: Annotated[int, Field(validation_alias=AliasChoices("count", "n"))]
    pair: tuple[int, int] = (1, 2)
    share: float = 0.0

    def __post_init__(self) -> None:
        if self.count > 9:
            raise ConfigError(f"count is at most 9. Received: {self.count}")


NOT_A_SAMPLE = [
    b"",
    b"{",
    b"[" * 100_000,
    b'{"count":' + b"[" * 100_000,
    b"\xff\xfe",
    b"null",
    b"[1]",
    b"{}",
    b'{"count": "3"}',
    b'{"count": 3.5}',
    b'{"count": true}',
    b'{"count": 3, "pair": [1]}',
    b'{"count": 3, "share": {}}',
    b'{"count": ' + b"9" * 5_000 + b"}",
    b'{"count": 10}',
]


@pytest.mark.parametrize("content", NOT_A_SAMPLE, ids=lambda content: content[:20])
def test_what_is_no_such_document_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sample.json"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"sample\.json is damaged") as raised:
        read_json(path, Sample)
    assert str(tmp_path) not in str(raised.value)
    assert str(tmp_path) in raised.value.in_full
    assert pickle.loads(pickle.dumps(raised.value)).path == path


def test_a_document_comes_back_by_new_and_old_names(tmp_path: Path) -> None:
    path = tmp_path / "sample.json"
    write_json(path, {"count": 3, "pair": [4, 5], "share": 1})
    assert read_json(path, Sample) == Sample(3, (4, 5), 1.0)
    path.write_text(json.dumps({"n": 3}))
    assert read_json(path, Sample) == Sample(3)
    assert read_json(path, dict[str, float]) == {"n": 3.0}


def test_what_is_wrong_is_said_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "sample.json"
    path.write_text('{"count": 3, "pair": [1, "b"]}')
    with pytest.raises(FileError, match=r"pair\.1: input should be a valid integer"):
        read_json(path, Sample)


def test_a_document_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_json(tmp_path / "none.json", Sample)
    with pytest.raises(FileError, match="is not a file"):
        read_json(tmp_path, Sample)
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(FileError, match="is not a file"):
        read_json(tmp_path / "pipe.json", Sample)
    (tmp_path / "file").touch()
    with pytest.raises(MissingFileError):
        read_json(tmp_path / "file" / "below.json", Sample)


def test_what_the_disk_says_no_to_is_an_error_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(RunError, match="It can't be kept: Not a directory") as raised,
        disk_errors_as(RunError, "It can't be kept", tmp_path),
    ):
        write_json(tmp_path / "file" / "below.json", {})
    assert raised.value.path == tmp_path
    lock = tmp_path / "lock"
    with (
        FileLock(lock),
        pytest.raises(RunError, match="in use"),
        disk_errors_as(RunError, "It can't be kept", tmp_path),
    ):
        FileLock(lock, is_singleton=False).acquire(timeout=0)


def test_settings_are_a_document(tmp_path: Path) -> None:
    write_json(tmp_path / "config.json", TrainConfig(epochs=3).to_json())
    assert read_json(tmp_path / "config.json", TrainConfig) == TrainConfig(epochs=3)
    write_json(tmp_path / "config.json", {"epochs": "many"})
    with pytest.raises(FileError, match="epochs: input should be a valid integer"):
        read_json(tmp_path / "config.json", TrainConfig)


def test_a_document_is_read_again_only_when_it_was_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with pytest.raises(MissingFileError):
        reread_json(path, TaskState)
    write_json(path, asdict(TaskState("queued")))
    first = reread_json(path, TaskState)
    assert first == TaskState("queued")
    assert reread_json(path, TaskState) is first
    write_json(path, asdict(TaskState("failed")))  # of the same size
    assert reread_json(path, TaskState) == TaskState("failed")
    path.write_text("{}")
    with pytest.raises(FileError, match="damaged"):
        reread_json(path, TaskState)
    path.unlink()
    with pytest.raises(MissingFileError):
        reread_json(path, TaskState)
