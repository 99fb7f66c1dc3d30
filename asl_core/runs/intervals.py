"""How far chance can move an accuracy: the interval of a proportion."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

Z_95 = 1.959963984540054
"""Standard normal quantile of 0.975, for two-sided 95 % intervals."""

_EXACT = 9
"""Digits behind the point that a number is taken for. What is behind them is noise of floats: 29 of
400 are 7.25 %, and not 7.249999999999999."""


def rounded(value: float, digits: int = 1) -> str:
    """A number as everywhere in this project: a half is rounded up, as a browser does it.

    Python rounds a half to the even digit, so that 165 of 400 would be 41.2 % in a text and 41.3 %
    in a figure.

    Args:
        value: any number.
        digits: behind the point.
    """
    exact = Decimal(repr(round(float(value), _EXACT)))
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def percent(share: float, digits: int = 1) -> str:
    """An accuracy or another share in words, such as `41.3 %`.

    Args:
        share: 0 to 1.
        digits: behind the point.
    """
    return f"{rounded(100 * share, digits)} %"


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval, both ends 0 to 1."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Halfway between the ends."""
        return (self.low + self.high) / 2

    def __str__(self) -> str:
        return f"{rounded(100 * self.low)} to {percent(self.high)}"


def wilson_interval(correct: int, n: int) -> Interval:
    """95 % score interval of a proportion.

    Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22 (158), 209-212.

    Args:
        correct: successes, 0 to `n`.
        n: trials, at least 1.
    """
    share, z2 = correct / n, Z_95**2
    center = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Interval(max(0.0, center - half), min(1.0, center + half))
