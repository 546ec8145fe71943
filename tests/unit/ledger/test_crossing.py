"""The ledger's way with orders that are netted: whose turn it is, what may close, and what is an error."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from generators import START_US, Case, Player
from ropewalk import Decision, LedgerError
from ropewalk.feeds.anything import feed_of
from ropewalk.ledger import crossing as crossing_module
from ropewalk.ledger.netting import netted
from ropewalk.orchestrator.walk import Walk

ROWS = tuple((START_US + step, *[100.0] * 4) for step in range(3))
CASE = Case(
    bars={"AAA": ROWS},
    players={
        "long": Player("script", weight="0.5", wants=((("AAA", "buy", "quantity", 10),),)),
        "idle": Player("script", weight="0.5", wants=()),
    },
    capital="100000",
    policy="net",
)


def finished() -> Any:
    """A ledger in which `long` holds ten lots, which cost 100.00 each."""
    orchestrator = CASE.orchestrator()
    run = Walk(
        orchestrator, feed_of(CASE.data()), {name: seat.strategy for name, seat in orchestrator.seats.items()}, ()
    )
    run.walk(None)
    return run._ledger


def closing(strategy: str, lots: int) -> Decision:
    return Decision(0, strategy, "AAA", "granted", "in_full", 1 if lots > 0 else -1, close_quantity=lots)


def opening(ledger: Any, strategy: str, lots: int) -> Decision:
    capital = abs(lots) * 100_000_000
    ledger.books[strategy].reserved_micros += capital
    side = 1 if lots > 0 else -1
    return Decision(0, strategy, "AAA", "granted", "in_full", side, capital, capital, capital, open_quantity=lots)


def said(ledger: Any) -> list[tuple[Any, ...]]:
    """What waits to be delivered: who, and how many lots, or why none."""
    return [
        (cause, event.strategy, getattr(event, "quantity", None) or event.reason)
        for _, cause, event in ledger._bus.queue
    ]


def test_nothing_is_closed_twice() -> None:
    """Orders that fill together see each other: of two that close the same lots the second has nothing left."""
    ledger = finished()
    ledger._crossing.fill([(7, closing("long", -10)), (8, closing("long", -10))], 100_000_000)
    assert said(ledger) == [(8, "long", "no_position"), (7, "long", -10)]
    ledger.audit()


def test_fills_stand_by_seat_and_then_by_number() -> None:
    """In whatever order they rested; equal remainders go to the earlier seat."""
    told = []
    for order in permutations(range(3)):
        ledger = finished()
        orders = [(7, opening(ledger, "idle", 1)), (8, opening(ledger, "long", 1)), (9, opening(ledger, "idle", -1))]
        ledger._crossing.fill([orders[place] for place in order], 100_000_000)
        told.append(said(ledger))
        ledger.audit()
    assert told == [[(8, "long", 1), (7, "idle", 1), (9, "idle", -1)]] * 6


def test_what_crosses_to_nobody_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lots that one book gives another has to take, at the same price; nothing of it is said if not."""

    def lopsided(*given: Any, **named: Any) -> Any:
        first, *others = netted(*given, **named)
        return [first._replace(crossed=first.crossed + 1), *others]

    ledger = finished()
    monkeypatch.setattr(crossing_module, "netted", lopsided)
    orders = [(7, opening(ledger, "long", 4)), (8, opening(ledger, "idle", -2))]
    with pytest.raises(LedgerError, match="what crossed leaves 1 lots and -100000000 micros to nobody"):
        ledger._crossing.fill(orders, 100_000_000)
    assert said(ledger) == []


def test_audits_happen_among_crosses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is summed anew every so many postings: a lot that the account lost is found."""
    ledger = finished()
    monkeypatch.setattr(crossing_module, "POSTINGS_BETWEEN_AUDITS", 3)
    ledger.account_quantities["AAA"] -= 1
    orders = [(7, opening(ledger, "long", 4)), (8, opening(ledger, "idle", -2))]
    with pytest.raises(LedgerError, match="the books hold"):
        ledger._crossing.fill(orders, 100_000_000)
