"""How far chance can move an accuracy: the interval of a proportion."""

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054
"""Standard normal quantile of 0.975, for two-sided 95 % intervals."""


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
        return f"{100 * self.low:.1f} to {100 * self.high:.1f} %"


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
