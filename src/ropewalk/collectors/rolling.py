"""Rolling figures: Sharpe, volatility and beta over the last so many sessions, at every session end that has them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.return_metrics import VARIANCE_MIN
from ropewalk.errors import ConfigError, clipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ropewalk.collectors.equity import Float64s
    from ropewalk.collectors.sessions import SessionReturns

WINDOW_SESSIONS = 63
"""A quarter of a year of daily data."""


class RollingFigures(Figures, frozen=True, kw_only=True):
    """What the window of sessions that ends at `at_us` says."""

    at_us: Annotated[int, Is("microseconds", "last instant of the window", "when the window ended")]
    sharpe: Annotated[
        float | None,
        Is("1", "mean(r)/std(r, ddof=1)·√N", "over the window", "all equal", source="empyrical.roll_sharpe_ratio"),
    ]
    annual_volatility: Annotated[
        float | None,
        Is(
            "1/year",
            "std(r, ddof=1)·√N",
            "over the window",
            "beyond a float",
            source="empyrical.roll_annual_volatility",
        ),
    ]
    beta: Annotated[
        float | None,
        Is(
            "1",
            "cov(r, b)/var(b)",
            "over the window",
            "no benchmark, it began later, or it does not vary",
            source="empyrical.roll_beta",
        ),
    ]


def rolling(sampled: SessionReturns, *, sessions: int, benchmark: Float64s | None = None) -> Rows[RollingFigures]:
    """
    Compute the figures of every full window, in order: one row a session from the first full window on.

    `benchmark` holds a benchmark's returns over the last of the sessions. Raises ConfigError for a window of fewer
    than two sessions.
    """
    if sessions < 2 or sessions != int(sessions):
        raise ConfigError(f"rolling: a window of {clipped(sessions)} sessions; it has to be a whole number from 2 on")
    n = len(sampled)
    if n < sessions:
        missing = f"a window of {sessions} sessions needs as many returns; there are {n}"
        return Rows(RollingFigures, (), missing=missing)
    windows = sliding_window_view(sampled.returns, sessions)
    means = windows.mean(axis=1)
    residuals = windows - means[:, np.newaxis]
    deviations = np.sqrt((residuals * residuals).sum(axis=1) / (sessions - 1))
    # Exactly 0 where all are equal, whatever their mean rounds to.
    deviations[windows.max(axis=1) == windows.min(axis=1)] = 0.0
    a_year = math.sqrt(sampled.periods_per_year)
    sharpes = np.full(len(means), np.nan)
    np.divide(means, deviations, out=sharpes, where=deviations > 0)
    columns = (
        sampled.at_us[sessions:].tolist(),
        _values(sharpes * a_year),
        _values(deviations * a_year),
        _values(_betas(residuals, sessions, benchmark, n)),
    )
    rows = [
        RollingFigures(at_us=at_us, sharpe=sharpe, annual_volatility=volatility, beta=beta)
        for at_us, sharpe, volatility, beta in zip(*columns, strict=True)
    ]
    return Rows(RollingFigures, rows)


def _betas(residuals: NDArray[np.float64], sessions: int, benchmark: Float64s | None, n: int) -> Float64s:
    """One slope a window; NaN, which no row shows, where there is none."""
    slopes = np.full(len(residuals), np.nan)
    if benchmark is None or len(benchmark) < sessions:
        return slopes
    windows = sliding_window_view(benchmark, sessions)
    factors = windows - windows.mean(axis=1)[:, np.newaxis]
    variances = (factors * factors).mean(axis=1)
    own = residuals[n - len(benchmark) :]
    varies = (variances >= VARIANCE_MIN) & (windows.max(axis=1) > windows.min(axis=1))
    np.divide((factors * own).mean(axis=1), variances, out=slopes[n - len(benchmark) :], where=varies)
    return slopes


def _values(column: Float64s) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in column.tolist()]
