"""The hand as a smooth signed distance field, and the rays that meet it.

Arrays are component-wise, float32 and reduced only along the short capsule axis: elementwise
arithmetic rounds alike everywhere, so the same seed gives the same picture on any machine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asl_core.synthetic.hand import Capsules

Floats = NDArray[np.float32]
Points = tuple[Floats, Floats, Floats]
"""x, y and z of n points, each float32 (n,), mm."""

PALM_BLEND = 26.0
"""Softness of the joins between the parts of the palm and forearm, mm; see `_blend`."""
DIGIT_BLEND = 7.0
"""Softness of the joins between digits and between digits and palm, mm."""
CHUNK = 1024
"""Points worked on at once, so that the arrays of all capsules stay in a core's own cache."""
MARCH_STEPS = 32
HIT_DISTANCE = 0.5
"""A ray this near to the skin has hit it, mm."""
GRAZE_DISTANCE = 2.0
"""A ray still this near after the last step counts as a hit, mm."""


@dataclass(frozen=True)
class Field:
    """Signed distance to a hand: positive outside, negative inside, mm."""

    start: tuple[Floats, Floats, Floats]
    along: tuple[Floats, Floats, Floats]
    scale: Floats
    radius: Floats
    taper: Floats
    digits: int

    @classmethod
    def of(cls, hand: Capsules) -> "Field":
        """The field around `hand`."""
        along = hand.end - hand.start
        square = along[:, 0] ** 2 + along[:, 1] ** 2 + along[:, 2] ** 2
        return cls(
            start=_columns(hand.start),
            along=_columns(along),
            scale=(1 / square)[:, None],
            radius=hand.radii[:, :1],
            taper=hand.radii[:, 1:] - hand.radii[:, :1],
            digits=hand.digits,
        )

    def _offsets(self, at: Points) -> tuple[Points, Floats, Floats]:
        """Vector from each capsule's axis, its length, and the distance to its skin; (k, n)."""
        x, y, z = (p - s for p, s in zip(at, self.start, strict=True))
        bx, by, bz = self.along
        t = x * bx
        work = y * by
        t += work
        t += np.multiply(z, bz, out=work)
        t *= self.scale
        np.maximum(t, 0, out=t)
        np.minimum(t, 1, out=t)
        x -= np.multiply(t, bx, out=work)
        y -= np.multiply(t, by, out=work)
        z -= np.multiply(t, bz, out=work)
        length = x * x
        length += np.multiply(y, y, out=work)
        length += np.multiply(z, z, out=work)
        np.sqrt(length, out=length)
        t *= self.taper
        t += self.radius
        return (x, y, z), length, np.subtract(length, t, out=t)

    def distance(self, at: Points) -> Floats:
        """Signed distance of each point, float32 (n,), mm."""
        if len(at[0]) <= CHUNK:
            return self._distance(at)
        chunks = range(0, len(at[0]), CHUNK)
        parts = [slice(first, first + CHUNK) for first in chunks]
        return np.concatenate([self._distance((at[0][p], at[1][p], at[2][p])) for p in parts])

    def _distance(self, at: Points) -> Floats:
        _, _, skin = self._offsets(at)
        skin[self.digits] = _smallest(skin[self.digits :], PALM_BLEND)
        return _smallest(skin[: self.digits + 1], DIGIT_BLEND)

    def normal(self, at: Points) -> Points:
        """Unit vector away from the skin at each point, blended like the skin itself."""
        offsets, length, skin = self._offsets(at)
        palm, palm_weights = _blend(skin[self.digits :], PALM_BLEND)
        skin[self.digits] = palm
        _, weights = _blend(skin[: self.digits + 1], DIGIT_BLEND)
        weight = np.concatenate([weights[:-1], palm_weights * weights[-1]])
        weight /= np.maximum(length, np.float32(1e-3))
        x, y, z = ((weight * o).sum(axis=0) for o in offsets)
        norm = np.maximum(np.sqrt(x * x + y * y + z * z), np.float32(1e-12))
        return x / norm, y / norm, z / norm


def _columns(rows: Floats) -> tuple[Floats, Floats, Floats]:
    return rows[:, :1].copy(), rows[:, 1:2].copy(), rows[:, 2:].copy()


def _blend(distance: Floats, reach: float) -> tuple[Floats, Floats]:
    """Smooth minimum over the first axis, and the weight of each surface in its gradient.

    The minimum is the generalised mean of power -8 of `distance + reach`: smooth for any number
    of surfaces, and made of products and square roots, which are rounded alike everywhere.
    """
    inverse, power = _powers(distance, reach)
    total = power.sum(axis=0)
    mean = 1 / np.sqrt(np.sqrt(np.sqrt(total)))
    power *= inverse
    power *= mean / total
    return mean - np.float32(reach), power


def _smallest(distance: Floats, reach: float) -> Floats:
    """The smooth minimum of `_blend` alone."""
    _, power = _powers(distance, reach)
    mean: Floats = 1 / np.sqrt(np.sqrt(np.sqrt(power.sum(axis=0))))
    mean -= np.float32(reach)
    return mean


def _powers(distance: Floats, reach: float) -> tuple[Floats, Floats]:
    """Powers -1 and -8 of `distance + reach`."""
    inverse = distance + np.float32(reach)
    np.maximum(inverse, np.float32(0.5), out=inverse)
    np.reciprocal(inverse, out=inverse)
    power = inverse * inverse
    power *= power
    power *= power
    return inverse, power


def along(origin: Points, direction: Points, length: Floats) -> Points:
    """Points at `length` mm from `origin` along `direction`."""
    ox, oy, oz = origin
    dx, dy, dz = direction
    return ox + dx * length, oy + dy * length, oz + dz * length


def pick(points: Points, chosen: NDArray[np.intp]) -> Points:
    """The points with the given indices."""
    return points[0][chosen], points[1][chosen], points[2][chosen]


def march(field: Field, origin: Points, direction: Points, near: Floats, far: Floats) -> Floats:
    """Follow rays until they meet the skin (sphere tracing: Hart, The Visual Computer, 1996).

    Args:
        field: The hand.
        origin: Where the rays start.
        direction: Unit vectors.
        near: Distance at which each ray starts looking, float32 (n,), mm.
        far: Distance at which each ray gives up, float32 (n,), mm.

    Returns:
        Distance to the hit, float32 (n,), mm; infinity where the ray misses.
    """
    depth = near.copy()
    hit = np.full(len(depth), np.inf, np.float32)
    active = np.arange(len(depth))
    for _ in range(MARCH_STEPS):
        rays = pick(direction, active)
        distance = field.distance(along(pick(origin, active), rays, depth[active]))
        depth[active] += distance
        arrived = distance < HIT_DISTANCE
        hit[active[arrived]] = depth[active[arrived]]
        going = ~arrived & (depth[active] < far[active])
        active, distance = active[going], distance[going]
        if not len(active):
            return hit
    # Out of steps between two fingers, where every step is short: near enough is a hit.
    stuck = active[distance < GRAZE_DISTANCE]
    hit[stuck] = depth[stuck]
    return hit
