"""
Return metrics: what a series of simple returns says about growth, risk and their ratio.

Pure functions over a float64 array of finite returns, one a period. They agree with empyrical-reloaded, the
source of every formula here that names none. "No value" is None, never NaN or infinity. Sums are
`math.fsum` and products run in order, so the last bit is the same wherever the returns are.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from ropewalk.collectors.moments import deviation_of, finite, mean_of, powered, quantile_of, wealth_of

if TYPE_CHECKING:
    from ropewalk.collectors.equity import Float64s

VARIANCE_MIN = 1e-30
"""A benchmark that varies less is taken as one that does not, as in the reference."""


class Drawdown(msgspec.Struct, frozen=True):
    """
    The deepest fall of wealth from a peak.

    `depth` is ≤ 0, as a fraction of the peak. `start`, `trough` and `recovery` count returns: wealth is 1
    at 0, before the first. `recovery` is None while the peak is not reached again; all three are None
    when wealth never fell. `periods` is how long it lasted, to the recovery or to the end.
    """

    depth: float
    start: int | None
    trough: int | None
    recovery: int | None
    periods: int

    @property
    def recovery_periods(self) -> int | None:
        """How long the way back took, from the trough to the recovery; None while there is none."""
        return None if self.recovery is None or self.trough is None else self.recovery - self.trough


def total_return(returns: Float64s) -> float | None:
    """Compound: `Π(1+r) − 1`, a fraction of the base. None without returns."""
    if not len(returns):
        return None
    return finite(wealth_of(returns)[-1] - 1.0)


def annual_return(returns: Float64s, *, periods_per_year: int) -> float | None:
    """
    Grow at one rate a year to the same end (CAGR): `(Π(1+r))^(N/n) − 1`, a fraction a year.

    None without returns, when more than all was lost, and when the rate is beyond a float.
    """
    if not len(returns):
        return None
    growth = wealth_of(returns)[-1]
    if growth < 0 or not math.isfinite(growth):
        return None
    raised = powered(growth, periods_per_year / len(returns))
    return None if raised is None else raised - 1.0


def annual_volatility(returns: Float64s, *, periods_per_year: int) -> float | None:
    """Spread of the returns: `std(r, ddof=1) · √N`, a fraction a year. None for fewer than two returns."""
    if len(returns) < 2:
        return None
    return finite(deviation_of(returns.tolist()) * math.sqrt(periods_per_year))


def sharpe(returns: Float64s, *, periods_per_year: int, risk_free: float = 0.0) -> float | None:
    """
    Excess return per unit of spread: `mean(r−rf) / std(r−rf, ddof=1) · √N`; `risk_free` is per period.

    None for fewer than two returns and for returns that are all equal.
    """
    if len(returns) < 2:
        return None
    excess = [value - risk_free for value in returns.tolist()]
    deviation = deviation_of(excess)
    if deviation == 0.0:
        return None
    return finite(mean_of(excess) / deviation * math.sqrt(periods_per_year))


def sortino(returns: Float64s, *, periods_per_year: int, minimum_acceptable: float = 0.0) -> float | None:
    """
    Excess return per unit of downside: `mean(r−mar)·N / (√mean(min(r−mar, 0)²)·√N)`.

    All n stand in the denominator; `minimum_acceptable` (mar) is per period. None for fewer than two
    returns and when no return is below mar.
    """
    if len(returns) < 2:
        return None
    excess = [value - minimum_acceptable for value in returns.tolist()]
    downside = math.sqrt(mean_of([min(value, 0.0) * min(value, 0.0) for value in excess]))
    if downside == 0.0:
        return None
    return finite(mean_of(excess) * periods_per_year / (downside * math.sqrt(periods_per_year)))


def max_drawdown(returns: Float64s) -> Drawdown | None:
    """
    Find the deepest fall: `min_t (W_t / max_{u≤t} W_u − 1)` with `W_0 = 1`; of equals the first.

    It starts at the last time wealth stood at its peak. None without returns.
    """
    wealth = wealth_of(returns)
    if len(wealth) == 1 or not math.isfinite(max(wealth)):
        return None
    peaks = list(accumulate(wealth, max))
    falls = [(value - peak) / peak for value, peak in zip(wealth, peaks, strict=True)]
    depth = min(falls)
    if depth == 0.0:
        return Drawdown(0.0, None, None, None, 0)
    trough = falls.index(depth)
    peak = peaks[trough]
    start = max(seat for seat in range(trough) if wealth[seat] == peak)
    recovery = next((seat for seat in range(trough, len(wealth)) if wealth[seat] >= peak), None)
    return Drawdown(depth, start, trough, recovery, (len(wealth) - 1 if recovery is None else recovery) - start)


def calmar(returns: Float64s, *, periods_per_year: int) -> float | None:
    """Annual return per unit of the deepest fall: `annual return / |max drawdown|`. None when wealth never fell."""
    rate, drawdown = annual_return(returns, periods_per_year=periods_per_year), max_drawdown(returns)
    if rate is None or drawdown is None or drawdown.depth == 0.0:
        return None
    return finite(rate / -drawdown.depth)


def omega(returns: Float64s, *, threshold: float = 0.0) -> float | None:
    """
    Gains over losses about a threshold per period: `Σ max(r−θ, 0) / Σ max(θ−r, 0)`.

    None for fewer than two returns and when none is below the threshold.
    """
    if len(returns) < 2:
        return None
    excess = [value - threshold for value in returns.tolist()]
    losses = -math.fsum(value for value in excess if value < 0.0)
    if losses == 0.0:
        return None
    return finite(math.fsum(value for value in excess if value > 0.0) / losses)


def value_at_risk(returns: Float64s, *, cutoff: float = 0.05) -> float | None:
    """
    Return of a bad period: the `cutoff` quantile, interpolated, a fraction that is usually negative.

    None without returns.
    """
    return quantile_of(sorted(returns.tolist()), cutoff) if len(returns) else None


def conditional_value_at_risk(returns: Float64s, *, cutoff: float = 0.05) -> float | None:
    """Mean of a bad period: of the worst `⌊(n−1)·cutoff⌋ + 1` returns. None without returns."""
    if not len(returns):
        return None
    return mean_of(sorted(returns.tolist())[: int((len(returns) - 1) * cutoff) + 1])


def tail_ratio(returns: Float64s) -> float | None:
    """Good tail over bad: `|95 % quantile| / |5 % quantile|`. None without returns and when the bad tail is 0."""
    if not len(returns):
        return None
    ranked = sorted(returns.tolist())
    bad = abs(quantile_of(ranked, 0.05))
    return finite(abs(quantile_of(ranked, 0.95)) / bad) if bad else None


def beta(returns: Float64s, benchmark: Float64s) -> float | None:
    """
    Slope against a benchmark's returns of the same periods: `cov(r, b) / var(b)`.

    None for fewer than two returns and for a benchmark that does not vary. Raises ValueError when the
    lengths differ.
    """
    _check_aligned(returns, benchmark)
    factor = benchmark.tolist()
    if len(factor) < 2 or max(factor) == min(factor):
        return None
    mean = mean_of(factor)
    residuals = [value - mean for value in factor]
    variance = mean_of([residual * residual for residual in residuals])
    if variance < VARIANCE_MIN:
        return None
    covariance = mean_of([residual * value for residual, value in zip(residuals, returns.tolist(), strict=True)])
    return finite(covariance / variance)


def alpha(returns: Float64s, benchmark: Float64s, *, periods_per_year: int, risk_free: float = 0.0) -> float | None:
    """
    Return that the benchmark does not explain: `(1 + mean(r − rf − beta·(b − rf)))^N − 1`, a fraction a year.

    None where `beta` is None or the rate is beyond a float. Raises ValueError when the lengths differ.
    """
    slope = beta(returns, benchmark)
    if slope is None:
        return None
    pairs = zip(returns.tolist(), benchmark.tolist(), strict=True)
    unexplained = mean_of([(own - risk_free) - slope * (factor - risk_free) for own, factor in pairs])
    raised = powered(1.0 + unexplained, periods_per_year)
    return None if raised is None else raised - 1.0


def _check_aligned(returns: Float64s, benchmark: Float64s) -> None:
    if len(returns) != len(benchmark):
        raise ValueError(f"{len(returns)} returns against {len(benchmark)} of the benchmark; give the same periods")
