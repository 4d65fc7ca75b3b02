"""The statistics of the gates: small, exact where they can be, and without random numbers."""

from collections.abc import Sequence
from functools import lru_cache
from math import comb, inf, sqrt
from statistics import fmean, stdev


@lru_cache(maxsize=4096)
def agreement_bound(k: int, n: int, level: float = 0.95) -> float:
    """Lower one-sided bound of Clopper and Pearson (1934) for a proportion of which k of n were seen."""
    if not 0 <= k <= n or n == 0:
        raise ValueError(f"expected k of n with 0 <= k <= n and n > 0, got {k} of {n}")
    low, high = 0.0, 1.0
    for _ in range(60):  # at least k of n are as likely as 1 - level there
        middle = (low + high) / 2
        low, high = (middle, high) if at_least(k, n, middle) < 1 - level else (low, middle)
    return low if k else 0.0


def at_least(k: int, n: int, p: float) -> float:
    """The probability of k or more of n when each comes with probability p."""
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


def interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Student's two-sided interval for the mean. A single value has none: (-inf, inf)."""
    from scipy.special import stdtrit

    n = len(values)
    if n < 2:
        return -inf, inf
    mean, half = fmean(values), float(stdtrit(n - 1, (1 + level) / 2)) * stdev(values) / sqrt(n)
    return mean - half, mean + half


def equivalent(values: Sequence[float], margin: float, alpha: float) -> bool:
    """Two one-sided t tests (Schuirmann 1987): the mean lies within ``margin`` of 0, with error ``alpha`` at most."""
    low, high = interval(values, 1 - 2 * alpha)
    return -margin < low and high < margin
