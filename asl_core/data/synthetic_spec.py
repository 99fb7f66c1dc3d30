"""What a rendered set is drawn from, as a value and as a short text that any machine understands.

`rendered:ABC:2000:0` are 2,000 images of A, B and C with seed 0; `:turn=-30~30:left_hand=0.5` at
the end changes what varies. The same text gives the same images everywhere, so it can stand in a
link or in a run's settings where a folder could not.
"""

import re
from dataclasses import dataclass, fields, replace

from asl_core.errors import DatasetError
from asl_core.synthetic.errors import SyntheticError
from asl_core.synthetic.folder import count_left_hands
from asl_core.synthetic.letters import LETTERS
from asl_core.synthetic.nuisance import Nuisance

PREFIX = "rendered:"
MAX_PICTURES = 5_000
MIN_PER_LETTER = 10
"""So that both parts of a set have at least two images of each letter."""

MAX_SEED = 2**32 - 1

BOUNDS: dict[str, tuple[float, float]] = {
    "turn": (-90, 90),
    "tilt": (-60, 60),
    "roll": (-90, 90),
    "distance": (150, 1000),
    "right": (-0.5, 0.5),
    "up": (-0.5, 0.5),
    "left_hand": (0, 1),
    "slack": (0, 12),
    "key": (0.1, 6),
    "ambient": (0.02, 2),
    "backlit": (0, 1),
    "sunlit": (0, 1),
    "tone": (0, 1),
    "sleeved": (0, 1),
    "wall": (0, 1),
    "patches": (0, 8),
    "textured": (0, 1),
    "exposure": (-2, 2),
    "blur": (0, 0.03),
    "noise": (0, 0.1),
}
"""What a text may change, in the units of `Nuisance`, and how far. Within these every hand is
still in the picture in part."""

_NUMBER = r"-?\d{1,4}(?:\.\d{1,4})?"
_TEXT = re.compile(
    rf"rendered:([A-Z]+):(\d{{1,4}}):(\d{{1,10}})((?::[a-z_]+={_NUMBER}(?:~{_NUMBER})?)*)"
)


@dataclass(frozen=True)
class SyntheticSpec:
    """What a rendered set is drawn from.

    Args:
        letters: two or more capital letters in the order of the alphabet.
        count: images in all, from 10 a letter to 5,000.
        seed: 0 to 2**32 - 1.
        ranges: what varies and how much; only fields in `BOUNDS` may differ from `Nuisance()`.

    Raises:
        DatasetError: names what is out of its range, and the range.
    """

    letters: str = "ABC"
    count: int = 2_000
    seed: int = 0
    ranges: Nuisance = Nuisance()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        if len(self.letters) < 2 or [*self.letters] != sorted({*self.letters} & {*LETTERS}):
            raise DatasetError(
                "A synthetic dataset needs two or more different capital letters, in the order "
                f"of the alphabet. Received: {self.letters!r}"
            )
        least = MIN_PER_LETTER * len(self.letters)
        if not least <= self.count <= MAX_PICTURES:
            raise DatasetError(
                f"A synthetic dataset of {len(self.letters)} letters must have {least} to "
                f"{MAX_PICTURES:,} images. Received: {self.count}"
            )
        if not 0 <= self.seed <= MAX_SEED:
            raise DatasetError(f"seed must be a number from 0 to {MAX_SEED}. Received: {self.seed}")
        for name, value in self.changes().items():
            _check_bounds(name, value)

    @property
    def text(self) -> str:
        """The recipe as one word; `parse` takes it back."""
        start = f"{PREFIX}{self.letters}:{self.count}:{self.seed}"
        return start + "".join(f":{name}={_spell(v)}" for name, v in self.changes().items())

    def left_hands(self) -> int:
        """How many of the images show a left hand."""
        return count_left_hands(self.letters, self.count, self.seed, self.ranges)

    def changes(self) -> dict[str, float | tuple[float, float]]:
        """The ranges that are not the usual ones, by name."""
        usual = Nuisance()
        values = {field.name: getattr(self.ranges, field.name) for field in fields(Nuisance)}
        return {name: v for name, v in values.items() if v != getattr(usual, name)}

    @classmethod
    def parse(cls, text: str) -> "SyntheticSpec":
        """The recipe of a text.

        Raises:
            DatasetError: it is none; says what is allowed.
        """
        match = _TEXT.fullmatch(text)
        if not match:
            raise DatasetError(
                "A synthetic dataset is written as rendered:LETTERS:COUNT:SEED, such as "
                "rendered:ABC:2000:0, with changed ranges behind it, such as :turn=-30~30 or "
                f":left_hand=0.5. Received: {text[:60]}"
            )
        letters, count, seed, changes = match.groups()
        return cls("".join(sorted(letters)), int(count), int(seed), with_ranges(_pairs(changes)))


def with_ranges(changes: dict[str, float | tuple[float, float]]) -> Nuisance:
    """The usual ranges, but for some.

    Raises:
        DatasetError: a name is not in `BOUNDS`, or a value is not what its field takes.
    """
    usual = Nuisance()
    for name, value in changes.items():
        if name not in BOUNDS:
            raise DatasetError(f"{name} can't be changed. Choose one of: {', '.join(BOUNDS)}.")
        if isinstance(value, tuple) != isinstance(getattr(usual, name), tuple):
            form = "low~high" if isinstance(getattr(usual, name), tuple) else "one number"
            raise DatasetError(f"{name} must be {form}. Received: {_spell(value)}")
    rounded = {name: _rounded(value) for name, value in changes.items()}
    try:
        return replace(usual, **rounded)  # type: ignore[arg-type]  # checked by name
    except SyntheticError as error:
        raise DatasetError(str(error)) from error


def _rounded(value: float | tuple[float, float]) -> float | tuple[float, float]:
    """As many digits as a text keeps; no negative zero, which would be another text."""
    if isinstance(value, tuple):
        return round(value[0], 4) + 0.0, round(value[1], 4) + 0.0
    return round(value, 4) + 0.0


def _pairs(text: str) -> dict[str, float | tuple[float, float]]:
    changes: dict[str, float | tuple[float, float]] = {}
    for part in text.split(":")[1:]:
        name, _, value = part.partition("=")
        if name in changes:
            raise DatasetError(f"{name} is given twice.")
        low, between, high = value.partition("~")
        changes[name] = (float(low), float(high)) if between else float(low)
    return changes


def _check_bounds(name: str, value: float | tuple[float, float]) -> None:
    low, high = BOUNDS.get(name, (0.0, 0.0))
    ends = value if isinstance(value, tuple) else (value,)
    if name not in BOUNDS or not all(low <= end <= high for end in ends):
        allowed = f"must be from {low:g} to {high:g}" if name in BOUNDS else "can't be changed"
        raise DatasetError(f"{name} {allowed}. Received: {_spell(value)}")


def _spell(value: float | tuple[float, float]) -> str:
    ends = value if isinstance(value, tuple) else (value,)
    return "~".join(f"{end:.8g}" for end in ends)
