"""The hand finder by a real pip from a folder as its index: what is wrong is refused, and gone."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from asl_core.errors import DownloadError, HandFinderError, StoppedError
from asl_core.files import sha256
from asl_core.landmarks.download import (
    FILES,
    HAND_MODEL,
    PALM_MODEL,
    download_hand_finder,
    ensure_whole,
    has_hand_finder,
)
from asl_core.settings import ROOT

NAME = "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"
INFO = "mediapipe-0.10.21.dist-info"


def make_wheel(folder: Path, models: dict[str, bytes]) -> Path:
    """A wheel that pip takes for the one of MediaPipe, with these models in it."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / NAME, "w") as wheel:
        about = "Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n"
        wheel.writestr(f"{INFO}/METADATA", about)
        wheel.writestr(
            f"{INFO}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n"
            "Tag: cp311-cp311-manylinux_2_28_x86_64\n",
        )
        wheel.writestr(f"{INFO}/RECORD", "")
        for name, content in models.items():
            wheel.writestr(FILES[name].member, content)
    return folder / NAME


def wrong_models() -> dict[str, bytes]:
    """Of the right names and sizes."""
    return {name: bytes(file.n_bytes) for name, file in FILES.items()}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """Where the finder shall be, in an empty folder."""
    return tmp_path / "kept" / "finder"


def left(to: Path) -> list[str]:
    """What lies there and beside it, but for the lock."""
    files = (path for path in to.parent.rglob("*") if not path.name.endswith(".lock"))
    return sorted(str(path.relative_to(to.parent)) for path in files)


def test_pip_fetches_it_and_nothing_else_stays(hand_finder: Path, index: Path, to: Path) -> None:
    make_wheel(index, {name: (hand_finder / name).read_bytes() for name in FILES})
    assert not has_hand_finder(to)

    assert download_hand_finder(to) == to

    assert has_hand_finder(to)
    assert {name: sha256(to / name) for name in FILES} == {
        name: file.sha256 for name, file in FILES.items()
    }
    assert left(to) == ["finder", f"finder/{HAND_MODEL}", f"finder/{PALM_MODEL}"]


def test_a_finder_that_is_whole_is_not_fetched_again(hand_finder: Path, index: Path) -> None:
    assert download_hand_finder(hand_finder) == hand_finder  # the index is empty


def test_a_damaged_finder_is_told_and_fetched_again(
    hand_finder: Path, to: Path, tmp_path: Path
) -> None:
    wheel = make_wheel(tmp_path / "w", {name: (hand_finder / name).read_bytes() for name in FILES})
    shutil.copytree(hand_finder, to)
    (to / "of somebody else.txt").write_text("stays")
    damaged = bytearray((to / HAND_MODEL).read_bytes())
    damaged[1_000_000] ^= 1
    (to / HAND_MODEL).write_bytes(damaged)
    with pytest.raises(HandFinderError, match=f"{HAND_MODEL} .* is damaged"):
        ensure_whole(to)

    download_hand_finder(to, wheel)

    ensure_whole(to)
    assert (to / "of somebody else.txt").read_text() == "stays"


def test_a_wheel_with_other_models_is_refused(index: Path, to: Path) -> None:
    make_wheel(index, wrong_models())
    with pytest.raises(DownloadError, match=r"SHA-256.*Nothing was saved"):
        download_hand_finder(to)
    assert left(to) == []


@pytest.mark.parametrize("size", [0, 1_000, 4_000_000])
def test_a_broken_wheel_is_refused(size: int, to: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "w", wrong_models())
    wheel.write_bytes(wheel.read_bytes()[:size])
    with pytest.raises(DownloadError, match="not a whole wheel"):
        download_hand_finder(to, wheel)
    assert left(to) == []


def test_a_wheel_without_the_models_is_refused(to: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "w", {})
    with pytest.raises(DownloadError, match="not a whole wheel"):
        download_hand_finder(to, wheel)
    assert left(to) == []


def test_an_index_without_it_is_told_without_its_address(index: Path, to: Path) -> None:
    with pytest.raises(DownloadError, match="pip could not fetch") as told:
        download_hand_finder(to)
    assert "No matching distribution" in str(told.value)
    assert str(index) not in str(told.value)
    assert left(to) == []


def test_without_pip_the_way_out_is_told(
    index: Path, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)  # as Python notes what can't be imported
    with pytest.raises(DownloadError, match=r"no pip.*ensurepip.*--wheel"):
        download_hand_finder(to)
    assert left(to) == []


def test_a_stop_ends_pip_and_leaves_nothing(index: Path, to: Path) -> None:
    make_wheel(index, wrong_models())
    with pytest.raises(StoppedError):
        download_hand_finder(to, should_stop=lambda: True)
    assert left(to) == []


def test_a_file_in_its_place_is_told(to: Path) -> None:
    to.parent.mkdir()
    to.write_text("a file")
    with pytest.raises(DownloadError, match="finder is a file"):
        download_hand_finder(to)
    assert to.read_text() == "a file"


def test_a_missing_finder_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(HandFinderError, match="download hand-finder"):
        ensure_whole(tmp_path)


def asked(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "asl_core", "download", "hand-finder", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_says_where_it_is(hand_finder: Path, to: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "w", {name: (hand_finder / name).read_bytes() for name in FILES})

    done = asked("--wheel", wheel, "--to", to, "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"folder": str(to), "files": sorted(FILES)}
    assert has_hand_finder(to)


def test_the_command_says_in_one_line_what_is_wrong(to: Path, tmp_path: Path) -> None:
    done = asked("--wheel", make_wheel(tmp_path / "w", wrong_models()), "--to", to)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "SHA-256 differs" in done.stderr
    assert left(to) == []
