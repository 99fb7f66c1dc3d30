"""What this program makes is readable for its user alone, and code is loaded from nowhere else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core.private import is_private, keep_private, may_be_trusted

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has no such rights")


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize(
    ("before", "mode"), [(0o022, 0o700), (0o077, 0o700), (0o027, 0o700), (0o002, 0o770)]
)
def test_the_group_may_read_only_where_it_may_write(before: int, mode: int, tmp_path: Path) -> None:
    os.umask(before)
    keep_private()
    keep_private()
    (tmp_path / "made").mkdir()
    assert (tmp_path / "made").stat().st_mode & 0o777 == mode


def test_a_folder_that_others_may_write_is_neither_private_nor_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "code"
    folder.mkdir(parents=True)
    assert is_private(folder)
    assert may_be_trusted(folder)
    folder.chmod(0o777)
    assert not is_private(folder)
    assert not may_be_trusted(folder)
    folder.chmod(0o755)
    folder.parent.chmod(0o777)  # another could be put in its place
    assert not may_be_trusted(folder)
    folder.parent.chmod(0o1777)
    assert may_be_trusted(folder)
    (tmp_path / "link").symlink_to(folder)
    assert not is_private(tmp_path / "link")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_not_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    assert not is_private(folder)
    assert not may_be_trusted(folder)
