"""Plot: the figures of a result, its columns handed to `charts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.charts import calendar, curves, relations, trips
from ropewalk.charts.curves import Curve
from ropewalk.collectors.conflict_pairs import meetings
from ropewalk.collectors.exposure import over_equity
from ropewalk.collectors.postings import POOL
from ropewalk.collectors.sessions import session_returns
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.money import MICROS

if TYPE_CHECKING:
    from ropewalk.collectors.equity import EquityCurve
    from ropewalk.collectors.result import OrchestratorResult

FIGURES = (
    *("equity", "drawdown", "allocation", "exposure", "monthly_returns"),
    *("conflicts", "correlation", "round_trips"),
)


class Plot:
    """
    A result's figures: plotly's, to be shown in a notebook, changed, or written with `write_html`.

    Long curves are thinned so that no extreme is lost. Each raises ConfigError when plotly is not installed.
    """

    def __init__(self, result: OrchestratorResult) -> None:
        self._result = result

    def equity(self, *, log: bool = False) -> Any:
        """Draw equity: the account, the strategies and the pool, in currency; `log` for a logarithmic scale."""
        account, parts = self._curves("equity_micros")
        return curves.equity(self._times, account, parts, is_log=log)

    def drawdown(self) -> Any:
        """Draw how far the account and each strategy were below their highest."""
        result = self._result
        parts = [Curve(name, one.equity_curve.drawdowns) for name, one in result.strategy_results.items()]
        return curves.drawdown(self._times, Curve(AGGREGATE, result.equity_curve.drawdowns), parts)

    def allocation(self) -> Any:
        """Draw whose the account's capital is over time, stacked: the pool, then each strategy's equity."""
        _, (*parts, pool) = self._curves("equity_micros")
        return curves.allocation(self._times, parts, pool)

    def exposure(self, *, net: bool = False) -> Any:
        """Draw how much of their equity the account and each strategy had at work: gross, or `net` of shorts."""
        column = "net_exposure_micros" if net else "gross_exposure_micros"

        def curve(name: str, one: EquityCurve) -> Curve:
            return Curve(name, over_equity(getattr(one, column), one))

        result = self._result
        parts = [curve(name, one.equity_curve) for name, one in result.strategy_results.items()]
        return curves.exposure(self._times, curve(AGGREGATE, result.equity_curve), parts, is_net=net)

    def monthly_returns(self, owner: str = AGGREGATE) -> Any:
        """
        Draw returns by month, a row a year, of the account or of one strategy.

        Raises ConfigError for an owner that the run does not have.
        """
        rows = self._result.monthly_returns(owner)
        return calendar.monthly_returns(owner, {(one.year, one.month): one.monthly_return for one in rows})

    def conflicts(self) -> Any:
        """Draw how often each two strategies wanted the same symbol at the same instant."""
        names = list(self._result.strategy_results)
        opposed, crowded = ([[0] * len(names) for _ in names] for _ in range(2))
        for pair, met in meetings(self._result.conflicts, strategies=names).items():
            row, column = map(names.index, pair)
            opposed[row][column] = opposed[column][row] = met.opposed
            crowded[row][column] = crowded[column][row] = met.conflicts - met.opposed
        return relations.conflicts(names, opposed, crowded)

    def correlation(self) -> Any:
        """Draw the correlation of each two strategies' returns, session by session."""
        strategies = self._result.strategy_results
        returns = [session_returns(one.equity_curve) for one in strategies.values()]
        return relations.correlation(list(strategies), [[_correlated(a, b) for b in returns] for a in returns])

    def round_trips(self, symbol: str, *, strategy: str | None = None) -> Any:
        """
        Draw a symbol's price and the round trips on it, of all strategies or of one.

        Raises ConfigError for a symbol or a strategy that the run does not have.
        """
        series = {one.symbol: one for one in self._result.series}
        if symbol not in series:
            raise ConfigError(f"the run has no symbol {clipped(symbol)}; {did_you_mean(str(symbol), series)}")
        known = self._result.strategy_results
        if strategy is not None and strategy not in known:
            raise ConfigError(f"the run has no strategy {clipped(strategy)}; it has: {', '.join(known)}")
        one = series[symbol]
        each = self._result.lot_scale(symbol)
        drawn = [
            trips.Trip(
                strategy=trip.strategy,
                direction=trip.direction,
                opened=_moment(trip.opened_at_us),
                closed=_moment(trip.closed_at_us),
                entry=trip.entry_price_micros / each,
                exit=trip.exit_price_micros / each,
                net=trip.net_micros / MICROS,
            )
            for trip in self._result.round_trips
            if trip.symbol == symbol and strategy in (None, trip.strategy)
        ]
        return trips.round_trips(symbol, one.at_us.astype("datetime64[us]"), one.close, drawn)

    @property
    def _times(self) -> Any:
        return self._result.equity_curve.at_us.astype("datetime64[us]")

    def _curves(self, column: str) -> tuple[Curve, list[Curve]]:
        def curve(name: str, one: EquityCurve) -> Curve:
            return Curve(name, getattr(one, column) / MICROS)

        parts = [curve("pool" if owner == POOL else owner, one) for owner, one in self._result.equity_curves.items()]
        return curve(AGGREGATE, self._result.equity_curve), parts

    def __repr__(self) -> str:
        return f"<Plot {', '.join(f'{name}()' for name in FIGURES)}>"


def _moment(at_us: int) -> Any:
    return np.datetime64(at_us, "us")


def _correlated(one: Any, other: Any) -> float | None:
    """Pearson's correlation; None for fewer than two returns and for returns that are all equal."""
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    value = float(np.corrcoef(one, other)[0, 1])
    return value if np.isfinite(value) else None
