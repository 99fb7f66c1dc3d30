"""Datasets that are made by hand: they grow, are opened, and lose nothing."""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.data import dataset_store, default_split, grow_dataset, make_split, open_dataset
from asl_core.data.class_names import checked_class_name
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.grow_dataset import GrowingDataset, new_by_hand
from asl_core.data.import_dataset import Import, import_dataset
from asl_core.data.new_images import PHOTO, RECORDING, STORED_SIDE, NewImage
from asl_core.data.own_dataset import CARD, REMOVED, OwnDataset
from asl_core.errors import DatasetError, StoreError
from asl_core.settings import MAX_ADDED_IMAGES, settings
from tests.data.raw_archives import picture, zip_with


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of runs of this test's own."""
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    settings.cache_clear()
    yield tmp_path / "runs"
    monkeypatch.undo()
    settings.cache_clear()


def frames(level: int, n: int = 3) -> list[NewImage]:
    """Images that differ a little."""
    return [NewImage(picture(level + i, 64), f"frame {i}") for i in range(n)]


def growing(owner: str = "ann", *classes: str) -> GrowingDataset:
    """An empty dataset with classes."""
    store = DatasetStore()
    made = GrowingDataset(store, new_by_hand(store, "Mine", owner).id, owner)
    for name in classes:
        made.add_class(name)
    return made


def filled() -> GrowingDataset:
    """Two classes of two recordings each."""
    made = growing("ann", "A", "B")
    for level, name in ((0, "A"), (50, "A"), (150, "B"), (200, "B")):
        made.add_images(name, frames(level), RECORDING)
    return made


def test_what_is_recorded_opens_as_a_dataset_with_its_recordings_as_groups() -> None:
    made = filled()
    card = made.card()
    assert (card.counts, card.by_hand) == ({"A": 6, "B": 6}, True)
    assert DatasetStore().list("ann") == (card,)
    dataset = open_dataset(card.text)
    assert dataset.counts() == {"A": 6, "B": 6}
    assert set(dataset.groups) == {"recording-1", "recording-2"}
    assert default_split(dataset) == "groups"
    split = make_split(dataset)
    held_out = {dataset.groups[i] for i in split.test}
    assert not held_out & {dataset.groups[i] for i in split.train}
    assert card.n_bytes == sum(len(dataset.content(i)) for i in range(12))


def test_one_that_has_no_two_classes_yet_says_so() -> None:
    made = growing("ann", "A", "B")
    made.add_images("A", frames(0), RECORDING)
    made.add_images("A", frames(50), RECORDING)  # two folders, which are no classes
    with pytest.raises(DatasetError, match="Mine has images of 1 class so far"):
        open_dataset(made.card().text)


def test_an_image_more_is_seen_at_once() -> None:
    made = filled()
    before = open_dataset(made.card().text)
    made.add_images("B", frames(90, 1), PHOTO)
    after = open_dataset(made.card().text)
    assert (len(before), len(after)) == (12, 13)
    assert before.fingerprint != after.fingerprint
    assert set(after.groups) == {"recording-1", "recording-2", "photo-3"}


def test_images_are_kept_small_upright_and_without_what_the_camera_adds() -> None:
    photo, file = Image.new("RGB", (2400, 1200), "red"), BytesIO()
    exif = photo.getexif()
    exif[0x0112] = 6  # it lies on its side
    exif[0x010F] = "A camera that tells"
    photo.save(file, "JPEG", exif=exif)
    made = growing("ann", "A")
    made.add_images("A", [NewImage(file.getvalue(), "photo.jpg")])
    (name,) = made.files("A")
    kept = Image.open(BytesIO(made.read(name)))
    assert kept.size == (STORED_SIDE // 2, STORED_SIDE)
    assert kept.format == "JPEG"
    assert not kept.getexif()


def test_what_is_no_image_is_told_and_the_others_are_kept() -> None:
    made = growing("ann", "A")
    added = made.add_images("A", [*frames(0, 2), NewImage(b"no image", "virus.jpg")])
    assert (added.n_images, added.card.counts) == (2, {"A": 2})
    assert "virus.jpg" in added.left_out[0]
    none = made.add_images("A", [NewImage(b"", "empty.jpg")])
    assert (none.n_images, none.card.counts) == (0, {"A": 2})


def test_images_are_taken_out_and_put_back() -> None:
    made = filled()
    before = open_dataset(made.card().text).fingerprint
    removed = made.remove_images(made.files("A")[1:5])
    assert made.card().counts == {"A": 2, "B": 6}
    assert not set(removed.files) & set(made.files("A"))
    assert made.put_back(removed).counts == {"A": 6, "B": 6}
    assert open_dataset(made.card().text).fingerprint == before
    gone = made.remove_class("B")
    assert list(made.card().counts) == ["A"]
    made.put_back(gone)
    assert open_dataset(made.card().text).fingerprint == before


def aged(made: GrowingDataset, seconds: float) -> GrowingDataset:
    """A dataset that was changed last so long ago."""
    os.utime(made.folder / CARD, (time.time() - seconds,) * 2)
    return made


def test_datasets_without_an_image_keep_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_store, "MAX_SETS", 4)
    full = aged(filled(), 7 * 86_400)
    older, newer, new = (growing(owner, "A") for owner in ("bob", "cid", "dan"))
    aged(older, 3_000)
    aged(newer, 2_000)
    last = growing("eve", "A")
    left = {card.id for card in DatasetStore().list()}
    assert left == {full.id, newer.id, new.id, last.id}
    aged(newer, 2 * 86_400)
    aged(last, 3_600)
    DatasetStore().delete(new.id)
    DatasetStore().clear_empty()
    assert {card.id for card in DatasetStore().list()} == {full.id, last.id}
    growing("fay", "A")
    growing("gus", "A")
    growing("hal", "A")
    with pytest.raises(StoreError, match="its limit"):  # the others are new
        growing("ian", "A")


def test_only_the_last_removal_can_be_undone_and_it_takes_no_memory() -> None:
    made = filled()
    first = made.remove_class("A")
    second = made.remove_images(made.files("B")[:1])
    with pytest.raises(StoreError, match="undone any more"):
        made.put_back(first)
    assert len(pickle.dumps(first)) < 100 * len(first.files) + 200  # names, no images
    made.put_back(second)
    with pytest.raises(StoreError, match="undone any more"):
        made.put_back(second)
    assert made.card().counts == {"B": 6}
    assert not list(made.folder.rglob(f"{REMOVED}/*"))


def test_a_whole_recording_that_is_taken_out_leaves_no_folder() -> None:
    made = filled()
    made.remove_images([file for file in made.files("A") if "recording-2" in file])
    dataset = open_dataset(made.card().text)
    assert default_split(dataset) == "random"  # one recording of A is left
    assert not dataset.account.sentences or "empty" not in " ".join(dataset.account.sentences)


def test_what_is_put_back_has_its_place_though_more_was_recorded_meanwhile() -> None:
    made = filled()
    removed = made.remove_images([file for file in made.files("A") if "recording-2" in file])
    made.add_images("A", frames(90, 2), RECORDING)
    assert {file.split("/")[1] for file in made.files("A")} == {"recording-1", "recording-3"}
    n = len(removed.files)
    assert made.put_back(removed).counts["A"] == 6 - n + 2 + n


def test_an_image_of_a_name_is_always_the_same() -> None:
    made = filled()
    before = set(made.files("A"))
    made.rename_class("A", "C")
    made.add_class("A")
    made.add_images("A", frames(90, 2), RECORDING)
    assert not before & set(made.files("A"))
    made.remove_class("A")
    made.add_class("A")
    made.add_images("A", frames(90, 2), RECORDING)
    assert made.files("A")[0].split("/")[1] == "recording-4"


def test_a_class_is_renamed() -> None:
    made = filled()
    assert made.rename_class("A", "Thumb up").counts == {"B": 6, "Thumb up": 6}
    with pytest.raises(StoreError, match="There is a class B already"):
        made.rename_class("Thumb up", "b")
    with pytest.raises(StoreError, match="has no class A"):
        made.rename_class("A", "C")


@pytest.mark.parametrize(
    "name",
    ["", " ", "x" * 61, ".", "..", ".hidden", "_x", "a\0b", "a.png", "train", "My Test", "data",
     "Thumbs.db", "__MACOSX"],
)  # fmt: skip
def test_a_class_gets_no_name_that_is_read_as_something_else(name: str) -> None:
    with pytest.raises(StoreError, match="A class"):
        checked_class_name(name)


@pytest.mark.parametrize(
    ("name", "folder"),
    [("A", "A"), ("  thumb   up ", "thumb up"), ("../../etc", None), ("a/b", "a-b"),
     ("C:\\x", "C--x"), ("con", "con_"), ("Ñandú", "Ñandú"), ("<b>*hi*</b>", "-b--hi---b-"),
     ("👍", "👍")],
)  # fmt: skip
def test_a_class_name_is_a_folder_on_any_system(name: str, folder: str | None) -> None:
    if folder is None:
        with pytest.raises(StoreError):
            checked_class_name(name)
        return
    made = growing("ann", "other")
    made.add_class(name)
    made.add_images(checked_class_name(name), frames(0))
    made.add_images("other", frames(100))
    assert set(open_dataset(made.card().text).classes) == {folder, "other"}


@pytest.mark.parametrize(
    "file",
    ["../../dataset.json", "A/../../x.jpg", "A/recording-1/../0001.jpg", "A/recording-1/x.jpg",
     "B/recording-1/0001.jpg", "/etc/passwd", "", "A/recording-1/0001.jpg/x"],
)  # fmt: skip
def test_a_file_that_a_browser_names_leads_nowhere_else(file: str) -> None:
    made = growing("ann", "A")
    made.add_images("A", frames(0), RECORDING)
    for action in (made.read, lambda name: made.remove_images([name])):
        with pytest.raises(StoreError, match="no such image"):
            action(file)
    assert made.card().counts == {"A": 3}


def test_nobody_changes_what_is_another_s_or_was_brought_as_a_whole(tmp_path: Path) -> None:
    made = filled()
    other = GrowingDataset(DatasetStore(), made.card().id, "bob")
    for action in (
        lambda: other.add_class("X"),
        lambda: other.add_images("A", frames(0)),
        lambda: other.remove_images(made.files("A")),
        lambda: other.remove_class("A"),
        lambda: other.rename_class("A", "X"),
    ):
        with pytest.raises(StoreError, match="Only whoever brought"):
            action()
    path = tmp_path / "hands.zip"
    path.write_bytes(zip_with())
    card = import_dataset(Import(path, "Hands", "ann"))
    with pytest.raises(StoreError, match="was brought as a whole"):
        GrowingDataset(DatasetStore(), card.id, "ann").add_class("X")


def test_a_deleted_one_stays_deleted() -> None:
    made = filled()
    DatasetStore().delete(made.card().id, "ann")
    with pytest.raises(StoreError, match="has been deleted"):
        made.add_images("A", frames(0))
    assert not made.folder.exists()


def test_limits_refuse_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = filled()
    before = made.card()
    with pytest.raises(StoreError, match=f"At most {MAX_ADDED_IMAGES}"):
        made.add_images("A", frames(0, 1) * (MAX_ADDED_IMAGES + 1))
    monkeypatch.setattr(grow_dataset, "MAX_ARCHIVE_ENTRIES", 13)
    with pytest.raises(StoreError, match="At most 13 images"):
        made.add_images("A", frames(0, 2))
    for name in ("MAX_SET_BYTES", "MAX_BYTES_PER_OWNER"):
        with monkeypatch.context() as patched:
            patched.setattr(dataset_store, name, before.n_bytes + 10)
            with pytest.raises(StoreError, match="There is no room"):
                made.add_images("A", frames(0, 1))
    monkeypatch.setattr(grow_dataset, "MAX_CLASSES_BY_HAND", 2)
    with pytest.raises(StoreError, match="At most 2 classes"):
        made.add_class("C")
    monkeypatch.setattr(dataset_store, "MAX_SETS_PER_OWNER", 1)
    with pytest.raises(StoreError, match="which is the limit"):
        growing("ann")
    assert made.card() == before
    assert len(open_dataset(before.text)) == 12


def test_two_tabs_at_once_lose_neither_images_nor_counts() -> None:
    """Two in one process, and a third in another."""
    made = growing("ann", "A", "B")
    script = (
        "import sys; from asl_core.data.grow_dataset import *;"
        "from asl_core.data.new_images import *;"
        "from asl_core.data.dataset_store import DatasetStore;"
        "from tests.data.raw_archives import picture;"
        "g = GrowingDataset(DatasetStore(), sys.argv[1], 'ann');"
        "[g.add_images('B', [NewImage(picture(i, 64), 'x')], RECORDING) for i in range(15)]"
    )
    beside = subprocess.Popen([sys.executable, "-c", script, made.card().id])

    def add(name: str) -> None:
        for i in range(15):
            made.add_images(name, frames(i, 2), RECORDING)
            made.remove_images(made.files(name)[:1])

    threads = [threading.Thread(target=add, args=(name,)) for name in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert beside.wait() == 0
    card: OwnDataset = made.card()
    assert card.counts == {"A": 15, "B": 30}
    assert len(open_dataset(card.text)) == 45


def test_a_change_that_the_disk_refuses_leaves_what_was_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = filled()
    before = made.card()
    staging = DatasetStore().staging
    staging.rmdir()
    staging.write_bytes(b"")  # nothing can be put there
    with pytest.raises(StoreError, match="can't be changed"):
        made.add_images("A", frames(0))
    assert made.card() == before
    assert np.array_equal(open_dataset(before.text).labels, [0] * 6 + [1] * 6)
