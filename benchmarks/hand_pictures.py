"""Pictures that `benchmarks.any_hand` renders: letters, hands that sign nothing, and no hand."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

from asl_core import Dataset, read_folder
from asl_core.data.synthetic_cache import RENDERER_VERSION
from asl_core.landmarks.no_letter import no_letter_poses
from asl_core.settings import settings
from asl_core.synthetic import STATIC_LETTERS, WIDE, Nuisance, draw_scene, sample
from asl_core.synthetic.backdrop import paint
from asl_core.synthetic.exposure import develop
from asl_core.synthetic.render import render_pose

SIDE = 160
"""Of the pictures, in pixels."""

SEED = 7
N_BACKGROUNDS = 100

LIT = Nuisance(
    turn=(-30, 30),
    tilt=(-25, 25),
    roll=(-25, 25),
    distance=(200, 450),
    right=(-0.1, 0.1),
    up=(-0.15, 0.1),
    slack=(0, 8),
    backlit=0.05,
    sunlit=0.1,
    shaded=0.1,
    framed=0,
    haze=(0, 0.05),
)
"""What varies among the hands: more turns and less bad light than usual."""

Pictures = Mapping[str, list[np.ndarray]]
"""Images, uint8 (height, width, 3), by class."""


def letters(count: int) -> Dataset:
    """Rendered pictures of all letters that stand still."""

    def draw() -> Pictures:
        images, labels = sample(STATIC_LETTERS, count, SEED, LIT, size=SIDE)
        return {
            letter: list(images[labels == label]) for label, letter in enumerate(STATIC_LETTERS)
        }

    return _kept(f"letters-{count}", draw)


def no_letters(each: int) -> Dataset:
    """Rendered hands that sign nothing."""

    def draw() -> Pictures:
        rng = np.random.default_rng(SEED)
        return {
            name.replace(".", "-"): [
                render_pose(pose, draw_scene(LIT, rng), size=SIDE, seed=number)
                for number in range(each)
            ]
            for name, pose in no_letter_poses().items()
        }

    return _kept(f"no-letters-{each}", draw)


def no_hands() -> Dataset:
    """Rendered backgrounds, and parts of the two photos that come with scikit-learn."""

    def draw() -> Pictures:
        rng = np.random.default_rng(SEED)
        backgrounds = []
        for _ in range(N_BACKGROUNDS):
            scene = draw_scene(WIDE, rng)
            painted = paint(scene.background, SIDE, rng)
            backgrounds.append(develop(painted, SIDE, scene.camera, rng))
        parts = [
            photo[top : top + SIDE, left : left + SIDE]
            for photo in load_sample_images().images
            for top in range(0, photo.shape[0] - SIDE + 1, SIDE // 2)
            for left in range(0, photo.shape[1] - SIDE + 1, SIDE // 2)
        ]
        return {"backgrounds": backgrounds, "photos": parts}

    return _kept("no-hands", draw)


def _kept(name: str, draw: Callable[[], Pictures]) -> Dataset:
    """A folder of pictures in the cache, drawn the first time."""
    folder = settings().cache_dir / "benchmarks" / f"any-hand-{name}-r{RENDERER_VERSION}"
    if not folder.is_dir():
        staging = folder.with_name(f".{folder.name}")
        shutil.rmtree(staging, ignore_errors=True)
        for kind, images in draw().items():
            (staging / kind).mkdir(parents=True)
            for number, image in enumerate(images):
                Image.fromarray(image).save(staging / kind / f"{number:05}.png")
        staging.rename(folder)
    return read_folder(folder)


def folder_of(photos: Path, person: str) -> Path:
    """Where one person's photos are."""
    return photos / "asl_alphabet" if person == "alphabet" else photos / "other_signers" / person
