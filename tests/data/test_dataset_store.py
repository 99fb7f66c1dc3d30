"""Datasets that people have brought: kept, opened by their text, within limits, for their owner."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.data import dataset_store, make_split, open_dataset, read_folder
from asl_core.data.dataset import DELETED, Source
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.import_dataset import Import, import_dataset
from asl_core.data.own_dataset import IMAGES, OwnDataset, set_folder
from asl_core.errors import ArchiveError, DatasetError, StoreError
from asl_core.settings import settings
from tests.data.raw_archives import Raw, good, picture, raw_zip, zip_with
from tests.data.test_archive import packed
from tests.data.test_tables import image, write_pixels


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of runs of this test's own."""
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    settings.cache_clear()
    yield tmp_path / "runs"
    monkeypatch.undo()
    settings.cache_clear()


def small(tmp_path: Path, owner: str = "", name: str = "Hands") -> OwnDataset:
    """A dataset of four images."""
    path = tmp_path / "hands.zip"
    path.write_bytes(zip_with())
    return import_dataset(Import(path, name, owner))


def test_a_dataset_is_opened_by_its_text(drawn: Path, tmp_path: Path) -> None:
    packed(drawn, tmp_path / "drawn.zip")
    card = import_dataset(Import(tmp_path / "drawn.zip", "My hands"))
    source = Source(card.text)
    assert card.text == f"set:{card.id}"
    assert (source.name, source.rendered, source.spec) == ("My hands", False, None)
    dataset, folder = open_dataset(card.text), read_folder(drawn)
    assert dataset.source == source
    assert dataset.fingerprint == folder.fingerprint
    assert np.array_equal(dataset.images, folder.images)
    assert open_dataset(card.text, size=64).images.shape == (60, 64, 64, 3)


def test_what_makers_of_a_dataset_say_of_it_comes_in_too(tmp_path: Path) -> None:
    names = [f"set/{part}/{name}/{person}/{i}.png" for part in ("train", "test") for name in "AB"
             for person in ("p1", "p2") for i in range(2)]  # fmt: skip
    path = tmp_path / "given.zip"
    path.write_bytes(raw_zip(Raw(n.encode(), picture(i * 9)) for i, n in enumerate(names)))
    dataset = open_dataset(import_dataset(Import(path, "Given")).text)
    assert dataset.counts() == {"A": 8, "B": 8}
    assert set(dataset.parts) == {"train", "test"}
    assert set(dataset.groups) == {"p1", "p2"}
    assert len(make_split(dataset, "given").test) == 8


def test_tables_of_pixels_and_of_paths_come_in(tmp_path: Path) -> None:
    table = tmp_path / "digits.csv"
    write_pixels(table, [0, 1, 0, 1])
    card = import_dataset(Import(table, "Digits"))
    assert card.counts == {"0": 2, "1": 2}
    images = set_folder(card.id) / IMAGES
    assert np.array_equal(np.asarray(Image.open(sorted(images.glob("1/*"))[0])), image(1))
    rows = "file,label,person\n" + "".join(f"x/{i}.png,{'AB'[i % 2]},p{i // 2}\n" for i in range(4))
    path = tmp_path / "paths.zip"
    inside = [Raw(b"x/%d.png" % i, picture(i)) for i in range(4)]
    path.write_bytes(raw_zip([Raw(b"labels.csv", rows.encode()), *inside]))
    dataset = open_dataset(import_dataset(Import(path, "Paths")).text)
    assert dataset.counts() == {"A": 2, "B": 2}
    assert set(dataset.groups) == {"p0", "p1"}


def test_a_table_that_names_files_elsewhere_reads_none(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture(9))
    rows = "file,label\n" + "".join(
        f"{file},{label}\n"
        for label in "AB"
        for file in ("../secret.png", str(tmp_path / "secret.png"), "/dev/zero", "C:\\x.png")
    )
    path = tmp_path / "in" / "evil.zip"
    path.parent.mkdir()
    path.write_bytes(raw_zip([Raw(b"labels.csv", rows.encode())]))
    with pytest.raises(DatasetError):
        import_dataset(Import(path, "Evil"))
    table = path.with_name("evil.csv")
    table.write_text(rows)
    with pytest.raises(DatasetError):
        import_dataset(Import(table, "Evil"))


def test_a_table_of_too_many_rows_is_refused_before_it_is_read(tmp_path: Path) -> None:
    table = tmp_path / "many.csv"
    table.write_text("label," + ",".join(f"p{i}" for i in range(16)) + "\n" + "0\n" * 60_000)
    with pytest.raises(ArchiveError, match="more than 50,000 rows"):
        import_dataset(Import(table, "Many"))


def test_classes_may_be_left_out_of_one(drawn: Path) -> None:
    card = import_dataset(Import(drawn, "Mine"))
    source = Source(card.text).without("B")
    dataset = open_dataset(source)
    assert dataset.classes == ("A", "C")
    assert dataset.source == source
    assert source.name == "Mine without B"


def test_a_rendered_dataset_stays_known_as_rendered(tmp_path: Path) -> None:
    path = tmp_path / "rendered.zip"
    path.write_bytes(zip_with(Raw(b"rendered.txt", b"x")))
    card = import_dataset(Import(path, "Rendered"))
    assert open_dataset(card.text).rendered
    again = tmp_path / "again.zip"
    again.write_bytes(b"".join(DatasetStore().export(card.id)))
    assert open_dataset(import_dataset(Import(again, "Again")).text).rendered


@pytest.mark.parametrize(
    "text", ["set:", "set:../../etc", "set:0123", "set:0123456789ABCDEF", "set:*"]
)
def test_a_text_that_is_none_leads_nowhere(text: str) -> None:
    with pytest.raises(StoreError):
        open_dataset(text)
    assert Source(text).name == DELETED


def test_a_deleted_dataset_is_told_and_its_name_is_safe(tmp_path: Path) -> None:
    card = small(tmp_path)
    DatasetStore().delete(card.id)
    assert not set_folder(card.id).exists()
    assert DatasetStore().list() == ()
    with pytest.raises(StoreError, match="has been deleted"):
        open_dataset(card.text)
    assert Source(card.text).name == DELETED


def test_an_export_is_the_dataset(drawn: Path, tmp_path: Path) -> None:
    packed(drawn, tmp_path / "drawn.tar.gz")
    card = import_dataset(Import(tmp_path / "drawn.tar.gz", "Drawn"))
    pieces = list(DatasetStore().export(card.id))
    assert len(pieces) > 60
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            file.relative_to(drawn).as_posix(): file.read_bytes() for file in drawn.rglob("*.png")
        }


def test_whoever_brought_one_decides_about_it(tmp_path: Path) -> None:
    store, mine = DatasetStore(), small(tmp_path, "ann")
    theirs, nobodys = small(tmp_path, "bob"), small(tmp_path, "")
    assert store.list("ann") == (mine,)
    assert len(store.list()) == 3
    for other in (theirs, nobodys):
        with pytest.raises(StoreError, match="Only whoever brought"):
            store.delete(other.id, "ann")
        with pytest.raises(StoreError, match="Only whoever brought"):
            store.rename(other.id, "Mine", "ann")
    assert store.rename(mine.id, "  Other\n name ", "ann").name == "Other name"
    assert Source(mine.text).name == "Other name"
    store.delete(mine.id, "ann")
    store.delete(theirs.id)  # the command line may do all
    assert store.list() == (nobodys,)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b", "a\u202eb"])
def test_a_name_can_be_read(name: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="needs a name"):
        small(tmp_path, name=name)
    card = small(tmp_path)
    with pytest.raises(StoreError, match="needs a name"):
        DatasetStore().rename(card.id, name)


def test_one_visitor_keeps_so_many_and_is_offered_the_oldest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_store, "MAX_SETS_PER_OWNER", 2)
    small(tmp_path, "ann", "First")
    small(tmp_path, "ann", "Second")
    with pytest.raises(StoreError, match="Delete one first: First was not used since"):
        small(tmp_path, "ann")
    small(tmp_path, "bob")
    monkeypatch.setattr(dataset_store, "MAX_SETS", 3)
    with pytest.raises(StoreError, match="This server keeps 3 datasets"):
        small(tmp_path)
    assert len(DatasetStore().list()) == 3


def test_bytes_are_limited_of_a_visitor_and_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = small(tmp_path, "ann")
    monkeypatch.setattr(dataset_store, "MAX_BYTES_PER_OWNER", 2 * one.n_bytes - 1)
    with pytest.raises(ArchiveError, match="refused"):
        small(tmp_path, "ann")
    small(tmp_path, "bob")
    monkeypatch.setenv("ASL_DATASETS_MAX_GB", str(2 * one.n_bytes / 10**9))
    settings.cache_clear()
    with pytest.raises(StoreError, match="is its limit"):
        small(tmp_path)
    assert len(DatasetStore().list()) == 2


def test_two_imports_at_once_can_t_both_take_the_last_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second appears while the first is being read."""
    monkeypatch.setattr(dataset_store, "MAX_SETS_PER_OWNER", 1)
    path, other = tmp_path / "a.zip", list[OwnDataset]()
    path.write_bytes(raw_zip(good()))

    def tell(share: float) -> None:
        if not other:
            other.append(small(tmp_path, "ann"))

    with pytest.raises(StoreError, match="which is the limit"):
        import_dataset(Import(path, "Late", "ann"), tell)
    assert DatasetStore().list() == tuple(other)
    assert [path.name for path in set_folder("x").parent.glob("*/")] == [other[0].id]


def test_a_folder_without_its_card_is_no_dataset(tmp_path: Path) -> None:
    card = small(tmp_path)
    (set_folder(card.id) / "dataset.json").write_text("{")
    assert DatasetStore().list() == ()
    with pytest.raises(DatasetError, match="damaged"):
        open_dataset(card.text)


def test_the_server_may_show_one_to_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from asl_core.data import find_source

    card = small(tmp_path)
    monkeypatch.setenv("ASL_DATA_DIR", card.text)
    settings.cache_clear()
    assert find_source().text == card.text
