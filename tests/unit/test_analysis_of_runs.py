"""What results of unusual runs say: ruin, gaps, an early stop, intraday bars, and runs told again from a journal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generators import Case, Player
from ropewalk import Bar, BuyAndHold, MeanReversion, Momentum, OrchestratorConfig, StrategyOrchestrator, sample_feed
from ropewalk.collectors.sessions import DAY_US
from ropewalk.journal import replay

TABLES = (
    *("returns", "drawdowns", "monthly_returns", "yearly_returns", "rolling", "excursions"),
    *("capital", "capital_by_reason", "conflict_pairs", "costs", "correlations", "contributions", "omissions"),
)


def told(result: Any) -> str:
    """Everything that a result says of the account and of each strategy, as JSON without NaN."""
    said: list[Any] = [getattr(result, name)().to_dicts() for name in TABLES]
    for owner in (*result.strategy_results, "aggregate"):
        for name in ("metrics", "trade_statistics", "exposure", "evidence", "confidence"):
            said.append(getattr(result, name)(owner).to_dict())
        said.append({symbol: one.metrics.to_dict() for symbol, one in result.by_symbol(owner).items()})
    said.append(result.metrics_table.to_dicts())
    return json.dumps(said, allow_nan=False)


def bars(closes: list[float], *, days: list[int] | None = None) -> tuple[tuple[int, float, float, float, float], ...]:
    at = days if days is not None else list(range(len(closes)))
    return tuple((day * DAY_US, close, close, close, close) for day, close in zip(at, closes, strict=True))


SELL = Player("script", "0.5", wants=((("AAA", "sell", "fraction", 1),),))
BUY = Player("script", "0.25", wants=((("AAA", "buy", "fraction", 1),),))


def test_a_bust_book_has_figures_and_reasons() -> None:
    """A short that loses more than it had: equity below zero, wealth below zero, no rate that compounds to a debt."""
    result = Case({"AAA": bars([10, 10, 15, 25, 40, 30])}, {"short": SELL, "long": BUY}).run()
    told(result)
    short = result.metrics("short")
    assert int(result.curve("short").equity_micros.min()) < 0
    assert short.total_return is not None
    assert short.total_return < -1
    assert short.annual_return is None
    assert "more than all lost" in short.missing["annual_return"]
    assert result.drawdowns("short")[0].depth < -1
    parts = result.contributions()
    assert sum(one.profit_micros for one in parts[:-1]) == parts[-1].profit_micros
    assert result.trade_statistics("short").open_round_trips == 1


def test_a_run_that_was_stopped_before_its_first_bar_says_why_there_is_nothing() -> None:
    """No instants: no returns, no trades, no traceback."""
    data = {"AAA": [Bar("AAA", day * DAY_US, 10, 10, 10, 10) for day in range(3)]}
    result = StrategyOrchestrator({"hold": (BuyAndHold(), "1")}, 1000).run(data, should_stop=lambda: True)
    told(result)
    assert result.returns().missing == "the run has fewer than two session ends, so there is no return"
    assert result.contributions()[-1].profit_micros == 0
    assert result.metrics().time_in_market == 0.0


def test_constant_equity_has_returns_and_no_ratio() -> None:
    """Flat prices, held: volatility is 0, and Sharpe is None, not infinite."""
    result = Case({"AAA": bars([10.0] * 6)}, {"long": BUY, "other": BUY}).run()
    told(result)
    assert (result.metrics("long").annual_volatility, result.metrics("long").sharpe) == (0.0, None)
    assert result.correlations()[0].kinship == "unknown"
    assert result.confidence("long").missing["sharpe_low"] == "n < 2 or all returns equal"
    assert [row.sharpe for row in result.rolling("long", sessions=3)] == [None] * 3


def test_months_without_a_session_have_no_row() -> None:
    """A gap of a quarter: the return across it is in the month in which it ends."""
    result = Case({"AAA": bars([10, 10, 20, 20], days=[0, 1, 100, 101])}, {"long": BUY}).run()
    told(result)
    assert [(row.month, row.sessions) for row in result.monthly_returns("long")] == [(1, 1), (4, 2)]
    assert result.monthly_returns("long")[1].monthly_return == pytest.approx(result.metrics("long").total_return)


def test_intraday_bars_are_sampled_at_session_ends() -> None:
    """Four bars a day for three days: three returns, since the first session of several instants has its own."""
    hours = tuple(
        (day * DAY_US + hour * 3_600_000_000, *(10.0 + day + hour / 10,) * 4) for day in range(3) for hour in range(4)
    )
    result = Case({"AAA": hours}, {"long": BUY}).run()
    told(result)
    rows = result.returns("long")
    assert [row.at_us // DAY_US for row in rows] == [0, 1, 2]
    assert [row.at_us % DAY_US for row in rows] == [3 * 3_600_000_000] * 3
    assert result.metrics("long").periods == len(rows) == len(result.sampled("long")) == 3


def test_a_run_told_again_from_its_journal_says_the_same(tmp_path: Path) -> None:
    """By the recorded events alone, and by the strategies over the recorded bars."""
    seats = {"trend": (Momentum(), "0.5"), "revert": (MeanReversion(), "0.3")}
    config = OrchestratorConfig(benchmark="IBM", commission={"kind": "fixed", "amount": "1"})
    result = StrategyOrchestrator(seats, 100_000, config).run(sample_feed(["AAPL", "IBM"]), journal=tmp_path)
    again = replay(result.journal.path, level="state").result
    assert told(again) == told(result)


def test_what_is_asked_twice_is_equal() -> None:
    """Nothing that is asked changes what is asked next."""
    case = Case({"AAA": bars([10, 11, 9, 12, 10, 14])}, {"long": BUY, "short": SELL})
    result = case.run()
    assert told(result) == told(result) == told(case.run())
