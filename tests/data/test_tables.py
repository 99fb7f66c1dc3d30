"""Tables (CSV) of pixels and of paths: known images, and rows that can't be used."""

import csv
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.data import (
    Dataset,
    default_split,
    frame_folds,
    make_split,
    open_dataset,
    possible_splits,
    read_folder,
)
from asl_core.data.folder import at_size, folder_key
from asl_core.data.folder_pixels import image_shape
from asl_core.data.label_corrections import LabelCorrections, decision
from asl_core.data.quality import inspect
from asl_core.errors import DatasetError, StoppedError
from asl_core.images import read_image
from asl_core.settings import settings

SIGN_MNIST = [*range(9), *range(10, 25)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    yield tmp_path / "cache"
    monkeypatch.undo()
    settings.cache_clear()


def image(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape or (28, 28), np.uint8)


def write_pixels(path: Path, labels: list[object], *shape: int, header: bool = True) -> Path:
    """A table as 'Sign Language MNIST' is; row k holds `image(k)`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        if header:
            n = image(0, *shape).size
            writer.writerow(["label", *(f"pixel{k}" for k in range(1, n + 1))])
        for row, label in enumerate(labels):
            writer.writerow([label, *image(row, *shape).ravel()])
    return path


def write_paths(path: Path, rows: Sequence[tuple[str, ...]], names: tuple[str, ...]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    return path


@pytest.fixture
def pictures(drawn: Path, tmp_path: Path) -> Path:
    """A folder with 20 images in `images`, which no folder names."""
    (tmp_path / "set" / "images").mkdir(parents=True)
    for number, picture in enumerate(sorted((drawn / "A").iterdir())):
        shutil.copy(picture, tmp_path / "set" / "images" / f"{number}.png")
    return tmp_path / "set"


def test_pixels_are_the_images_and_labels_without_j_and_z_are_letters(tmp_path: Path) -> None:
    table = write_pixels(tmp_path / "signs.csv", [*SIGN_MNIST, 0, 24])
    dataset = read_folder(table)
    assert dataset.classes == tuple("ABCDEFGHIKLMNOPQRSTUVWXY")
    assert dataset.counts()["A"] == dataset.counts()["Y"] == 2
    assert dataset.files[:2] == ("signs.csv/0000002", "signs.csv/0000026")
    assert dataset.images.shape == (26, 50, 50, 3)
    assert isinstance(dataset.images, np.memmap)
    for index, row in ((0, 0), (1, 24), (2, 1)):
        expected = Image.fromarray(image(row)).convert("RGB").resize((50, 50), 0)
        np.testing.assert_array_equal(dataset.images[index], np.asarray(expected))
        assert dataset.digest(index) == hashlib.sha256(image(row).tobytes()).hexdigest()
        np.testing.assert_array_equal(
            read_image(dataset.content(index), "row"), dataset.images[index]
        )
    assert dataset.account.sentences == (
        "Labels 0 to 24 are read as the letters A to Y; a labels.txt beside the table, with a name "
        "a line, names them otherwise.",
    )
    assert open_dataset(dataset.source).fingerprint == dataset.fingerprint


def test_labels_are_named_by_a_file_beside_the_table(tmp_path: Path) -> None:
    table = write_pixels(tmp_path / "signs.csv", [0, 1, 1, 2])
    assert read_folder(table).classes == ("0", "1", "2")
    (tmp_path / "labels.txt").write_text("fist\nflat\npoint\n")
    named = read_folder(table)
    assert named.counts() == {"fist": 1, "flat": 2, "point": 1}
    assert named.account.sentences == ("Labels are named by labels.txt.",)


def test_a_train_and_a_test_table_are_a_given_split(tmp_path: Path) -> None:
    """As Kaggle packs 'Sign Language MNIST': with copies of the tables, and loose pictures."""
    for part, labels in (("train", [*SIGN_MNIST, *SIGN_MNIST]), ("test", SIGN_MNIST)):
        table = write_pixels(tmp_path / "mnist" / f"sign_mnist_{part}.csv", [*labels])
        (tmp_path / "mnist" / f"sign_mnist_{part}").mkdir()
        shutil.copy(table, tmp_path / "mnist" / f"sign_mnist_{part}")
    Image.fromarray(image(0)).save(tmp_path / "mnist" / "amer_sign2.png")
    dataset = read_folder(tmp_path / "mnist")
    assert len(dataset) == 72
    split = make_split(dataset)
    assert (split.name, len(split.train), len(split.test)) == ("given", 48, 24)
    assert {dataset.files[i].split("/")[0] for i in split.test} == {"sign_mnist_test.csv"}


@pytest.mark.parametrize("label_last", [False, True])
def test_rgb_pixels_and_names_as_labels(label_last: bool, tmp_path: Path) -> None:
    rows = [["a", *image(0, 8, 8, 3).ravel()], ["b", *image(1, 8, 8, 3).ravel()]]
    names = ["label", *(f"pixel{k:04d}" for k in range(192))]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        for row in (names, *rows):
            csv.writer(file).writerow([*row[1:], row[0]] if label_last else row)
    dataset = read_folder(tmp_path / "t.csv")
    assert dataset.classes == ("a", "b")
    assert dataset.pixels is not None
    np.testing.assert_array_equal(dataset.pixels[1], image(1, 8, 8, 3))


def test_a_table_without_names_of_columns_is_read(tmp_path: Path) -> None:
    dataset = read_folder(write_pixels(tmp_path / "digits.csv", [3, 5], header=False))
    assert dataset.counts() == {"3": 1, "5": 1}


def test_bad_rows_are_told_and_the_others_remain(tmp_path: Path) -> None:
    table = write_pixels(tmp_path / "signs.csv", [0, 1])
    good = table.read_text().splitlines()[1]
    bad = [
        good.rsplit(",", 1)[0],
        good.replace(",", ",x", 1),
        good.rsplit(",", 1)[0] + ",256",
        good.rsplit(",", 1)[0] + ",0.5",
        good.rsplit(",", 1)[0] + ",nan",
        good.partition(",")[1] + good.partition(",")[2],
        "7",
        f"1,{','.join('1' for _ in range(16))}",
    ]
    with table.open("a") as file:
        file.write("\n".join(bad) + "\n\n")
    dataset = read_folder(table)
    assert len(dataset) == 2
    assert dataset.account.n_bad_rows == len(bad)
    assert dataset.account.bad_rows == (
        "signs.csv line 4 has 783 pixels, which make no square image, gray or RGB",
        "signs.csv line 5 has a value that is no number",
        "signs.csv line 6 has pixels that are no whole numbers from 0 to 255",
        "signs.csv line 7 has pixels that are no whole numbers from 0 to 255",
        "signs.csv line 8 has pixels that are no whole numbers from 0 to 255",
        "signs.csv line 9 lacks its label",
        "signs.csv line 10 has a value that is no number",
        "signs.csv line 11 has 16 pixels, unlike the first image",
    )
    assert dataset.account.sentences[0].startswith("8 rows could not be used: signs.csv line 4")


def test_a_table_of_pixels_can_be_used_as_a_folder_can(tmp_path: Path) -> None:
    dataset = read_folder(write_pixels(tmp_path / "signs.csv", [0, 1] * 10))
    larger = at_size(dataset, 64)
    assert larger.images.shape == (20, 64, 64, 3)
    expected = Image.fromarray(image(0)).convert("RGB").resize((64, 64), 0)
    np.testing.assert_array_equal(larger.images[0], np.asarray(expected))
    np.testing.assert_array_equal(at_size(dataset, 64).images, larger.images)
    taken = LabelCorrections((decision(dataset, 0, "exclude"),))
    assert taken.about(dataset).keys() == {0}
    assert inspect(dataset).sizes.tolist() == [[28, 28]] * 20


def test_a_change_of_a_table_is_noticed(tmp_path: Path) -> None:
    table = write_pixels(tmp_path / "signs.csv", [0, 1])
    before, key = read_folder(table), folder_key(table)
    told: list[float] = []
    assert read_folder(table, told.append).fingerprint == before.fingerprint
    assert told == []
    write_pixels(table, [1, 0, 1])
    assert read_folder(table).fingerprint != before.fingerprint
    assert folder_key(table) != key


def test_reading_a_table_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asl_core.data.folder_pixels.BLOCK", 2)

    def stop(share: float) -> None:
        raise StoppedError("Stopped.")

    with pytest.raises(StoppedError):
        read_folder(write_pixels(tmp_path / "signs.csv", [0, 1] * 4), stop)


@pytest.mark.parametrize(
    ("n", "shape"),
    [
        (784, (28, 28)),
        (2352, (28, 28, 3)),
        (192, (8, 8, 3)),
        (48, (4, 4, 3)),
        (783, None),
        (9, None),
    ],
)
def test_the_shape_of_an_image_is_told_by_its_number_of_values(
    n: int, shape: tuple[int, ...] | None
) -> None:
    assert image_shape(n) == shape


def test_paths_with_labels_a_split_and_groups(pictures: Path) -> None:
    rows = [
        (f"images/{k}.png", "AB"[k % 2], "train" if k < 14 else "test", f"person{k // 4}")
        for k in range(20)
    ]
    write_paths(pictures / "labels.csv", rows, ("File", "Label", "Split", "Person"))
    dataset = read_folder(pictures)
    assert dataset.counts() == {"A": 10, "B": 10}
    assert dataset.files[0] == "images/0.png"
    np.testing.assert_array_equal(dataset.images[0], read_image(pictures / "images/0.png", "0"))
    assert default_split(dataset) == "given"
    assert len(make_split(dataset).test) == 6
    groups = np.array(dataset.groups)
    split = make_split(dataset, "groups")
    assert not set(groups[split.train]) & set(groups[split.test])
    assert at_size(dataset, 64).images.shape == (20, 64, 64, 3)


def test_a_label_that_is_changed_in_the_table_changes_the_fingerprint(pictures: Path) -> None:
    rows = [(f"images/{k}.png", "AB"[k % 2]) for k in range(20)]
    table = write_paths(pictures / "labels.csv", rows, ("file", "label"))
    before = read_folder(table)
    write_paths(table, [("images/0.png", "B"), *rows[1:]], ("file", "label"))
    after = read_folder(table)
    assert after.fingerprint != before.fingerprint
    assert after.counts() == {"A": 9, "B": 11}


def test_bad_rows_of_paths_are_told(pictures: Path, tmp_path: Path) -> None:
    shutil.copy(pictures / "images/0.png", tmp_path / "secret.png")
    rows: list[tuple[str, ...]] = [
        ("images/0.png", "A"),
        ("images/1.png", "B"),
        ("../secret.png", "A"),
        (str(tmp_path / "secret.png"), "A"),
        ("images/../../secret.png", "A"),
        ("C:\\photos\\a.png", "A"),
        ("images/none.png", "A"),
        ("images/2.png", ""),
        ("images/0.png", "B"),
        ("notes.txt", "B"),
        ("images/3.png",),
    ]
    dataset = read_folder(write_paths(pictures / "t.csv", rows, ("path", "class")))
    assert dataset.files == ("images/0.png", "images/1.png")
    outside = "names a file outside of the table's folder"
    assert dataset.account.n_bad_rows == 9
    assert dataset.account.bad_rows == (
        *(f"t.csv line {line} {outside}" for line in (4, 5, 6, 7)),
        "t.csv line 8 names none.png, which is not there",
        "t.csv line 9 lacks its file or its label",
        "t.csv line 10 names 0.png again",
        "t.csv line 11 names notes.txt, which is no image",
        "t.csv line 12 has 1 values",
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b,c\n1,2,3\n", "is no table of images"),
        ("", "is no table of images"),
        (
            "file,label\nnone.png,A\n",
            r"names no image .* names none.png, which is not there",
        ),
        ("label,p1,p2,p3,p4\n0,1,2,3,4\n", r"no image .* 4 pixels, which make no square"),
        ("label,p1,p2,p3,p4,p5\n0,1,2,3,4,5\n", r"no image .* 5 pixels, which make no square"),
        (f"{','.join('1' * 17)}\n{','.join('1' * 17)}\n", r"at least two classes \(found 1\)"),
    ],
)
def test_what_is_no_table_of_images_is_refused(content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(content)
    with pytest.raises(DatasetError, match=words) as refused:
        read_folder(tmp_path / "table.csv")
    assert str(tmp_path) not in str(refused.value)


def test_a_table_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes("fichier,été\n".encode("latin-1"))
    with pytest.raises(DatasetError, match="not UTF-8 text"):
        read_folder(tmp_path / "table.csv")


def test_of_several_tables_one_must_be_named(pictures: Path) -> None:
    rows = [(f"images/{k}.png", "AB"[k % 2]) for k in range(20)]
    for name in ("mine.csv", "yours.csv"):
        write_paths(pictures / name, rows, ("file", "label"))
    with pytest.raises(DatasetError, match=r"several tables of images: mine\.csv, yours\.csv"):
        read_folder(pictures)
    assert len(read_folder(pictures / "mine.csv")) == 20


def test_rows_of_pixels_are_no_frames(tmp_path: Path) -> None:
    dataset: Dataset = read_folder(write_pixels(tmp_path / "signs.csv", [0, 1] * 10))
    with pytest.raises(DatasetError, match="rows of a table"):
        make_split(dataset, "frames")
    with pytest.raises(DatasetError, match="rows of a table"):
        frame_folds(dataset)
    assert possible_splits(dataset) == ("random", "original")


def test_the_environment_may_name_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from asl_core.data import find_source

    table = write_pixels(tmp_path / "signs.csv", [0, 1])
    monkeypatch.setenv("ASL_DATA_DIR", str(table))
    settings.cache_clear()
    assert len(open_dataset(find_source())) == 2
