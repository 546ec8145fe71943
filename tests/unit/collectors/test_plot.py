"""Figures show what the frames hold, and say so when there is nothing to show."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorded_runs import TALES
from ropewalk import BuyAndHold, Momentum, StrategyOrchestrator, sample_feed, synthetic_feed
from ropewalk.charts.thinning import kept_rows
from ropewalk.charts.trips import Trip, round_trips
from ropewalk.collectors.equity import EquityCurve
from ropewalk.collectors.exposure import over_equity
from ropewalk.collectors.plot import FIGURES
from ropewalk.errors import ConfigError


@pytest.fixture(scope="module")
def result() -> Any:
    return TALES["everything"].run()


def traces(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_equity_is_the_frames(result: Any) -> None:
    """The account, the strategies and the pool, in currency, at every instant."""
    drawn = traces(result.plot.equity())
    assert list(drawn) == ["gold", "oil", "falls", "pool", "aggregate"]
    assert drawn["aggregate"].y.tolist() == [one / 1e6 for one in result.frames.account["equity_micros"]]
    assert drawn["aggregate"].x[0] == np.datetime64("2020-01-01")
    assert result.plot.equity(log=True).layout.yaxis.type == "log"


def test_drawdown_is_the_frames(result: Any) -> None:
    drawn = traces(result.plot.drawdown())
    assert drawn["aggregate"].y.tolist() == result.frames.account["drawdown"].to_list()
    assert list(drawn) == ["aggregate", "gold", "oil", "falls"]


def test_what_is_stacked_sums_to_the_account(result: Any) -> None:
    """Pool and strategies, in that order, in one stack."""
    figure = result.plot.allocation()
    assert [trace.name for trace in figure.data] == ["pool", "gold", "oil", "falls"]
    assert {trace.stackgroup for trace in figure.data} == {"capital"}
    total = sum(trace.y for trace in figure.data)
    assert total == pytest.approx([one / 1e6 for one in result.frames.account["equity_micros"]], abs=1e-6)


def test_exposure_is_over_equity(result: Any) -> None:
    """Gross and net, of the account and each strategy, at every instant; where there is no equity there is a gap."""
    frame = result.frames.account
    for net, column in ((False, "gross_exposure_micros"), (True, "net_exposure_micros")):
        figure = result.plot.exposure(net=net)
        drawn = traces(figure)
        assert list(drawn) == ["gold", "oil", "falls", "aggregate"]
        expected = [one / equity for one, equity in zip(frame[column], frame["equity_micros"], strict=True)]
        assert drawn["aggregate"].y.tolist() == pytest.approx(expected, rel=1e-12)
    bust = over_equity(np.array([5, 5]), EquityCurve("a", *[np.array([0, 10])] * 6))
    assert np.isnan(bust[0])
    assert bust[1] == 0.5


def test_months_are_those_of_the_analysis() -> None:
    """A row a year, a column a month; a month without a session is an empty square."""
    seats = {"hold": (BuyAndHold(), "0.5")}
    result = StrategyOrchestrator(seats, 10_000).run(sample_feed(["IBM"], start="2008-11-03", end="2010-02-26"))
    for owner in ("aggregate", "hold"):
        (heat,) = result.plot.monthly_returns(owner).data
        squares = {
            (int(year), column + 1): heat.z[row][column] for row, year in enumerate(heat.y) for column in range(12)
        }
        expected = {(one.year, one.month): one.monthly_return for one in result.monthly_returns(owner)}
        assert {month: value for month, value in squares.items() if value is not None} == expected
        assert heat.zmax == -heat.zmin == max(map(abs, expected.values()))
    assert heat.text[0][0] == "no value"
    with pytest.raises(ConfigError, match="silver"):
        result.plot.monthly_returns("silver")


def test_conflicts_are_counted_by_pair(result: Any) -> None:
    """A conflict of three counts for each of its pairs, on both sides of the diagonal."""
    (heat,) = result.plot.conflicts().data
    counts = {
        (row, column): heat.z[i][j] for i, row in enumerate(heat.y) for j, column in enumerate(heat.x) if row != column
    }
    for (one, other), count in counts.items():
        assert count == sum({one, other} <= set(conflict.strategies) for conflict in result.conflicts)
        assert counts[other, one] == count
    assert all(heat.z[seat][seat] is None for seat in range(3))


def test_correlation_has_no_value_rather_than_none() -> None:
    """A strategy that never moved correlates with nobody; each correlates with itself."""

    class Silent:
        def on_turn(self, view: Any) -> None:
            return None

    seats = {"hold": (BuyAndHold(), "0.4"), "silent": (Silent(), "0.4")}
    result = StrategyOrchestrator(seats, 10_000).run(synthetic_feed(1, 40, seed=1))
    (heat,) = result.plot.correlation().data
    assert heat.z[0][0] == pytest.approx(1.0)
    assert [heat.z[0][1], heat.z[1][0], heat.z[1][1]] == [None, None, None]
    assert heat.text[0][1] == "no value"


def test_round_trips_stand_on_the_price_of_their_symbol(result: Any) -> None:
    """Of all strategies or of one; prices are per share, whatever a lot is."""
    figure = result.plot.round_trips("OIL")
    markers = [trace for trace in figure.data if trace.mode == "markers" and trace.marker.symbol != "circle-open"]
    opened = {(trace.name, price) for trace in markers for price in trace.y}
    assert opened == {
        (trip.strategy, trip.entry_price_micros / 1e6) for trip in result.round_trips if trip.symbol == "OIL"
    }
    assert {trace.name for trace in result.plot.round_trips("OIL", strategy="oil").data} == {"close", "oil"}
    lots = TALES["lots"].run()
    (close, *_) = lots.plot.round_trips("IBM").data
    trades = [trace for trace in lots.plot.round_trips("IBM").data if trace.mode == "markers"]
    assert all(min(close.y) * 0.9 < price < max(close.y) * 1.1 for trace in trades for price in trace.y)


def test_of_many_round_trips_the_extremes_are_drawn() -> None:
    """The highest, the lowest, the best and the worst stay; the title says how many there were."""
    trips = [Trip("a", 1, day, day + 1, 100.0 + day % 7, 101.0, float(day % 5)) for day in range(1_000)]
    trips[333], trips[777] = trips[333]._replace(net=-99.0), trips[777]._replace(exit=500.0)
    figure = round_trips("GLD", np.arange(1_001), np.full(1_001, 100.0), trips, points_max=60)
    starts, ends = (trace for trace in figure.data if trace.mode == "markers")
    assert len(starts.x) == len(ends.x) <= 60
    assert {333, 777} <= {*starts.x}
    assert 500.0 in ends.y
    assert figure.layout.title.text.endswith(f"{len(starts.x)} of 1,000 drawn")


def test_what_the_run_does_not_have_is_refused(result: Any) -> None:
    with pytest.raises(ConfigError, match="no symbol 'OIK'; did you mean 'OIL'"):
        result.plot.round_trips("OIK")
    with pytest.raises(ConfigError, match="no strategy 'silver'; it has: gold, oil, falls"):
        result.plot.round_trips("OIL", strategy="silver")


def test_a_figure_without_content_says_so() -> None:
    """One bar, one strategy, no conflicts and no trades: sentences and single points, and nothing falls."""
    result = StrategyOrchestrator({"trend": (Momentum(), "0.5")}, 1_000).run(synthetic_feed(1, 1))
    told = {name: getattr(result.plot, name)() for name in FIGURES if name != "round_trips"}
    assert "no two strategies" in told["conflicts"].layout.annotations[0].text
    assert "nobody to correlate" in told["correlation"].layout.annotations[0].text
    assert [len(trace.x) for trace in told["equity"].data] == [1, 1, 1]
    assert [trace.name for trace in result.plot.round_trips("SYN001").data] == ["close"]
    assert all("NaN" not in figure.to_json() for figure in told.values())
    assert "no month has a return" in told["monthly_returns"].layout.annotations[0].text
    assert repr(result.plot).startswith("<Plot equity(), drawdown(), allocation(), exposure(), monthly_returns(), conf")


def test_without_plotly_it_is_said_what_to_install(result: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "plotly"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(ConfigError, match=r"plotly is not installed; `pip install 'ropewalk\[plot\]'`"):
        result.plot.equity()


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=30, max_size=30), min_size=1, max_size=3), st.integers(4, 40))
def test_thinning_keeps_every_extreme(columns: list[list[float]], points_max: int) -> None:
    """Ends, lowest and highest of each curve are drawn; rows rise; few points are all drawn."""
    arrays = [np.array(column) for column in columns]
    rows = kept_rows(arrays, points_max=points_max)
    assert (np.diff(rows) > 0).all()
    assert (rows[0], rows[-1]) == (0, 29)
    for column in arrays:
        assert column[rows].min() == column.min()
        assert column[rows].max() == column.max()
    if points_max >= 30:
        assert len(rows) == 30
    else:
        assert len(rows) <= max(points_max, 2 * len(columns)) + 2
