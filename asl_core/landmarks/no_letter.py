"""Hands that sign nothing: fingers raised as in no letter of the alphabet, or bent by chance.

In the first, each of the four fingers is straight or folded, and the thumb is out or across the
palm: 32 hands, without those that are a letter or nearly so.
"""

from itertools import product

import numpy as np

from asl_core.synthetic.letters import STATIC_LETTERS, poses
from asl_core.synthetic.pose import Finger, Pose, Thumb

_OUT = Thumb(65, 5, -30, 5, -18)
_ACROSS = Thumb(32, 36, 24, 60, 51)
_FOLDED = Finger(86, 102, 60)
_SPREADS = (10.0, 2.0, -7.0, -18.0)
"""Of straight fingers, index to little finger, degrees."""

_LETTERS = frozenset(
    {
        *(("out", "...."), ("across", "....")),  # A, E, M, N, S, T
        *(("out", "I..."), ("across", "I...")),  # L, D
        *(("out", "...L"), ("across", "...L")),  # Y, I
        *(("out", ".MRL"), ("across", ".MRL")),  # F
        *(("across", "IM.."), ("across", "IMR."), ("across", "IMRL")),  # U, V, R, H; W; B
    }
)


def no_letter_poses() -> dict[str, Pose]:
    """The hands by name, such as `across IM.L`: thumb, and which fingers are straight."""
    found = {}
    for side, thumb in (("out", _OUT), ("across", _ACROSS)):
        for straight in product((False, True), repeat=4):
            raised = "".join(c if up else "." for c, up in zip("IMRL", straight, strict=True))
            if (side, raised) not in _LETTERS:
                index, middle, ring, little = (
                    Finger(0, 4, 2, spread) if up else _FOLDED
                    for up, spread in zip(straight, _SPREADS, strict=True)
                )
                found[f"{side} {raised}"] = Pose(thumb, index, middle, ring, little)
    return found


_AWAY = 60.0
"""Degrees by which one finger at least is bent otherwise than in each letter, knuckle and middle
joint together."""


def random_poses(n: int, seed: int = 0) -> list[Pose]:
    """Hands whose joints are bent by chance, each unlike all letters.

    Args:
        n: of hands.
        seed: of the joints.
    """
    rng = np.random.default_rng(seed)
    letters = np.array([_bends(pose) for name in STATIC_LETTERS for pose in poses(name)])
    found: list[Pose] = []
    while len(found) < n:
        thumb = Thumb(*rng.uniform((0, 5, -60, 0, -15), (65, 55, 50, 70, 60)).tolist())
        bends = rng.uniform(0, (90, 100, 60), (4, 3)).tolist()
        index, middle, ring, little = (
            Finger(mcp, pip, dip, spread)
            for (mcp, pip, dip), spread in zip(bends, _SPREADS, strict=True)
        )
        pose = Pose(thumb, index, middle, ring, little)
        if np.abs(letters - _bends(pose)).max(axis=1).min() >= _AWAY:
            found.append(pose)
    return found


def _bends(pose: Pose) -> list[float]:
    return [finger.mcp + finger.pip for finger in pose.fingers]
