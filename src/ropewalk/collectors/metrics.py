"""
Metrics: every figure that a run reports about one curve, with the formula it was computed by.

`METRICS` describes each field of `Metrics`, in order; the reference page and the reports are made from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ropewalk.collectors import return_metrics as growth
from ropewalk.collectors import trade_metrics as trade
from ropewalk.collectors.sessions import periods_per_year, session_days, session_returns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.collectors.equity import EquityCurve, Float64s
    from ropewalk.collectors.trades import RoundTrip


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is said about one owner's run; None where there is no value, never NaN or infinity.

    `METRICS` holds the unit, the formula and the meaning of every field, and when it has no value.
    """

    periods: int
    periods_per_year: int
    total_return: float | None
    annual_return: float | None
    annual_volatility: float | None
    sharpe: float | None
    sortino: float | None
    max_drawdown: float | None
    max_drawdown_periods: int | None
    max_drawdown_recovery_periods: int | None
    calmar: float | None
    omega: float | None
    value_at_risk: float | None
    conditional_value_at_risk: float | None
    tail_ratio: float | None
    beta: float | None
    alpha: float | None
    round_trips: int
    win_rate: float | None
    profit_factor: float | None
    expectancy_micros: int | None
    time_in_market: float | None
    gross_exposure: float | None
    net_exposure: float | None
    turnover: float | None

    def __getitem__(self, name: str) -> float | int | None:
        """Return one figure by name. Raises KeyError, which lists the names, for an unknown one."""
        if name not in self.__struct_fields__:
            raise KeyError(f"there is no metric {name!r}; there are: {', '.join(self.__struct_fields__)}")
        figure: float | int | None = getattr(self, name)
        return figure

    def to_dict(self) -> dict[str, float | int | None]:
        """List the figures by name, in the order of `METRICS`."""
        return msgspec.structs.asdict(self)


class Metric(msgspec.Struct, frozen=True):
    """One figure explained: `missing` says when it has no value; it is empty for one that always has."""

    name: str
    unit: str
    formula: str
    meaning: str
    missing: str


METRICS = tuple(
    Metric(*row)
    for row in (
        ("periods", "sessions", "n", "returns the figures rest on, one from each session end to the next", ""),
        ("periods_per_year", "1/year", "N", "252, 365, 52, 12, 4 or 1, by the dates of the data", ""),
        ("total_return", "fraction", "Π(1+r) − 1", "growth over the whole run, net of flows", "n = 0"),
        (
            "annual_return",
            "1/year",
            "(Π(1+r))^(N/n) − 1",
            "the yearly rate to the same end",
            "n = 0, more than all lost, or beyond a float",
        ),
        ("annual_volatility", "1/year", "std(r, ddof=1)·√N", "how widely returns spread", "n < 2"),
        ("sharpe", "1", "mean(r−rf)/std(r−rf, ddof=1)·√N", "return per unit of spread", "n < 2 or all returns equal"),
        (
            "sortino",
            "1",
            "mean(r−mar)·N/(√mean(min(r−mar, 0)²)·√N)",
            "return per unit of downside, all n counted",
            "n < 2 or no return below mar",
        ),
        ("max_drawdown", "fraction", "min(W/max W − 1), W₀ = 1", "the deepest fall from a peak", "n = 0"),
        (
            "max_drawdown_periods",
            "sessions",
            "recovery or end − start",
            "how long that fall lasted, from its peak until it was made good",
            "n = 0",
        ),
        (
            "max_drawdown_recovery_periods",
            "sessions",
            "recovery − trough",
            "how long it took from the bottom back to the peak",
            "no fall, or not made good",
        ),
        ("calmar", "1/year", "annual return/|max drawdown|", "yearly return per unit of deepest fall", "no fall"),
        ("omega", "1", "Σmax(r, 0)/Σmax(−r, 0)", "gains over losses", "n < 2 or no loss"),
        ("value_at_risk", "fraction", "5 % quantile of r, interpolated", "a bad session's return", "n = 0"),
        (
            "conditional_value_at_risk",
            "fraction",
            "mean of the ⌊(n−1)·0.05⌋+1 worst r",
            "the mean of the bad sessions' returns",
            "n = 0",
        ),
        ("tail_ratio", "1", "|95 % quantile|/|5 % quantile|", "good tail over bad", "n = 0 or 5 % quantile is 0"),
        ("beta", "1", "cov(r, b)/var(b)", "slope against the benchmark", "no benchmark, n < 2 or it does not vary"),
        ("alpha", "1/year", "(1+mean(r−rf−beta·(b−rf)))^N − 1", "what the benchmark does not explain", "no beta"),
        ("round_trips", "count", "flat to flat", "closed round trips", ""),
        ("win_rate", "fraction", "winners/round trips", "round trips that earned more than fees", "no round trip"),
        ("profit_factor", "1", "Σ net won/|Σ net lost|", "money won per money lost, net of fees", "no loser"),
        (
            "expectancy_micros",
            "micros",
            "Σ net/round trips",
            "mean profit of a round trip, net of fees",
            "no round trip",
        ),
        (
            "time_in_market",
            "fraction",
            "instants with a position/instants",
            "how often anything was held",
            "no instant",
        ),
        (
            "gross_exposure",
            "fraction",
            "mean(Σ|q·mark|/equity)",
            "capital at work, longs and shorts added",
            "equity ≤ 0",
        ),
        ("net_exposure", "fraction", "mean(Σq·mark/equity)", "capital at work, shorts subtracted", "equity ≤ 0"),
        (
            "turnover",
            "1/year",
            "Σ|traded|/(2·mean equity)·N/n",
            "times a year capital was renewed",
            "n = 0 or equity ≤ 0",
        ),
    )
)


def metrics_of(
    curve: EquityCurve,
    *,
    round_trips: Sequence[RoundTrip] = (),
    traded_micros: int = 0,
    benchmark: Float64s | None = None,
    risk_free: float = 0.0,
    minimum_acceptable: float = 0.0,
) -> Metrics:
    """
    Compute every metric of one owner, or of the account, from what a run left behind.

    Returns run from session end to session end (`sessions.session_returns`); exposures, time in market and
    mean equity count every instant. `traded_micros` is Σ|quantity · price| of the fills
    (`Postings.traded_micros`); `benchmark` holds a benchmark's returns over the same sessions; `risk_free`
    and `minimum_acceptable` are per session.

    Raises ValueError for a benchmark of another length.
    """
    returns = session_returns(curve)
    a_year = periods_per_year(session_days(curve.at_us))
    drawdown = growth.max_drawdown(returns)
    return Metrics(
        periods=len(returns),
        periods_per_year=a_year,
        total_return=growth.total_return(returns),
        annual_return=growth.annual_return(returns, periods_per_year=a_year),
        annual_volatility=growth.annual_volatility(returns, periods_per_year=a_year),
        sharpe=growth.sharpe(returns, periods_per_year=a_year, risk_free=risk_free),
        sortino=growth.sortino(returns, periods_per_year=a_year, minimum_acceptable=minimum_acceptable),
        max_drawdown=drawdown.depth if drawdown else None,
        max_drawdown_periods=drawdown.periods if drawdown else None,
        max_drawdown_recovery_periods=drawdown.recovery_periods if drawdown else None,
        calmar=growth.calmar(returns, periods_per_year=a_year),
        omega=growth.omega(returns),
        value_at_risk=growth.value_at_risk(returns),
        conditional_value_at_risk=growth.conditional_value_at_risk(returns),
        tail_ratio=growth.tail_ratio(returns),
        beta=None if benchmark is None else growth.beta(returns, benchmark),
        alpha=None
        if benchmark is None
        else growth.alpha(returns, benchmark, periods_per_year=a_year, risk_free=risk_free),
        round_trips=len(round_trips),
        win_rate=trade.win_rate(round_trips),
        profit_factor=trade.profit_factor(round_trips),
        expectancy_micros=trade.expectancy_micros(round_trips),
        time_in_market=trade.time_in_market(curve),
        gross_exposure=trade.mean_exposure(curve.gross_exposure_micros, curve.equity_micros),
        net_exposure=trade.mean_exposure(curve.net_exposure_micros, curve.equity_micros),
        turnover=trade.turnover(traded_micros, curve.equity_micros, periods=len(returns), periods_per_year=a_year),
    )
