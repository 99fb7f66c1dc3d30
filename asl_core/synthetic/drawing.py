"""Draws one scene from the ranges of a Nuisance."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from asl_core.synthetic.nuisance import Nuisance
from asl_core.synthetic.scene import (
    Background,
    Camera,
    Colour,
    Light,
    Patch,
    Range,
    Skin,
    View,
)

BRIGHT, DIM = 0.45, 0.75
"""Least wall brightness behind a backlit hand, and most behind a sunlit one; display values."""


@dataclass(frozen=True)
class Scene:
    """Everything in a picture but the letter."""

    view: View
    light: Light
    skin: Skin
    background: Background
    camera: Camera


def draw_scene(ranges: Nuisance, rng: np.random.Generator) -> Scene:
    """Draw one scene from `ranges`."""
    drawn = float(rng.random())
    backlit = drawn < ranges.backlit
    sunlit = not backlit and drawn < ranges.backlit + ranges.sunlit
    low, high = ranges.wall
    wall = (max(BRIGHT, low), max(BRIGHT, high)) if backlit else ranges.wall
    wall = (min(DIM, low), min(DIM, high)) if sunlit else wall
    return Scene(
        view=_view(ranges, rng),
        light=_light(ranges, backlit, sunlit, rng),
        skin=_skin(ranges, rng),
        background=_background(ranges, wall, rng),
        camera=_camera(ranges, rng),
    )


def _uniform(rng: np.random.Generator, limits: Range) -> float:
    return limits[0] + (limits[1] - limits[0]) * float(rng.random())


def _logarithmic(rng: np.random.Generator, limits: Range) -> float:
    return math.exp(_uniform(rng, (math.log(limits[0]), math.log(limits[1]))))


def _chance(rng: np.random.Generator, probability: float) -> bool:
    return float(rng.random()) < probability


def _view(ranges: Nuisance, rng: np.random.Generator) -> View:
    return View(
        turn=_uniform(rng, ranges.turn),
        tilt=_uniform(rng, ranges.tilt),
        roll=_uniform(rng, ranges.roll),
        distance=_logarithmic(rng, ranges.distance),
        right=_uniform(rng, ranges.right),
        up=_uniform(rng, ranges.up),
        left_handed=_chance(rng, ranges.left_hand),
        variant=int(rng.integers(12)),
        slack=_uniform(rng, ranges.slack),
    )


def _light(ranges: Nuisance, backlit: bool, sunlit: bool, rng: np.random.Generator) -> Light:
    azimuth = _uniform(rng, ranges.azimuth)
    shaded = _chance(rng, ranges.shaded)
    return Light(
        azimuth=(azimuth + 360) % 360 - 180 if backlit else azimuth,
        elevation=_uniform(rng, ranges.elevation),
        key=_logarithmic(rng, ranges.sunlit_key if sunlit else ranges.key),
        ambient=_logarithmic(rng, ranges.backlit_ambient if backlit else ranges.ambient),
        shade_edge=_uniform(rng, (-90.0, 90.0)) if shaded else -1000.0,
        shade_angle=_uniform(rng, (-180.0, 180.0)),
    )


def _skin(ranges: Nuisance, rng: np.random.Generator) -> Skin:
    return Skin(
        tone=_uniform(rng, ranges.tone),
        redness=_uniform(rng, ranges.redness),
        sleeve=_uniform(rng, ranges.sleeve) if _chance(rng, ranges.sleeved) else None,
        sleeve_colour=_colour(rng, (0.0, 1.0), ranges.wall_tint),
    )


def _colour(rng: np.random.Generator, brightness: Range, tint: Range) -> Colour:
    grey, strength = _uniform(rng, brightness), _uniform(rng, tint)
    channels = (grey + strength * _uniform(rng, (-1.0, 1.0)) for _ in range(3))
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in channels)
    return red, green, blue


def _background(ranges: Nuisance, wall: Range, rng: np.random.Generator) -> Background:
    count = round(_uniform(rng, ranges.patches))
    colour = _colour(rng, wall, ranges.wall_tint)
    far = _colour(rng, wall, ranges.wall_tint)
    share = 0.5 * float(rng.random())
    return Background(
        colour=colour,
        far_colour=_mixed(colour, far, share),
        angle=_uniform(rng, (-180.0, 180.0)),
        patches=(
            *(_patch(ranges, wall, rng) for _ in range(count)),
            *(_beam(rng) if _chance(rng, ranges.beamed) else ()),
            *(_frame(rng) if _chance(rng, ranges.framed) else ()),
        ),
        texture=_uniform(rng, ranges.texture) if _chance(rng, ranges.textured) else 0.0,
        grain=_uniform(rng, ranges.grain),
    )


def _mixed(a: Colour, b: Colour, share: float) -> Colour:
    red, green, blue = (x + share * (y - x) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _patch(ranges: Nuisance, wall: Range, rng: np.random.Generator) -> Patch:
    """Another wall or a piece of furniture (wide and high) or a beam or bar (narrow)."""
    return Patch(
        x=_uniform(rng, (-0.7, 0.7)),
        y=_uniform(rng, (-0.7, 0.7)),
        width=_logarithmic(rng, (0.04, 2.0)),
        height=_logarithmic(rng, (0.1, 3.0)),
        angle=_uniform(rng, (-180.0, 180.0)),
        colour=_colour(rng, wall, ranges.wall_tint),
        softness=_uniform(rng, (0.0, 0.1)),
    )


def _beam(rng: np.random.Generator) -> Iterator[Patch]:
    """Stripes side by side from edge to edge, level or upright, more often above than elsewhere."""
    side = 0.0 if _chance(rng, 0.6) else 90.0 * int(rng.integers(4))
    angle = side + _uniform(rng, (-12.0, 12.0))
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    place = _uniform(rng, (0.25, 0.5))
    for _ in range(int(rng.integers(1, 4))):
        width = _logarithmic(rng, (0.03, 0.15))
        brown = _uniform(rng, (0.1, 1.0))
        warm = _uniform(rng, (0.0, 0.3)) * brown
        colour = (brown, brown - warm / 2, brown - warm)
        place += width / 2
        yield Patch(-s * place, c * place, 3.0, width, angle, colour, 0.02)
        place += width / 2


def _frame(rng: np.random.Generator) -> Iterator[Patch]:
    """A line along each edge of the picture."""
    width = 2 * _uniform(rng, (0.005, 0.025))
    red, green, blue = (float(rng.random()) for _ in range(3))
    for x, y in ((0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5)):
        across, high = (width, 1.0) if x else (1.0, width)
        yield Patch(x, y, across, high, 0.0, (red, green, blue), 0.01)


def _camera(ranges: Nuisance, rng: np.random.Generator) -> Camera:
    return Camera(
        exposure=_uniform(rng, ranges.exposure),
        warmth=_uniform(rng, ranges.warmth),
        saturation=_uniform(rng, ranges.saturation),
        haze=_uniform(rng, ranges.haze),
        blur=_uniform(rng, ranges.blur),
        noise=_uniform(rng, ranges.noise),
    )
