"""Folders as people have them: what each gives, and what is said of what is left out."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.data import Dataset, default_split, make_split, possible_splits, read_folder
from asl_core.errors import DatasetError
from asl_core.synthetic.folder import MARKER

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="session")
def pictures(drawn: Path, request: pytest.FixtureRequest) -> list[Path]:
    """Photos where they are at hand, else rendered pictures; each is another."""
    from tests.conftest import PHOTOS

    if PHOTOS.is_dir():
        return sorted((PHOTOS / "A").glob("*.jpg"))[:60]
    return sorted(drawn.rglob("*.png"))


def make(root: Path, tree: dict[str, int | str], pictures: list[Path]) -> Path:
    """A folder. Of a path with a number so many pictures lie in it; with a text it is that file."""
    taken = iter(pictures * 50)
    root.mkdir(parents=True)
    for path, content in tree.items():
        place = root / path
        if isinstance(content, str):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
            continue
        place.mkdir(parents=True, exist_ok=True)
        for number in range(content):
            picture = next(taken)
            shutil.copy(picture, place / f"{place.name.strip('._')}{number}{picture.suffix}")
    return root


@dataclass(frozen=True)
class Layout:
    """A folder (see `make`), and what reading it gives."""

    tree: dict[str, int | str]
    counts: dict[str, int]
    split: str = "random"
    base: str = ""
    """Where the paths of the images start, below the folder."""
    tells: tuple[str, ...] = ()
    """All sentences of the account."""
    parts: dict[str, int] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


LETTERS = [chr(ord("A") + place) for place in range(26)]
GROUPS_OF_3 = (
    "Images lie in 3 different folders below the classes: those are offered as groups, which a "
    "split can hold out as a whole."
)

LAYOUTS = {
    "flat": Layout({"A": 3, "B": 2}, {"A": 3, "B": 2}),
    "folder in a folder": Layout({"in/A": 2, "in/B": 2}, {"A": 2, "B": 2}, base="in"),
    "folder in folders": Layout({"x/y/cat": 2, "x/y/dog": 2}, {"cat": 2, "dog": 2}, base="x/y"),
    "Kaggle's ASL Alphabet": Layout(
        {
            **{f"asl_alphabet_train/asl_alphabet_train/{name}": 2 for name in (*LETTERS, "del")},
            "asl_alphabet_test/asl_alphabet_test": 28,
        },
        dict.fromkeys((*LETTERS, "del"), 2),
        base="asl_alphabet_train/asl_alphabet_train",
        tells=("Not read, as they lie in no class folder: asl_alphabet_test (28 images).",),
    ),
    "a repository with its Dataset": Layout(
        {
            **{f"Dataset/{digit}": 2 for digit in range(10)},
            "Examples": 3,
            "README.md": "signs",
            "Models/train.py": "import keras",
        },
        {str(digit): 2 for digit in range(10)},
        base="Dataset",
        tells=(
            "Not read, as they lie in no class folder: Examples (3 images).",
            "Files that are no images: 1 .md.",
        ),
    ),
    "Roboflow's classification export": Layout(
        {
            **{
                f"{part}/{name}": n
                for part, n in (("train", 3), ("valid", 2), ("test", 1))
                for name in "AB"
            },
            "README.roboflow.txt": "exported",
        },
        {"A": 6, "B": 6},
        "given",
        parts={"train": 6, "validation": 4, "test": 2},
        tells=("Files that are no images: 1 .txt.",),
    ),
    "Training beside Testing": Layout(
        {"Training/x": 3, "Training/y": 3, "Testing/x": 1, "Testing/y": 1},
        {"x": 4, "y": 4},
        "given",
        parts={"train": 6, "test": 2},
    ),
    "train beside val": Layout(
        {"TRAIN/x": 3, "TRAIN/y": 3, "Val/x": 1, "Val/y": 1},
        {"x": 4, "y": 4},
        "given",
        parts={"train": 6, "validation": 2},
    ),
    "sets nested twice": Layout(
        {f"{part}/{part}/{name}": 2 for part in ("training_set", "test_set") for name in "xy"},
        {"x": 4, "y": 4},
        "given",
        parts={"train": 4, "test": 4},
    ),
    "a split in a folder": Layout(
        {f"signs/{part}/{name}": 2 for part in ("train", "validation") for name in "xy"},
        {"x": 4, "y": 4},
        "given",
        base="signs",
        parts={"train": 4, "validation": 4},
    ),
    "a split by another word": Layout(
        {f"asl_{part}/{name}": 2 for part in ("train", "test") for name in "xy"},
        {"x": 4, "y": 4},
        "given",
        parts={"train": 4, "test": 4},
    ),
    "train alone": Layout(
        {"train/A": 2, "train/B": 2, "README.md": "x"},
        {"A": 2, "B": 2},
        base="train",
        tells=("Files that are no images: 1 .md.",),
    ),
    "a class of the test alone": Layout(
        {"train/A": 2, "train/B": 2, "test/A": 1, "test/C": 1},
        {"A": 3, "B": 2, "C": 1},
        "given",
        parts={"train": 4, "test": 2},
    ),
    "people below the class": Layout(
        {f"{name}/person{k}": 2 for name in "AB" for k in (1, 2, 3)},
        {"A": 6, "B": 6},
        "groups",
        groups=("person1", "person2", "person3"),
        tells=(GROUPS_OF_3,),
    ),
    "people below words": Layout(
        {f"{name}/{who}": 2 for name in ("hello", "thanks") for who in ("ann", "bo", "cy")},
        {"hello": 6, "thanks": 6},
        "groups",
        groups=("ann", "bo", "cy"),
        tells=(GROUPS_OF_3,),
    ),
    "people in a split": Layout(
        {f"{part}/{name}/{who}": 1 for part in ("train", "test") for name in "AB" for who in "pqr"},
        {"A": 6, "B": 6},
        "given",
        parts={"train": 6, "test": 6},
        groups=("p", "q", "r"),
        tells=(GROUPS_OF_3,),
    ),
    "some classes nested": Layout(
        {**dict.fromkeys("ABC", 2), **{f"{name}/more": 2 for name in "DEFGH"}},
        dict.fromkeys("ABCDEFGH", 2),
    ),
    "images too deep": Layout(
        {"A": 2, "B": 2, "B/old/older": 3},
        {"A": 2, "B": 2},
        tells=("Not read, as they lie in no class folder: B/old (3 images).",),
    ),
    "empty classes": Layout(
        {"A": 2, "B": 2, "C": 0, "D/notes.txt": "none yet", "E/broken.jpg": "no picture"},
        {"A": 2, "B": 2},
        tells=("No usable images in C, D, E.",),
    ),
    "names that begin with _ or a dot": Layout(
        {"A": 2, "B": 2, "_C": 3, ".D": 1, ".git/config": "x"},
        {"A": 2, "B": 2},
        tells=("Not read, as their names begin with _ or .: .D (1 image), _C (3 images).",),
    ),
    "junk": Layout(
        {
            "A": 2,
            "B": 2,
            "A/Thumbs.db": "",
            "B/.DS_Store": "",
            "A/._A0.jpg": "",
            "__MACOSX/A": 2,
            ".ipynb_checkpoints/A": 1,
            "$RECYCLE.BIN/A": 1,
        },
        {"A": 2, "B": 2},
    ),
    "other files": Layout(
        {
            "A": 2,
            "B": 2,
            "A/a.txt": "",
            "B/b.TXT": "",
            "B/movie.mp4": "",
            "LICENSE": "",
            "c.md": "",
        },
        {"A": 2, "B": 2},
        tells=("Files that are no images: 1 without suffix, 1 .md, 1 .mp4, 2 .txt.",),
    ),
    "loose images beside the classes": Layout(
        {"A": 2, "B": 2, ".": 3},
        {"A": 2, "B": 2},
        tells=("Not read, as they lie in no class folder: photos (3 images).",),
    ),
    "classes that are called as containers": Layout({"data": 2, "test": 2}, {"data": 2, "test": 2}),
    "a split beside other folders": Layout(
        {"train/A": 2, "train/B": 2, "test/A": 2, "test/B": 2, "extra": 1, "docs/x.md": ""},
        {"A": 4, "B": 4},
        "given",
        parts={"train": 4, "test": 4},
        tells=("Not read, as they lie in no class folder: extra (1 image).",),
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_gives_its_classes_and_its_account(
    name: str, tmp_path: Path, pictures: list[Path]
) -> None:
    layout = LAYOUTS[name]
    root = make(tmp_path / "photos", layout.tree, pictures)
    dataset = read_folder(root)
    assert dataset.counts() == layout.counts
    assert dataset.folder == root / layout.base
    assert dataset.source.text == str(root)
    assert dataset.account.sentences == layout.tells
    assert default_split(dataset) == layout.split
    assert {part: dataset.parts.count(part) for part in set(dataset.parts)} == layout.parts
    assert tuple(sorted(set(dataset.groups))) == layout.groups
    for file, label in zip(dataset.files, dataset.labels, strict=True):
        assert (dataset.folder / file).is_file()
        assert dataset.classes[label] in file.split("/")
    again = read_folder(root)
    assert (again.account, again.fingerprint) == (dataset.account, dataset.fingerprint)


REFUSED: dict[str, tuple[dict[str, int | str], str]] = {
    "several sets": (
        {**{f"lee/{x}": 2 for x in "ABC"}, **{f"ann/{x}": 2 for x in "AB"}},
        "photos holds several sets of images: photos/ann has 2 classes; photos/lee has 3 classes. "
        "Name one of these folders.",
    ),
    "a set beside folders of images": (
        {**{f"Dataset/{x}": 2 for x in "ABC"}, "docs": 2, "Examples": 2},
        "photos holds several sets of images: photos/Dataset has 3 classes. "
        "Name one of these folders.",
    ),
    "loose images": (
        {".": 20},
        "photos needs images of at least two classes (found 0): one subfolder per class, with "
        "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC files in it. It has 20 images outside of "
        "any subfolder.",
    ),
    "one class": (
        {"A": 2, "B": 0},
        "photos needs images of at least two classes (found 1): one subfolder per class, with "
        "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC files in it. There is A (2 images), "
        "B (no images).",
    ),
    "a split without classes": (
        {"train": 3, "test": 2},
        "photos needs images of at least two classes (found 2): one subfolder per class, with "
        "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC files in it. The images in test, train lie "
        "in no class folder.",
    ),
    "nothing": (
        {},
        "photos needs images of at least two classes (found 0): one subfolder per class, with "
        "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC files in it.",
    ),
    "too deep": (
        {f"a/b/c/d/e/f/g/{x}": 1 for x in "AB"},
        "photos needs images of at least two classes (found 0): one subfolder per class, with "
        "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC files in it. There is a (no images).",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_folder_that_does_not_fit_is_refused_with_what_is_there(
    name: str, tmp_path: Path, pictures: list[Path]
) -> None:
    tree, text = REFUSED[name]
    with pytest.raises(DatasetError) as refused:
        read_folder(make(tmp_path / "photos", tree, pictures))
    assert str(refused.value) == text
    assert str(tmp_path) not in text


def test_the_home_folder_has_its_short_name(
    tmp_path: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "photos", {"A": 1, "B": 1}, pictures)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_folder("~/photos").counts() == {"A": 1, "B": 1}


def test_a_new_file_beside_the_images_is_told_without_decoding_again(
    tmp_path: Path, pictures: list[Path]
) -> None:
    root = make(tmp_path / "photos", {"A": 2, "B": 2}, pictures)
    read_folder(root)
    (root / "A" / "notes.txt").touch()
    told: list[float] = []
    account = read_folder(root, told.append).account
    assert account.sentences == ("Files that are no images: 1 .txt.",)
    assert told == []


def test_of_a_rendered_set_nothing_is_told(tmp_path: Path, pictures: list[Path]) -> None:
    root = make(tmp_path / "rendered", {"A": 2, "B": 2}, pictures)
    (root / MARKER).touch()
    dataset = read_folder(root)
    assert dataset.rendered
    assert dataset.account.sentences == ()


def test_how_unlike_the_classes_are(tmp_path: Path, pictures: list[Path]) -> None:
    assert read_folder(make(tmp_path / "photos", {"A": 20, "B": 2}, pictures)).imbalance == 10


def test_a_truncated_jpeg_is_read_and_told(tmp_path: Path, pictures: list[Path]) -> None:
    root = make(tmp_path / "photos", {"A": 2, "B": 2}, pictures)
    Image.open(pictures[0]).convert("RGB").save(root / "A" / "cut.jpg")
    whole = (root / "A" / "cut.jpg").read_bytes()
    (root / "A" / "cut.jpg").write_bytes(whole[:-100])
    dataset = read_folder(root)
    assert dataset.counts() == {"A": 3, "B": 2}
    assert dataset.account.sentences == (
        "1 JPEG file without the last bytes, read as far as they go: A/cut.jpg.",
    )


def test_a_link_that_leads_back_ends(tmp_path: Path, pictures: list[Path]) -> None:
    root = make(tmp_path / "photos", {"A": 2, "B": 2}, pictures)
    (root / "loop").symlink_to(root)
    (root / "A" / "up").symlink_to(root)
    assert read_folder(root).counts() == {"A": 2, "B": 2}


def given(tmp_path: Path, pictures: list[Path]) -> Dataset:
    return read_folder(
        make(tmp_path / "photos", LAYOUTS["Roboflow's classification export"].tree, pictures)
    )


def test_a_given_split_is_kept(tmp_path: Path, pictures: list[Path]) -> None:
    from asl_core.config import TrainConfig
    from asl_core.data.splits import train_validation_split

    dataset = given(tmp_path, pictures)
    split = make_split(dataset)

    def folders(indices: np.ndarray) -> set[str]:
        return {dataset.files[index].split("/")[0] for index in indices}

    assert (split.name, len(split.train), len(split.test)) == ("given", 6, 2)
    assert (folders(split.train), folders(split.test)) == ({"train"}, {"test"})
    for fraction in (0.0, 0.3):
        config = TrainConfig(validation_fraction=fraction)
        learned, aside = train_validation_split(dataset, split, config)
        assert (folders(learned), folders(aside)) == ({"train"}, {"valid"})
        assert (len(learned), len(aside)) == (6, 4)
    assert len(make_split(dataset, "random").train) + len(make_split(dataset, "random").test) == 12


def test_without_a_test_part_the_validation_part_is_the_test(
    tmp_path: Path, pictures: list[Path]
) -> None:
    dataset = read_folder(make(tmp_path / "photos", LAYOUTS["train beside val"].tree, pictures))
    split = make_split(dataset)
    assert (len(split.train), len(split.test), len(split.validation)) == (6, 2, 0)


def test_groups_are_held_out_as_a_whole(tmp_path: Path, pictures: list[Path]) -> None:
    from asl_core.config import TrainConfig
    from asl_core.data.splits import train_validation_split

    tree: dict[str, int | str] = {f"{x}/p{k}": 2 for x in "ABC" for k in range(5)}
    dataset = read_folder(make(tmp_path / "photos", tree, pictures))
    split = make_split(dataset)
    groups = np.array(dataset.groups)
    assert split.name == "groups"
    assert not set(groups[split.train]) & set(groups[split.test])
    assert dataset.counts(split.test) == {"A": 2, "B": 2, "C": 2}
    assert sorted([*split.train, *split.test]) == list(range(30))
    again = make_split(dataset, "groups")
    np.testing.assert_array_equal(again.train, split.train)
    learned, aside = train_validation_split(dataset, split, TrainConfig(validation_fraction=0.2))
    assert not set(groups[learned]) & set(groups[aside])
    assert dataset.counts(aside) == {"A": 2, "B": 2, "C": 2}


def test_splits_that_a_dataset_does_not_have_are_not_offered(
    tmp_path: Path, pictures: list[Path]
) -> None:
    dataset = read_folder(make(tmp_path / "photos", {"A": 3, "B": 3}, pictures))
    assert possible_splits(dataset) == ("random", "original", "frames")
    with pytest.raises(DatasetError, match="photos has no given split"):
        make_split(dataset, "given")
    with pytest.raises(DatasetError, match="photos does not have two groups"):
        make_split(dataset, "groups")


def test_a_class_of_one_group_does_not_offer_groups(tmp_path: Path, pictures: list[Path]) -> None:
    tree: dict[str, int | str] = {"A/ann": 2, "A/bo": 2, "B/ann": 2, "B/bo": 2, "C/ann": 3}
    dataset = read_folder(make(tmp_path / "photos", tree, pictures))
    assert default_split(dataset) == "random"
    assert "groups" not in possible_splits(dataset)
