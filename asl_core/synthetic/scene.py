"""What a picture shows: where the hand is, what lights it, whose it is, what lies behind it.

Colours are red, green and blue display values in [0, 1]; lengths are mm; angles are degrees;
places in the picture are fractions of its side, x to the right and y up, (0, 0) in the middle.
"""

from dataclasses import dataclass, fields

from asl_core.synthetic.errors import ParameterError, require

Colour = tuple[float, float, float]
Range = tuple[float, float]

FIELD_OF_VIEW = 55.0
"""Full angle across a picture, degrees: between a phone's main camera and a webcam."""


def _check(values: object, **ranges: Range) -> None:
    """Raise a ParameterError for the first field outside its range."""
    for field in fields(values):  # type: ignore[arg-type]
        if field.name in ranges:
            low, high = ranges[field.name]
            value = getattr(values, field.name)
            if not low <= value <= high:
                name = f"{type(values).__name__}.{field.name}"
                raise ParameterError(
                    f"{name} must lie in [{low:g}, {high:g}]. Received: {field.name}={value!r}"
                )


def _check_colour(name: str, colour: Colour) -> None:
    ok = len(colour) == 3 and all(0 <= channel <= 1 for channel in colour)
    require(ok, name, "three numbers in [0, 1]", colour)


@dataclass(frozen=True)
class View:
    """Where the camera stands.

    Args:
        turn: Turns the hand about the upright axis; positive shows more of its left side.
        tilt: Tips the hand towards the camera (positive) or away from it.
        roll: Rolls the hand in the picture, anticlockwise.
        distance: From the camera to the middle of the hand, mm.
        right: How far the hand is right of the middle of the picture, in [-1, 1].
        up: How far the hand is above the middle of the picture, in [-1, 1].
        left_handed: Mirror the hand.
        variant: Which of the letter's poses to show; counts round when there are fewer.
        slack: Standard deviation of the error of each joint, in degrees.
        field_of_view: Full angle across the picture, degrees; a narrow one shows a hand far away
            as large as a wide one shows a near hand, and less distorted.
    """

    turn: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0
    distance: float = 270.0
    right: float = 0.0
    up: float = 0.0
    left_handed: bool = False
    variant: int = 0
    slack: float = 0.0
    field_of_view: float = FIELD_OF_VIEW

    def __post_init__(self) -> None:
        """Check every field."""
        _check(self, distance=(150, 3000), right=(-1, 1), up=(-1, 1), slack=(0, 30))
        _check(self, field_of_view=(5, 120))
        _check(self, turn=(-180, 180), tilt=(-180, 180), roll=(-180, 180), variant=(0, 1000))


@dataclass(frozen=True)
class Light:
    """One lamp or window, and the light that comes from everywhere.

    Args:
        azimuth: Where the key light comes from: 0 from the camera, 90 from the right of the
            picture, 180 from behind the hand.
        elevation: How high the key light stands; 90 is straight above.
        key: Strength of the key light; 1 shows skin that faces it at its own colour.
        ambient: Strength of the light from everywhere; 1 shows skin at its own colour.
        shade_edge: The key light only reaches skin above this line, mm above the middle of the
            hand; a frame or a roof keeps the rest in the shade.
        shade_angle: How far that line is rolled anticlockwise from the horizontal.
    """

    azimuth: float = -35.0
    elevation: float = 40.0
    key: float = 0.75
    ambient: float = 0.45
    shade_edge: float = -1000.0
    shade_angle: float = 0.0

    def __post_init__(self) -> None:
        """Check every field."""
        _check(self, azimuth=(-180, 180), elevation=(-90, 90), key=(0, 10), ambient=(0, 10))


@dataclass(frozen=True)
class Skin:
    """The signer's skin and sleeve.

    Args:
        tone: From the lightest (0) to the darkest (1) of the ten tones of the Monk scale.
        redness: How much more red than the scale; hands are redder than faces.
        sleeve: Distance from the wrist to a sleeve, mm; None for a bare arm.
        sleeve_colour: Display colour of the sleeve.
    """

    tone: float = 0.35
    redness: float = 0.4
    sleeve: float | None = None
    sleeve_colour: Colour = (0.3, 0.3, 0.35)

    def __post_init__(self) -> None:
        """Check every field."""
        _check(self, tone=(0, 1), redness=(-1, 1))
        _check_colour("Skin.sleeve_colour", self.sleeve_colour)


@dataclass(frozen=True)
class Patch:
    """A rectangle in the background: furniture, a window, a beam, another wall.

    Args:
        x: Middle, right of the middle of the picture.
        y: Middle, above the middle of the picture.
        width: Full width, in fractions of the picture.
        height: Full height, in fractions of the picture.
        angle: Roll, anticlockwise.
        colour: Display colour.
        softness: Width of its blurred rim, in fractions of the picture.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float
    colour: Colour
    softness: float = 0.01

    def __post_init__(self) -> None:
        """Check every field."""
        _check(self, width=(0, 10), height=(0, 10), softness=(0, 1))
        _check_colour("Patch.colour", self.colour)


@dataclass(frozen=True)
class Background:
    """What lies behind the hand.

    Args:
        colour: Display colour at the lower end of the gradient.
        far_colour: Display colour at its upper end.
        angle: Roll of the gradient, anticlockwise; at 0 it runs upwards.
        patches: Rectangles, painted in this order.
        texture: Strength of the random texture: 0 is a plain wall, 0.5 a busy carpet.
        grain: Size of the largest specks of the texture, as a fraction of the picture.
    """

    colour: Colour = (0.80, 0.82, 0.86)
    far_colour: Colour = (0.72, 0.75, 0.80)
    angle: float = 0.0
    patches: tuple[Patch, ...] = ()
    texture: float = 0.0
    grain: float = 0.2

    def __post_init__(self) -> None:
        """Check every field."""
        _check(self, texture=(0, 1), grain=(0.02, 1))
        _check_colour("Background.colour", self.colour)
        _check_colour("Background.far_colour", self.far_colour)


@dataclass(frozen=True)
class Camera:
    """How light becomes a picture.

    Args:
        exposure: Stops above (positive) or below the right exposure.
        warmth: White balance; positive is orange, negative is blue.
        saturation: 1 keeps colours, 0 is black and white.
        haze: Veiling glare, the share of the picture replaced by a milky grey.
        blur: Standard deviation of the blur, as a fraction of the picture's side.
        noise: Standard deviation of the sensor noise, in display values.
    """

    exposure: float = 0.0
    warmth: float = 0.0
    saturation: float = 1.0
    haze: float = 0.0
    blur: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        """Check every field."""
        _check(self, exposure=(-6, 6), warmth=(-1, 1), saturation=(0, 2))
        _check(self, haze=(0, 1), blur=(0, 0.1), noise=(0, 1))
