"""Money is neither made nor lost: the identities of LEDGER.md, looked at from outside after every event."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certain import PRICED, RULED, SHARED, always
from generators import Case, cases, held_cases
from ropewalk import (
    Adjustment,
    Conflict,
    Cutoff,
    DataEnded,
    Decision,
    Dividend,
    ExDate,
    Fill,
    Intent,
    Lapse,
    Payment,
    RunEnded,
    RunStarted,
    Split,
    Transfer,
    Turn,
)
from ropewalk.events import Bar
from ropewalk.feeds.anything import feed_of
from ropewalk.observers.observer import observer
from ropewalk.orchestrator.walk import Walk

ACTIONS = (Adjustment, Dividend, ExDate, Payment, Split)
EVERYTHING = (
    *(Bar, Turn, Cutoff, Conflict, DataEnded, Decision, Fill, Intent, Lapse, RunEnded, RunStarted, Transfer),
    *ACTIONS,
)


class Inspector:
    """Looks into a run's ledger after every event; keeps what it finds wrong, since an observer may not raise."""

    def __init__(self, case: Case) -> None:
        self.wrong: list[str] = []
        self.looks = 0
        orchestrator = case.orchestrator()
        self.run = Walk(
            orchestrator,
            feed_of(case.data()),
            orchestrator._cast().strategies,
            [observer(*EVERYTHING)(partial(Inspector.look, self))],
        )
        self.result = self.run.walk(None)

    def look(self, event: Any, number: int, cause: int) -> None:
        self.looks += 1
        try:
            self.look_at_the_ledger(self.run._ledger)
        except AssertionError as error:
            self.wrong.append(f"after {number} {event}: {error}")

    def look_at_the_ledger(self, ledger: Any) -> None:
        books = ledger.books.values()
        assert sum(book.cash_micros for book in books) + ledger.pool_micros == ledger.account_cash_micros
        outside = ledger.market_micros + ledger.fees_micros + ledger.dividends_micros
        assert ledger.account_cash_micros + outside == ledger.capital_micros
        assert sum(book.fees_micros for book in books) == ledger.fees_micros
        assert sum(book.dividends_micros for book in books) == -ledger.dividends_micros
        lots: dict[str, int] = dict.fromkeys(ledger.account_quantities, 0)
        for book in books:
            cost = sum(book.costs.values())
            assert cost == book.cost_micros
            earned = book.realised_micros - book.fees_micros + book.dividends_micros
            assert book.cash_micros + cost == book.contributed_micros + earned
            assert book.reserved_micros >= 0
            assert book.quantities.keys() == book.costs.keys()
            for symbol, quantity in book.quantities.items():
                # After a split a lot may cost less than a micro, and its cost round to nothing.
                assert quantity * book.costs[symbol] >= 0
                assert quantity
                lots[symbol] += quantity
        assert lots == ledger.account_quantities


@always([*PRICED, *RULED, *SHARED])
@given(st.one_of(cases(), held_cases()))
def test_every_identity_holds_after_every_event(case: Case) -> None:
    """`Σ cash + pool = account cash`, `Σ lots = account lots`, each book's identity, reserves: after each event."""
    inspector = Inspector(case)
    assert inspector.looks > 0
    assert inspector.wrong == []


@given(st.one_of(cases(kinds=("script",)), held_cases()))
def test_what_strategies_are_told_is_what_the_ledger_has(case: Case) -> None:
    """The view adds events up; the ledger owns the money: between beats they agree."""
    told: dict[str, tuple[Any, ...]] = {}
    orchestrator = case.orchestrator()
    strategies = orchestrator._cast().strategies
    for name, strategy in strategies.items():
        given_turn = strategy.on_turn

        def on_turn(view: Any, given_turn: Any = given_turn, name: str = name) -> Any:
            paid = {symbol: view.position(symbol).entry_price for symbol in case.bars if view.quantity(symbol)}
            told[name] = (view.equity, {symbol: view.quantity(symbol) for symbol in case.bars}, paid)
            return given_turn(view)

        strategy.on_turn = on_turn
    wrong: list[Any] = []

    reserved = dict.fromkeys(case.players, 0)

    @observer(Decision, Fill, Lapse, Turn)
    def compare(event: Any, number: int, cause: int) -> None:
        ledger = run._ledger
        if not isinstance(event, Turn):
            change = event.reserved_micros if isinstance(event, Decision) else -event.released_micros
            reserved[event.strategy] += change
            return
        # `reserved = Σ open grants`: between beats every grant is open, filled or lapsed.
        if reserved != {name: book.reserved_micros for name, book in ledger.books.items()}:
            wrong.append((event, dict(reserved)))
        for name, book in ledger.books.items():
            equity = book.cash_micros
            for symbol, quantity in book.quantities.items():
                equity += quantity * run._history.mark_micros(symbol)
            lots = {symbol: run._history.instruments[symbol].lot for symbol in case.bars}
            seen = (equity, {symbol: book.quantity(symbol) * lot for symbol, lot in lots.items()})
            scales = {symbol: run._history.instruments[symbol].scale for symbol in case.bars}
            paid = {s: book.costs[s] / (lots_held * scales[s]) for s, lots_held in book.quantities.items()}
            if (*seen, paid) != (int(told[name][0] * 1_000_000), *told[name][1:]):
                wrong.append((event, name, seen, told[name]))

    run = Walk(orchestrator, feed_of(case.data()), strategies, [compare])
    run.walk(None)
    assert wrong == []


@always([*PRICED, *SHARED])
@given(st.one_of(cases(), held_cases()))
def test_what_a_run_earned_is_what_its_strategies_earned(case: Case) -> None:
    """`Σ P&L = account P&L`; `equity = contributed + realised + unrealised − fees + dividends` for each strategy."""
    result = case.run()
    earned = 0
    for name, one in result.strategy_results.items():
        curve = one.equity_curve
        realised = sum(move.realised_micros for move in (*one.fills, *one.adjustments))
        fees = sum(fill.commission_micros for fill in one.fills)
        dividends = sum(payment.micros for payment in one.payments)
        # Σ cost = Σ (quantity · price + realised) over all fills, so unrealised is exposure less that.
        cost = sum(fill.quantity * fill.price_micros + fill.realised_micros for fill in one.fills)
        cost += sum(move.realised_micros - move.cash_micros for move in one.adjustments)
        unrealised = int(curve.net_exposure_micros[-1]) - cost
        contributed = int(curve.flow_micros.sum())
        assert int(curve.equity_micros[-1]) == contributed + realised + unrealised - fees + dividends, name
        earned += int(curve.equity_micros[-1]) - contributed
    assert result.account_equity_micros - result.started.capital_micros == earned


@given(st.one_of(cases(kinds=("asking",)), held_cases()))
def test_round_trips_account_for_everything_that_was_realised(case: Case) -> None:
    """Closed and open round trips together are what fills and splits realised and cost, to the last micro."""
    for one in case.run().strategy_results.values():
        trips = (*one.round_trips, *one.open_round_trips)
        moves = (*one.fills, *one.adjustments)
        assert sum(trip.gross_micros for trip in trips) == sum(move.realised_micros for move in moves)
        assert sum(trip.commission_micros for trip in trips) == sum(fill.commission_micros for fill in one.fills)


@pytest.mark.parametrize("fill_at", ["next_open", "close"])
def test_the_inspector_can_fail(fill_at: str) -> None:
    """A check that cannot fail is a defect: a micro taken from a book is seen at the next event."""
    from generators import START_US, Player

    rows = tuple((START_US + step, 100.0, 100.0, 100.0, 100.0) for step in range(3))
    case = Case(
        bars={"AAA": rows}, players={"s0": Player("script", wants=((("AAA", "buy", "quantity", 1),),))}, fill_at=fill_at
    )
    inspector = Inspector(case)
    assert inspector.wrong == []
    inspector.run._ledger.books["s0"].cash_micros -= 1
    inspector.look(Turn(0, ()), 0, 0)
    assert len(inspector.wrong) == 1
