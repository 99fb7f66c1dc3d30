"""Light on skin: key light with its shadow, and ambient light with its occlusion."""

import math

import numpy as np

from asl_core.synthetic.field import Field, Floats, Points, along, pick
from asl_core.synthetic.hand import Vector
from asl_core.synthetic.optics import Skinprint
from asl_core.synthetic.scene import Light, Skin

MONK_TONES = (
    (0.965, 0.929, 0.894), (0.953, 0.906, 0.859), (0.969, 0.918, 0.816), (0.918, 0.855, 0.729),
    (0.843, 0.741, 0.588), (0.627, 0.494, 0.337), (0.510, 0.361, 0.263), (0.376, 0.255, 0.204),
    (0.227, 0.192, 0.165), (0.161, 0.141, 0.125),
)  # fmt: skip
"""Display colours of the ten tones of the Monk Skin Tone Scale (Monk, 2023, skintone.google)."""

OCCLUSION_REACH = ((3.0, 0.35), (9.0, 0.4), (22.0, 0.45))
"""How far occlusion looks away from the skin, mm, and how dark a full block makes it."""
SHADOW_STEPS = 6
SHADOW_START = 3.0
"""Distance from the skin at which shadow rays start, mm."""
SHADOW_SHARPNESS = 7.0
"""Distance travelled over clearance at which a shadow is full."""
SKY_SHARE = 0.3
"""Share of the ambient light that comes from above rather than from everywhere."""
SHADE_SOFTNESS = 6.0
"""Half width of the edge of a shade, mm."""


def shade(field: Field, skinprint: Skinprint, light: Light) -> Floats:
    """How much light each seen point sends back, for a white hand.

    Returns:
        float32 (n,); 1 is as bright as its own colour.
    """
    towards = _direction(light)
    x, y, z = skinprint.normals
    ahead = x * np.float32(towards[0]) + y * np.float32(towards[1]) + z * np.float32(towards[2])
    facing: Floats = np.maximum(ahead, 0) * _outside_shade(skinprint.points, light)
    lit = np.flatnonzero(facing)
    if light.key > 0 and len(lit):
        facing[lit] *= _clearance(field, skinprint, lit, towards)
    openness = _openness(field, skinprint)
    sky = np.float32(1 - SKY_SHARE) + np.float32(SKY_SHARE) * y
    # Occlusion also dims the key light a little, as light is scattered between fingers.
    key = facing * (np.float32(0.4) + np.float32(0.6) * openness)
    brightness: Floats = np.float32(light.key) * key + np.float32(light.ambient) * openness * sky
    return brightness


def _direction(light: Light) -> Vector:
    azimuth, elevation = math.radians(light.azimuth), math.radians(light.elevation)
    level = math.cos(elevation)
    return level * math.sin(azimuth), math.sin(elevation), level * math.cos(azimuth)


def _outside_shade(points: Points, light: Light) -> Floats:
    c = np.float32(math.cos(math.radians(light.shade_angle)))
    s = np.float32(math.sin(math.radians(light.shade_angle)))
    height = points[1] * c - points[0] * s - np.float32(light.shade_edge)
    inside: Floats = height * np.float32(0.5 / SHADE_SOFTNESS) + np.float32(0.5)
    np.maximum(inside, 0, out=inside)
    np.minimum(inside, 1, out=inside)
    return inside


def _openness(field: Field, skinprint: Skinprint) -> Floats:
    """Ambient occlusion from the field (Evans, "Fast Approximations for GI", SIGGRAPH 2006)."""
    openness = np.ones(len(skinprint.pixels), np.float32)
    for reach, weight in OCCLUSION_REACH:
        length = np.full(len(openness), reach, np.float32)
        distance = field.distance(along(skinprint.points, skinprint.normals, length))
        blocked = np.minimum(np.maximum(1 - distance * np.float32(1 / reach), 0), 1)
        openness *= 1 - blocked * np.float32(weight)
    return openness


def _clearance(
    field: Field, skinprint: Skinprint, lit: np.ndarray[tuple[int], np.dtype[np.intp]], to: Vector
) -> Floats:
    """Share of the key light that gets past the hand itself, for the pixels in `lit`."""
    points = along(
        pick(skinprint.points, lit),
        pick(skinprint.normals, lit),
        np.full(len(lit), SHADOW_START / 2, np.float32),
    )
    ray = tuple(np.full(len(lit), c, np.float32) for c in to)
    clearance = np.ones(len(lit), np.float32)
    travelled = np.full(len(lit), SHADOW_START, np.float32)
    for _ in range(SHADOW_STEPS):
        distance = field.distance(along(points, (ray[0], ray[1], ray[2]), travelled))
        clearance = np.minimum(clearance, distance * np.float32(SHADOW_SHARPNESS) / travelled)
        travelled += np.maximum(distance, np.float32(SHADOW_START))
    return np.maximum(clearance, 0)


def skin_colour(skin: Skin) -> Floats:
    """Reflectance of bare skin, float32 (3,), linear in [0, 1]."""
    place = skin.tone * (len(MONK_TONES) - 1)
    low = min(int(place), len(MONK_TONES) - 2)
    share = place - low
    mixed = [
        (1 - share) * a + share * b
        for a, b in zip(MONK_TONES[low], MONK_TONES[low + 1], strict=True)
    ]
    tint = (1.0, 1 - 0.45 * skin.redness, 1 - 0.45 * skin.redness)
    display = np.array([m * t for m, t in zip(mixed, tint, strict=True)], np.float32)
    reflectance: Floats = np.minimum(display * display, 1)
    return reflectance
