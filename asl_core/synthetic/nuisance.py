"""How pictures of one letter differ: the ranges that training pictures are drawn from."""

from dataclasses import dataclass, fields

from asl_core.synthetic.errors import ParameterError, require
from asl_core.synthetic.scene import Range

LOGARITHMIC = ("distance", "key", "sunlit_key", "ambient", "backlit_ambient")
"""Ranges drawn uniformly in their logarithm, as eyes and lenses see them."""


@dataclass(frozen=True)
class Nuisance:
    """Ranges of everything that does not change the letter.

    A pair is the (lowest, highest) value of a uniform draw, in the unit of the field of the same
    name in View, Light, Skin, Background and Camera; a single number is a probability. The ranges
    in LOGARITHMIC are drawn uniformly in their logarithm.

    Args:
        left_hand: Probability of a left hand. A quarter is enough for a network of A, B and C to
            read left hands (docs/measurements.md); one person in ten signs with the left.
        backlit: Probability that the hand stands before the light: little light falls on the side
            that the camera sees, and the background is bright.
        backlit_ambient: Ambient light of a backlit hand.
        sunlit: Probability that strong light falls on the hand, over-exposing it, and the
            background is dimmer than the hand. Added to `backlit` it may not exceed 1.
        sunlit_key: Key light of a sunlit hand.
        shaded: Probability that a shade keeps the key light from a part of the hand.
        sleeved: Probability of a sleeve.
        wall: Brightness of the background, display value.
        wall_tint: Largest difference of one channel of the background from its brightness.
        patches: Number of rectangles in the background.
        beamed: Probability of a beam, shelf, skirting board or door frame across the background.
        framed: Probability of a thin coloured line around the picture, as some collections have.
        textured: Probability of a background with texture.
    """

    turn: Range = (-20.0, 20.0)
    tilt: Range = (-20.0, 25.0)
    roll: Range = (-22.0, 22.0)
    distance: Range = (165.0, 470.0)
    right: Range = (-0.2, 0.25)
    up: Range = (-0.25, 0.15)
    left_hand: float = 0.25
    slack: Range = (2.0, 6.0)
    azimuth: Range = (-110.0, 110.0)
    elevation: Range = (-20.0, 80.0)
    key: Range = (0.25, 2.5)
    ambient: Range = (0.15, 0.9)
    backlit: float = 0.35
    backlit_ambient: Range = (0.02, 0.15)
    sunlit: float = 0.4
    sunlit_key: Range = (1.5, 6.0)
    shaded: float = 0.35
    tone: Range = (0.0, 0.9)
    redness: Range = (0.0, 0.7)
    sleeved: float = 0.2
    sleeve: Range = (20.0, 120.0)
    wall: Range = (0.4, 1.0)
    wall_tint: Range = (0.0, 0.1)
    patches: Range = (0.0, 3.0)
    beamed: float = 0.5
    framed: float = 0.3
    textured: float = 0.2
    texture: Range = (0.03, 0.2)
    grain: Range = (0.05, 0.6)
    exposure: Range = (-0.6, 0.7)
    warmth: Range = (-0.5, 0.6)
    saturation: Range = (0.4, 1.1)
    haze: Range = (0.0, 0.15)
    blur: Range = (0.0, 0.009)
    noise: Range = (0.0, 0.015)

    def __post_init__(self) -> None:
        """Check that ranges are in order and probabilities are in [0, 1]."""
        for field in fields(self):
            value = getattr(self, field.name)
            pair = isinstance(value, tuple)
            if not (value[0] <= value[1] if pair else 0 <= value <= 1):
                expected = "(low, high) with low <= high" if pair else "a probability in [0, 1]"
                raise ParameterError(
                    f"Nuisance.{field.name} must be {expected}. Received: {field.name}={value!r}"
                )
        for name in LOGARITHMIC:
            low = getattr(self, name)[0]
            require(low > 0, f"Nuisance.{name}", "above 0 at its low end", low)
        both = self.backlit + self.sunlit
        require(both <= 1, "Nuisance.backlit + sunlit", "at most 1", both)


WIDE = Nuisance(
    turn=(-35.0, 35.0),
    tilt=(-35.0, 35.0),
    roll=(-40.0, 40.0),
    distance=(180.0, 700.0),
    right=(-0.3, 0.3),
    up=(-0.3, 0.3),
    left_hand=0.3,
    slack=(2.0, 9.0),
    tone=(0.0, 1.0),
    wall=(0.05, 1.0),
    wall_tint=(0.0, 0.25),
    patches=(0.0, 8.0),
    textured=0.6,
    texture=(0.05, 0.6),
    exposure=(-1.0, 1.0),
    saturation=(0.0, 1.3),
    haze=(0.0, 0.4),
    blur=(0.0, 0.015),
    noise=(0.0, 0.04),
)
"""Both hands, cluttered rooms, odd angles: more than a network of a few thousand weights can learn
from a few thousand pictures. The plain Nuisance() is a hand held up to a webcam indoors."""
