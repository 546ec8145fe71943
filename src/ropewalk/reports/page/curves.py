"""The curves of a page: of the account, each strategy and the pool, thinned to what a screen can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.charts.thinning import kept_rows
from ropewalk.collectors.exposure import over_equity
from ropewalk.collectors.postings import POOL
from ropewalk.money import MICROS
from ropewalk.reports.page.series import drawdown, growth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.reports.page.packing import Pack

POINTS_MAX = 6_000
US_PER_MS = 1_000


def curves(result: OrchestratorResult, pack: Pack) -> dict[str, Any]:
    """
    Pack the curves of every owner over the same instants.

    `equity` is in currency, `growth` of one unit of capital, `drawdown`, `gross` and `net` are fractions; exposures
    have no value (NaN, a gap in the line) where there is no equity. Owners are the account, the strategies, the pool.
    """
    owners = [("", result.equity_curve), *((name, result.equity_curves[name]) for name in result.strategy_results)]
    grown = [growth(curve) for _, curve in owners]
    columns = [
        {
            "equity": curve.equity_micros / MICROS,
            "growth": one,
            "drawdown": drawdown(one),
            "gross": over_equity(curve.gross_exposure_micros, curve),
            "net": over_equity(curve.net_exposure_micros, curve),
        }
        for (_, curve), one in zip(owners, grown, strict=True)
    ]
    # The net exposure of who never is short is the gross one.
    extremes = [own[name] for own in columns for name in ("equity", "drawdown", "gross")]
    rows = kept_rows(extremes, points_max=POINTS_MAX)
    at_us = result.equity_curve.at_us
    pool = result.equity_curves[POOL].equity_micros / MICROS
    return {
        "at": pack.column(at_us[rows] / US_PER_MS, "f8"),
        "instants": len(at_us),
        "owners": [_packed(own, rows, pack) for own in columns],
        "pool": pack.column(pool[rows], "f8"),
    }


def _packed(own: dict[str, NDArray[np.float64]], rows: NDArray[np.int64], pack: Pack) -> dict[str, Any]:
    return {name: pack.column(column[rows], "f8" if name == "equity" else "f4") for name, column in own.items()}
