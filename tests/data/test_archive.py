"""Archives that people bring, and that somebody might send: nothing leads out, nothing floods."""

import io
import os
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from asl_core.data.import_dataset import Import, import_dataset
from asl_core.data.own_dataset import CARD, IMAGES, SETS, OwnDataset
from asl_core.data.unpack import Limits
from asl_core.errors import ArchiveError, DatasetError
from asl_core.settings import MAX_ARCHIVE_ENTRIES
from tests.data.hostile import ANY, CANARY, MANY, Attack, attacks, everything_below
from tests.data.raw_archives import Raw, good, picture, raw_zip, tar_with, zip_with

ATTACKS = attacks()
LIMITS = Limits(entries=MANY - 1, unpacked_bytes=16 * 2**20, ratio=200)
MOST_MEMORY = 50 * 2**20

pytestmark = pytest.mark.usefixtures("own_cache")


def brought(path: Path, root: Path, limits: Limits = LIMITS, name: str = "Hands") -> OwnDataset:
    return import_dataset(Import(path, name, root=root, limits=limits))


class Place:
    """A folder with runs, and with canaries around them."""

    def __init__(self, folder: Path) -> None:
        self.base = folder / "base"
        self.runs, self.outside = self.base / "a" / "runs", self.base / "outside"
        for made in (self.runs, self.outside):
            made.mkdir(parents=True)
        (self.outside / "kept.png").write_bytes(picture(1))
        self.archive = self.base / "archive"

    def attack(self, attack: Attack) -> OwnDataset | None:
        """What became of it; nothing else has changed."""
        archive = self.archive.with_suffix(attack.suffix)
        archive.write_bytes(attack.make(str(self.outside)))
        before = everything_below(self.base)
        card, said = None, ""
        try:
            card = brought(archive, self.runs)
        except DatasetError as error:
            said = str(error)
        assert card or said
        assert str(self.base) not in said
        after = everything_below(self.base)
        archive.unlink()
        own = f"a/runs/{SETS}"
        new = {name for name in after if after.get(name) != before.get(name)}
        assert not before.keys() - after.keys()
        if card is None:
            assert new <= {own, f"{own}/room.lock", "a/runs/.staging"}
            return None
        files = {name for name in new if after[name] not in ("folder",)}
        images = {name for name in files if name.startswith(f"{own}/{card.id}/{IMAGES}/")}
        assert files - images <= {f"{own}/{card.id}/{CARD}", f"{own}/room.lock"}
        assert all(isinstance(after[name], bytes) for name in files)
        assert len(images) == card.n_images
        assert sum(len(after[name]) for name in images) == card.n_bytes <= LIMITS.unpacked_bytes
        return card


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: ascii(attack.name)[:60])
def test_a_hostile_archive_is_refused_or_does_nothing(attack: Attack, tmp_path: Path) -> None:
    card = Place(tmp_path).attack(attack)
    if attack.images is None:
        assert card is None
    elif attack.images != ANY:
        assert card is not None
        assert card.n_images == attack.images
    assert not (tmp_path / CANARY).exists()
    assert not Path(f"/tmp/{CANARY}").exists()


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 300
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    refused = [attack for attack in ATTACKS if attack.images is None]
    kept = [attack for attack in ATTACKS if attack.images not in (None, ANY)]
    assert len(refused) >= 100
    assert len(kept) >= 100


@contextmanager
def memory() -> Iterator[list[int]]:
    """Growth of this process's memory at its peak, in bytes, once the block is over."""
    process, told, over = psutil.Process(), [0], threading.Event()
    before = process.memory_info().rss

    def watch() -> None:
        while not over.wait(0.002):
            told[0] = max(told[0], process.memory_info().rss - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield told
    finally:
        over.set()
        watcher.join()


@pytest.mark.slow
def test_memory_stays_small(tmp_path: Path) -> None:
    """Archives lie on the disk when they are looked at, so that only the reader's memory counts."""
    place = Place(tmp_path)
    files = []
    for i, attack in enumerate(ATTACKS):
        if attack.name.startswith(("bomb", "xz", "overlap", "many", "tar", "no image", "zip64")):
            files.append(tmp_path / f"{i}{attack.suffix}")
            files[-1].write_bytes(attack.make(str(place.outside)))
    large = Limits(unpacked_bytes=200 * 2**20, ratio=10**6)
    brought_or_not(tmp_path / "first.zip", place.runs, zip_with())
    with memory() as growth:
        for file in files:
            brought_or_not(file, place.runs, limits=large)
    assert len(files) > 100
    assert growth[0] < MOST_MEMORY


def brought_or_not(
    path: Path, root: Path, content: bytes | None = None, limits: Limits = LIMITS
) -> None:
    if content is not None:
        path.write_bytes(content)
    try:
        brought(path, root, limits)
    except DatasetError:
        return


def test_50_001_entries_are_too_many_without_taking_memory(tmp_path: Path) -> None:
    place = Place(tmp_path)
    path = tmp_path / "many.zip"
    names = (
        f"folder/with-a-name-of-some-length/{i:07}.png" for i in range(MAX_ARCHIVE_ENTRIES + 1)
    )
    path.write_bytes(raw_zip(Raw(name.encode()) for name in names))
    brought_or_not(tmp_path / "first.zip", place.runs, zip_with())
    with memory() as growth, pytest.raises(ArchiveError, match="more than 50,000 entries"):
        brought(path, place.runs, Limits())
    assert growth[0] < MOST_MEMORY


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz"])
def test_good_archives_of_all_kinds_come_in_whole(suffix: str, drawn: Path, tmp_path: Path) -> None:
    path = tmp_path / f"drawn{suffix}"
    packed(drawn, path)
    card = brought(path, tmp_path / "runs")
    assert card.counts == {"A": 20, "B": 20, "C": 20}
    assert card.account == ()
    images = tmp_path / "runs" / SETS / card.id / IMAGES
    assert everything_below(images) == everything_below(drawn)
    assert card.n_bytes == sum(file.stat().st_size for file in drawn.rglob("*.png"))


def packed(folder: Path, path: Path) -> None:
    """An archive as Python's own modules make it."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder))
        return
    kind = path.suffix.removeprefix(".").replace("tar", "")
    with tarfile.open(path, f"w:{kind}") as archive:  # type: ignore[call-overload]
        archive.add(folder, ".")


class _Unseekable(io.RawIOBase):
    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes, /) -> int:  # type: ignore[override]
        self.content += content
        return len(content)


def test_a_streamed_and_a_large_style_zip_are_read(drawn: Path, tmp_path: Path) -> None:
    stream = _Unseekable()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(drawn.rglob("*.png")):
            with archive.open(str(file.relative_to(drawn)), "w", force_zip64=True) as written:
                written.write(file.read_bytes())
    path = tmp_path / "streamed.zip"
    path.write_bytes(stream.content)
    assert brought(path, tmp_path / "runs").n_images == 60
    whole = raw_zip(good())
    listed = whole.rindex(b"PK\5\6") - whole.index(b"PK\1\2")
    path.write_bytes(raw_zip(good(), end_64=(4, listed, whole.index(b"PK\1\2"))))
    assert brought(path, tmp_path / "runs").n_images == 4


def test_a_tar_of_several_packed_parts_is_read(tmp_path: Path) -> None:
    import bz2
    import gzip
    import lzma

    whole = tar_with()
    for suffix, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)):
        path = tmp_path / f"parts.tar{suffix}"
        path.write_bytes(pack(whole[:700]) + pack(whole[700:]))
        assert brought(path, tmp_path / "runs").n_images == 4


def test_what_is_left_out_is_told_and_junk_is_not(tmp_path: Path) -> None:
    path = tmp_path / "hands.zip"
    path.write_bytes(
        zip_with(
            Raw(b"A/.DS_Store", b"x"),
            Raw(b"__MACOSX/A/._1.png", b"x"),
            Raw(b"A/._1.png", b"x"),
            Raw(b"Thumbs.db", b"x"),
            Raw(b"readme.md", b"x"),
            Raw(b"A/more.zip", raw_zip(good())),
            Raw(b"A/broken.png", b"x"),
            Raw(b"A/link.png", b"../x", mode=0o120777),
            Raw(b"A/" + b"n" * 10_000 + b".png", picture(9)),
        )
    )
    card = brought(path, tmp_path / "runs")
    assert card.counts == {"A": 2, "B": 2}
    told = "\n".join(card.account)
    assert "A/broken.png is not a" in told
    assert "over 200 bytes" in told
    assert "Archives within it, which are not opened: 1." in told
    assert "1 .md" in told
    assert "Links, which are not followed: 1." in told
    assert all(word not in told for word in ("DS_Store", "MACOSX", "._1", "Thumbs"))
    assert len(card.account) == 5


def test_a_stop_leaves_nothing(tmp_path: Path) -> None:
    path, runs = tmp_path / "hands.zip", tmp_path / "runs"
    path.write_bytes(zip_with())

    class Stop(Exception):
        pass

    for after in (0.0, 0.2, 0.5, 0.7, 0.75):

        def tell(share: float, after: float = after) -> None:
            if share >= after:
                raise Stop

        with pytest.raises(Stop):
            import_dataset(Import(path, "Hands", root=runs), tell)
        assert set(everything_below(runs)) <= {".staging", SETS}


def test_a_folder_and_its_links(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    for entry in good():
        file = folder / entry.name.decode()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(entry.content)
    (tmp_path / "secret.png").write_bytes(picture(5))
    (folder / "A" / "link.png").symlink_to(tmp_path / "secret.png")
    card = brought(folder, tmp_path / "runs")
    assert card.n_images == 4
    assert card.account == ("Links, which are not followed: 1.",)
    assert sorted(file.name for file in folder.rglob("*.png")) == [
        *("1.png", "1.png", "2.png", "2.png", "link.png")
    ]


def test_what_a_process_left_that_died_is_cleared_after_a_day(tmp_path: Path) -> None:
    runs, path = tmp_path / "runs", tmp_path / "hands.zip"
    path.write_bytes(zip_with())
    old, young = (runs / ".staging" / f"import-{x}" for x in ("old", "young"))
    for left in (old, young):
        (left / "work").mkdir(parents=True)
    day_ago = time.time() - 90_000
    os.utime(old, (day_ago, day_ago))
    brought(path, runs)
    assert not old.exists()
    assert young.exists()
