"""Key points of the rendered hand: its joints, as somebody's whom a camera sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from asl_core.landmarks.features import KeyPoints
from asl_core.landmarks.hand import FINGERS, MIDDLE, N_POINTS, THUMB, WRIST
from asl_core.synthetic.hand import Capsules, capsules
from asl_core.synthetic.letters import poses
from asl_core.synthetic.pose import Pose, loosen

_METERS = 1e-3
"""Of a millimeter."""

_FLESH = 0.5
"""How far a fingertip's key point lies past the last bone, in radii of the tip."""


@dataclass(frozen=True)
class Jitter:
    """What varies among rendered key points.

    Attributes:
        slack: largest standard deviation of the joints, degrees; each hand has its own, from 0.
        turn: largest turn about the upright axis to either side, degrees.
        tilt: largest turn about the horizontal axis, degrees.
        roll: standard deviation of the turn in the image, degrees.
        proportions: standard deviation of the lengths of bones, as a share.
        noise: standard deviation of each point, in palms.
        depth_noise: the same of its depth.
        distance: nearest and farthest camera, in mm.
    """

    slack: float = 8.0
    turn: float = 25.0
    tilt: float = 20.0
    roll: float = 15.0
    proportions: float = 0.06
    noise: float = 0.02
    depth_noise: float = 0.06
    distance: tuple[float, float] = (350.0, 900.0)


def rendered_key_points(
    letters: Sequence[str], n: int, seed: int = 0, jitter: Jitter = Jitter()
) -> tuple[KeyPoints, np.ndarray]:
    """Key points of hands that sign letters.

    Args:
        letters: capital letters; label j stands for `letters[j]`.
        n: number of hands, letters and their poses in turn.
        seed: of all that varies.
        jitter: how much it varies.

    Returns:
        The key points, and int64 (n,) labels.

    Raises:
        UnknownLetterError: a letter is not in the alphabet.
    """
    labels = np.arange(n) % len(letters)
    chosen = []
    for number, label in enumerate(labels.tolist()):
        ways = poses(letters[label])
        chosen.append(ways[number // len(letters) % len(ways)])
    return key_points_of(chosen, seed, jitter), labels


def key_points_of(
    chosen: Sequence[Pose],
    seed: int = 0,
    jitter: Jitter = Jitter(),
) -> KeyPoints:
    """Key points of hands in any poses.

    Args:
        chosen: a pose for each hand.
        seed: of all that varies.
        jitter: how much it varies.
    """
    rng = np.random.default_rng(seed)
    hands = [_joints(_varied(pose, jitter, rng)) for pose in chosen]
    joints = np.array(hands).reshape(-1, N_POINTS, 3)
    return _seen(_proportioned(joints, jitter, rng), jitter, rng)


def _varied(pose: Pose, jitter: Jitter, rng: np.random.Generator) -> Pose:
    loose = loosen(pose, float(rng.uniform(0, jitter.slack)), rng)
    facing = loose.facing
    turned = replace(
        facing,
        turn=facing.turn + float(rng.uniform(-jitter.turn, jitter.turn)),
        tilt=facing.tilt + float(rng.uniform(-jitter.tilt, jitter.tilt)),
        roll=facing.roll + float(rng.normal(0, jitter.roll)),
    )
    return replace(loose, facing=turned)


def _joints(pose: Pose) -> np.ndarray:
    """float64 (21, 3), mm, in the axes of an image: x right, y down, z away from the viewer."""
    hand = capsules(pose)
    joints = np.zeros((N_POINTS, 3))
    for number, finger in enumerate(FINGERS[1:]):
        bones = range(3 * number, 3 * number + 3)
        joints[list(finger)] = _along(hand, list(bones))
    thumb = [len(hand.start) - hand.forearm - 1, hand.digits - 2, hand.digits - 1]
    joints[list(THUMB)] = _along(hand, thumb)
    return joints * (1, -1, -1)


def _along(hand: Capsules, bones: list[int]) -> np.ndarray:
    """(4, 3), the joints of a finger; the last one in the flesh of its tip."""
    start, end = hand.start[bones].astype(float), hand.end[bones].astype(float)
    last = end[-1] - start[-1]
    tip = end[-1] + _FLESH * hand.radii[bones[-1], 1] * last / np.linalg.norm(last)
    return np.concatenate([start, tip[None]])


def _proportioned(joints: np.ndarray, jitter: Jitter, rng: np.random.Generator) -> np.ndarray:
    """The same hands with longer and shorter bones: each bone from its own joint outwards."""
    grown = joints.copy()
    fingers = rng.normal(1, jitter.proportions, (len(joints), len(FINGERS), 1))
    for number, finger in enumerate(FINGERS):
        for before, point in zip((WRIST, *finger[:3]), finger, strict=True):
            own = rng.normal(1, jitter.proportions / 2, (len(joints), 1))
            bone = joints[:, point] - joints[:, before]
            grown[:, point] = grown[:, before] + bone * fingers[:, number] * own
    return grown


def _seen(joints: np.ndarray, jitter: Jitter, rng: np.random.Generator) -> KeyPoints:
    """As a camera sees them, with the errors of whoever reads key points from an image."""
    n = len(joints)
    palm = np.linalg.norm(joints[:, MIDDLE[0]] - joints[:, WRIST], axis=1)[:, None, None]
    spread = palm * (jitter.noise, jitter.noise, jitter.depth_noise)
    world, seen = (joints + rng.normal(0, 1, joints.shape) * spread for _ in range(2))
    world = (world - world.mean(axis=1, keepdims=True)) * _METERS
    distance = rng.uniform(*jitter.distance, (n, 1, 1))
    middle = seen.mean(axis=1, keepdims=True)
    scale = distance / (distance + seen[:, :, 2:] - middle[:, :, 2:])
    points = np.concatenate([(seen - middle)[:, :, :2] * scale, seen[:, :, 2:]], axis=2)
    points[:, :, 2] -= points[:, :1, 2]
    up = points[:, MIDDLE[0]] - points[:, WRIST]
    return KeyPoints(
        points.astype(np.float32),
        world.astype(np.float32),
        np.ones(n, bool),
        np.arctan2(up[:, 0], -up[:, 1]).astype(np.float32),
    )
