"""Joint angles of a hand: what can bend, how far, and how far it may stray.

All angles are degrees. Ranges follow the normal ranges of motion of the American Academy of
Orthopaedic Surgeons (Greene & Heckman, *The Clinical Measurement of Joint Motion*, 1994), widened
to what another finger or the palm can push a joint to, as in a fist or in crossed fingers.
"""

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from asl_core.synthetic.errors import JointLimitError

LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    "Finger": {"mcp": (-30, 100), "pip": (-5, 115), "dip": (-10, 90), "spread": (-25, 25)},
    "Thumb": {
        "radial": (-40, 70),
        "palmar": (-20, 75),
        "twist": (-100, 90),
        "mcp": (-15, 75),
        "ip": (-25, 85),
    },
    "Wrist": {"flexion": (-75, 85), "deviation": (-40, 30)},
}
"""Lowest and highest angle of every joint, in degrees."""


class _Joints:
    """Checks each angle against LIMITS when a joint set is made."""

    def __post_init__(self) -> None:
        part = type(self).__name__
        for joint, (low, high) in LIMITS[part].items():
            angle = getattr(self, joint)
            if not low <= angle <= high:
                raise JointLimitError(
                    f"{part}.{joint} must lie in [{low}, {high}] degrees. "
                    f"Received: {joint}={angle!r}"
                )


@dataclass(frozen=True)
class Finger(_Joints):
    """Bend of one finger, in degrees.

    Args:
        mcp: Flexion of the knuckle; 0 is straight, 90 points away from the palm.
        pip: Flexion of the middle joint.
        dip: Flexion of the last joint.
        spread: Sideways angle at the knuckle; positive leans towards the thumb.
    """

    mcp: float
    pip: float
    dip: float
    spread: float = 0.0


@dataclass(frozen=True)
class Thumb(_Joints):
    """Bend of the thumb, in degrees.

    Args:
        radial: Angle of the metacarpal away from the index finger, within the plane of the palm.
        palmar: Angle of the metacarpal out of that plane, towards the palm's front.
        twist: Turn about its own length; at 0 the thumb bends across the palm, negative turns
            its pad towards the palm.
        mcp: Flexion of the middle joint.
        ip: Flexion of the last joint; negative bends backwards.
    """

    radial: float
    palmar: float
    twist: float = 0.0
    mcp: float = 0.0
    ip: float = 0.0


@dataclass(frozen=True)
class Wrist(_Joints):
    """Bend of the wrist, in degrees.

    Args:
        flexion: Positive bends the palm towards the inside of the forearm.
        deviation: Positive leans the hand towards the thumb, negative towards the little finger.
    """

    flexion: float = 0.0
    deviation: float = 0.0


@dataclass(frozen=True)
class Facing:
    """Orientation of the palm as the viewer sees it, in degrees.

    At (0, 0, 0) fingers point up and the palm faces the viewer. The turns are applied in this
    order: `turn` about the upright axis (positive shows the little finger's edge of a right
    hand, its palm facing the viewer's right), `tilt` about the horizontal axis (positive tips
    the fingers towards the viewer), `roll` in the picture plane (positive is anticlockwise).
    """

    turn: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True)
class Pose:
    """Every joint of one hand and how the hand is held."""

    thumb: Thumb
    index: Finger
    middle: Finger
    ring: Finger
    little: Finger
    wrist: Wrist = Wrist()
    facing: Facing = Facing()

    @property
    def fingers(self) -> tuple[Finger, Finger, Finger, Finger]:
        """The four fingers from the index to the little finger."""
        return self.index, self.middle, self.ring, self.little


FREEDOM = {"flexion": 2.5, "deviation": 2.5, "spread": 0.4}
"""How much more or less than other joints some stray: no letter hangs on the exact angle of the
wrist, while fingers held together stay together."""

_AnyJoints = TypeVar("_AnyJoints", Finger, Thumb, Wrist)


def loosen(pose: Pose, slack: float, rng: np.random.Generator) -> Pose:
    """Add the small errors that every signer makes.

    Args:
        pose: The pose to start from.
        slack: Standard deviation of the error of each joint, in degrees; 0 changes nothing.
            Joints in FREEDOM stray that many times as much.
        rng: Source of the errors.

    Returns:
        A new pose, each joint kept within LIMITS. The orientation of the hand is unchanged.
    """

    def stray(joints: _AnyJoints) -> _AnyJoints:
        moved: dict[str, float] = {}
        for joint, (low, high) in LIMITS[type(joints).__name__].items():
            reach = slack * FREEDOM.get(joint, 1.0)
            angle = getattr(joints, joint) + reach * float(rng.standard_normal())
            moved[joint] = min(max(angle, low), high)
        return replace(joints, **moved)

    names = [field.name for field in fields(pose) if field.name != "facing"]
    return replace(pose, **{name: stray(getattr(pose, name)) for name in names})
