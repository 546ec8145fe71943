"""Metrics: every figure that a run reports about one curve, with the formula it was computed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ropewalk.collectors import return_metrics as growth
from ropewalk.collectors import trade_metrics as trade
from ropewalk.collectors.figures import Figures, Is, described
from ropewalk.collectors.sessions import periods_per_year, session_days, session_returns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.collectors.equity import EquityCurve, Float64s
    from ropewalk.collectors.trades import RoundTrip


class Metrics(Figures, frozen=True, kw_only=True):
    """
    What is said about one owner's run; None where there is no value, never NaN or infinity.

    Every field says its unit, its formula, its meaning, its source, and when it has no value: see `METRICS`.
    """

    periods: Annotated[int, Is("sessions", "n", "returns the figures rest on, one from each session end to the next")]
    periods_per_year: Annotated[int, Is("1/year", "N", "252, 365, 52, 12, 4 or 1, by the dates of the data")]
    total_return: Annotated[
        float | None,
        Is(
            "fraction",
            "Π(1+r) − 1",
            "growth over the whole run, net of flows",
            "n = 0",
            source="empyrical.cum_returns_final",
        ),
    ]
    annual_return: Annotated[
        float | None,
        Is(
            "1/year",
            "(Π(1+r))^(N/n) − 1",
            "the yearly rate to the same end",
            "n = 0, more than all lost, or beyond a float",
            source="empyrical.annual_return",
        ),
    ]
    annual_volatility: Annotated[
        float | None,
        Is("1/year", "std(r, ddof=1)·√N", "how widely returns spread", "n < 2", source="empyrical.annual_volatility"),
    ]
    sharpe: Annotated[
        float | None,
        Is(
            "1",
            "mean(r−rf)/std(r−rf, ddof=1)·√N",
            "return per unit of spread",
            "n < 2 or all returns equal",
            source="empyrical.sharpe_ratio",
        ),
    ]
    sortino: Annotated[
        float | None,
        Is(
            "1",
            "mean(r−mar)·N/(√mean(min(r−mar, 0)²)·√N)",
            "return per unit of downside, all n counted",
            "n < 2 or no return below mar",
            source="empyrical.sortino_ratio",
        ),
    ]
    max_drawdown: Annotated[
        float | None,
        Is(
            "fraction",
            "min(W/max W − 1), W₀ = 1",
            "the deepest fall from a peak",
            "n = 0",
            source="empyrical.max_drawdown",
        ),
    ]
    max_drawdown_periods: Annotated[
        int | None,
        Is(
            "sessions",
            "recovery or end − start",
            "how long that fall lasted, from its peak until it was made good",
            "n = 0",
        ),
    ]
    max_drawdown_recovery_periods: Annotated[
        int | None,
        Is(
            "sessions",
            "recovery − trough",
            "how long it took from the bottom back to the peak",
            "no fall, or not made good",
        ),
    ]
    calmar: Annotated[
        float | None,
        Is(
            "1/year",
            "annual return/|max drawdown|",
            "yearly return per unit of deepest fall",
            "no fall",
            source="empyrical.calmar_ratio",
        ),
    ]
    omega: Annotated[
        float | None,
        Is("1", "Σmax(r, 0)/Σmax(−r, 0)", "gains over losses", "n < 2 or no loss", source="empyrical.omega_ratio"),
    ]
    value_at_risk: Annotated[
        float | None,
        Is(
            "fraction",
            "5 % quantile of r, interpolated",
            "a bad session's return",
            "n = 0",
            source="empyrical.value_at_risk",
        ),
    ]
    conditional_value_at_risk: Annotated[
        float | None,
        Is(
            "fraction",
            "mean of the ⌊(n−1)·0.05⌋+1 worst r",
            "the mean of the bad sessions' returns",
            "n = 0",
            source="empyrical.conditional_value_at_risk",
        ),
    ]
    tail_ratio: Annotated[
        float | None,
        Is(
            "1",
            "|95 % quantile|/|5 % quantile|",
            "good tail over bad",
            "n = 0 or 5 % quantile is 0",
            source="empyrical.tail_ratio",
        ),
    ]
    beta: Annotated[
        float | None,
        Is(
            "1",
            "cov(r, b)/var(b)",
            "slope against the benchmark",
            "no benchmark, n < 2 or it does not vary",
            source="empyrical.beta",
        ),
    ]
    alpha: Annotated[
        float | None,
        Is(
            "1/year",
            "(1+mean(r−rf−beta·(b−rf)))^N − 1",
            "what the benchmark does not explain",
            "no beta",
            source="empyrical.alpha",
        ),
    ]
    round_trips: Annotated[int, Is("count", "flat to flat", "closed round trips")]
    win_rate: Annotated[
        float | None, Is("fraction", "winners/round trips", "round trips that earned more than fees", "no round trip")
    ]
    profit_factor: Annotated[
        float | None, Is("1", "Σ net won/|Σ net lost|", "money won per money lost, net of fees", "no loser")
    ]
    expectancy_micros: Annotated[
        int | None, Is("micros", "Σ net/round trips", "mean profit of a round trip, net of fees", "no round trip")
    ]
    time_in_market: Annotated[
        float | None, Is("fraction", "instants with a position/instants", "how often anything was held", "no instant")
    ]
    gross_exposure: Annotated[
        float | None, Is("fraction", "mean(Σ|q·mark|/equity)", "capital at work, longs and shorts added", "equity ≤ 0")
    ]
    net_exposure: Annotated[
        float | None, Is("fraction", "mean(Σq·mark/equity)", "capital at work, shorts subtracted", "equity ≤ 0")
    ]
    turnover: Annotated[
        float | None,
        Is("1/year", "Σ|traded|/(2·mean equity)·N/n", "times a year capital was renewed", "n = 0 or equity ≤ 0"),
    ]


METRICS = described(Metrics)
"""Each field of `Metrics` explained, in order; the reference page and the reports are made from it."""


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
    mean equity count every instant. `traded_micros` is Σ|quantity · price| of the fills;
    `benchmark` holds a benchmark's returns over the same sessions, or over the last of them where it begins later;
    `risk_free` and `minimum_acceptable` are per session.

    Raises ValueError for a benchmark that is longer.
    """
    returns = session_returns(curve)
    a_year = periods_per_year(session_days(curve.at_us))
    drawdown = growth.max_drawdown(returns)
    common = returns if benchmark is None else returns[max(len(returns) - len(benchmark), 0) :]
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
        beta=None if benchmark is None else growth.beta(common, benchmark),
        alpha=None
        if benchmark is None
        else growth.alpha(common, benchmark, periods_per_year=a_year, risk_free=risk_free),
        round_trips=len(round_trips),
        win_rate=trade.win_rate(round_trips),
        profit_factor=trade.profit_factor(round_trips),
        expectancy_micros=trade.expectancy_micros(round_trips),
        time_in_market=trade.time_in_market(curve),
        gross_exposure=trade.mean_exposure(curve.gross_exposure_micros, curve.equity_micros),
        net_exposure=trade.mean_exposure(curve.net_exposure_micros, curve.equity_micros),
        turnover=trade.turnover(traded_micros, curve.equity_micros, periods=len(returns), periods_per_year=a_year),
    )
