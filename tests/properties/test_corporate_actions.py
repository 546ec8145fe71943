"""Splits change no wealth, dividends change it by what they pay, and both together are what adjusted prices say."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators import START_US, Case, Player, cases, held_cases
from ropewalk import (
    Bar,
    BuyAndHold,
    Cutoff,
    ExDate,
    Fill,
    Momentum,
    MomentumSignals,
    Split,
    StrategyOrchestrator,
    sample_feed,
)
from ropewalk.feeds.anything import feed_of
from ropewalk.observers.observer import observer
from ropewalk.orchestrator.walk import Walk


def books_of(run: Any) -> dict[str, tuple[int, dict[str, int]]]:
    """What every book is worth at the marks that everybody sees, and the lots it holds."""
    worth = {}
    for name, book in run._ledger.books.items():
        lots = dict(book.quantities)
        marks = {symbol: run._history.mark_micros(symbol) for symbol in lots}
        worth[name] = book.cash_micros + sum(held * marks[symbol] for symbol, held in lots.items()), lots
    return worth


@given(held_cases())
def test_a_split_changes_no_wealth_and_a_dividend_changes_it_by_what_it_pays(case: Case) -> None:
    """The marks before and after a split are rounded to a micro a lot, the cash in lieu to a micro: no more is lost."""
    orchestrator = case.orchestrator()
    seen: list[tuple[Any, dict[str, Any], dict[str, Any]]] = []
    last: dict[str, Any] = {}

    @observer(Bar, Cutoff, ExDate, Fill)
    def look(event: Any, number: int, cause: int) -> None:
        now = books_of(run)
        if isinstance(event, ExDate):
            seen.append((event.action, dict(last), now))
        last.update(now)

    run = Walk(orchestrator, feed_of(case.data()), orchestrator._cast().strategies, [look])
    result = run.walk(None)
    assert len(seen) == len(result.actions)
    for action, before, after in seen:
        for name, (worth, lots) in before.items():
            change = after[name][0] - worth
            if isinstance(action, Split):
                ratio = Fraction(action.numerator, action.denominator)
                assert abs(change) <= abs(lots.get(action.symbol, 0)) * (ratio + 1) / 2 + 1, (action, name)
            else:
                paid = [one for one in result.payments if one.at_us == action.at_us and one.symbol == action.symbol]
                assert change in (0, *(one.micros for one in paid if one.strategy == name)), (action, name)


@given(st.lists(st.integers(64, 120), min_size=4, max_size=12), st.integers(1, 9), st.integers(2, 11), st.booleans())
def test_a_split_is_a_change_of_units(prices: list[int], lots: int, seat: int, is_short: bool) -> None:
    """Raw prices with a split of two for one, and half of the prices before it for twice the lots: the same cash."""
    seat = min(seat, len(prices) - 1)
    action = "sell" if is_short else "buy"
    halved = [price / 32 if step >= seat else price / 64 for step, price in enumerate(prices)]
    stories = []
    for closes, first, actions in (
        ([price / 32 for price in prices], lots, (("split", START_US + seat, "AAA", 2, 1),)),
        (halved, 2 * lots, ()),
    ):
        rows = tuple((START_US + step, *[close] * 4) for step, close in enumerate(closes))
        player = Player("script", weight="1", wants=((("AAA", action, "quantity", first),),))
        settings: dict[str, Any] = {"capital": "100000", "close_at_end": True, "headroom_bps": 10_000}
        case = Case(bars={"AAA": rows}, players={"s": player}, actions=actions, **settings)
        stories.append(case.run())
    split, plain = stories
    assert split.account_equity_micros == plain.account_equity_micros
    assert split.equity_curve.equity_micros.tolist() == plain.equity_curve.equity_micros.tolist()
    assert [trip.net_micros for trip in split.round_trips] == [trip.net_micros for trip in plain.round_trips]
    assert [trip.entry_price_micros for trip in split.round_trips] == [
        trip.entry_price_micros for trip in plain.round_trips
    ]


@pytest.mark.parametrize("symbol", ["AAPL", "IBM", "MSFT"])
def test_raw_prices_with_actions_return_what_adjusted_prices_return(symbol: str) -> None:
    """
    Holding from 2000 to 2013: the product of daily returns is that of the adjusted closes.

    The bound is the rounding of the source: the adjusted closes have a relative error of about 1e-6 (six decimals),
    and dividends are whole cents, as they were paid.
    """
    feed = sample_feed(symbol, adjusted=False, actions=True)
    result = StrategyOrchestrator({"hold": (BuyAndHold(), 1)}, 1_000_000).run(feed)
    curve = result.get_strategy_result("hold").equity_curve
    held = int(np.flatnonzero(curve.net_exposure_micros)[0])
    exposure = curve.net_exposure_micros[held:]
    paid = np.diff(curve.cash_micros[held:])
    growth = float(np.prod((exposure[1:] + paid) / exposure[:-1]))
    adjusted = sample_feed(symbol).series[0].close[held:]
    assert growth == pytest.approx(adjusted[-1] / adjusted[0], rel=2e-6)
    assert len(result.payments) == {"AAPL": 3, "IBM": 52, "MSFT": 37}[symbol]
    assert len(result.adjustments) == {"AAPL": 2, "IBM": 0, "MSFT": 1}[symbol]
    raw = sample_feed(symbol, adjusted=False).series[0].close[held:]
    assert (growth / float(raw[-1] / raw[0])) > 1.1


def test_momentum_decides_alike_asked_bar_by_bar_or_at_once() -> None:
    """The history in today's shares and the sample in the first bar's are one series up to a factor."""
    feed = sample_feed(["AAPL", "MSFT"], adjusted=False, actions=True)
    seats = {"asked": (Momentum(), "0.4"), "at_once": (MomentumSignals(), "0.4")}
    result = StrategyOrchestrator(seats).run(feed)
    wanted = [
        [(one.at_us, one.symbol, one.action) for one in result.get_strategy_result(name).intents] for name in seats
    ]
    assert wanted[0] == wanted[1]
    assert len(wanted[0]) > 100


@given(cases(actions_max=0))
def test_a_run_without_actions_says_nothing_of_them(case: Case) -> None:
    """No action, no word of one: neither in the record nor in the digest of the data."""
    result = case.run()
    assert (result.actions, result.adjustments, result.payments, result.dividends) == ((), (), (), 0)
    assert result.started.data_digest == feed_of(case.data()).digest
