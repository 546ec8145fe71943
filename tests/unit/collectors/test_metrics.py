"""Metrics: money over round trips, capital at work, and every figure explained."""

from __future__ import annotations

import json
import math

import msgspec
import numpy as np
import pytest

from ropewalk.collectors import return_metrics, trade_metrics
from ropewalk.collectors.equity import EquityCurve
from ropewalk.collectors.metrics import METRICS, Metrics, metrics_of
from ropewalk.collectors.sessions import DAY_US
from ropewalk.collectors.trades import RoundTrip

UNIT = 1_000_000


def trip(gross: int, commission: int = 0) -> RoundTrip:
    return RoundTrip("trend", "GLD", 1, 1, 0, 1, 1, 1, gross, commission, 0)


def curve(equity: list[int], *, gross: list[int] | None = None, net: list[int] | None = None) -> EquityCurve:
    """One instant a weekday from Monday 2024-01-01 on, funded at the first with what it was worth then."""
    seats = np.arange(len(equity))
    at_us = (19723 + seats // 5 * 7 + seats % 5) * DAY_US
    columns = [np.array(values if values is not None else [0] * len(equity), np.int64) for values in (gross, net)]
    worth = np.array(equity, np.int64)
    flow = np.where(seats == 0, worth, 0)
    return EquityCurve("trend", at_us, worth, worth, *columns, flow)


# ── round trips ──


def test_round_trips_are_judged_net_of_fees() -> None:
    """A gross win that fees ate is a loss; one that came out even is neither won nor lost."""
    trips = [trip(10, 4), trip(2, 1), trip(3, 5), trip(7, 7), trip(0), trip(-1, 1)]
    assert trade_metrics.win_rate(trips) == 2 / 6
    assert trade_metrics.profit_factor(trips) == 7 / 4
    assert trade_metrics.expectancy_micros(trips) == 0  # 3 / 6 = 0.5, to even


@pytest.mark.parametrize("trips", [[], [trip(5)], [trip(0)]])
def test_without_losers_there_is_no_profit_factor(trips: list[RoundTrip]) -> None:
    """Not infinity, which would look like a record."""
    assert trade_metrics.profit_factor(trips) is None


def test_without_round_trips_there_is_no_rate() -> None:
    """Nothing was won and nothing was lost."""
    assert trade_metrics.win_rate([]) is None
    assert trade_metrics.expectancy_micros([]) is None


def test_expectancy_is_money_exactly() -> None:
    """Integers beyond what a float could hold."""
    assert trade_metrics.expectancy_micros([trip(2**60 + 1), trip(2**60 + 1)]) == 2**60 + 1


# ── capital at work ──


def test_exposure_is_a_mean_over_instants() -> None:
    """In the market at three of four closes; long 50 %, then long and short."""
    held = curve([100, 100, 200, 100], gross=[0, 50, 200, 100], net=[0, 50, 0, -100])
    assert trade_metrics.time_in_market(held) == 0.75
    assert trade_metrics.mean_exposure(held.gross_exposure_micros, held.equity_micros) == 2.5 / 4
    assert trade_metrics.mean_exposure(held.net_exposure_micros, held.equity_micros) == -0.5 / 4


def test_instants_without_equity_have_no_exposure_ratio() -> None:
    """They are left out; when there are no others there is no mean."""
    held = curve([100, 0, -10], gross=[50, 50, 50])
    assert trade_metrics.mean_exposure(held.gross_exposure_micros, held.equity_micros) == 0.5
    assert trade_metrics.mean_exposure(held.gross_exposure_micros[1:], held.equity_micros[1:]) is None


def test_turnover_counts_a_purchase_and_its_sale_as_one_round() -> None:
    """Capital 100 bought and sold once in a quarter of a year: four times a year."""
    equity = np.full(64, 100 * UNIT)
    assert trade_metrics.turnover(200 * UNIT, equity, periods=63, periods_per_year=252) == 4.0


@pytest.mark.parametrize(("equity", "periods"), [([100], 0), ([5, -5], 1), ([-5, -5], 1), ([], 0)])
def test_without_time_or_capital_there_is_no_turnover(equity: list[int], periods: int) -> None:
    """Nothing to divide by."""
    assert trade_metrics.turnover(7, np.array(equity, np.int64), periods=periods, periods_per_year=252) is None


def test_turnover_is_exact_where_int64_sums_would_wrap() -> None:
    """A long curve of a large book."""
    equity = np.full(16, 2**60)
    assert trade_metrics.turnover(2**61, equity, periods=252, periods_per_year=252) == 1.0


# ── all of them ──

RETURNS = [0.01, -0.02, 0.015, 0, -0.005, 0.02, -0.01, 0.005, 0, 0.012]


@pytest.fixture
def checked() -> EquityCurve:
    """The check series as equity: large enough that rounding to micros is beyond the twelfth digit."""
    growth = np.cumprod([1.0, *(1.0 + value for value in RETURNS)])
    return curve([round(10**17 * value) for value in growth.tolist()])


def test_a_curve_s_metrics_are_those_of_its_returns(checked: EquityCurve) -> None:
    """The figures of the conventions, from equity to report."""
    metrics = metrics_of(checked)
    assert (metrics.periods, metrics.periods_per_year) == (10, 252)
    figures = {
        "sharpe": 3.504666,
        "sortino": 5.915404,
        "annual_volatility": 0.194141,
        "annual_return": 0.939753,
        "max_drawdown": -0.02,
        "calmar": 46.987672,
        "omega": 1.771429,
    }
    found = metrics.to_dict()
    for name, figure in figures.items():
        assert found[name] == pytest.approx(figure, abs=5e-7), name
    assert metrics.total_return == pytest.approx(math.prod(1 + value for value in RETURNS) - 1, abs=1e-12)
    assert (metrics.max_drawdown_periods, metrics.max_drawdown_recovery_periods) == (5, 4)


def test_every_figure_is_what_its_name_says() -> None:
    """Each field holds the function of its name, and none stands for another."""
    steps = np.random.default_rng(3).normal(0.001, 0.01, 60)
    worth = [10**15, *(round(10**15 * value) for value in np.cumprod(1.0 + steps).tolist())]
    held = curve(worth, gross=[value // 2 for value in worth], net=[-value // 4 for value in worth])
    benchmark = np.random.default_rng(4).normal(0.0, 0.01, 60)
    found = metrics_of(held, benchmark=benchmark, round_trips=[trip(5), trip(-2)], traded_micros=10**15).to_dict()
    returns = held.returns
    drawdown = return_metrics.max_drawdown(returns)
    assert drawdown is not None
    assert found == {
        "periods": 60,
        "periods_per_year": 252,
        "total_return": return_metrics.total_return(returns),
        "annual_return": return_metrics.annual_return(returns, periods_per_year=252),
        "annual_volatility": return_metrics.annual_volatility(returns, periods_per_year=252),
        "sharpe": return_metrics.sharpe(returns, periods_per_year=252),
        "sortino": return_metrics.sortino(returns, periods_per_year=252),
        "max_drawdown": drawdown.depth,
        "max_drawdown_periods": drawdown.periods,
        "max_drawdown_recovery_periods": drawdown.recovery_periods,
        "calmar": return_metrics.calmar(returns, periods_per_year=252),
        "omega": return_metrics.omega(returns),
        "value_at_risk": return_metrics.value_at_risk(returns),
        "conditional_value_at_risk": return_metrics.conditional_value_at_risk(returns),
        "tail_ratio": return_metrics.tail_ratio(returns),
        "beta": return_metrics.beta(returns, benchmark),
        "alpha": return_metrics.alpha(returns, benchmark, periods_per_year=252),
        "round_trips": 2,
        "win_rate": 0.5,
        "profit_factor": 2.5,
        "expectancy_micros": 2,
        "time_in_market": 1.0,
        "gross_exposure": pytest.approx(0.5),
        "net_exposure": pytest.approx(-0.25),
        "turnover": trade_metrics.turnover(10**15, held.equity_micros, periods=60, periods_per_year=252),
    }


def test_a_benchmark_of_itself_has_beta_one_and_alpha_zero(checked: EquityCurve) -> None:
    """And without a benchmark there is neither."""
    itself = metrics_of(checked, benchmark=checked.returns)
    assert itself.beta == pytest.approx(1.0, abs=1e-12)
    assert itself.alpha == pytest.approx(0.0, abs=1e-12)
    alone = metrics_of(checked)
    assert (alone.beta, alone.alpha) == (None, None)


def test_a_benchmark_that_begins_later_counts_from_there(checked: EquityCurve) -> None:
    """Beta and alpha are over the sessions in common; no other figure is touched."""
    benchmark = np.array([0.02, -0.01, 0.01, 0.0, 0.015])
    later = metrics_of(checked, benchmark=benchmark)
    assert later.beta == return_metrics.beta(checked.returns[5:], benchmark)
    assert later.alpha == return_metrics.alpha(checked.returns[5:], benchmark, periods_per_year=252)
    assert later.sharpe == metrics_of(checked).sharpe
    with pytest.raises(ValueError, match="10 returns against 11"):
        metrics_of(checked, benchmark=np.zeros(11))


def test_rates_and_money_reach_their_metric(checked: EquityCurve) -> None:
    """Risk-free rate, acceptable return, round trips and traded value are each used once."""
    plain = metrics_of(checked)
    given = metrics_of(
        checked, risk_free=0.001, minimum_acceptable=0.001, round_trips=[trip(5), trip(-2)], traded_micros=10**17
    )
    changed = {name for name, value in plain.to_dict().items() if given.to_dict()[name] != value}
    assert changed == {
        "sharpe", "sortino", "round_trips", "win_rate", "profit_factor", "expectancy_micros", "turnover",
    }  # fmt: skip
    assert (given.round_trips, given.win_rate, given.profit_factor, given.expectancy_micros) == (2, 0.5, 2.5, 2)


@pytest.mark.parametrize("equity", [[], [100], [100, 100], [0, 0, 0], [100, -50, -50], [100, 0, 0]])
def test_no_figure_is_ever_nan_or_infinite(equity: list[int]) -> None:
    """No value is None, so that a file of figures is JSON that anyone can read."""
    metrics = metrics_of(curve(equity))
    json.dumps(metrics.to_dict(), allow_nan=False)
    always = {row.name for row in METRICS if not row.missing}
    assert {name for name, value in metrics.to_dict().items() if value is not None} >= always


def test_an_empty_run_has_counts_and_no_figures() -> None:
    """None for everything that needs a return, a round trip or an instant."""
    found = metrics_of(curve([])).to_dict()
    counts = {name: value for name, value in found.items() if value is not None}
    assert counts == {"periods": 0, "periods_per_year": 252, "round_trips": 0}


def test_every_metric_is_described_in_order() -> None:
    """The reference page is made from the descriptions: none missing, none invented, none empty."""
    assert tuple(row.name for row in METRICS) == Metrics.__struct_fields__
    assert all(row.unit and row.formula and row.meaning for row in METRICS)


def test_metrics_travel_as_data() -> None:
    """Encoded and decoded they are equal."""
    metrics = metrics_of(curve([100, 110, 99]))
    assert msgspec.json.decode(msgspec.json.encode(metrics), type=Metrics) == metrics
