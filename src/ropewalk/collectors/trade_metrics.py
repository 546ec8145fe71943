"""
Trade metrics: what round trips earned in money, and how much of the capital was at work.

Money is summed as integers. "No value" is None, never NaN or infinity. The definitions are ours: there is
no reference implementation to agree with.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ropewalk.money import divided_half_even

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.collectors.changes import Int64s
    from ropewalk.collectors.equity import EquityCurve
    from ropewalk.collectors.trades import RoundTrip


def win_rate(trips: Sequence[RoundTrip]) -> float | None:
    """Share of closed round trips that earned more than their fees. None without round trips."""
    return sum(trip.is_win for trip in trips) / len(trips) if trips else None


def profit_factor(trips: Sequence[RoundTrip]) -> float | None:
    """`Σ net of winners / |Σ net of losers|`. None when no round trip lost."""
    nets = [trip.net_micros for trip in trips]
    lost_micros = -sum(net for net in nets if net < 0)
    return sum(net for net in nets if net > 0) / lost_micros if lost_micros else None


def expectancy_micros(trips: Sequence[RoundTrip]) -> int | None:
    """Mean net profit of a closed round trip in micros, rounded half to even. None without round trips."""
    return divided_half_even(sum(trip.net_micros for trip in trips), len(trips)) if trips else None


def time_in_market(curve: EquityCurve) -> float | None:
    """Share of instants at whose close a position was held. None without instants."""
    return int(np.count_nonzero(curve.gross_exposure_micros)) / len(curve) if len(curve) else None


def mean_exposure(exposure_micros: Int64s, equity_micros: Int64s) -> float | None:
    """
    Mean over instants of `exposure / equity`, for gross or net exposure.

    Instants without positive equity have no such ratio and are left out; None when there are no others.
    """
    solvent = equity_micros > 0
    if not solvent.any():
        return None
    ratios = exposure_micros[solvent] / equity_micros[solvent]
    return math.fsum(ratios.tolist()) / len(ratios)


def turnover(traded_micros: int, equity_micros: Int64s, *, periods: int, periods_per_year: int) -> float | None:
    """
    How often a year the capital was bought and sold: `Σ|traded value| / (2 · mean equity) · N/n`.

    `periods` is n, the returns of the run. None without returns and when mean equity is not positive.
    """
    equity_sum: int = sum(equity_micros.tolist())
    if not periods or equity_sum <= 0:
        return None
    return traded_micros * len(equity_micros) * periods_per_year / (2 * equity_sum * periods)
