"""A cache that is bounded: what goes, what stays, and what a reader sees meanwhile."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from asl_core.disk_cache import (
    ABANDONED_SECONDS,
    BUSY_SECONDS,
    MOST_TIMES,
    RECENT_SECONDS,
    prune,
    touch,
)

HOUR = 3_600.0


def entry(folder: Path, name: str, n_bytes: int, hours_ago: float) -> Path:
    """An entry of a size that was last used some hours ago."""
    path = folder / name
    (path / "deep").mkdir(parents=True)
    np.save(path / "images.npy", np.full(n_bytes - 128, 7, np.uint8))  # its header has 128
    used = time.time() - hours_ago * HOUR
    os.utime(path, (used, used))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Entries of 100 kB; `a` is the one that was not used for longest."""
    for name, hours in (("c", 3), ("a", 5), ("b", 4), ("d", 2)):
        entry(tmp_path / "cache", name, 100_000, hours)
    return tmp_path / "cache"


def folder_bytes(path: Path) -> int:
    """What `prune` counts: folders too, whose size the file system decides."""
    return sum(file.stat().st_size for file in path.rglob("*"))


@pytest.mark.parametrize(("fit", "left"), [(4, "abcd"), (3, "bcd"), (2, "cd"), (1, "d"), (0, "")])
def test_what_was_not_used_for_longest_goes_first(cache: Path, fit: int, left: str) -> None:
    limit = fit * folder_bytes(cache / "a")
    removed = prune([cache], limit)
    assert names(cache) == list(left)
    assert removed == [cache / name for name in "abcd" if name not in left]
    assert prune([cache], limit) == []


def test_what_is_used_again_stays(cache: Path) -> None:
    touch(cache / "a")
    prune([cache], 2 * folder_bytes(cache / "a"))
    assert names(cache) == ["a", "d"]


def test_what_was_used_just_now_stays_though_it_is_too_much(cache: Path) -> None:
    for name in "abcd":
        used = time.time() - RECENT_SECONDS + 60
        os.utime(cache / name, (used, used))
    assert prune([cache], 4 * folder_bytes(cache / "a") // MOST_TIMES) == []
    assert names(cache) == ["a", "b", "c", "d"]


def test_links_to_ever_other_images_do_not_fill_the_disk(cache: Path) -> None:
    for ago, name in enumerate("dcba", 1):
        used = time.time() - ago * 2 * BUSY_SECONDS
        os.utime(cache / name, (used, used))
    assert prune([cache], folder_bytes(cache / "a")) == [cache / "a", cache / "b"]
    touch(cache / "c")
    touch(cache / "d")
    assert prune([cache], 0) == []  # they are being opened


def test_two_caches_count_together(cache: Path, tmp_path: Path) -> None:
    other = entry(tmp_path / "other", "x", 100_000, 4.5)
    removed = prune([cache, tmp_path / "other", tmp_path / "missing"], 3 * folder_bytes(other))
    assert removed == [cache / "a", other]
    assert names(cache) == ["b", "c", "d"]


def test_files_stay_and_what_a_dead_process_left_goes(cache: Path) -> None:
    (cache / "a.lock").touch()
    os.utime(cache / "a.lock", (0, 0))
    left = entry(cache, ".filling-left", 100_000, ABANDONED_SECONDS / HOUR + 1)
    under_way = entry(cache, ".filling-now", 100_000, ABANDONED_SECONDS / HOUR - 1)
    prune([cache], 10**9)
    assert names(cache) == ["a", "a.lock", "b", "c", "d"]
    assert not left.exists()
    assert under_way.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is open")
def test_an_open_memory_map_survives(cache: Path) -> None:
    images = np.load(cache / "a/images.npy", mmap_mode="r")
    assert prune([cache], 0)
    assert not (cache / "a").exists()
    assert int(images.sum(dtype=np.int64)) == 7 * len(images)


def test_what_can_t_be_removed_is_passed_over(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "a":
            raise PermissionError(13, "Permission denied", str(path))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)  # a user with all rights is refused nothing
    assert prune([cache], 0) == [cache / name for name in "bcd"]
    assert names(cache) == ["a"]


def test_to_use_what_is_gone_is_no_error(tmp_path: Path) -> None:
    touch(tmp_path / "gone")
    assert prune([tmp_path / "gone"], 0) == []


PRUNE = """
import sys
from pathlib import Path
from asl_core.disk_cache import prune
print(len(prune([Path(sys.argv[1])], 0)))
"""


def test_several_processes_remove_each_entry_once(tmp_path: Path) -> None:
    for number in range(60):
        entry(tmp_path, f"e{number}", 20_000, 2)
    command = [sys.executable, "-c", PRUNE, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert names(tmp_path) == []
    assert sum(counts) >= 60  # whoever comes late counts one that is gone as removed
    assert not list((tmp_path / ".removed").iterdir())
