"""Benchmarks: figures agree with the reference, and prices of any form become returns over the run's sessions."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import empyrical
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk import Bar, BuyAndHold, ConfigError, OrchestratorConfig, StrategyOrchestrator, sample_feed
from ropewalk.collectors.benchmark_comparison import compared
from ropewalk.collectors.benchmark_prices import benchmark_returns, prices_of
from ropewalk.collectors.sessions import DAY_US, SessionReturns

pairs_of_percents = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), max_size=60)


def sessions(returns: np.ndarray) -> SessionReturns:
    return SessionReturns("trend", np.arange(len(returns) + 1) * DAY_US, returns, 252)


def assert_agrees(value: float | None, reference: float) -> None:
    """Equal to 1e-12, relative to figures above 1; None exactly where the reference has no number."""
    if not math.isfinite(reference):
        assert value is None
    else:
        assert value is not None
        assert abs(value - reference) <= 1e-12 * max(1.0, abs(reference)), (value, reference)


@given(pairs_of_percents)
def test_a_comparison_agrees_with_the_reference(pairs: list[tuple[int, int]]) -> None:
    """Also where there is no value."""
    returns, benchmark = np.array(pairs, float).reshape(-1, 2).T / 100
    one = compared(sessions(returns), benchmark, name="GLD")
    assert (one.strategy, one.benchmark, one.periods) == ("trend", "GLD", len(pairs))
    with np.errstate(all="ignore"):
        assert_agrees(one.beta, float(empyrical.beta(returns, benchmark)))
        assert_agrees(one.alpha, float(empyrical.alpha(returns, benchmark)))
        assert_agrees(one.information_ratio, float(empyrical.excess_sharpe(returns, benchmark)) * math.sqrt(252))
        assert_agrees(one.tracking_error, float(empyrical.annual_volatility(returns - benchmark)))
        assert_agrees(one.batting_average, float(empyrical.batting_average(returns, benchmark).iloc[0]))
        assert_agrees(one.total_return, float(empyrical.cum_returns_final(returns)) if pairs else math.nan)
        assert_agrees(one.benchmark_annual_return, float(empyrical.annual_return(benchmark)))
        for mine, theirs in ((one.up_capture, empyrical.up_capture), (one.down_capture, empyrical.down_capture)):
            assert_agrees(mine, float(theirs(returns, benchmark)))


def test_captures_agree_over_years() -> None:
    """Three years of days: rises and falls apart, and their ratio."""
    chance = np.random.default_rng(3)
    benchmark = chance.normal(0.0004, 0.01, 756)
    returns = 0.6 * benchmark + chance.normal(0.0002, 0.004, 756)
    one = compared(sessions(returns), benchmark, name="GLD")
    assert_agrees(one.up_capture, empyrical.up_capture(returns, benchmark))
    assert_agrees(one.down_capture, empyrical.down_capture(returns, benchmark))
    assert_agrees(one.capture_ratio, empyrical.up_down_capture(returns, benchmark))
    assert one.r_squared == pytest.approx(np.corrcoef(returns, benchmark)[0, 1] ** 2, abs=1e-12)
    assert one.active_return == one.annual_return - one.benchmark_annual_return


def test_a_benchmark_of_itself_is_matched_exactly() -> None:
    """No error, no active return, and no ratio of nothing to nothing."""
    returns = np.random.default_rng(4).normal(0, 0.01, 50)
    one = compared(sessions(returns), returns, name="itself")
    assert (one.tracking_error, one.active_return, one.information_ratio) == (0.0, 0.0, None)
    assert (one.beta, one.correlation) == (pytest.approx(1.0), pytest.approx(1.0))
    assert one.missing == {"information_ratio": "n < 2 or the difference does not vary"}


def test_a_later_benchmark_leaves_earlier_sessions_out() -> None:
    """Of the owner's figures, too."""
    returns, benchmark = np.array([0.5, 0.5, 0.1, -0.1]), np.array([0.2, -0.1])
    one = compared(sessions(returns), benchmark, name="GLD")
    assert (one.periods, one.total_return) == (2, pytest.approx(1.1 * 0.9 - 1))
    with pytest.raises(ValueError, match="5 returns of GLD, 4 sessions"):
        compared(sessions(returns), np.zeros(5), name="GLD")


# ── prices ──


def test_a_session_has_the_last_price_at_or_before_its_end() -> None:
    """A gap repeats the price; sessions before the first price are left out."""
    at_us, prices = np.array([10, 30, 31]), np.array([100.0, 110.0, 121.0])
    returns = benchmark_returns(at_us, prices, sessions_at_us=np.array([0, 10, 20, 30, 40]))
    assert returns.round(12).tolist() == [0.0, 0.1, 0.1]
    assert len(benchmark_returns(at_us, prices, sessions_at_us=np.array([0, 9]))) == 0


START = datetime(2024, 1, 1, tzinfo=UTC)
TIMES = [START + timedelta(days=day) for day in range(3)]
PRICES = [100.0, 110.0, 99.0]
FORMS: dict[str, Any] = {
    "bars": [Bar("X", 1_704_067_200_000_000 + day * DAY_US, 1, 999, 1, price) for day, price in enumerate(PRICES)],
    "pairs": list(zip(TIMES, PRICES, strict=True)),
    "naive pairs": [(one.replace(tzinfo=None), price) for one, price in zip(TIMES, PRICES, strict=True)],
    "mapping": dict(zip(TIMES, PRICES, strict=True)),
    "pandas": pd.Series(PRICES, index=pd.DatetimeIndex(TIMES)),
    "polars": pl.DataFrame({"timestamp": TIMES, "close": PRICES}),
    "microseconds": [(1_704_067_200_000_000 + day * DAY_US, price) for day, price in enumerate(PRICES)],
}


@pytest.mark.parametrize("form", FORMS)
def test_prices_come_in_many_forms(form: str) -> None:
    """All say the same."""
    at_us, prices = prices_of(FORMS[form])
    assert at_us.tolist() == [1_704_067_200_000_000 + day * DAY_US for day in range(3)]
    assert prices.tolist() == PRICES


def test_a_date_is_its_last_microsecond() -> None:
    """So that a close counts for the session of its day."""
    at_us, _ = prices_of([(date(2024, 1, 1), 5.0)])
    assert at_us.tolist() == [1_704_067_200_000_000 + DAY_US - 1]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (7, "7 has no prices; give a symbol"),
        ([], "there is no price"),
        ([5.0], "row 1 is 5.0"),
        ([(START, "high")], "row 1 is"),
        ([(START, 0.0)], "row 1 has the price 0.0; a price is above 0"),
        ([(START, math.nan)], "row 1 has the price nan"),
        ([(START, 1e300)], "row 1 has the price 1e+300; a price is above 0, from 1e-9 to 1e15"),
        ([("Monday", 1.0)], "row 1 has the time 'Monday'"),
        ([(pd.NaT, 1.0)], "row 1 has the time NaT"),
        ([(START, 1.0), (START, 2.0)], "row 2 is not after the one before it"),
    ],
)
def test_prices_that_cannot_be_are_refused(given: Any, found: str) -> None:
    """It says which row, what was found and what is allowed."""
    with pytest.raises(ConfigError) as caught:
        prices_of(given)
    assert found in str(caught.value)


# ── of a run ──


@pytest.fixture(scope="module")
def held() -> Any:
    """MSFT bought and held, with IBM and GOOG in the data."""
    config = OrchestratorConfig(benchmark="IBM")
    return StrategyOrchestrator({"hold": (BuyAndHold(), "1", ["MSFT"])}, 100_000, config).run(
        sample_feed(["GOOG", "IBM", "MSFT"])
    )


def test_the_configured_benchmark_is_the_one_of_the_metrics(held: Any) -> None:
    """One figure, wherever it is asked for."""
    one = held.benchmark(owner="hold")
    metrics = held.metrics("hold")
    assert (one.benchmark, one.beta, one.alpha) == ("IBM", metrics.beta, metrics.alpha)
    assert held.rolling("hold", sessions=len(held.sampled()))[0].beta == pytest.approx(metrics.beta, abs=1e-12)


def test_a_symbol_s_own_prices_are_the_symbol(held: Any) -> None:
    """Named or given, as bars or as pairs."""
    (series,) = [one for one in held._series if one.symbol == "GOOG"]
    named = held.benchmark("GOOG")
    given = held.benchmark(list(series.bars()), name="GOOG")
    assert named == given
    assert named.periods == len(series) - 1 < len(held.sampled())


def test_an_unknown_benchmark_is_refused_with_the_nearest(held: Any) -> None:
    """And no benchmark at all with what to do."""
    with pytest.raises(ConfigError, match="there is no symbol 'GOGO'; did you mean 'GOOG'"):
        held.benchmark("GOGO")
    alone = StrategyOrchestrator({"hold": (BuyAndHold(), "1")}, 1000).run({"A": [Bar("A", 0, 1, 1, 1, 1)]})
    with pytest.raises(ConfigError, match="there is no benchmark; name a symbol"):
        alone.benchmark()
    with pytest.raises(ConfigError, match="there is no strategy 'trent'"):
        alone.drawdowns("trent")
