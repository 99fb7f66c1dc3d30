"""How many J and Z are told by their movement, and how many other movements are taken for them.

Usage: python -m benchmarks.moving_letters [--count 400] [--seed 11] [--json]

Key points of rendered hands alone, of no person, with errors of 2 % of a palm (6 % in depth): the
hand of an I or a D is moved along a J or Z (0.6 to 1.5 s), and in other ways; 4 to 6 frames a
second, near and far, left and right hands, leaning up to 20 degrees to either side.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from typing import TypeAlias

import numpy as np

from asl_core.evaluation.movement import drawn, tip_of
from asl_core.landmarks.hand import INDEX, LITTLE, MIDDLE, WRIST, Hand, Square
from asl_core.landmarks.rendered import Jitter, key_points_of
from asl_core.synthetic.letters import FOLDED, OVER_FIST, STATIC_LETTERS, UP, poses
from asl_core.synthetic.pose import Facing, Finger, Pose, Thumb, Wrist, loosen

Film: TypeAlias = tuple[np.ndarray, list[Hand]]
"""Seconds of the frames, and the hand in each."""

ONE = Pose(OVER_FIST, UP, FOLDED, FOLDED, FOLDED)
"""A fist with the index finger raised: with it, too, a Z is drawn."""

TIP = {"I": LITTLE[-1], "D": INDEX[-1]}

ROUND = 2 * math.pi


def eased(share: np.ndarray, by: float) -> np.ndarray:
    """0 to 1, slower at both ends; by 0: evenly."""
    x = np.clip(share, 0, 1)
    return np.asarray((1 - by) * x + by * x * x * (3 - 2 * x))


def moments(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """When frames are taken."""
    rate = rng.uniform(4, 6)
    at = np.arange(rng.uniform(0, 1 / rate), seconds, 1 / rate)
    return np.sort(at + rng.normal(0, 0.01, len(at)))


def wandering(at: np.ndarray, rng: np.random.Generator, speed: float) -> np.ndarray:
    """A slow way, palms; its speed in palms a second, about."""
    way = np.zeros(len(at), complex)
    for _ in range(3):
        turning = ROUND * rng.uniform(0.1, 0.7)
        start, towards = rng.uniform(0, ROUND, 2)
        way += speed / turning / 2 * np.exp(1j * towards) * np.sin(turning * at + start)
    return way


def shaking(at: np.ndarray, rng: np.random.Generator, size: float) -> np.ndarray:
    """Palms."""
    return np.asarray(rng.normal(0, size, (len(at), 2)) @ (1, 1j))


def turning(at: np.ndarray, rng: np.random.Generator, size: float = 8.0) -> np.ndarray:
    """(3, n), degrees of turn, tilt and roll that change slowly."""
    mean, rate, start = rng.uniform((-20, 0.5, 0), (20, 3, ROUND), (3, 3)).T[..., None]
    return np.asarray(mean + size * np.sin(rate * at + start))


def direction(rng: np.random.Generator) -> complex:
    """Any."""
    return complex(np.exp(1j * rng.uniform(0, ROUND)))


def hands(
    held: Sequence[Pose], turns: np.ndarray, point: int, way: np.ndarray, rng: np.random.Generator
) -> list[Hand]:
    """Hands as they are found.

    Args:
        held: pose in each frame.
        turns: float (3, n), by which it is turned, tilted and rolled, degrees.
        point: key point that is moved.
        way: complex (n,), where it is, palms.
        rng: of the errors, the distance, the size, and whether it is a left hand.
    """
    still = [
        replace(pose, facing=Facing(*(np.array(astuple(pose.facing)) + its).tolist()))
        for pose, its in zip(held, turns.T, strict=True)
    ]
    far = rng.uniform(350, 900)
    as_found = Jitter(slack=0, turn=0, tilt=0, roll=0, proportions=0, distance=(far, far))
    exact = key_points_of(still, 0, replace(as_found, noise=0, depth_noise=0)).points
    found = key_points_of(still, int(rng.integers(2**31)), as_found)
    palm = float(np.linalg.norm(exact[0, MIDDLE[0]] - exact[0, WRIST]))
    points, world = found.points.copy(), found.world.copy()
    moved = palm * np.stack([way.real, way.imag], axis=1) - exact[:, point, :2]
    points[:, :, :2] += moved[:, None]
    points *= rng.uniform(25, 80) / palm
    if rng.random() < 0.5:
        points[:, :, 0] *= -1
        world[:, :, 0] *= -1
    square = Square(128, 128, 200)
    return [Hand(*its, 1.0, 1.0, square) for its in zip(points, world, strict=True)]


def pose_of(letter: str, rng: np.random.Generator) -> Pose:
    """A way to sign it, loosely."""
    ways = (*poses(letter), ONE) if letter == "D" else poses(letter)
    return loosen(ways[rng.integers(len(ways))], rng.uniform(0, 5), rng)


def j_way(share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Down, then in a bow sideways and up; of height 1."""
    radius = rng.uniform(0.18, 0.38)
    bow = math.radians(rng.uniform(100, 190))
    gone = eased(share, rng.uniform(0.2, 1)) * (1 - radius + radius * bow)
    angle = np.clip(gone - (1 - radius), 0, None) / radius
    way = np.minimum(gone, 1 - radius) * 1j
    return np.asarray(way + radius * (1 - np.cos(angle) + 1j * np.sin(angle)))


def z_way(share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sideways, aslant down, sideways, as others see a right hand do; of width 1."""
    height, slant = rng.uniform(0.6, 1.3), rng.uniform(-0.15, 0.15)
    low = slant + 1j * height
    legs = np.diff(np.array([0, -1, low, low - rng.uniform(0.8, 1.2)]))
    times = np.abs(legs) ** rng.uniform(0.3, 1) * rng.uniform(0.85, 1.15, 3)
    times /= times.sum()
    begins = np.cumsum(times) - times
    slower = rng.uniform(0, 1)
    each = [
        leg * eased((share - begin) / time, slower)
        for leg, begin, time in zip(legs, begins, times, strict=True)
    ]
    return np.asarray(np.sum(each, axis=0))


def draw(letter: str, rng: np.random.Generator) -> Film:
    """A J or Z, with a rest before and after it."""
    seconds, before, after = rng.uniform((0.6, 0.5, 0.4), (1.5, 1.2, 1.0))
    at = moments(rng, before + seconds + after)
    share = (at - before) / seconds
    gone, lean = eased(share, 0.7), rng.uniform(-20, 20)
    if letter == "J":
        hand, way = "I", j_way(share, rng) * rng.uniform(0.8, 2.0)
        most = rng.uniform((40, 0, -40), (150, 50, 10))
        turns = np.stack([gone, np.sin(math.pi * gone / 2), gone]) * most[:, None]
        start = rng.uniform((-20, -10), (20, 15))
    else:
        hand, way = "D", z_way(share, rng)
        rolled = way.real * rng.uniform(0, 15)
        turns = np.stack([6 * np.sin(3 * share), gone * rng.uniform(0, 20), -rolled])
        way = way * rng.uniform(0.8, 2.2)
        start = rng.uniform((-20, -10), (20, 45))
    turns = turns + np.array([*start, lean])[:, None]
    way = way * np.exp(-1j * math.radians(lean)) + wandering(at, rng, 0.1) + shaking(at, rng, 0.02)
    return at, hands([pose_of(hand, rng)] * len(at), turns, TIP[hand], way, rng)


def hold(letter: str, rng: np.random.Generator) -> Film:
    """Held still, more or less."""
    at = moments(rng, rng.uniform(2.5, 4))
    way = wandering(at, rng, rng.uniform(0, 0.8)) + shaking(at, rng, rng.uniform(0.01, 0.12))
    return at, hands([pose_of(letter, rng)] * len(at), turning(at, rng), WRIST, way, rng)


def come_and_go(letter: str, rng: np.random.Generator) -> Film:
    """From any side, in a bow, and away again; in half of them the hand is turned on the way."""
    at = moments(rng, rng.uniform(2.5, 4))
    coming, going = rng.uniform(0.3, 1.0, 2)
    far = rng.uniform(1, 5, 2)
    leaves = rng.uniform(coming + 0.2, at[-1] - 0.2)
    way = far[0] * direction(rng) * (1 - eased((at - rng.uniform(0, 0.6)) / coming, 0.8))
    way = way + far[1] * direction(rng) * eased((at - leaves) / going, 0.8)
    turns = turning(at, rng, 15)
    if rng.random() < 0.5:
        turns = turns + np.clip(np.abs(way), 0, 1) * rng.uniform(-80, 80, (3, 1))
    way = way * np.exp(1j * rng.normal(0, 0.15) * np.abs(way)) + wandering(at, rng, 0.1)
    return at, hands([pose_of(letter, rng)] * len(at), turns, WRIST, way, rng)


def between(one: Pose, other: Pose, share: float) -> Pose:
    """A pose on the way from one to another."""
    kinds = (Thumb, Finger, Finger, Finger, Finger, Wrist, Facing)
    ends = zip(kinds, astuple(one), astuple(other), strict=True)
    return Pose(
        *(
            kind(*(float(np.interp(share, (0, 1), pair)) for pair in zip(a, b, strict=True)))
            for kind, a, b in ends
        )
    )


def change(letter: str, rng: np.random.Generator) -> Film:
    """Into another letter, or from it, maybe with a step aside."""
    other = str(rng.choice([one for one in STATIC_LETTERS if one != letter]))
    first, last = (letter, other) if rng.random() < 0.6 else (other, letter)
    start, end = pose_of(first, rng), pose_of(last, rng)
    at = moments(rng, rng.uniform(2.5, 3.5))
    share = eased((at - rng.uniform(0.6, 1.5)) / rng.uniform(0.2, 0.7), 0.8)
    held = [between(start, end, gone) for gone in share.tolist()]
    way = share * rng.uniform(0, 1.2) * direction(rng) + wandering(at, rng, 0.15)
    return at, hands(held, turning(at, rng), WRIST, way, rng)


def wave(letter: str, rng: np.random.Generator) -> Film:
    """To and fro, sideways or up and down."""
    at = moments(rng, rng.uniform(2.5, 4))
    swing = np.sin(ROUND * rng.uniform(0.5, 2.5) * at + rng.uniform(0, ROUND))
    swing = swing * eased((at - rng.uniform(0, 0.8)) / 0.3, 1)
    towards = rng.normal(0, 0.25) + (math.pi / 2 if rng.random() < 0.25 else 0)
    way = swing * rng.uniform(0.1, 1.2) * np.exp(1j * towards)
    way = way + wandering(at, rng, rng.uniform(0, 0.6))
    turns = turning(at, rng) + swing * rng.uniform(0, (40, 1, 30))[:, None]
    return at, hands([pose_of(letter, rng)] * len(at), turns, WRIST, way, rng)


OTHERS: dict[str, Callable[[str, np.random.Generator], Film]] = {
    "held": hold,
    "comes and goes": come_and_go,
    "changes": change,
    "waved": wave,
}


def told(at: np.ndarray, found: list[Hand]) -> set[str]:
    """Letters that are told at any frame."""
    tips = [tip_of(hand) for hand in found]
    each = (drawn(at[:n].tolist(), tips[:n]) for n in range(1, len(at) + 1))
    return {one.letter for one in each if one}


def measure(count: int, seed: int) -> dict[str, float]:
    """Shares of J and Z that are told, and of the others in which any letter is."""
    rng = np.random.default_rng(seed)
    shares = {}
    for letter in "JZ":
        right = [told(*draw(letter, rng)) == {letter} for _ in range(count)]
        shares[letter] = float(np.mean(right))
    for name, film in OTHERS.items():
        for letter in "ID":
            wrong = [bool(told(*film(letter, rng))) for _ in range(count)]
            shares[f"{letter} {name}"] = float(np.mean(wrong))
    return shares


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="films of each kind")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    shares = measure(options.count, options.seed)
    if options.json:
        print(json.dumps(shares, indent=2))
    else:
        for name, share in shares.items():
            print(f"{name}: {share:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
