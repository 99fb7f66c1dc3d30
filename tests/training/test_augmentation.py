"""Augmentation: what each switch does to a picture, and that chance comes from its source alone."""

import numpy as np
import pytest

from asl_core.config import Augmentation
from asl_core.errors import ConfigError
from asl_core.training.augmentation import augment


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.fixture
def images() -> np.ndarray:
    """Grey pictures with a white dot right of the middle and a black one left of it."""
    pictures = np.full((200, 50, 50, 3), 128, np.uint8)
    pictures[:, 24:26, 34:36] = 255
    pictures[:, 24:26, 14:16] = 0
    return pictures


def bright_spot(image: np.ndarray) -> np.ndarray:
    """Middle of the white dot, (right, down), in pixels from the middle of the picture."""
    weight = (image[..., 0].astype(float) - 128).clip(0)
    down, right = np.indices(weight.shape) + 0.5 - 25
    spot: np.ndarray = np.array([(right * weight).sum(), (down * weight).sum()]) / weight.sum()
    return spot


def test_nothing_is_changed_by_default(images: np.ndarray) -> None:
    changed = augment(images, Augmentation(), rng())
    np.testing.assert_array_equal(changed, images)
    assert changed is not images


def test_a_shift_stays_in_its_range_and_uses_it(images: np.ndarray) -> None:
    spots = np.array([bright_spot(i) for i in augment(images, Augmentation(shift=0.1), rng())])
    moves = spots - [10, 0]
    assert np.abs(moves).max() < 5.1
    assert (moves.min(axis=0) < -4).all()
    assert (moves.max(axis=0) > 4).all()


def test_a_rotation_turns_about_the_middle(images: np.ndarray) -> None:
    spots = np.array([bright_spot(i) for i in augment(images, Augmentation(rotation=20), rng())])
    assert np.linalg.norm(spots, axis=1) == pytest.approx(np.full(len(spots), 10), abs=0.15)
    angles = np.degrees(np.arctan2(spots[:, 1], spots[:, 0]))
    assert -21 < angles.min() < -17
    assert 17 < angles.max() < 21


def test_a_zoom_changes_the_size(images: np.ndarray) -> None:
    spots = np.array([bright_spot(i) for i in augment(images, Augmentation(zoom=0.3), rng())])
    assert np.abs(spots[:, 1]).max() < 0.15
    assert 6.8 < spots[:, 0].min() < 7.5
    assert 12.5 < spots[:, 0].max() < 13.2


def test_what_is_uncovered_is_the_inside_reflected_however_far(images: np.ndarray) -> None:
    bright = images.clip(100)
    changed = augment(bright, Augmentation(shift=0.3, rotation=45, zoom=0.5), rng())
    assert changed.min() >= 100  # no black corner


def test_values_between_pixels_are_rounded_and_not_cut_off() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (50, 50, 50, 3)).astype(np.uint8)
    changed = augment(noise, Augmentation(shift=0.1, rotation=10, zoom=0.15), rng())
    assert changed.mean() == pytest.approx(noise.mean(), abs=0.1)


def test_brightness_is_added_and_stays_in_range(images: np.ndarray) -> None:
    changed = augment(images, Augmentation(brightness=0.5), rng())
    added = changed[:, 0, 0, 0].astype(int) - 128
    assert -128 <= added.min() < -110
    assert 110 < added.max() <= 127
    assert changed.dtype == np.uint8
    assert (changed[:, 24, 34, 0] >= changed[:, 0, 0, 0]).all()


def test_half_are_mirrored(images: np.ndarray) -> None:
    changed = augment(images, Augmentation(mirror=True), rng())
    mirrored = (changed == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert ((changed == images).all(axis=(1, 2, 3)) ^ mirrored).all()
    assert 70 < mirrored.sum() < 130


def test_the_same_source_gives_the_same(images: np.ndarray) -> None:
    how = Augmentation(0.1, 10, 0.1, 0.2, True)
    np.testing.assert_array_equal(augment(images, how, rng()), augment(images, how, rng()))
    other = augment(images, how, np.random.default_rng(4))
    assert (augment(images, how, rng()) != other).any()


@pytest.mark.parametrize(
    "values", [{"shift": 0.4}, {"rotation": -1}, {"zoom": float("nan")}, {"brightness": 9.0}]
)
def test_what_is_out_of_range_is_named(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        Augmentation(**values)  # type: ignore[arg-type]
