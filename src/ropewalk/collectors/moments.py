"""
Moments: means, spreads and shapes of values that are there.

Sums are `math.fsum` and products run in order, so the last bit is the same wherever the values are. Whoever calls
sees to it that there are enough values.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.collectors.equity import Float64s


def wealth_of(returns: Float64s) -> list[float]:
    """Wealth after each return, from 1, multiplied in order."""
    return list(accumulate(returns.tolist(), lambda wealth, value: wealth * (1.0 + value), initial=1.0))


def mean_of(values: Sequence[float]) -> float:
    """Mean of one and more values."""
    return math.fsum(values) / len(values)


def deviation_of(values: Sequence[float]) -> float:
    """Sample standard deviation of two and more values; exactly 0 when all are equal, whatever their mean rounds to."""
    if max(values) == min(values):
        return 0.0
    mean = mean_of(values)
    return math.sqrt(math.fsum((value - mean) * (value - mean) for value in values) / (len(values) - 1))


def covariance_of(values: Sequence[float], others: Sequence[float]) -> float:
    """Sample covariance of two and more pairs; exactly 0 when either side does not vary."""
    if max(values) == min(values) or max(others) == min(others):
        return 0.0
    mean, other_mean = mean_of(values), mean_of(others)
    pairs = zip(values, others, strict=True)
    return math.fsum((value - mean) * (other - other_mean) for value, other in pairs) / (len(values) - 1)


def correlation_of(values: Sequence[float], others: Sequence[float]) -> float | None:
    """
    Pearson's correlation: `cov(x, y) / (std(x)·std(y))`, between −1 and 1.

    None for fewer than two pairs and where either side does not vary.
    """
    if len(values) < 2:
        return None
    spread = deviation_of(values) * deviation_of(others)
    if spread == 0.0 or not math.isfinite(spread):
        return None
    return max(-1.0, min(1.0, covariance_of(values, others) / spread))


def standardized_moment(values: Sequence[float], order: int) -> float | None:
    """
    Mean of the `order`-th powers of the values' distances from their mean, over the n-denominator deviation.

    The third is the skewness, the fourth the kurtosis (3 for a normal distribution). None where they do not vary.
    """
    if len(values) < 2 or max(values) == min(values):
        return None
    mean = mean_of(values)
    variance = mean_of([(value - mean) ** 2 for value in values])
    if variance == 0.0:
        return None
    return finite(mean_of([(value - mean) ** order for value in values]) / variance ** (order / 2))


def quantile_of(ranked: Sequence[float], share: float) -> float:
    """Value below which a share of the ranked values lies, interpolated between neighbours."""
    place = (len(ranked) - 1) * share
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)


def powered(base: float, exponent: float) -> float | None:
    """Raise to a power; None beyond a float."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return None


def finite(value: float) -> float | None:
    """Take infinities and NaN as no value."""
    return value if math.isfinite(value) else None
