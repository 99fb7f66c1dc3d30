"""Folders of photos, their cache, and how they are split."""

import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.config import SplitName
from asl_core.data import Dataset, default_split, find_source, make_split, open_dataset, read_folder
from asl_core.data.folder import at_size
from asl_core.data.splits import frame_number
from asl_core.disk_cache import RECENT_SECONDS
from asl_core.errors import DatasetError, StoppedError
from asl_core.images import read_image
from asl_core.settings import MISSION_FINGERPRINT, ROOT, Settings, settings


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An own, empty cache of decoded photos."""
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    yield tmp_path / "cache" / "photos"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Classes `two` and `one` (made in this order), with names that sort as text."""
    for name, files in (("two", ("B2.png", "B10.png", "B1.png")), ("one", ("A2.png", "A1.png"))):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for file in files:
            save(tmp_path / "photos" / name / file)
    return tmp_path / "photos"


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """The environment, free to be set before the settings are read; nothing is downloaded yet."""
    monkeypatch.setattr(Settings, "download_dir", property(lambda self: tmp_path / "downloaded"))
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def save(path: Path) -> np.ndarray:
    """A picture that its name decides, 50 x 50 so that reading changes nothing."""
    seed = int.from_bytes(path.name.encode(), "big") % 2**32
    pixels = np.random.default_rng(seed).integers(0, 256, (50, 50, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def make_folder(path: Path, names: dict[str, list[str]]) -> Path:
    for letter, files in names.items():
        (path / letter).mkdir(parents=True)
        for file in files:
            save(path / letter / file)
    return path


def cache_state(cache: Path) -> dict[str, int]:
    """All files of the cache with the time of their last change."""
    files = (path for path in cache.rglob("*") if path.is_file())
    return {str(path): path.stat().st_mtime_ns for path in files}


def test_photos_come_sorted_by_class_and_by_name_as_text(folder: Path, cache: Path) -> None:
    dataset = read_folder(folder)

    assert dataset.files == (
        *("one/A1.png", "one/A2.png"),
        *("two/B1.png", "two/B10.png", "two/B2.png"),
    )
    assert dataset.classes == ("one", "two")
    assert dataset.labels.tolist() == [0, 0, 1, 1, 1]
    assert dataset.labels.dtype == np.int64
    assert dataset.counts() == {"one": 2, "two": 3}
    assert dataset.counts(np.array([0, 4])) == {"one": 1, "two": 1}
    assert [dataset.class_name(index) for index in (1, 2)] == ["one", "two"]
    assert len(dataset) == 5
    assert dataset.folder == folder
    assert dataset.skipped == ()
    assert dataset.images.shape == (5, 50, 50, 3)
    assert dataset.images.dtype == np.uint8
    for file, image in zip(dataset.files, dataset.images, strict=True):
        np.testing.assert_array_equal(image, np.asarray(Image.open(folder / file)))


def test_images_can_not_be_written(folder: Path, cache: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        read_folder(folder).images[0, 0, 0, 0] = 1


def test_fingerprint_tells_content_and_names_not_place(
    folder: Path, cache: Path, tmp_path: Path
) -> None:
    before = read_folder(folder).fingerprint
    files = sorted(folder.rglob("*.png"))
    lines = [f"{f.relative_to(folder)} {hashlib.sha256(f.read_bytes()).hexdigest()}" for f in files]
    assert before == hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()

    elsewhere = Path(shutil.copytree(folder, tmp_path / "elsewhere"))
    assert read_folder(elsewhere).fingerprint == before
    (elsewhere / "one" / "A1.png").rename(elsewhere / "one" / "A3.png")
    assert read_folder(elsewhere).fingerprint != before


def test_broken_files_are_named_and_the_others_remain(folder: Path, cache: Path) -> None:
    (folder / "one" / "A0.jpg").write_text("no picture")
    (folder / "two" / "B0.png").write_bytes((folder / "two" / "B1.png").read_bytes()[:200])

    dataset = read_folder(folder)

    assert len(dataset) == 5
    assert dataset.labels.tolist() == [0, 0, 1, 1, 1]
    assert len(dataset.skipped) == 2
    assert dataset.skipped[0].startswith("one/A0.jpg is not a JPEG")
    assert dataset.skipped[1].startswith("two/B0.png is broken")
    np.testing.assert_array_equal(dataset.images[2], np.asarray(Image.open(folder / "two/B1.png")))
    assert read_folder(folder).skipped == dataset.skipped


def test_what_is_no_file_at_all_is_named_and_the_others_remain(folder: Path, cache: Path) -> None:
    (folder / "one" / "A0.jpg").mkdir()
    (folder / "two" / "B0.jpg").symlink_to(folder / "nowhere.jpg")

    dataset = read_folder(folder)

    assert len(dataset) == 5
    assert [reason.split()[0] for reason in dataset.skipped] == ["one/A0.jpg", "two/B0.jpg"]


def test_hidden_and_foreign_things_are_no_classes_and_no_photos(folder: Path, cache: Path) -> None:
    shutil.copytree(folder / "one", folder / ".hidden")
    shutil.copytree(folder / "one", folder / "__MACOSX")
    (folder / "empty").mkdir()
    save(folder / "loose.png")
    (folder / "one" / "notes.txt").write_text("mine")
    shutil.copy(folder / "one" / "A1.png", folder / "one" / "._A1.png")
    shutil.copy(folder / "one" / "A1.png", folder / "one" / "A9.PNG")

    dataset = read_folder(folder)

    assert dataset.counts() == {"one": 3, "two": 3}
    assert dataset.files[2] == "one/A9.PNG"
    assert dataset.skipped == ()


def test_missing_folder_is_named(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DatasetError, match=r"There is no folder .*nowhere"):
        read_folder(tmp_path / "nowhere")


@pytest.mark.parametrize(("kept", "found"), [((), "found 0"), (("one",), "found 1")])
def test_fewer_than_two_classes_are_refused_and_not_cached(
    kept: tuple[str, ...], found: str, folder: Path, cache: Path
) -> None:
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path)

    with pytest.raises(DatasetError, match=rf"at least two classes \({found}\)"):
        read_folder(folder)

    assert cache_state(cache) == {}


def test_class_with_broken_photos_only_is_told_with_the_reason(folder: Path, cache: Path) -> None:
    for path in (folder / "two").iterdir():
        path.write_text("no picture")

    with pytest.raises(DatasetError, match=r"3 files could not be read, the first: two/B1.png is"):
        read_folder(folder)
    for path in sorted((folder / "two").iterdir())[1:]:
        path.unlink()
    with pytest.raises(DatasetError, match=r"One file could not be read: two/B1.png is"):
        read_folder(folder)


def test_decoding_tells_how_far_it_is_and_what_is_decoded_is_there_at_once(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asl_core.data.folder.BLOCK", 2)
    names = {"one": ["A1.png", "A2.png", "A3.png"], "two": ["B1.png", "B2.png"]}
    photos = make_folder(tmp_path / "photos", names)
    told: list[float] = []
    read_folder(photos, told.append)
    assert told == [0, 0.4, 0.8]
    read_folder(photos, told.append)
    assert told == [0, 0.4, 0.8]


def test_decoding_that_is_stopped_leaves_nothing(folder: Path, cache: Path) -> None:
    def stop(share: float) -> None:
        raise StoppedError("Stopped.")

    with pytest.raises(StoppedError):
        read_folder(folder, stop)
    assert cache_state(cache) == {}
    assert len(read_folder(folder)) == 5


def test_second_read_comes_from_the_cache(folder: Path, cache: Path) -> None:
    """The pixels of the cache are changed by hand: the second read shows them."""
    first = read_folder(folder)
    stored = cache_state(cache)
    (array,) = cache.rglob("images.npy")
    assert isinstance(first.images, np.memmap)
    marked = np.array(first.images)
    marked[0] = 7
    np.save(array, marked)
    marked_state = cache_state(cache)

    second = read_folder(folder)

    assert (second.images[0] == 7).all()
    assert second.fingerprint == first.fingerprint
    assert cache_state(cache) == marked_state
    assert marked_state.keys() == stored.keys()


@pytest.mark.parametrize("change", ["written", "added", "removed", "renamed"])
def test_change_of_a_file_is_noticed(change: str, folder: Path, cache: Path) -> None:
    before = read_folder(folder)
    path = folder / "two" / "B1.png"
    if change == "written":
        Image.new("RGB", (50, 50), (1, 2, 3)).save(path)
    elif change == "added":
        save(folder / "two" / "B3.png")
    elif change == "removed":
        path.unlink()
    else:
        path.rename(path.with_name("B9.png"))

    after = read_folder(folder)

    assert after.fingerprint != before.fingerprint
    assert len(after) == {"added": 6, "removed": 4}.get(change, 5)
    if change == "written":
        assert (after.images[2] == (1, 2, 3)).all()


def test_deleted_cache_is_filled_again(folder: Path, cache: Path) -> None:
    before = read_folder(folder)
    shutil.rmtree(cache)

    after = read_folder(folder)

    np.testing.assert_array_equal(after.images, before.images)


def test_a_cache_that_can_t_be_written_does_not_hinder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("no folder")
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    first = read_folder(folder)
    assert len(first) == 5
    assert isinstance(first.images, np.memmap)
    again = read_folder(folder).images
    assert isinstance(again, np.memmap)
    assert again.filename == first.images.filename  # decoded once
    monkeypatch.undo()
    settings.cache_clear()


def test_what_is_decoded_is_that_of_each_file(folder: Path, cache: Path) -> None:
    (folder / "one" / "A3.png").write_text("no picture")  # the array's header is written again
    dataset = read_folder(folder)
    assert dataset.images.shape == (4 + 1, 50, 50, 3)
    for file, image in zip(dataset.files, dataset.images, strict=True):
        with Image.open(folder / file) as opened:
            np.testing.assert_array_equal(np.asarray(opened), image)


def test_reading_holds_a_few_images_in_memory_at_a_time(photos: Path, cache: Path) -> None:
    tracemalloc.start()
    try:
        dataset = read_folder(photos)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < dataset.images.nbytes / 2  # it was more than twice as much


def test_the_cache_is_bounded(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each change of the folder makes another entry: old ones go, recent ones stay."""
    monkeypatch.setenv("ASL_CACHE_MAX_GB", "0.0001")  # 100 kB; an entry has 38 kB and more
    settings.cache_clear()
    opened = []
    for number in range(6):
        save(folder / "two" / f"C{number}.png")
        opened.append(read_folder(folder))
        for entry in cache.iterdir():
            used = entry.stat().st_mtime - RECENT_SECONDS
            os.utime(entry, (used, used))
    assert 1 <= len(sorted(cache.glob("[!.]*"))) <= 2
    assert [len(dataset) for dataset in opened] == [6, 7, 8, 9, 10, 11]
    assert [dataset.images.any() for dataset in opened] == [True] * 6  # those of removed ones, too


def test_an_entry_that_is_read_again_is_not_the_first_to_go(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_folder(folder)
    (entry,) = cache.iterdir()
    os.utime(entry, (0, 0))
    read_folder(folder)
    assert time.time() - entry.stat().st_mtime < RECENT_SECONDS / 2


def test_processes_that_read_at_once_agree_and_leave_one_cache(drawn: Path, cache: Path) -> None:
    source = f"from asl_core import read_folder; print(read_folder({str(drawn)!r}).fingerprint)"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", source], cwd=ROOT, text=True, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    told = {reader.communicate()[0].strip() for reader in readers}

    assert told == {read_folder(drawn).fingerprint}
    assert len(list(cache.iterdir())) == 1


def test_mission_photos_are_the_missions(mission: Dataset, photos: Path) -> None:
    assert read_folder(photos).fingerprint == MISSION_FINGERPRINT
    assert mission.images.shape == (3_000, 50, 50, 3)
    assert mission.images.dtype == np.uint8
    assert mission.counts() == {"A": 1_000, "B": 1_000, "C": 1_000}
    assert mission.files[:3] == ("A/A1.jpg", "A/A10.jpg", "A/A100.jpg")
    assert mission.skipped == ()


def test_photos_are_those_of_the_environment(chosen: pytest.MonkeyPatch, folder: Path) -> None:
    chosen.setenv("ASL_DATA_DIR", str(folder))

    assert find_source().text == str(folder)


def test_folder_of_the_environment_that_is_not_there_is_named(
    chosen: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen.setenv("ASL_DATA_DIR", str(tmp_path / "nowhere"))

    with pytest.raises(DatasetError, match=r"ASL_DATA_DIR names .*nowhere"):
        find_source()


@pytest.mark.parametrize("value", [None, ""])
def test_downloaded_photos_come_next_and_without_them_hands_are_drawn(
    value: str | None, chosen: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if value is not None:
        chosen.setenv("ASL_DATA_DIR", value)
    assert find_source().text == "rendered:ABC:2000:0"

    (tmp_path / "downloaded").mkdir()

    assert find_source().text == str(tmp_path / "downloaded")


def test_mission_split_is_the_missions_to_the_image(mission: Dataset, photos: Path) -> None:
    pairs = [(f"{c}/{name}", c) for c in "ABC" for name in sorted(os.listdir(photos / c))]
    random.seed(0)
    random.shuffle(pairs)
    kept = pairs[:2_000]

    split = make_split(mission)

    assert split.name == "original"
    assert [(mission.files[i], mission.class_name(i)) for i in split.train] == kept[:1_600]
    assert [(mission.files[i], mission.class_name(i)) for i in split.test] == kept[1_600:]
    assert mission.counts(split.train) == {"A": 540, "B": 528, "C": 532}
    assert mission.counts(split.test) == {"A": 118, "B": 144, "C": 138}
    first = "".join(mission.class_name(index) for index in split.train[:36])
    assert first == "CACACABAABBBABBCCAABBABAAACCCBCABBCB"


def test_mission_split_leaves_the_global_generator_alone(mission: Dataset) -> None:
    random.seed(5)
    expected = random.random()
    random.seed(5)

    make_split(mission, "original")

    assert random.random() == expected


@pytest.mark.parametrize("name", ["random", "frames"])
def test_split_holds_out_a_fifth_of_each_class(name: SplitName, mission: Dataset) -> None:
    split = make_split(mission, name)

    assert mission.counts(split.train) == {"A": 800, "B": 800, "C": 800}
    assert mission.counts(split.test) == {"A": 200, "B": 200, "C": 200}
    assert sorted([*split.train, *split.test]) == list(range(3_000))
    assert split.train.dtype == split.test.dtype == np.int64
    assert len(set(mission.labels[split.train[:50]])) == 3, "the classes are not mixed"


def test_random_split_keeps_the_shares_of_unequal_classes(tmp_path: Path, cache: Path) -> None:
    names = {
        "A": [f"{i}.png" for i in range(10)],
        "B": [f"{i}.png" for i in range(24)],
    }
    dataset = read_folder(make_folder(tmp_path / "unequal", names))

    split = make_split(dataset, "random")

    assert dataset.counts(split.test) == {"A": 2, "B": 4}
    assert dataset.counts(split.train) == {"A": 8, "B": 20}


def test_test_frames_are_the_last_ones_of_each_class(mission: Dataset) -> None:
    split = make_split(mission, "frames")

    for letter in "ABC":
        train, test = (
            sorted(frame_number(mission.files[i]) for i in part if mission.class_name(i) == letter)
            for part in (split.train, split.test)
        )
        assert max(train) < min(test)
        frames = sorted([*train, *test])
        assert frames[frames.index(test[0]) :] == test


@pytest.mark.parametrize(
    ("file", "number"),
    [("A/A12.jpg", 12), ("A7/x_003.png", 3), ("2/take2-frame41.jpg", 41), ("A/0.jpg", 0)],
)
def test_frame_number_is_the_last_one_of_the_file_name(file: str, number: int) -> None:
    assert frame_number(file) == number


def test_frames_without_numbers_are_refused_by_name(tmp_path: Path, cache: Path) -> None:
    names = {c: [*(f"{c}{i}.png" for i in range(5)), "thumb.png"] for c in "AB"}
    dataset = read_folder(make_folder(tmp_path / "numberless", names))

    with pytest.raises(DatasetError, match=r"A/thumb\.png has none.*split 'random'"):
        make_split(dataset, "frames")


@pytest.mark.parametrize("name", ["random", "frames"])
def test_a_class_of_one_photo_is_refused_by_name(
    name: SplitName, tmp_path: Path, cache: Path
) -> None:
    names = {"A": ["A1.png", "A2.png"], "B": ["B1.png"]}
    with pytest.raises(DatasetError, match="B has only one image"):
        make_split(read_folder(make_folder(tmp_path / "few", names)), name)


@pytest.mark.parametrize("name", ["random", "frames"])
def test_every_class_is_tested_however_few_its_photos(
    name: SplitName, tmp_path: Path, cache: Path
) -> None:
    names = {"A": [f"A{i}.png" for i in range(12)], "B": ["B1.png", "B2.png", "B3.png"]}
    dataset = read_folder(make_folder(tmp_path / "few", names))
    split = make_split(dataset, name)
    assert dataset.counts(split.train) == {"A": 10, "B": 2}
    assert dataset.counts(split.test) == {"A": 2, "B": 1}


def test_unknown_split_is_refused_by_name(folder: Path, cache: Path) -> None:
    names = "original, random, frames, rendered, given, groups"
    with pytest.raises(DatasetError, match=rf"{names}\. Received: odd"):
        make_split(read_folder(folder), "odd")  # type: ignore[arg-type]


def test_other_photos_are_split_at_random_by_default(mission: Dataset, drawn: Path) -> None:
    assert default_split(mission) == "original"
    assert default_split(read_folder(drawn)) == "random"
    assert make_split(read_folder(drawn)).name == "random"


@pytest.mark.parametrize("name", ["original", "random", "frames"])
def test_split_is_the_same_each_time_and_never_overlaps(name: SplitName, drawn: Path) -> None:
    dataset = read_folder(drawn)
    random.seed(1)
    np.random.seed(1)
    first = make_split(dataset, name)
    second = make_split(dataset, name)

    np.testing.assert_array_equal(first.train, second.train)
    np.testing.assert_array_equal(first.test, second.test)
    assert max(Counter([*first.train.tolist(), *first.test.tolist()]).values()) == 1
    assert len(first.train) + len(first.test) == 60


def test_another_size_comes_from_the_files_and_is_kept_by_content(
    drawn: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(drawn, tmp_path / "photos"))
    dataset = read_folder(folder)
    relabeled = replace(dataset, labels=dataset.labels[::-1].copy())
    larger = at_size(relabeled, 64)
    assert larger.images.shape == (60, 64, 64, 3)
    np.testing.assert_array_equal(
        larger.images[7], read_image(folder / dataset.files[7], "file", 64)
    )
    np.testing.assert_array_equal(larger.labels, relabeled.labels)
    assert (larger.files, larger.fingerprint) == (dataset.files, dataset.fingerprint)
    assert at_size(dataset, 50) is dataset

    shutil.rmtree(folder)  # what is kept is enough
    np.testing.assert_array_equal(at_size(dataset, 64).images, larger.images)


def test_another_size_of_changed_files_is_refused(drawn: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(drawn, tmp_path / "photos"))
    Image.new("RGB", (60, 60)).save(folder / "A" / "A0.png")  # else other tests have kept it
    dataset = read_folder(folder)
    Image.new("RGB", (60, 60), "white").save(folder / "A" / "A0.png")
    with pytest.raises(DatasetError, match="changed since"):
        at_size(dataset, 96)
    (folder / "A" / "A0.png").unlink()
    with pytest.raises(DatasetError, match="changed since"):
        at_size(dataset, 96)


def test_rendered_images_are_enlarged() -> None:
    dataset = open_dataset("rendered:AB:40:1")
    larger = open_dataset("rendered:AB:40:1", size=96)
    assert larger.fingerprint == dataset.fingerprint
    assert larger.source == dataset.source
    steps = np.minimum((np.arange(96) + 0.5) * 50 / 96, 49).astype(int)
    np.testing.assert_array_equal(larger.images, dataset.images[:, steps][:, :, steps])
