"""What is trained first on a dataset, and what is said to expect."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from asl_core import Dataset, Source, SyntheticSpec, TrainConfig
from asl_core.config import MANY_CLASSES, ONE_CYCLE
from asl_core.settings import MISSION_FINGERPRINT
from asl_core.training.first_config import expectation, first_config


def dataset(
    n_classes: int, n_images: int, source: str = "/somewhere/photos", fingerprint: str = ""
) -> Dataset:
    """Black images, the same number of each class."""
    return Dataset(
        images=np.broadcast_to(np.uint8(0), (n_images, 50, 50, 3)),
        labels=np.arange(n_images) % n_classes,
        classes=tuple(f"class {i:02}" for i in range(n_classes)),
        files=tuple(f"{i}.png" for i in range(n_images)),
        folder=Path(source),
        fingerprint=fingerprint,
        source=Source(source),
    )


def test_on_the_missions_photos_the_baseline_comes_first() -> None:
    photos = dataset(3, 3_000, fingerprint=MISSION_FINGERPRINT)
    assert first_config(photos) == TrainConfig(epochs=5)
    assert "with the baseline, a test accuracy of about 69 %" in expectation(photos)


def test_on_the_embedded_set_a_preset_that_learns_it_comes_first() -> None:
    embedded = dataset(3, 2_000, SyntheticSpec().text)
    config = first_config(embedded)
    assert (config.schedule, config.epochs, config.filters) == ("one-cycle", 20, (8, 24))
    assert (config.batch_size, config.learning_rate) == (ONE_CYCLE.batch_size, 1e-2)
    assert "93 %" in expectation(embedded)


def test_no_figure_is_made_up_for_images_that_nobody_measured() -> None:
    for unknown in (dataset(4, 400), dataset(3, 2_000, "rendered:ABC:2000:1")):
        said = expectation(unknown)
        assert "nothing is known" in said
        assert f"gets {100 / len(unknown.classes):.0f} % right" in said


def test_many_classes_get_the_preset_for_them() -> None:
    letters = first_config(dataset(24, 7_200))
    assert replace(letters, epochs=MANY_CLASSES.epochs) == MANY_CLASSES
    assert first_config(dataset(9, 7_200)).kernel_size == ONE_CYCLE.kernel_size


@pytest.mark.parametrize("n_classes", [2, 3, 5, 6, 9, 10, 24, 60])
@pytest.mark.parametrize("n_images", [120, 2_000, 7_200, 87_000])
def test_an_unknown_folder_gets_filters_by_classes_and_epochs_by_images(
    n_classes: int, n_images: int
) -> None:
    config = first_config(dataset(n_classes, n_images))
    more_classes = first_config(dataset(n_classes + 1, n_images))
    more_images = first_config(dataset(n_classes, 2 * n_images))
    assert more_classes.filters >= config.filters
    assert more_images.epochs <= config.epochs
    assert 5 <= config.epochs <= 40
