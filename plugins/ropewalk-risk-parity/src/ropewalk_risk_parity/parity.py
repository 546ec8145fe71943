"""
Parity: how returns move together, and the loads with which each brings the same risk.

Nothing but sums, products, quotients and square roots, one after the other: the same on every machine, up to the decay
of `half_life`, whose last digit does not reach the millionths that shares are cut to.
"""

from __future__ import annotations

from math import fsum, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SWEEPS_MAX = 1_000
SETTLED = 1e-12


def covariances(columns: Sequence[Sequence[float]], half_life: float) -> list[list[float]]:
    """
    Give the covariances of columns of returns, oldest first, each return counting half of one `half_life` later.

    >>> round(covariances([[0.0, 2.0, 0.0, 2.0]], half_life=1e9)[0][0], 6)
    1.0
    """
    decay = 0.5 ** (1 / half_life)
    weights = [1.0]
    while len(weights) < len(columns[0]):
        weights.append(weights[-1] * decay)
    weights.reverse()
    total = fsum(weights)
    centered = []
    for column in columns:
        mean = fsum(weight * one for weight, one in zip(weights, column, strict=True)) / total
        centered.append([one - mean for one in column])
    return [
        [fsum(w * a * b for w, a, b in zip(weights, one, other, strict=True)) / total for other in centered]
        for one in centered
    ]


def balanced(covariance: Sequence[Sequence[float]]) -> list[float]:
    """
    Find loads above 0 of which each contributes the same to the risk of their sum: load · (covariance · loads).

    Cyclical coordinate descent on the correlations (Griveau-Billion, Richard and Roncalli 2013, "A fast algorithm for
    computing high-dimensional risk parity portfolios"). The loads are in proportion; their sum says nothing.

    >>> [round(load, 3) for load in balanced([[1.0, 0.0], [0.0, 9.0]])]
    [0.707, 0.236]
    """
    count = len(covariance)
    deviations = [sqrt(row[place]) for place, row in enumerate(covariance)]
    loads = [1.0 / sqrt(count)] * count
    for _ in range(SWEEPS_MAX):
        moved = 0.0
        for row in range(count):
            others = fsum(
                loads[column] * covariance[row][column] / deviations[row] / deviations[column]
                for column in range(count)
                if column != row
            )
            found = (sqrt(others * others + 4.0 / count) - others) / 2.0
            moved = max(moved, abs(found - loads[row]))
            loads[row] = found
        if moved < SETTLED:
            break
    return [load / deviation for load, deviation in zip(loads, deviations, strict=True)]
