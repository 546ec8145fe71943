"""Parts of the page: thinning hides nothing, series are what they say, limits and reasons are counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_runs import ODD, with_gaps
from ropewalk import BuyAndHold, StrategyOrchestrator, sample_feed
from ropewalk.charts.thinning import kept_rows
from ropewalk.reports.page import between
from ropewalk.reports.page.between import added, correlation
from ropewalk.reports.page.calendar import calendar
from ropewalk.reports.page.evidence import evidence
from ropewalk.reports.page.figures import figure, percent
from ropewalk.reports.page.packing import Pack
from ropewalk.reports.page.prices import prices
from ropewalk.reports.page.series import drawdown, growth
from ropewalk.reports.page.summary import every_metric

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


def test_the_calendar_has_every_month_and_year() -> None:
    """Blank cells stand for months in which no session ended."""
    result = StrategyOrchestrator({"hold": (BuyAndHold(), "0.9")}, 10_000).run(
        sample_feed(["IBM"], start="2007-11-05", end="2009-02-10")
    )
    rows = dict(calendar(result, "hold"))
    assert list(rows) == [2007, 2008, 2009]
    assert [cell.text != "" for cell in rows[2007]] == [False] * 10 + [True] * 3
    months = {(one.year, one.month): one.monthly_return for one in result.monthly_returns("hold")}
    for (year, month), value in months.items():
        assert rows[year][month - 1].text == percent(value).removesuffix("\N{NO-BREAK SPACE}%")


def test_parts_of_the_account_add_up() -> None:
    """Shares of profit and of risk are those of the contributions, pool and account included."""
    rows = added(ODD["gaps"].run())
    assert [name for name, _, _ in rows] == ["s0", "s1", "pool", "aggregate"]
    assert rows[-1][2][1].text == rows[-1][2][2].text == percent(1.0)


def test_a_large_run_goes_without_correlations_of_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would take gigabytes; the others are the same."""
    result = ODD["gaps"].run()
    whole = correlation(result)
    monkeypatch.setattr(between, "CELLS_MAX", 0)
    assert [title for title, _ in whole["matrices"]] == ["Returns", "Drawdowns", "Positions"]
    assert correlation(result)["matrices"] == whole["matrices"][:2]


def test_evidence_without_returns_says_why() -> None:
    (told,) = evidence(ODD["one bar"].run())
    assert "no value: n < 2" in told


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
