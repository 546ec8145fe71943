"""Return metrics: the reference's figures to 1e-12, and None where there is none."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import empyrical
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk import MeanReversion, Momentum, StrategyOrchestrator, sample_feed
from ropewalk.collectors import return_metrics as ours
from ropewalk.collectors.return_metrics import Drawdown

CHECK = np.array([0.01, -0.02, 0.015, 0, -0.005, 0.02, -0.01, 0.005, 0, 0.012])
N = 252
Value = float | None
Pair = tuple[Callable[[np.ndarray], Value], Callable[[np.ndarray], float]]


def depth(returns: np.ndarray) -> Value:
    drawdown = ours.max_drawdown(returns)
    return drawdown and drawdown.depth


PAIRS: dict[str, Pair] = {
    "total_return": (ours.total_return, empyrical.cum_returns_final),
    "annual_return": (lambda r: ours.annual_return(r, periods_per_year=N), empyrical.annual_return),
    "annual_volatility": (lambda r: ours.annual_volatility(r, periods_per_year=N), empyrical.annual_volatility),
    "sharpe": (lambda r: ours.sharpe(r, periods_per_year=N), empyrical.sharpe_ratio),
    "sharpe_over_rf": (
        lambda r: ours.sharpe(r, periods_per_year=N, risk_free=0.013),
        lambda r: empyrical.sharpe_ratio(r, risk_free=0.013),
    ),
    "sortino": (lambda r: ours.sortino(r, periods_per_year=N), empyrical.sortino_ratio),
    "sortino_over_mar": (
        lambda r: ours.sortino(r, periods_per_year=N, minimum_acceptable=0.013),
        lambda r: empyrical.sortino_ratio(r, required_return=0.013),
    ),
    "max_drawdown": (depth, empyrical.max_drawdown),
    "calmar": (lambda r: ours.calmar(r, periods_per_year=N), empyrical.calmar_ratio),
    "omega": (ours.omega, empyrical.omega_ratio),
    "omega_over_threshold": (
        lambda r: ours.omega(r, threshold=0.013),
        lambda r: empyrical.omega_ratio(r, required_return=0.013, annualization=1),
    ),
    "value_at_risk": (ours.value_at_risk, empyrical.value_at_risk),
    "conditional_value_at_risk": (ours.conditional_value_at_risk, empyrical.conditional_value_at_risk),
    "tail_ratio": (ours.tail_ratio, empyrical.tail_ratio),
}


def assert_agrees(value: Value, reference: float) -> None:
    """Equal to 1e-12, relative to figures above 1; None exactly where the reference has no number."""
    if not math.isfinite(reference):
        assert value is None
    else:
        assert value is not None
        assert abs(value - reference) <= 1e-12 * max(1.0, abs(reference))


def normal(size: int, *, seed: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0004, 0.012, size)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("size", [1, 2, 3, 10, 20, 21, 252, 3270])
def test_seeded_series_agree_with_the_reference(name: str, size: int) -> None:
    """At lengths from one return to thirteen years of days."""
    mine, theirs = PAIRS[name]
    for seed in range(5):
        returns = normal(size, seed=seed)
        with np.errstate(all="ignore"):
            assert_agrees(mine(returns), float(theirs(returns)))


@functools.cache
def packaged(name: str) -> np.ndarray:
    """A packaged symbol's returns from close to close, or a run's over the packaged data."""
    if name in ("trend", "aggregate"):
        seats = {"trend": (Momentum(), "0.5"), "revert": (MeanReversion(), "0.3")}
        return StrategyOrchestrator(seats, 100_000).run(sample_feed()).sampled(name).returns
    (series,) = sample_feed([name]).series
    return series.close[1:] / series.close[:-1] - 1.0


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("series", ["AAPL", "FB", "GOOG", "IBM", "MSFT", "trend", "aggregate"])
def test_packaged_series_agree_with_the_reference(name: str, series: str) -> None:
    """Thirteen years of prices, and what strategies made of them."""
    mine, theirs = PAIRS[name]
    assert_agrees(mine(packaged(series)), float(theirs(packaged(series))))


@pytest.mark.parametrize("series", ["AAPL", "IBM", "trend", "aggregate"])
def test_packaged_series_agree_against_a_benchmark(series: str) -> None:
    """MSFT as what could have been held instead."""
    returns, benchmark = packaged(series), packaged("MSFT")
    assert_agrees(ours.beta(returns, benchmark), empyrical.beta(returns, benchmark))
    assert_agrees(ours.alpha(returns, benchmark, periods_per_year=N), empyrical.alpha(returns, benchmark))


# Whole percents keep the reference itself exact to 1e-12: what it divides by is never tiny.
percents = st.lists(st.integers(-20, 20), max_size=60).map(lambda values: np.array(values, float) / 100)


@pytest.mark.parametrize("name", PAIRS)
@given(returns=percents)
def test_any_series_agrees_with_the_reference(name: str, returns: np.ndarray) -> None:
    """Flat, constant, rising, falling, empty: also where there is no value."""
    mine, theirs = PAIRS[name]
    with np.errstate(all="ignore"):
        assert_agrees(mine(returns), float(theirs(returns)))


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), max_size=60))
def test_beta_and_alpha_agree_with_the_reference(pairs: list[tuple[int, int]]) -> None:
    """Against any benchmark of whole percents, also one that does not vary."""
    returns, benchmark = np.array(pairs, float).reshape(-1, 2).T / 100
    with np.errstate(all="ignore"):
        assert_agrees(ours.beta(returns, benchmark), float(empyrical.beta(returns, benchmark)))
        reference = float(empyrical.alpha(returns, benchmark, risk_free=0.001))
        assert_agrees(ours.alpha(returns, benchmark, periods_per_year=N, risk_free=0.001), reference)


def test_beta_and_alpha_agree_on_a_seeded_series() -> None:
    """Three years of days."""
    benchmark = normal(756)
    returns = 0.7 * benchmark + normal(756, seed=8)
    assert_agrees(ours.beta(returns, benchmark), empyrical.beta(returns, benchmark))
    assert_agrees(ours.alpha(returns, benchmark, periods_per_year=N), empyrical.alpha(returns, benchmark))


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("sharpe", 3.504666),
        ("sortino", 5.915404),
        ("annual_volatility", 0.194141),
        ("annual_return", 0.939753),
        ("max_drawdown", -0.02),
        ("calmar", 46.987672),
        ("omega", 1.771429),
    ],
)
def test_the_check_series_gives_the_figures_of_the_conventions(name: str, figure: float) -> None:
    """Ten returns and what they come to: a stranger can redo them by hand."""
    value = PAIRS[name][0](CHECK)
    assert value is not None
    assert round(value, 6) == figure


def test_risk_free_and_other_calendars_are_per_period() -> None:
    """Monthly returns annualise by 12."""
    returns = normal(36)
    value = ours.sharpe(returns, periods_per_year=12, risk_free=0.002)
    assert_agrees(value, empyrical.sharpe_ratio(returns, risk_free=0.002, period="monthly"))


# ── drawdown ──


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        ([0.1, 0.1], Drawdown(0.0, None, None, None, 0)),
        ([-0.5, 1.0, 0.5], Drawdown(-0.5, 0, 1, 2, 2)),
        ([0.25, -0.5, 0.5], Drawdown(-0.5, 1, 2, None, 2)),
        ([0.0, 0.0, -0.5], Drawdown(-0.5, 2, 3, None, 1)),
        ([-0.5, 1.0, -0.5, 0.0], Drawdown(-0.5, 0, 1, 2, 2)),
        ([-0.25, 1.0, -0.5, 0.5, 1.0], Drawdown(-0.5, 2, 3, 5, 3)),
        ([-1.0, 0.0], Drawdown(-1.0, 0, 1, None, 2)),
    ],
)
def test_a_drawdown_runs_from_its_peak_to_its_recovery(returns: list[float], expected: Drawdown) -> None:
    """From the last moment at the peak; the first of equals; to the end when it is not made good."""
    assert ours.max_drawdown(np.array(returns)) == expected


def test_recovery_is_counted_from_the_trough() -> None:
    """None while the peak is not reached again, and when there was no fall."""
    drawdowns = [ours.max_drawdown(np.array(r)) for r in ([-0.75, 1.0, 1.0], [-0.5], [0.1])]
    assert [drawdown and drawdown.recovery_periods for drawdown in drawdowns] == [2, None, None]


@given(percents.filter(len))
def test_a_drawdown_s_places_are_where_wealth_says(returns: np.ndarray) -> None:
    """Nothing between start and recovery is above the peak, and the trough is as deep as it says."""
    drawdown = ours.max_drawdown(returns)
    assert drawdown is not None
    wealth = np.cumprod(np.append(1.0, 1.0 + returns))
    if drawdown.start is None or drawdown.trough is None:
        assert wealth.tolist() == sorted(wealth.tolist())
        return
    peak = wealth[drawdown.start]
    assert wealth[: drawdown.trough + 1].max() == peak
    assert wealth[drawdown.trough] / peak - 1 == pytest.approx(drawdown.depth, abs=1e-15)
    end = drawdown.start + drawdown.periods
    assert (wealth[drawdown.start + 1 : end] < peak).all()
    assert end == (len(returns) if drawdown.recovery is None else drawdown.recovery)


# ── no value ──


def test_equal_returns_have_no_spread_whatever_their_mean_rounds_to() -> None:
    """0.1 ten times: the mean may be off in the last bit; the deviation is 0 all the same."""
    for size in range(2, 50):
        assert ours.sharpe(np.full(size, 0.1), periods_per_year=N) is None
        assert ours.annual_volatility(np.full(size, 0.1), periods_per_year=N) == 0.0


def test_a_loss_of_everything_is_minus_one_and_of_more_has_no_rate() -> None:
    """No rate compounds to a debt."""
    assert ours.annual_return(np.array([0.1, -1.0]), periods_per_year=N) == -1.0
    ruined = np.array([0.1, -1.5])
    assert ours.annual_return(ruined, periods_per_year=N) is None
    assert ours.calmar(ruined, periods_per_year=N) is None
    assert ours.total_return(ruined) == pytest.approx(-1.55)


def test_what_no_float_can_hold_has_no_value() -> None:
    """Never infinity: growth, and rates that a day's luck would come to in a year."""
    huge = np.array([1e200, 1e200])
    assert ours.total_return(huge) is None
    assert ours.annual_return(huge, periods_per_year=N) is None
    assert ours.max_drawdown(huge) is None
    assert ours.annual_return(np.array([1e9]), periods_per_year=N) is None
    assert ours.alpha(np.array([1e9, 1e9]), np.array([0.1, 0.2]), periods_per_year=N) is None


def test_a_benchmark_that_barely_varies_is_taken_as_one_that_does_not() -> None:
    """As the reference does: a slope against noise in the last bit is none."""
    benchmark = np.array([1e-17, 2e-17, 3e-17])
    assert ours.beta(CHECK[:3], benchmark) is None
    assert math.isnan(empyrical.beta(CHECK[:3], benchmark))


def test_a_benchmark_of_other_periods_is_refused() -> None:
    """Slopes between different days mean nothing."""
    with pytest.raises(ValueError, match="10 returns against 9"):
        ours.beta(CHECK, CHECK[1:])
