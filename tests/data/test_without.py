"""A class that can't be used is left out, and the rest is a dataset like any other."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from asl_core import TrainConfig
from asl_core.data import make_split, open_dataset, read_folder
from asl_core.data.dataset import Source
from asl_core.data.folder import at_size
from asl_core.data.folder_without import without_classes
from asl_core.data.label_corrections import LabelCorrections
from asl_core.data.trainable import training_data
from asl_core.errors import DatasetError, SmallClassError

pytestmark = pytest.mark.usefixtures("own_cache")


def with_small_classes(drawn: Path, folder: Path) -> Path:
    """Three usual classes; one of a single image, and one with one that can't be read besides."""
    shutil.copytree(drawn, folder)
    for name in ("Bad", "One, or two?"):
        (folder / name).mkdir()
        shutil.copy(drawn / "A" / "A0.png", folder / name / "0.png")
    (folder / "Bad" / "1.png").write_text("no picture")
    return folder


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    """The same."""
    return with_small_classes(drawn, tmp_path / "photos")


def test_small_classes_are_named_all_at_once(folder: Path) -> None:
    dataset = read_folder(folder)
    with pytest.raises(SmallClassError, match="have only one image each") as raised:
        training_data(dataset, "random", LabelCorrections(), TrainConfig())
    assert raised.value.classes == ("Bad", "One, or two?")


def test_the_rest_is_a_dataset_that_can_be_opened_and_trained_on(folder: Path, drawn: Path) -> None:
    dataset = read_folder(folder)
    source = dataset.source.without("Bad", "One, or two?")
    rest = open_dataset(source)
    plain = read_folder(drawn)
    assert rest.fingerprint == plain.fingerprint
    assert rest.counts() == {"A": 20, "B": 20, "C": 20}
    assert isinstance(rest.images, np.memmap)
    np.testing.assert_array_equal(rest.images, plain.images)
    np.testing.assert_array_equal(rest.labels, plain.labels)
    np.testing.assert_array_equal(at_size(rest, 64).images, at_size(plain, 64).images)
    assert rest.source == source
    assert "Left out as asked: Bad, One, or two?." in rest.account.sentences
    training_data(rest, "random", LabelCorrections(), TrainConfig())
    assert len(make_split(rest, "random").test) == 12


def test_a_class_in_the_middle_moves_the_labels(drawn: Path) -> None:
    dataset = read_folder(drawn)
    rest = without_classes(dataset, ["B", "nothing"])
    assert rest.classes == ("A", "C")
    assert rest.labels.tolist() == [0] * 20 + [1] * 20
    np.testing.assert_array_equal(rest.images[20:], dataset.images[40:])
    assert without_classes(dataset, ["nothing"]) is dataset


def test_two_classes_must_be_left(drawn: Path) -> None:
    with pytest.raises(DatasetError, match="at least 2 must be left without A, B"):
        without_classes(read_folder(drawn), ["A", "B"])


def test_the_text_of_a_source_says_what_is_left_out() -> None:
    source = Source("/data/signs").without("J", "a&b/c?")
    assert source.text == "/data/signs?without=J&without=a%26b%2Fc%3F"
    assert (source.path, source.left_out) == ("/data/signs", ("J", "a&b/c?"))
    assert source.name == "signs without J, a&b/c?"
    assert source.without("Z", "J").left_out == ("J", "Z", "a&b/c?")
    assert Source("/data/signs").left_out == ()
    with pytest.raises(DatasetError, match="letters that are asked for"):
        Source("rendered:ABC:2000:0").without("A")
