"""The observers that ship: the ticker shows what the result says, the tap writes what was heard."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from ropewalk import (
    BuyAndHold,
    ConfigError,
    MeanReversion,
    Momentum,
    OrchestratorConfig,
    StrategyOrchestrator,
    sample_feed,
    synthetic_feed,
)
from ropewalk.events import RunStarted
from ropewalk.observers.observer import hearing_of
from ropewalk.observers.tap import Tap
from ropewalk.observers.ticker import Ticker

SEATS = {"trend": (Momentum(5, 20), "0.4"), "revert": (MeanReversion(5), "0.3"), "hold": (BuyAndHold(), "0.2")}


def drawn(config: OrchestratorConfig, feed: object) -> tuple[str, object]:
    """What the ticker drew on a terminal, and the result."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    result = StrategyOrchestrator(SEATS, config=config).run(feed, observers=[Ticker(console=console, now=lambda: 0.0)])
    return screen.getvalue(), result


@pytest.mark.parametrize("fill_at", ["next_open", "close"])
def test_the_ticker_ends_at_the_equities_of_the_result(fill_at: str) -> None:
    """With splits, dividends, costs and lots that are no shares, to the unit of currency."""
    config = OrchestratorConfig(
        fill_at=fill_at,
        commission={"kind": "fixed", "amount": Decimal(1)},
        slippage={"kind": "basis_points", "rate": Decimal(5)},
        instruments={"AAPL": {"lot": Decimal("0.01")}, "IBM": {"lot": Decimal(3)}},
    )
    feed = sample_feed(["AAPL", "IBM"], start="2004-06-01", end="2005-12-31", adjusted=False, actions=True)
    shown, result = drawn(config, feed)
    last = shown[shown.rindex("complete at 2005-12-30") :]
    for name, one in result.strategy_results.items():
        line = next(line for line in last.splitlines() if line.split()[:1] == [name])
        assert line.split()[1] == f"{one.final_equity:,.0f}"
    total = next(line for line in last.splitlines() if "aggregate" in line)
    assert total.split()[1] == f"{result.final_equity:,.0f}"
    assert result.adjustments
    assert f"{len(result.conflicts):,} conflicts" in last
    assert f"{result.conflicts[-1].timestamp:%Y-%m-%d %H:%M}" in last


def test_the_ticker_shows_nothing_where_there_is_no_terminal() -> None:
    """It does not even hear the turns."""
    screen = io.StringIO()
    ticker = Ticker(console=Console(file=screen))
    StrategyOrchestrator(SEATS).run(synthetic_feed(2, 100), observers=[ticker])
    assert screen.getvalue() == ""
    assert hearing_of(ticker).events == (RunStarted,)


def test_the_ticker_takes_a_second_run() -> None:
    """It begins anew."""
    screen = io.StringIO()
    ticker = Ticker(console=Console(file=screen, force_terminal=True, width=100), now=lambda: 0.0)
    orchestrator = StrategyOrchestrator(SEATS)
    orchestrator.run(synthetic_feed(1, 100), observers=[ticker])
    result = orchestrator.run(synthetic_feed(1, 50), observers=[ticker])
    assert f"{result.final_equity:,.0f}" in screen.getvalue()[screen.getvalue().rindex("complete") :]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_tap_writes_a_file_a_type(tmp_path: Path, form: str) -> None:
    """Each row is an event with its number, cause, time and fields."""
    tap = Tap(str(tmp_path / "out"), events=["Fill", "Conflict", "Lapse"], format=form)
    result = StrategyOrchestrator(SEATS).run(synthetic_feed(2, 300), observers=[tap])
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        f"{n}.{form}" for n in ("conflict", "fill", "lapse")
    ]
    read = pl.read_csv if form == "csv" else pl.read_parquet
    fills, conflicts = (read(tmp_path / "out" / f"{name}.{form}") for name in ("fill", "conflict"))
    entries = [entry for entry in result.record.entries if type(entry[2]).__name__ == "Fill"]
    assert fills["number"].to_list() == [number for number, _, _ in entries]
    assert fills["price_micros"].to_list() == [fill.price_micros for fill in result.fills]
    strategies = conflicts["strategies"].to_list()
    told = [json.loads(one) if form == "csv" else list(one) for one in strategies]
    assert told == [list(one.strategies) for one in result.conflicts]
    assert told
    assert fills.columns[:4] == ["number", "cause", "at", "strategy"]


def test_the_tap_leaves_out_nothing_that_is_recorded_of_capital(tmp_path: Path) -> None:
    """Unless it is said which, rebalances, reallocations and suspensions are written as the intents are."""
    config = OrchestratorConfig(rebalance="calendar", suspend=[{"strategy": next(iter(SEATS)), "end": "2020-02-15"}])
    result = StrategyOrchestrator(SEATS, config=config).run(synthetic_feed(2, 300), observers=[Tap(str(tmp_path))])
    for kind in ("rebalance", "reallocation", "suspension", "intent"):
        told = getattr(result, f"{kind}s")
        assert len(told) == pl.read_csv(tmp_path / f"{kind}.csv").height > 0


def test_the_tap_writes_what_never_occurred(tmp_path: Path) -> None:
    """An empty file with its columns, so that whoever reads it need not ask."""
    StrategyOrchestrator(SEATS).run(synthetic_feed(1, 30), observers=[Tap(str(tmp_path), events=["Payment"])])
    assert (tmp_path / "payment.csv").read_text().strip() == "number,cause,at,strategy,symbol,quantity,micros"


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_tap_writes_bars_and_turns(tmp_path: Path, form: str) -> None:
    """Beats, too; what is nested in them is JSON in CSV."""
    StrategyOrchestrator(SEATS).run(
        synthetic_feed(2, 30), observers=[Tap(str(tmp_path), events=["Bar", "Turn", "RunEnded"], format=form)]
    )
    read = pl.read_csv if form == "csv" else pl.read_parquet
    assert read(tmp_path / f"bar.{form}").height == 60
    assert read(tmp_path / f"turn.{form}").height == 30
    assert read(tmp_path / f"runended.{form}")["status"].to_list() == ["complete"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"events": ["Fil"]}, "there is no event 'Fil'; did you mean 'Fill'"),
        ({"format": "xls"}, "format 'xls'; formats are csv, parquet"),
        ({"events": ["Event"]}, "there is no event 'Event'"),
    ],
)
def test_the_tap_refuses_what_it_cannot_write(tmp_path: Path, settings: dict, said: str) -> None:
    """Before the run."""
    with pytest.raises(ConfigError, match=said):
        Tap(str(tmp_path), **settings)
