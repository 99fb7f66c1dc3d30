"""What a training would fail on is refused before it is started."""

from pathlib import Path

import numpy as np
import pytest

from asl_core import TrainConfig
from asl_core.data import Dataset, Split, make_split, read_folder
from asl_core.data.trainable import check_trainable
from asl_core.errors import DatasetError


@pytest.fixture(scope="module")
def dataset(drawn: Path) -> Dataset:
    return read_folder(drawn)


def test_a_usual_dataset_can_be_trained_on(dataset: Dataset) -> None:
    check_trainable(dataset, make_split(dataset, "random"), TrainConfig(validation_fraction=0.2))


def test_one_class_is_not_enough_to_train_on(dataset: Dataset) -> None:
    only_a = np.flatnonzero(dataset.labels == 0)
    split = Split(only_a, np.flatnonzero(dataset.labels == 1), "random")
    with pytest.raises(DatasetError, match="20 training images of 1 class and 20 test images"):
        check_trainable(dataset, split, TrainConfig())


def test_something_must_be_left_for_the_test(dataset: Dataset) -> None:
    split = Split(np.arange(len(dataset)), np.empty(0, np.int64), "random")
    with pytest.raises(DatasetError, match="0 test images"):
        check_trainable(dataset, split, TrainConfig())


def test_too_few_images_can_not_be_held_out(dataset: Dataset) -> None:
    few = Split(np.array([0, 20, 40]), np.array([1, 21, 41]), "random")
    with pytest.raises(DatasetError, match="too few"):
        check_trainable(dataset, few, TrainConfig(validation_fraction=0.2))
