"""Key points lie where the hand is in the image that a page shows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from asl_core.data import Dataset, read_folder
from asl_core.errors import ImageError
from asl_core.images import read_whole, upright_size
from asl_core.landmarks.drawing import (
    AGAINST,
    FINGER_COLORS,
    FOR,
    points_in_square,
    with_evidence,
    with_skeleton,
)

SPREAD = np.stack([np.linspace(20, 180, 21), np.linspace(180, 20, 21)], axis=1)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    for name in "AB":
        (tmp_path / name).mkdir()
        Image.new("RGB", (120, 80)).save(tmp_path / name / "wide.png")
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6
        Image.new("RGB", (120, 80)).save(tmp_path / name / "turned.jpg", exif=exif)
    return read_folder(tmp_path)


def test_places_are_those_in_the_center_square(dataset: Dataset) -> None:
    points = np.zeros((21, 3))
    for index, file in enumerate(dataset.files):
        whole = read_whole(dataset.folder / file, file)
        assert upright_size(dataset.folder / file, file) == whole.shape[:2]
        corner = (20, 0) if "wide" in file else (0, 20)
        points[:, :2] = corner
        assert np.allclose(points_in_square(dataset, index, points), 0)
        points[:, :2] += 80
        assert np.allclose(points_in_square(dataset, index, points), 1)
    (dataset.folder / dataset.files[0]).unlink()
    with pytest.raises(ImageError):
        points_in_square(dataset, 0, points)


def test_rows_of_a_table_are_square(dataset: Dataset) -> None:
    table = replace(dataset, pixels=np.zeros((4, 28, 28), np.uint8))
    assert np.allclose(points_in_square(table, 0, np.full((21, 3), 14.0)), 0.5)


def test_a_skeleton_has_a_color_for_each_finger() -> None:
    blank = np.zeros((240, 240, 3), np.uint8)
    drawn = with_skeleton(blank, SPREAD)
    assert not blank.any()
    colors = {tuple(color) for color in drawn.reshape(-1, 3).tolist()}
    assert set(FINGER_COLORS) <= colors
    assert with_skeleton(blank[:60, :60], SPREAD / 4).shape == (60, 60, 3)


def test_what_speaks_for_a_class_is_larger_and_orange() -> None:
    drops = np.zeros(21)
    drops[4], drops[16] = 0.9, -0.1
    drawn = with_evidence(np.zeros((240, 240, 3), np.uint8), SPREAD, drops)
    flat = drawn.reshape(-1, 3)
    for_it, against = (int((flat == color).all(axis=1).sum()) for color in (FOR, AGAINST))
    assert for_it > 2 * against > 0
