"""Figures by session: drawdowns, calendar and rolling returns agree with the reference, or say why they are missing."""

from __future__ import annotations

import math

import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk import ConfigError
from ropewalk.collectors.calendar_returns import monthly_returns, session_rows, yearly_returns
from ropewalk.collectors.drawdowns import drawdowns, drawdowns_of, underwater
from ropewalk.collectors.return_metrics import max_drawdown
from ropewalk.collectors.rolling import rolling
from ropewalk.collectors.sessions import DAY_US, SessionReturns

percents = st.lists(st.integers(-20, 20), max_size=60).map(lambda values: np.array(values, float) / 100)
FIRST_DAY = 19_000


def sessions(returns: np.ndarray, *, gap: int = 1) -> SessionReturns:
    """One session every `gap` days from 2022-01-08 on, at the end of the day."""
    days = FIRST_DAY + gap * np.arange(len(returns) + 1)
    return SessionReturns("trend", (days + 1) * DAY_US - 1, np.asarray(returns, float), 252)


def series(returns: np.ndarray, *, gap: int = 1) -> pd.Series:
    """The same for the reference."""
    dates = pd.to_datetime(FIRST_DAY + gap * np.arange(1, len(returns) + 1), unit="D")
    return pd.Series(returns, index=dates)


def close(values: list[float | None], reference: list[float]) -> bool:
    """Equal to 1e-12, relative to figures above 1; None exactly where the reference has no number."""
    assert len(values) == len(reference)
    for value, number in zip(values, reference, strict=True):
        if not math.isfinite(number):
            assert value is None
        else:
            assert value is not None
            assert abs(value - number) <= 1e-12 * max(1.0, abs(number))
    return True


# ── drawdowns ──


@given(percents.filter(len))
def test_underwater_agrees_with_the_reference(returns: np.ndarray) -> None:
    """Session by session."""
    assert close(underwater(returns).tolist(), empyrical.stats.drawdown_series(returns).tolist())


@given(percents)
def test_drawdowns_cover_every_session_below_the_peak(returns: np.ndarray) -> None:
    """Each belongs to exactly one drawdown; the deepest of all is the maximum drawdown."""
    found = drawdowns_of(returns)
    inside = [seat for one in found for seat in range(one.start + 1, one.start + one.periods + (one.recovery is None))]
    below = (np.flatnonzero(underwater(returns) < 0) + 1).tolist()
    assert inside == below
    deepest = max_drawdown(returns)
    if found:
        assert min(found, key=lambda one: one.depth) == deepest
    else:
        assert deepest is None or deepest.depth == 0.0


def test_a_drawdown_has_its_dates() -> None:
    """Two falls: the second, deeper one comes first and is not made good."""
    rows = drawdowns(sessions(np.array([0.1, -0.1, 0.2, -0.2, -0.2, 0.1])))
    days = [(row.start_at_us // DAY_US - FIRST_DAY, row.trough_at_us // DAY_US - FIRST_DAY) for row in rows]
    assert days == [(3, 5), (1, 2)]
    assert [row.recovery_at_us and row.recovery_at_us // DAY_US - FIRST_DAY for row in rows] == [None, 3]
    assert [(row.fall_periods, row.recovery_periods, row.periods) for row in rows] == [(2, None, 3), (1, 1, 2)]
    assert rows[0].depth == pytest.approx(0.8 * 0.8 - 1)
    assert rows[0].missing == {"recovery_at_us": "not made good", "recovery_periods": "not made good"}


def test_what_never_fell_has_no_drawdown_and_says_so() -> None:
    """Constant and rising wealth; no sessions at all is another reason."""
    assert drawdowns(sessions(np.array([0.0, 0.1]))).missing == "wealth never fell below its peak"
    assert "fewer than two session ends" in drawdowns(sessions(np.empty(0))).missing


def test_a_bust_book_falls_by_more_than_all() -> None:
    """Wealth below zero: the depth is below −1, and figures stay numbers."""
    (row,) = drawdowns(sessions(np.array([-0.5, -1.5, 0.0])))
    assert row.depth == pytest.approx(-1.25)
    assert [one.wealth for one in session_rows(sessions(np.array([-0.5, -1.5, 0.0])))] == [0.5, -0.25, -0.25]


def test_wealth_beyond_a_float_is_no_value() -> None:
    """Neither infinity nor a traceback."""
    rows = session_rows(sessions(np.array([1e200, 1e200, -0.5])))
    assert [row.wealth for row in rows] == [pytest.approx(1e200), None, None]
    assert rows[1].missing == {"wealth": "beyond a float"}
    assert len(drawdowns(sessions(np.array([1e200, 1e200, -0.5])))) == 0
    assert [row.monthly_return for row in monthly_returns(sessions(np.array([1e200, 1e200])))] == [None]


# ── months and years ──


@pytest.mark.parametrize("gap", [1, 7, 40, 400])
@given(returns=percents.filter(len))
def test_calendar_returns_agree_with_the_reference(gap: int, returns: np.ndarray) -> None:
    """Daily to yearly data; months without a session have no row, as there."""
    months, years = monthly_returns(sessions(returns, gap=gap)), yearly_returns(sessions(returns, gap=gap))
    by_month = empyrical.aggregate_returns(series(returns, gap=gap), "monthly")
    assert [(row.year, row.month) for row in months] == list(by_month.index)
    assert close([row.monthly_return for row in months], by_month.tolist())
    by_year = empyrical.aggregate_returns(series(returns, gap=gap), "yearly")
    assert [row.year for row in years] == list(by_year.index)
    assert close([row.yearly_return for row in years], by_year.tolist())


# ── rolling ──


@pytest.mark.parametrize("window", [2, 5, 20])
@given(pairs=st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=20, max_size=60))
def test_rolling_figures_agree_with_the_reference(window: int, pairs: list[tuple[int, int]]) -> None:
    """Every full window, also those without spread and those against a benchmark that does not vary."""
    returns, benchmark = np.array(pairs, float).T / 100
    rows = rolling(sessions(returns), sessions=window, benchmark=benchmark)
    with np.errstate(all="ignore"):
        assert close([row.sharpe for row in rows], empyrical.roll_sharpe_ratio(returns, window=window).tolist())
        volatility = empyrical.roll_annual_volatility(returns, window=window)
        assert close([row.annual_volatility for row in rows], volatility.tolist())
        reference = [
            float(empyrical.beta(returns[end - window : end], benchmark[end - window : end]))
            for end in range(window, len(returns) + 1)
        ]
    assert close([row.beta for row in rows], reference)


def test_a_window_ends_where_it_says() -> None:
    """The first row stands at the end of the first full window, the last at the last session."""
    sampled = sessions(np.random.default_rng(5).normal(0, 0.01, 30))
    rows = rolling(sampled, sessions=10)
    assert [row.at_us for row in rows] == sampled.at_us[10:].tolist()
    assert rows[3].sharpe == pytest.approx(empyrical.sharpe_ratio(sampled.returns[3:13]), abs=1e-12)
    assert {row.beta for row in rows} == {None}


def test_a_benchmark_that_begins_later_has_a_beta_later() -> None:
    """Windows that it does not fill have none."""
    chance = np.random.default_rng(6)
    returns, benchmark = chance.normal(0, 0.01, 12), chance.normal(0, 0.01, 8)
    rows = rolling(sessions(returns), sessions=5, benchmark=benchmark)
    assert [row.beta is None for row in rows] == [True] * 4 + [False] * 4
    assert rows[4].beta == pytest.approx(empyrical.beta(returns[4:9], benchmark[:5]), abs=1e-12)
    assert all(row.beta is None for row in rolling(sessions(returns), sessions=9, benchmark=benchmark))


@pytest.mark.parametrize("window", [1, 0, -3, 2.5])
def test_a_window_that_cannot_be_is_refused(window: float) -> None:
    """It says what was found and what is allowed."""
    with pytest.raises(ConfigError, match="a whole number from 2 on"):
        rolling(sessions(np.zeros(5)), sessions=window)  # type: ignore[arg-type]


def test_a_short_run_has_no_window_and_says_so() -> None:
    """Both numbers are in the reason."""
    rows = rolling(sessions(np.zeros(5)), sessions=6)
    assert (len(rows), rows.missing) == (0, "a window of 6 sessions needs as many returns; there are 5")
