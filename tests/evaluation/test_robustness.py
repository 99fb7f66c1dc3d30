"""Corruptions on hand-made pictures, and curves of models whose answers are known."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from asl_core.data import read_folder
from asl_core.evaluation import corruptions
from asl_core.evaluation.corruptions import CORRUPTIONS, Corruption
from asl_core.evaluation.prediction import Classifier
from asl_core.evaluation.robustness import load_robustness, robustness
from asl_core.runs.intervals import wilson_interval
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, 50, 50, 3)).astype(np.uint8)


def grey(*levels: int) -> np.ndarray:
    """One even picture per level."""
    return np.stack([np.full((50, 50, 3), level, np.uint8) for level in levels])


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda c: c.name)
def test_every_step_gives_pictures_and_the_neutral_one_the_same(corruption: Corruption) -> None:
    assert list(corruption.steps) == sorted(corruption.steps)
    before = IMAGES.copy()
    for step in corruption.steps:
        changed = corruption.apply(IMAGES, step)
        assert changed.dtype == np.uint8
        assert changed.shape == IMAGES.shape
        assert (changed == IMAGES).all() == (step == corruption.neutral)
    np.testing.assert_array_equal(IMAGES, before)


def test_the_kinds_of_the_dashboard() -> None:
    names = [corruption.name for corruption in CORRUPTIONS]
    assert names == [
        *("brightness", "contrast", "blur", "noise"),
        *("rotation", "shift", "zoom", "horizontal flip"),
    ]


def test_brightness_and_contrast_by_hand() -> None:
    assert corruptions.brightness(grey(100, 250, 3), 0.1)[:, 0, 0, 0].tolist() == [126, 255, 28]
    assert corruptions.brightness(grey(100, 3), -0.1)[:, 0, 0, 0].tolist() == [74, 0]
    half = grey(100)
    half[:, :25] = 200  # mean 150
    changed = corruptions.contrast(half, 0.5)
    assert (changed[0, 0, 0, 0], changed[0, 49, 0, 0]) == (175, 125)
    assert (corruptions.contrast(half, 0) == 150).all()


def test_blur_spreads_a_point_and_leaves_an_even_picture() -> None:
    np.testing.assert_array_equal(corruptions.blur(grey(77), 2), grey(77))
    point = grey(0)
    point[0, 25, 25] = 255
    spread = corruptions.blur(point, 1)[0, :, :, 0].astype(int)
    assert spread.argmax() == 25 * 50 + 25
    assert spread[25, 25] == round(255 * 0.3991**2)  # the middle of a Gaussian of sigma 1, twice
    np.testing.assert_array_equal(spread, spread.T)
    np.testing.assert_array_equal(spread[1:], spread[1:][::-1])


def test_noise_has_its_deviation_and_is_the_same_each_time() -> None:
    noisy = corruptions.noise(grey(128), 0.1)
    assert noisy.std() == pytest.approx(25.5, rel=0.02)
    assert noisy.mean() == pytest.approx(128, abs=0.5)
    np.testing.assert_array_equal(noisy, corruptions.noise(grey(128), 0.1))


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda c: c.name)
def test_many_pictures_are_changed_as_one_by_one(corruption: Corruption) -> None:
    many = RNG.integers(0, 256, (70, 50, 50, 3)).astype(np.uint8)  # more than two parts
    strength = corruption.steps[-1]
    if corruption.name == "noise":  # each picture has noise of its own
        grain = np.random.default_rng(0).standard_normal(many.shape, dtype=np.float32)
        alone = np.rint(many + 255 * strength * grain).clip(0, 255)
    else:
        alone = np.concatenate([corruption.apply(image[None], strength) for image in many])
    np.testing.assert_array_equal(corruption.apply(many, strength), alone)


def test_moves_by_hand() -> None:
    np.testing.assert_array_equal(corruptions.rotation(IMAGES, 90), np.rot90(IMAGES, 1, (1, 2)))
    moved = corruptions.shift(IMAGES, 0.1)
    np.testing.assert_array_equal(moved[:, :, 5:], IMAGES[:, :, :-5])
    np.testing.assert_array_equal(moved[:, :, :5], IMAGES[:, :, 5:0:-1])  # reflected
    np.testing.assert_array_equal(corruptions.mirror(IMAGES, 1)[:, :, 0], IMAGES[:, :, 49])
    square = grey(0)
    square[:, 20:30, 20:30] = 255
    for factor, side in ((0.8, 8), (2, 20)):
        lit = corruptions.zoom(square, factor)[0, :, :, 0] / 255
        assert lit.sum() == pytest.approx(side**2, rel=0.1)
        assert lit[24:26, 24:26].min() > 0.9


def says_bright(images: np.ndarray) -> np.ndarray:
    """Class 1 if the picture is brighter than 128."""
    bright = images.mean(axis=(1, 2, 3)) > 128
    return np.stack([~bright, bright], axis=1).astype(np.float32)


def test_a_model_whose_answers_are_known() -> None:
    images, labels = grey(50, 110, 200), np.array([0, 0, 1])
    told: list[float] = []
    curves = robustness(says_bright, images, labels, told.append)
    assert len(told) == sum(len(c.steps) for c in CORRUPTIONS)
    assert told[-1] == 1
    bright = {step.strength: step.score for step in curves[0].steps}
    # 50, 110, 200 in steps of 0.1 = 25.5: 110 is taken for bright from +0.1 on, 50 from +0.4 on.
    right = {strength: score.correct for strength, score in bright.items()}
    assert right == {-0.4: 2, -0.2: 3, -0.1: 3, 0: 3, 0.1: 2, 0.2: 2, 0.4: 1}
    assert bright[0.2].interval == wilson_interval(2, 3)


def test_untouched_pictures_are_asked_for_once() -> None:
    asked = []

    def says(few: np.ndarray) -> np.ndarray:
        asked.append((few == IMAGES).all())
        return says_bright(few)

    labels = says_bright(IMAGES).argmax(axis=1)
    curves = robustness(says, IMAGES, labels)
    assert sum(asked) == 1
    neutral = {c.name: c.neutral for c in CORRUPTIONS}
    untouched = [s.score for c in curves for s in c.steps if s.strength == neutral[c.name]]
    assert [score.correct for score in untouched] == [3] * len(CORRUPTIONS)


def test_the_untouched_step_is_the_runs_accuracy(drawn: Path, drawn_run: Run) -> None:
    saved = drawn_run.predictions()
    (curve,) = robustness(
        Classifier(drawn_run).probabilities,
        read_folder(drawn).images[saved.indices],
        saved.labels,
        corruptions=CORRUPTIONS[-1:],
    )
    assert curve.steps[0].score.accuracy == drawn_run.results.test_accuracy


def test_curves_of_an_earlier_version_have_todays_names_and_units(
    tmp_path: Path, drawn_run: Run
) -> None:
    names = ("scale", "mirror", "brightness", "fog")
    curves = [{"name": name, "unit": "old", "steps": [[1, 3, 4]]} for name in names]
    shutil.copytree(drawn_run.folder, tmp_path / drawn_run.id)
    run = RunStore(tmp_path).load(drawn_run.id)
    run.save_artifact("robustness", {"curves": curves})
    units = {corruption.name: corruption.unit for corruption in CORRUPTIONS}
    loaded = load_robustness(run)
    assert loaded
    assert [curve.name for curve in loaded] == ["zoom", "horizontal flip", "brightness", "fog"]
    assert [curve.unit for curve in loaded] == [units.get(c.name, "old") for c in loaded]
    assert loaded[0].steps[0].score.correct == 3
