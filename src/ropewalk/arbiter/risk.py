"""
Risk: shares from how returns move, alike on every machine.

Variances are sums of integers. What needs floats uses sums, products, quotients and square roots alone, one after the
other in a fixed order, which IEEE 754 rounds in one way; the outcome is cut to millionths.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt, sqrt
from typing import TYPE_CHECKING

from ropewalk.money import exact_shares

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DIGITS = 10**12
SWEEPS_MAX = 500
SETTLED = 1e-12


def covariance(one: Sequence[int], other: Sequence[int]) -> int:
    """
    Give n² times the covariance of two columns of n integers, exactly.

    >>> covariance([1, 2, 3], [1, 2, 3])
    6
    """
    products = sum([x * y for x, y in zip(one, other, strict=True)])
    return len(one) * products - sum(one) * sum(other)


def inverse_volatility(returns: Mapping[str, Sequence[int]], whole: Fraction) -> dict[str, Fraction]:
    """
    Share a whole in inverse proportion to the volatility of columns of returns, none of them constant.

    >>> shares = inverse_volatility({"calm": [1, -1, 1, -1], "wild": [3, -3, 3, -3]}, Fraction(1))
    >>> shares["calm"]
    Fraction(3, 4)
    """
    # Square roots of integers, with so many digits behind the point.
    inverse = {name: Fraction(DIGITS, isqrt(covariance(own, own) * DIGITS**2)) for name, own in returns.items()}
    total = sum(inverse.values(), start=Fraction(0))
    return {name: whole * one / total for name, one in inverse.items()}


def equal_risk(returns: Mapping[str, Sequence[int]], whole: Fraction) -> dict[str, Fraction]:
    """
    Share a whole so that every column of returns, none of them constant, contributes the same to the risk of the sum.

    That is, share · covariance with the sum is the same for each. Found by cyclical coordinate descent on the
    correlations (Griveau-Billion, Richard and Roncalli 2013, "A fast algorithm for computing high-dimensional risk
    parity portfolios"), which has one solution with shares above 0.

    >>> equal_risk({"calm": [1, -1, 2, -2], "wild": [3, -3, 6, -6]}, Fraction(1))["calm"]
    Fraction(3, 4)
    """
    names = list(returns)
    columns = [returns[name] for name in names]
    deviations = [sqrt(covariance(own, own)) for own in columns]
    correlations = [
        [covariance(one, other) / deviations[row] / deviations[column] for column, other in enumerate(columns)]
        for row, one in enumerate(columns)
    ]
    loads = _balanced(correlations)
    return exact_shares({name: loads[row] / deviations[row] for row, name in enumerate(names)}, whole)


def _balanced(correlations: Sequence[Sequence[float]]) -> list[float]:
    """Find loads above 0 of which each, times what it has in common with all of them, comes to 1/n."""
    count = len(correlations)
    part = 1.0 / count
    loads = [1.0 / sqrt(count)] * count
    for _ in range(SWEEPS_MAX):
        moved = 0.0
        for row, own in enumerate(correlations):
            others = 0.0
            for column, load in enumerate(loads):
                if column != row:
                    others += own[column] * load
            load = (sqrt(others * others + 4.0 * part) - others) / 2.0
            moved = max(moved, abs(load - loads[row]) / load)
            loads[row] = load
        if moved < SETTLED:
            break
    return loads
