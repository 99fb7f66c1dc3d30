"""The ASL manual alphabet as joint angles, as a viewer in front of the signer sees it.

Handshapes follow the descriptions in Humphries & Padden, *Learning American Sign Language*, and
Tennant & Gluszak Brown, *The American Sign Language Handshape Dictionary*; every row was
then set side by side with photographs of several signers. Signers differ in how they hold some
letters, so a letter may have more than one pose; the first is the one shown when only one can be.

The thumb tells most fists apart: beside the fist in A, in front of it in S, under the fingertips
in E, and below one finger in T, two in N and three in M.
"""

from asl_core.synthetic.errors import UnknownLetterError
from asl_core.synthetic.pose import Facing, Finger, Pose, Thumb, Wrist

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOVING_LETTERS = "JZ"
"""Letters signed as a movement; the table holds the handshape they start from."""
STATIC_LETTERS = "".join(letter for letter in LETTERS if letter not in MOVING_LETTERS)

UP = Finger(0, 4, 2)
CLOSE_INDEX = Finger(0, 4, 2, -4)
CLOSE_RING = Finger(0, 4, 2, 3)
CLOSE_LITTLE = Finger(0, 4, 2, 8)
FOLDED = Finger(86, 102, 60)
CURVED = Finger(42, 40, 25)
FLAT = Finger(52, 24, 12)
ROUND = Finger(50, 52, 32)
TUCKED = Finger(55, 108, 62)
TIGHT = Finger(90, 104, 62)
DRAPED = Finger(92, 62, 16)
RAISED = Finger(58, 94, 24)
RAISED_INDEX = Finger(58, 94, 24, -2)
RAISED_RING = Finger(58, 94, 24, 3)
HANGING = Finger(90, 8, 8)
HANGING_INDEX = Finger(90, 8, 8, -7)
HANGING_RING = Finger(90, 8, 8, 7)

OVER_FIST = Thumb(27, 39, 17, 44, 59)
OVER_RING = Thumb(32, 36, 24, 60, 51)
OUT = Thumb(65, 5, -30, 5, -18)

FRONT = Facing()
SIDE = Facing(turn=72)

# One pose to a few lines reads as a table; a formatter would give every finger its own line.
# fmt: off
POSES: dict[str, tuple[Pose, ...]] = {
    "A": (
        Pose(Thumb(50, 22, -21, 48, -6), FOLDED, FOLDED, FOLDED, FOLDED),
        Pose(Thumb(46, 28, -30, 62, -8), FOLDED, FOLDED, FOLDED, FOLDED),
    ),
    "B": (Pose(Thumb(34, 34, -4, 75, 70), CLOSE_INDEX, UP, CLOSE_RING, CLOSE_LITTLE),),
    "C": (
        Pose(Thumb(24, 36, 87, 75, -9), CURVED, CURVED, CURVED, CURVED, facing=SIDE),
        Pose(Thumb(24, 36, 87, 65, -15), FLAT, FLAT, FLAT, FLAT, facing=Facing(turn=85)),
        Pose(Thumb(33, 34, 70, 70, 10), ROUND, ROUND, ROUND, ROUND, facing=Facing(turn=55)),
    ),
    "D": (
        Pose(Thumb(15, 66, -45, 14, 50), UP, *3 * (Finger(74, 54, 30),), facing=Facing(turn=60)),
        Pose(Thumb(30, 58, -10, 52, 40), UP, *3 * (Finger(80, 78, 40),), facing=Facing(turn=10)),
    ),
    "E": (Pose(Thumb(19, 44, 3, 75, 48), TUCKED, TUCKED, TUCKED, TUCKED),),
    "F": (
        Pose(
            Thumb(56, 57, -2, 52, 16),
            Finger(50, 60, 30), Finger(14, 15, 8, 2), Finger(4, 12, 6, -7), Finger(-4, 10, 5, -18),
            facing=Facing(turn=25),
        ),
        Pose(
            Thumb(50, 54, -8, 40, 22),
            Finger(54, 54, 28, 6), Finger(4, 28, 16, 2), Finger(0, 28, 16, -12),
            Finger(4, 34, 20, -25),
            facing=Facing(turn=32, roll=-6),
        ),
    ),
    "G": (
        Pose(
            Thumb(48, 9, -1, 60, 14), Finger(8, 4, 2), FOLDED, FOLDED, FOLDED,
            wrist=Wrist(20, -20), facing=Facing(turn=-25, roll=80),
        ),
        Pose(
            Thumb(32, 22, -10, 22, 6), Finger(6, 6, 4, 6), FOLDED, FOLDED, FOLDED,
            wrist=Wrist(5, -10), facing=Facing(turn=-5, roll=58),
        ),
        Pose(
            Thumb(35, 31, 60, 62, -14), Finger(30, 10, 5), FOLDED, FOLDED, FOLDED,
            wrist=Wrist(30, 0), facing=Facing(turn=-70, roll=70),
        ),
    ),
    "H": (
        Pose(
            OVER_RING, Finger(-4, 4, 2, -2), Finger(2, 4, 2, 1), FOLDED, FOLDED,
            wrist=Wrist(15, -16), facing=Facing(turn=-8, roll=82),
        ),
        Pose(
            OVER_RING, CLOSE_INDEX, UP, FOLDED, FOLDED,
            wrist=Wrist(10, -20), facing=Facing(turn=-10, roll=70),
        ),
    ),
    "I": (Pose(OVER_FIST, FOLDED, FOLDED, FOLDED, Finger(0, 4, 2, -4)),),
    "J": (Pose(OVER_FIST, FOLDED, FOLDED, FOLDED, Finger(0, 4, 2, -4)),),
    "K": (
        Pose(
            Thumb(36, 25, -2, 63, 4), Finger(0, 4, 2, 9), Finger(30, 6, 3, -12), FOLDED, FOLDED,
            facing=Facing(turn=12),
        ),
        Pose(
            Thumb(36, 25, -2, 63, 4), Finger(0, 4, 2, 14), Finger(6, 6, 3, -20), FOLDED, FOLDED,
            facing=Facing(turn=35, roll=4),
        ),
    ),
    "L": (Pose(OUT, UP, FOLDED, FOLDED, FOLDED),),
    "M": (
        Pose(
            Thumb(4, 30, 0, 74, 30), DRAPED, DRAPED, DRAPED, TIGHT,
            facing=Facing(turn=4, tilt=15, roll=10),
        ),
        Pose(
            Thumb(-10, 32, 5, 72, 50), HANGING_INDEX, HANGING, HANGING_RING, FOLDED,
            wrist=Wrist(flexion=70), facing=Facing(turn=6, tilt=68, roll=10),
        ),
        Pose(
            Thumb(6, 30, 0, 74, 36), RAISED_INDEX, RAISED, RAISED_RING, TIGHT,
            facing=Facing(turn=4, tilt=12, roll=4),
        ),
    ),
    "N": (
        Pose(
            Thumb(26, 23, -10, 70, 30), RAISED, RAISED, TIGHT, TIGHT,
            facing=Facing(turn=10, tilt=12, roll=8),
        ),
        Pose(
            Thumb(15, 12, 40, 75, 54), HANGING_INDEX, HANGING, FOLDED, FOLDED,
            wrist=Wrist(flexion=70), facing=Facing(tilt=70),
        ),
    ),
    "O": (
        Pose(Thumb(23, 59, -34, 23, 18), ROUND, ROUND, ROUND, ROUND, facing=Facing(turn=55)),
        Pose(Thumb(6, 48, -44, 9, 11), *4 * (Finger(54, 52, 32),), facing=Facing(turn=65)),
    ),
    "P": (
        Pose(
            Thumb(63, 56, 0, 70, 0), UP, Finger(66, 12, 6), Finger(80, 90, 50), FOLDED,
            wrist=Wrist(flexion=45), facing=Facing(turn=-60, roll=85),
        ),
        Pose(
            Thumb(4, 52, -40, 5, 30), UP, ROUND, ROUND, FOLDED,
            wrist=Wrist(flexion=40), facing=Facing(turn=-65, roll=78),
        ),
    ),
    "Q": (
        Pose(
            Thumb(18, 34, 88, 62, -15), Finger(40, 15, 8), *3 * (Finger(94, 110, 75),),
            wrist=Wrist(flexion=55), facing=Facing(turn=-75, roll=100),
        ),
        Pose(
            Thumb(24, 42, 60, 20, 5), Finger(40, 18, 10), *3 * (Finger(84, 90, 50),),
            wrist=Wrist(flexion=45), facing=Facing(turn=-72, roll=95),
        ),
    ),
    "R": (Pose(OVER_RING, Finger(14, 8, 4, -13), Finger(-2, 12, 6, 18), FOLDED, FOLDED),),
    "S": (Pose(OVER_FIST, FOLDED, FOLDED, FOLDED, FOLDED),),
    "T": (
        Pose(Thumb(18, 23, -11, 33, 6), Finger(74, 90, 45, 7), FOLDED, FOLDED, FOLDED),
        Pose(Thumb(56, 16, -30, 8, -14), Finger(50, 98, 50, 4), FOLDED, FOLDED, FOLDED),
    ),
    "U": (Pose(OVER_RING, CLOSE_INDEX, UP, FOLDED, FOLDED),),
    "V": (Pose(OVER_RING, Finger(0, 4, 2, 11), Finger(0, 4, 2, -11), FOLDED, FOLDED),),
    "W": (
        Pose(
            Thumb(18, 46, 11, 60, 49),
            Finger(0, 4, 2, 12), UP, Finger(0, 4, 2, -13), Finger(75, 80, 40, 10),
        ),
    ),
    "X": (
        Pose(OVER_FIST, Finger(0, 80, 50), FOLDED, FOLDED, FOLDED, facing=Facing(turn=45)),
        Pose(OVER_FIST, Finger(5, 75, 40), FOLDED, FOLDED, FOLDED, facing=Facing(turn=10)),
        Pose(
            Thumb(40, 34, 10, 66, 40), Finger(8, 48, 34), FOLDED, FOLDED, FOLDED,
            facing=Facing(turn=18, roll=-8),
        ),
    ),
    "Y": (Pose(OUT, FOLDED, FOLDED, FOLDED, Finger(0, 4, 2, -22)),),
    "Z": (Pose(OVER_RING, UP, FOLDED, FOLDED, FOLDED),),
}
# fmt: on
"""Every way of holding each letter, the most usual first."""


def poses(letter: str) -> tuple[Pose, ...]:
    """The ways of holding one letter, most usual first.

    Args:
        letter: One capital letter, A to Z.

    Raises:
        UnknownLetterError: The table has no such letter.
    """
    try:
        return POSES[letter]
    except (KeyError, TypeError):
        raise UnknownLetterError(
            f"letter must be one capital of {LETTERS}. Received: letter={letter!r}"
        ) from None
