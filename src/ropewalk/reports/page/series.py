"""Series of an equity curve that a page draws: growth, drawdown, returns by month, correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ropewalk.collectors.sessions import session_days, session_returns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ropewalk.collectors.equity import EquityCurve

LEAST_RETURNS = 3
"""A correlation of fewer returns says nothing."""


def growth(curve: EquityCurve) -> NDArray[np.float64]:
    """Compound what one unit of capital became, net of flows, at every instant: W₀ = 1, W = Π(1 + r)."""
    return np.concatenate([np.ones(min(len(curve), 1)), np.cumprod(1.0 + curve.returns)])


def drawdown(grown: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Compute how far below its highest so far growth stands: W/max W − 1.

    >>> drawdown(np.array([1.0, 2.0, 1.5])).tolist()
    [0.0, 0.0, -0.25]
    """
    return grown / np.maximum.accumulate(grown) - 1.0 if len(grown) else grown


def monthly(curve: EquityCurve) -> dict[tuple[int, int], float]:
    """Compound the session returns of each month: by year and month, in order; months without a session are none."""
    returns = session_returns(curve)
    days = session_days(curve.at_us)
    months = (days[len(days) - len(returns) :]).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    found: dict[tuple[int, int], float] = {}
    for month in np.unique(months).tolist():
        compounded = float(np.prod(1.0 + returns[months == month]) - 1.0)
        found[1970 + month // 12, month % 12 + 1] = compounded
    return found


def correlations(curves: Sequence[EquityCurve]) -> list[list[float | None]]:
    """Correlate the session returns of every two curves (Pearson); None where one of the two does not vary."""
    returns = [session_returns(curve) for curve in curves]
    return [[_correlation(one, other) for other in returns] for one in returns]


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    if len(one) < LEAST_RETURNS or not np.ptp(one) or not np.ptp(other):
        return None
    a, b = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return min(max(float(a @ b) / spread, -1.0), 1.0) if spread > 0 else None
