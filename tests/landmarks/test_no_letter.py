"""Hands that sign nothing are hands, and are no letters."""

import numpy as np

from asl_core.landmarks.features import features
from asl_core.landmarks.no_letter import no_letter_poses, random_poses
from asl_core.landmarks.rendered import Jitter, key_points_of, rendered_key_points
from asl_core.synthetic import STATIC_LETTERS, View, draw_scene, poses, render
from asl_core.synthetic.drawing import Scene
from asl_core.synthetic.nuisance import Nuisance
from asl_core.synthetic.render import render_pose
from asl_core.synthetic.scene import Background, Camera, Light, Skin

EXACT = Jitter(
    slack=0, turn=0, tilt=0, roll=0, proportions=0, noise=0, depth_noise=0, distance=(1e6, 1e6)
)
JOINTS = slice(180, 195)
"""Cosines of the joints among the features: thumb, index, middle, ring and little finger."""


def test_each_has_its_own_fingers_up_and_none_those_of_a_letter() -> None:
    found = no_letter_poses()
    assert len(found) == 21
    assert "out IM.." in found
    assert not {"across IM..", "across IMRL", "out I...", "out ...L"} & found.keys()
    bends = features(key_points_of(list(found.values()), jitter=EXACT))[:, JOINTS].reshape(-1, 5, 3)
    for name, bend in zip(found, bends, strict=True):
        straight = bend[1:, 1] > 0.8  # the middle joints of the fingers
        raised = name.split()[1]
        assert straight.tolist() == [c != "." for c in raised], name


def test_none_is_a_letter_by_its_joints() -> None:
    letters, _ = rendered_key_points(STATIC_LETTERS, 3 * len(STATIC_LETTERS), jitter=EXACT)
    others = key_points_of(list(no_letter_poses().values()), jitter=EXACT)
    one, other = features(letters)[:, JOINTS], features(others)[:, JOINTS]
    nearest = np.abs(other[:, None] - one[None]).max(axis=2).min(axis=1)
    assert (nearest > 0.3).all()


def test_any_pose_can_be_drawn_and_a_letter_is_drawn_as_ever() -> None:
    view = View(slack=3, turn=10)
    scene = Scene(view, Light(), Skin(), Background(), Camera())
    assert np.array_equal(
        render_pose(poses("V")[0], scene, size=40, seed=5), render("V", view, size=40, seed=5)
    )
    rng = np.random.default_rng(0)
    drawn = render_pose(no_letter_poses()["across I..L"], draw_scene(Nuisance(), rng), size=40)
    assert drawn.shape == (40, 40, 3)


def test_hands_bent_by_chance_are_unlike_all_letters_and_the_same_again() -> None:
    found = random_poses(40, seed=3)
    assert found == random_poses(40, seed=3)
    assert found != random_poses(40, seed=4)
    letters = [pose for letter in STATIC_LETTERS for pose in poses(letter)]
    for pose in found:
        for letter in letters:
            pairs = zip(pose.fingers, letter.fingers, strict=True)
            assert max(abs(a.mcp + a.pip - b.mcp - b.pip) for a, b in pairs) >= 60
