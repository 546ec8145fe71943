"""Benchmark comparison: one owner's session returns beside those of something that could have been held instead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from ropewalk.collectors import return_metrics as growth
from ropewalk.collectors.figures import Figures, Is
from ropewalk.collectors.moments import correlation_of, deviation_of, finite, mean_of

if TYPE_CHECKING:
    from ropewalk.collectors.equity import Float64s
    from ropewalk.collectors.sessions import SessionReturns

FEW = "fewer than two sessions in common"
FLAT = "fewer than two sessions in common, or the benchmark does not vary"


class BenchmarkComparison(Figures, frozen=True, kw_only=True):
    """
    One owner against a benchmark, over the sessions that both have.

    `b` are the benchmark's returns, without its dividends where its prices are as traded. Where it begins later than
    the run, the sessions before are left out of every figure here, of the owner's own, too.
    """

    strategy: str
    benchmark: str
    periods: Annotated[int, Is("sessions", "n", "sessions in common")]
    total_return: Annotated[
        float | None, Is("fraction", "Π(1+r) − 1", "the owner's", "n = 0", source="empyrical.cum_returns_final")
    ]
    benchmark_total_return: Annotated[
        float | None, Is("fraction", "Π(1+b) − 1", "the benchmark's", "n = 0", source="empyrical.cum_returns_final")
    ]
    annual_return: Annotated[
        float | None, Is("1/year", "(Π(1+r))^(N/n) − 1", "the owner's", "n = 0", source="empyrical.annual_return")
    ]
    benchmark_annual_return: Annotated[
        float | None, Is("1/year", "(Π(1+b))^(N/n) − 1", "the benchmark's", "n = 0", source="empyrical.annual_return")
    ]
    active_return: Annotated[
        float | None, Is("1/year", "annual return − benchmark's", "what the owner was ahead by", "either has none")
    ]
    beta: Annotated[float | None, Is("1", "cov(r, b)/var(b)", "slope", FLAT, source="empyrical.beta")]
    alpha: Annotated[
        float | None,
        Is("1/year", "(1+mean(r−beta·b))^N − 1", "what it does not explain", FLAT, source="empyrical.alpha"),
    ]
    correlation: Annotated[
        float | None, Is("1", "cov(r, b)/(std(r)·std(b))", "how alike they move", "either does not vary")
    ]
    r_squared: Annotated[float | None, Is("1", "correlation²", "share of variance explained", "either does not vary")]
    tracking_error: Annotated[
        float | None, Is("1/year", "std(r−b, ddof=1)·√N", "how far they part", FEW, source="Grinold & Kahn (1999)")
    ]
    information_ratio: Annotated[
        float | None,
        Is(
            "1",
            "mean(r−b)/std(r−b, ddof=1)·√N",
            "active return per unit of tracking error",
            "n < 2 or the difference does not vary",
            source="empyrical.excess_sharpe, times √N",
        ),
    ]
    up_capture: Annotated[
        float | None,
        Is(
            "1",
            "annual return over annual benchmark return, sessions with b > 0",
            "share of rises taken",
            "no such session, or beyond a float",
            source="empyrical.up_capture",
        ),
    ]
    down_capture: Annotated[
        float | None,
        Is(
            "1",
            "annual return over annual benchmark return, sessions with b < 0",
            "share of falls taken",
            "no such session, or beyond a float",
            source="empyrical.down_capture",
        ),
    ]
    capture_ratio: Annotated[
        float | None,
        Is(
            "1",
            "up capture/down capture",
            "above 1: more of rises than of falls",
            "either has none, or down capture is 0",
            source="empyrical.up_down_capture",
        ),
    ]
    batting_average: Annotated[
        float | None,
        Is("fraction", "sessions with r > b/n", "how often ahead", "n = 0", source="empyrical.batting_average"),
    ]


def compared(sampled: SessionReturns, benchmark: Float64s, *, name: str) -> BenchmarkComparison:
    """Compare with a benchmark's returns over the last of the sessions. Raises ValueError for more than there are."""
    if len(benchmark) > len(sampled):
        raise ValueError(f"{len(benchmark)} returns of {name}, {len(sampled)} sessions; give those of the sessions")
    returns = sampled.returns[len(sampled) - len(benchmark) :]
    a_year = sampled.periods_per_year
    own = growth.annual_return(returns, periods_per_year=a_year)
    its = growth.annual_return(benchmark, periods_per_year=a_year)
    correlation = correlation_of(returns.tolist(), benchmark.tolist())
    up = _capture(returns, benchmark, sign=1, periods_per_year=a_year)
    down = _capture(returns, benchmark, sign=-1, periods_per_year=a_year)
    return BenchmarkComparison(
        strategy=sampled.owner,
        benchmark=name,
        periods=len(returns),
        total_return=growth.total_return(returns),
        benchmark_total_return=growth.total_return(benchmark),
        annual_return=own,
        benchmark_annual_return=its,
        active_return=None if own is None or its is None else own - its,
        beta=growth.beta(returns, benchmark),
        alpha=growth.alpha(returns, benchmark, periods_per_year=a_year),
        correlation=correlation,
        r_squared=None if correlation is None else correlation * correlation,
        tracking_error=tracking_error(returns, benchmark, periods_per_year=a_year),
        information_ratio=information_ratio(returns, benchmark, periods_per_year=a_year),
        up_capture=up,
        down_capture=down,
        capture_ratio=None if up is None or not down else finite(up / down),
        batting_average=int((returns - benchmark > 0).sum()) / len(returns) if len(returns) else None,
    )


def tracking_error(returns: Float64s, benchmark: Float64s, *, periods_per_year: int) -> float | None:
    """
    Spread of what one is ahead of the other: `std(r−b, ddof=1)·√N`, a fraction a year.

    Source: Grinold and Kahn, Active Portfolio Management (1999). None for fewer than two returns.
    """
    return growth.annual_volatility(returns - benchmark, periods_per_year=periods_per_year)


def information_ratio(returns: Float64s, benchmark: Float64s, *, periods_per_year: int) -> float | None:
    """
    Active return per unit of tracking error: `mean(r−b)/std(r−b, ddof=1)·√N`.

    Source: empyrical.excess_sharpe, which does not annualise. None for fewer than two returns and where the
    difference does not vary.
    """
    active = (returns - benchmark).tolist()
    if len(active) < 2:
        return None
    spread = deviation_of(active)
    return finite(mean_of(active) / spread * math.sqrt(periods_per_year)) if spread else None


def _capture(returns: Float64s, benchmark: Float64s, *, sign: int, periods_per_year: int) -> float | None:
    """Annual return over the benchmark's, over the sessions in which the benchmark has a sign."""
    chosen = benchmark * sign > 0
    own = growth.annual_return(returns[chosen], periods_per_year=periods_per_year)
    its = growth.annual_return(benchmark[chosen], periods_per_year=periods_per_year)
    return None if own is None or not its else finite(own / its)
