"""Draw one letter."""

import numpy as np
from numpy.typing import NDArray

from asl_core.synthetic.backdrop import linear, paint
from asl_core.synthetic.drawing import Scene
from asl_core.synthetic.errors import require
from asl_core.synthetic.exposure import develop
from asl_core.synthetic.field import Field, Floats, Points
from asl_core.synthetic.hand import Capsules, capsules, compose, turned
from asl_core.synthetic.letters import poses
from asl_core.synthetic.optics import look, slope_of
from asl_core.synthetic.pose import Pose, loosen
from asl_core.synthetic.scene import Background, Camera, Light, Skin, View
from asl_core.synthetic.shading import shade, skin_colour

LARGEST = 1024
"""Largest side of a picture, pixels: memory grows with its square, about 400 MB here."""


def render(
    letter: str,
    view: View = View(),  # noqa: B008 - frozen
    light: Light = Light(),  # noqa: B008
    skin: Skin = Skin(),  # noqa: B008
    background: Background = Background(),  # noqa: B008
    camera: Camera = Camera(),  # noqa: B008
    *,
    size: int = 50,
    seed: int | np.random.SeedSequence = 0,
) -> NDArray[np.uint8]:
    """Draw one letter of the ASL manual alphabet as the viewer sees it.

    Args:
        letter: One capital letter, A to Z.
        view: Where the camera stands, and how the hand is held.
        light: What lights the hand.
        skin: The signer's skin and sleeve.
        background: What lies behind the hand.
        camera: Exposure, blur and noise.
        size: Side of the picture in pixels, 8 to 1024.
        seed: Decides finger slack, texture and noise; nothing else is random.

    Returns:
        The picture, uint8 (size, size, 3), red, green and blue.

    Raises:
        UnknownLetterError: `letter` is not one capital letter.
        ParameterError: `size` is out of its range.
    """
    ways = poses(letter)
    scene = Scene(view, light, skin, background, camera)
    return render_pose(ways[view.variant % len(ways)], scene, size=size, seed=seed)


def render_pose(
    pose: Pose, scene: Scene, *, size: int = 50, seed: int | np.random.SeedSequence = 0
) -> NDArray[np.uint8]:
    """Draw any hand, a letter or none.

    Args:
        pose: Its joints, before the scene's slack.
        scene: Everything else in the picture.
        size: As in `render`.
        seed: As in `render`.

    Returns:
        The picture, uint8 (size, size, 3), red, green and blue.

    Raises:
        ParameterError: `size` is out of its range.
    """
    require(isinstance(size, int) and 8 <= size <= LARGEST, "size", f"8 to {LARGEST}", size)
    rng = np.random.Generator(np.random.PCG64(seed))
    view = scene.view
    hand = place(loosen(pose, view.slack, rng), view)
    field = Field.of(hand)
    slope = slope_of(view.field_of_view)
    half = view.distance * slope
    eye = (-2 * view.right * half, -2 * view.up * half, view.distance)
    seen = look(hand, field, eye, size, slope)
    picture = paint(scene.background, size, rng)
    brightness = shade(field, seen, scene.light)
    picture[seen.pixels] = _colours(scene.skin, hand, seen.points) * brightness[:, None]
    return develop(picture, size, scene.camera, rng)


def place(pose: Pose, view: View) -> Capsules:
    """The hand as the camera sees it: mirrored, turned, its middle at the origin."""
    hand = capsules(pose)
    if view.left_handed:
        hand = hand.mirrored()
    turn = compose(turned("z", view.roll), turned("x", view.tilt), turned("y", view.turn))
    return hand.rotated(turn).centred()


def _colours(skin: Skin, hand: Capsules, points: Points) -> Floats:
    """Reflectance of each point, float32 (n, 3): skin, or sleeve further up the arm."""
    colours = np.tile(skin_colour(skin), (len(points[0]), 1))
    if skin.sleeve is not None:
        start, end = hand.start[-1], hand.end[-1]
        axis = end - start
        x, y, z = (p - s for p, s in zip(points, start, strict=True))
        length = np.sqrt(axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2)
        beyond = (x * axis[0] + y * axis[1] + z * axis[2]) / length
        colours[beyond > np.float32(skin.sleeve)] = linear(skin.sleeve_colour)
    return colours
