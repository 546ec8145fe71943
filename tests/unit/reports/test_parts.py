"""Parts of the page: thinning hides nothing, series are what they say, limits and reasons are counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_runs import ODD, with_gaps
from ropewalk import BuyAndHold, StrategyOrchestrator, sample_feed
from ropewalk.collectors.sessions import session_returns
from ropewalk.reports.page.calendar import calendar
from ropewalk.reports.page.figures import figure, percent
from ropewalk.reports.page.packing import Pack
from ropewalk.reports.page.prices import prices
from ropewalk.reports.page.series import correlations, drawdown, growth, monthly
from ropewalk.reports.page.summary import every_metric
from ropewalk.reports.page.thinning import kept_rows

FLOATS = st.floats(-1e9, 1e9, allow_nan=False)


@given(
    columns=st.integers(1, 3).flatmap(
        lambda count: st.lists(st.lists(FLOATS, min_size=count, max_size=count), min_size=1, max_size=300)
    ),
    points_max=st.integers(2, 60),
)
def test_thinning_keeps_every_extreme(columns: list[list[float]], points_max: int) -> None:
    """First, last, the highest and the lowest of each column are kept, and of every bucket; rows rise."""
    arrays = list(np.array(columns).T)
    rows = kept_rows(arrays, points_max=points_max)
    assert rows[0] == 0
    assert rows[-1] == len(columns) - 1
    assert (np.diff(rows) > 0).all()
    for column in arrays:
        assert column[rows].max() == column.max()
        assert column[rows].min() == column.min()
    assert len(rows) <= max(points_max, 2 * len(arrays)) + 2 or len(rows) == len(columns)


def test_a_single_spike_in_a_million_stays() -> None:
    column = np.zeros(1_000_000)
    column[654_321] = -1.0
    column[123_456] = 1.0
    rows = kept_rows([column], points_max=2_000)
    assert {123_456, 654_321} <= {*rows.tolist()}
    assert len(rows) <= 2_002


def test_thinning_sees_through_gaps() -> None:
    column = np.array([np.nan, 1.0, np.nan, np.nan, 7.0, 2.0, np.nan, 3.0])
    assert 4 in kept_rows([column], points_max=4)
    assert len(kept_rows([np.full(100, np.nan)], points_max=10))


def test_growth_and_drawdown_agree_with_the_metrics() -> None:
    result = StrategyOrchestrator({"hold": (BuyAndHold(), "0.9")}, 10_000).run(sample_feed(["AAPL", "IBM"]))
    curve, metrics = result.equity_curve, result.aggregate_metrics
    grown = growth(curve)
    assert len(grown) == len(curve)
    assert grown[-1] - 1 == pytest.approx(metrics.total_return, abs=1e-12)
    assert drawdown(grown).min() == pytest.approx(metrics.max_drawdown, abs=1e-12)
    months = monthly(curve)
    assert float(np.prod([1 + value for value in months.values()])) == pytest.approx(grown[-1], abs=1e-9)
    assert len(months) == len({day.strftime("%Y-%m") for day in curve.at_us.astype("datetime64[us]").tolist()})


def test_a_year_is_its_months() -> None:
    result = StrategyOrchestrator({"hold": (BuyAndHold(), "0.9")}, 10_000).run(sample_feed(["IBM"]))
    months = monthly(result.equity_curve)
    for year, cells in calendar(result.equity_curve):
        own = [value for (its, _), value in months.items() if its == year]
        assert cells[-1].text == percent(float(np.prod([1 + one for one in own])) - 1).removesuffix(
            "\N{NO-BREAK SPACE}%"
        )
        assert sum(cell.text != "" for cell in cells[:12]) == len(own)


def test_correlations_are_numpys() -> None:
    seats = {"one": (BuyAndHold(), "0.4", ["AAPL"]), "other": (BuyAndHold(), "0.4", ["IBM"])}
    result = StrategyOrchestrator(seats, 10_000).run(sample_feed(["AAPL", "IBM"], start="2008-01-01"))
    curves = [result.equity_curves[name] for name in seats]
    expected = np.corrcoef(*[session_returns(curve) for curve in curves])[0, 1]
    matrix = correlations(curves)
    assert matrix[0][1] == matrix[1][0] == pytest.approx(expected, abs=1e-12)
    assert matrix[0][0] == pytest.approx(1.0, abs=1e-12)


def test_what_does_not_vary_has_no_correlation() -> None:
    result = ODD["no fills"].run()
    assert correlations(list(result.equity_curves.values())) == [[None] * 3] * 3


def test_a_line_is_broken_where_no_bars_came() -> None:
    result = StrategyOrchestrator({"hold": (BuyAndHold(), "0.5")}, 10_000).run(with_gaps())
    pack = Pack()
    (told,) = prices(result, ["hold"], pack)
    assert told["bars"] == 40
    assert told["close"]["rows"] == 41


def test_every_metric_is_shown_or_has_a_reason() -> None:
    for name in ("one bar", "constant", "bust"):
        for one in every_metric(ODD[name].run()):
            for shown in one["figures"]:
                assert bool(shown.why) == (shown.text == "—")
                assert "nan" not in shown.text


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_no_value_is_said_with_its_reason(value: float | None) -> None:
    assert figure("sharpe", value, str) == ("—", "n < 2 or all returns equal", 0)
