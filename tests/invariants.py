"""
What must hold of every run, recomputed from its record alone.

`assert_invariants(result)` is applied to every run of every test by a fixture in `conftest.py`. It knows the rules of
ARCHITECTURE and LEDGER, and none of the code that keeps them.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec.structs import replace

WORDS = (
    *("actions", "adjustments", "payments"),
    *("intents", "conflicts", "decisions", "fills", "lapses", "transfers", "faults"),
)


def assert_invariants(result: Any, *, in_parts: bool = False) -> None:
    """
    Raise AssertionError when a run's record contradicts itself or the books.

    `in_parts` says that a fill model let bars fill parts of orders.
    """
    record = result.record
    entries = sorted((entry for word in WORDS for entry in getattr(record, word)), key=lambda entry: entry.number)
    _assert_order(entries)
    _assert_fates(record, is_complete=result.ended.status == "complete")
    _assert_counts(result)
    _assert_books(result, entries, in_parts=in_parts)
    _assert_sums(result)


def _assert_order(entries: list[Any]) -> None:
    """Numbers rise without reuse, causes precede effects, time never goes back."""
    for before, after in pairwise(entries):
        assert before.number < after.number, (before, after)
        assert before.event.at_us <= after.event.at_us, (before, after)
    for entry in entries:
        assert entry.cause < entry.number, entry


def _assert_fates(record: Any, *, is_complete: bool) -> None:
    """One decision an intent; one fill or lapse an order, within what was granted."""
    intents = {entry.number: entry.event for entry in record.intents}
    decided = {entry.cause: entry.event for entry in record.decisions}
    assert len(decided) == len(record.decisions), "an intent was decided twice"
    assert list(decided) == sorted(decided), "decisions stand in the order of their intents"
    assert decided.keys() == intents.keys(), "every intent has one fate"
    for number, decision in decided.items():
        intent = intents[number]
        assert (decision.strategy, decision.symbol) == (intent.strategy, intent.symbol)
        _assert_decision(decision)
    granted = {entry.number: entry.event for entry in record.decisions if entry.event.verdict != "refused"}
    ends = [*(entry for entry in record.fills if not entry.event.remaining_quantity), *record.lapses]
    ended = [entry.cause for entry in ends]
    assert len(ended) == len(dict.fromkeys(ended)), "an order ended twice"
    assert dict.fromkeys(ended).keys() <= granted.keys(), "something ended that was never granted"
    if is_complete:
        assert len(ended) == len(granted), "an order neither filled nor lapsed"
    released = dict.fromkeys(ended, 0)
    for entry in [*record.fills, *record.lapses]:
        order = granted[entry.cause]
        assert (entry.event.strategy, entry.event.symbol) == (order.strategy, order.symbol)
        if entry.cause in released:
            released[entry.cause] += entry.event.released_micros
    assert released == {number: granted[number].reserved_micros for number in ended}


def _assert_decision(decision: Any) -> None:
    """Granted is at most asked, what is reserved is free, and the verdict says what happened."""
    assert 0 <= decision.granted_micros <= decision.asked_micros, decision
    assert decision.granted_micros <= decision.reserved_micros, decision
    free = max(decision.limit_micros - decision.used_micros, 0)
    assert decision.reserved_micros <= free or decision.reserved_micros == 0, decision
    assert decision.close_quantity * decision.side >= 0, decision
    assert decision.open_quantity * decision.side >= 0, decision
    has_order = bool(decision.granted_micros or decision.close_quantity)
    assert (decision.verdict == "refused") is not has_order, decision
    assert (decision.reason == "in_full") is (decision.verdict == "granted"), decision
    if decision.verdict == "granted":
        assert decision.granted_micros == decision.asked_micros, decision


def _assert_counts(result: Any) -> None:
    """The last event says how much happened."""
    ended, record = result.ended, result.record
    assert ended.intents == len(record.intents)
    assert ended.decisions == len(record.decisions)
    assert ended.conflicts == len(record.conflicts)
    assert ended.fills == len(record.fills)
    assert ended.lapses == len(record.lapses)


class _Book:
    """One strategy's book, kept a second time."""

    def __init__(self) -> None:
        self.contributed = self.cash = self.reserved = self.realised = self.fees = self.dividends = 0
        self.lots: dict[str, int] = {}
        self.cost: dict[str, int] = {}


def _assert_books(result: Any, entries: list[Any], *, in_parts: bool) -> None:
    """Replay the record into books; each fill is within its order, and the books end where the curves do."""
    books = {name: _Book() for name in result.strategy_results}
    orders: dict[int, Any] = {}
    parts: dict[int, tuple[int, ...]] = {}
    crossing = 0
    numbered = {entry.number: entry.event for entry in entries}
    due: set[str] = set()
    pool = result.started.capital_micros
    for entry in entries:
        match type(entry.event).__name__:
            case "Transfer":
                one = entry.event
                pool += (one.micros if one.taker == "" else 0) - (one.micros if one.giver == "" else 0)
                for name, micros in ((one.taker, one.micros), (one.giver, -one.micros)):
                    if name:
                        books[name].contributed += micros
                        books[name].cash += micros
            case "Decision" if entry.event.verdict != "refused":
                orders[entry.number] = entry.event
                books[entry.event.strategy].reserved += entry.event.reserved_micros
            case "Fill":
                fill = entry.event
                order = orders[entry.cause] if fill.remaining_quantity else orders.pop(entry.cause)
                if in_parts and fill.remaining_quantity:
                    orders[entry.cause] = _cut(order, fill, books[fill.strategy].lots.get(fill.symbol, 0))
                before = None if in_parts else parts.get(entry.cause)
                parts[entry.cause] = _post(books[fill.strategy], order, fill, before, in_parts=in_parts)
                crossing += fill.quantity if fill.is_crossed else 0
            case "Lapse":
                books[entry.event.strategy].reserved -= entry.event.released_micros
                del orders[entry.cause]
            case "Split":
                split = entry.event
                for number, order in orders.items():
                    if order.symbol == split.symbol:
                        orders[number] = _requoted(order, split)
                due = {name for name, book in books.items() if book.lots.get(split.symbol)}
            case "Dividend":
                due = {name for name, book in books.items() if book.lots.get(entry.event.symbol)}
            case "Adjustment":
                due.remove(entry.event.strategy)
                _adjust(books[entry.event.strategy], numbered[entry.cause], entry.event)
            case "Payment":
                due.remove(entry.event.strategy)
                book = books[entry.event.strategy]
                assert entry.event.quantity == book.lots[entry.event.symbol], entry
                lot = Fraction(result.instruments[entry.event.symbol].lot)
                assert entry.event.micros == round(entry.event.quantity * lot * numbered[entry.cause].per_share_micros)
                book.cash += entry.event.micros
                book.dividends += entry.event.micros
        assert all(book.reserved >= 0 for book in books.values()), entry
        assert not crossing or type(entry.event).__name__ == "Fill", ("crossed with nobody", entry)
    assert not crossing, "crossed with nobody"
    assert not due, f"an action left out {due}"
    for name, book in books.items():
        curve = result.equity_curves[name]
        assert int(curve.cash_micros[-1]) == book.cash
        assert book.cash + sum(book.cost.values()) == book.contributed + book.realised - book.fees + book.dividends
        assert result.get_strategy_result(name).dividends * 1_000_000 == book.dividends
        if result.ended.status == "complete":
            assert book.reserved == 0
    assert int(result.equity_curves[""].equity_micros[-1]) == pool
    assert pool + sum(book.contributed for book in books.values()) == result.started.capital_micros


def _cut(order: Any, fill: Any, held: int) -> Any:
    """What is left of an order of which a part has filled: closing comes first, opening is paid from the reserve."""
    closing = min(abs(order.close_quantity), abs(held), abs(fill.quantity)) if held * order.side < 0 else 0
    opening = abs(fill.quantity) - closing
    spent = opening * fill.price_micros + fill.commission_micros if opening else 0
    assert fill.released_micros == spent, (order, fill)
    assert fill.remaining_quantity * order.side > 0, (order, fill)
    left = abs(order.open_quantity) - opening if order.open_quantity else 0
    return replace(
        order,
        close_quantity=order.side * (abs(order.close_quantity) - closing),
        open_quantity=order.side * left,
        granted_micros=0 if order.open_quantity and not left else order.granted_micros,
        reserved_micros=order.reserved_micros - spent,
    )


def _post(book: _Book, order: Any, fill: Any, before: tuple[int, ...] | None, *, in_parts: bool) -> tuple[int, ...]:
    """
    Average cost, exact but for the one rounding that the page names; q = 0 means cost = 0.

    An order may fill in two parts, of which the first crosses: `before` is what that opened, closed, spent and left.
    """
    opened_before, ended, spent, due = before or (0, 0, 0, fill.quantity)
    assert fill.quantity == due, (order, fill)
    if fill.is_crossed:
        assert (fill.commission_micros, fill.slippage_micros) == (0, 0), fill
    if not fill.remaining_quantity and in_parts:
        assert fill.released_micros == order.reserved_micros, (order, fill)
    if fill.remaining_quantity and not in_parts:
        assert fill.is_crossed, fill
        assert fill.remaining_quantity * fill.quantity > 0, fill
        assert (fill.released_micros, fill.saved_commission_micros, fill.saved_slippage_micros) == (0, 0, 0), fill
    held, cost = book.lots.get(fill.symbol, 0), book.cost.get(fill.symbol, 0)
    assert fill.quantity * order.side > 0, (order, fill)
    assert fill.price_micros > 0, fill
    assert fill.commission_micros >= 0, fill
    assert fill.slippage_micros >= 0, fill
    may_close = min(abs(order.close_quantity) - ended, abs(held)) if held * fill.quantity < 0 else 0
    whole = abs(fill.quantity + fill.remaining_quantity)
    assert whole >= may_close or in_parts, (order, fill)
    ending = min(may_close, abs(fill.quantity))
    opened = abs(fill.quantity) - ending
    spent += opened * fill.price_micros + fill.commission_micros
    if opened:
        assert order.granted_micros > 0, (order, fill)
        assert spent <= order.reserved_micros, (order, fill)
        assert not order.open_quantity or opened + opened_before <= abs(order.open_quantity), (order, fill)
    closed = 0
    if held * fill.quantity < 0:
        closed = fill.quantity if abs(fill.quantity) <= abs(held) else -held
    assert fill.closed_quantity == closed, (order, fill)
    if closed:
        # The cost that ends is rounded half to even, as Python rounds fractions.
        assert fill.realised_micros == -closed * fill.price_micros - round(Fraction(cost * abs(closed), abs(held))), (
            fill
        )
    else:
        assert fill.realised_micros == 0, fill
    held += fill.quantity
    cost += fill.quantity * fill.price_micros + fill.realised_micros
    assert held or not cost, fill
    book.lots[fill.symbol], book.cost[fill.symbol] = held, cost
    book.cash -= fill.quantity * fill.price_micros + fill.commission_micros
    book.realised += fill.realised_micros
    book.fees += fill.commission_micros
    book.reserved -= fill.released_micros
    return opened_before + opened, ended + ending, spent, fill.remaining_quantity


def _requoted(order: Any, split: Any) -> Any:
    """Lots scale towards zero; an opening of which no lot is left has no grant."""
    ratio = Fraction(split.numerator, split.denominator)
    closing, opening = int(order.close_quantity * ratio), int(order.open_quantity * ratio)
    granted = 0 if order.open_quantity and not opening else order.granted_micros
    return replace(order, close_quantity=closing, open_quantity=opening, granted_micros=granted)


def _adjust(book: _Book, split: Any, one: Any) -> None:
    """Lots scale towards zero, the fraction is cashed, and its share of the cost ends."""
    assert (one.numerator, one.denominator) == (split.numerator, split.denominator), one
    before, cost = book.lots[one.symbol], book.cost[one.symbol]
    exact = Fraction(before * one.numerator, one.denominator)
    assert (one.quantity_before, one.quantity_after) == (before, int(exact)), one
    assert one.cash_micros * before >= 0, one
    ended = round(cost * (exact - int(exact)) / exact)
    assert one.realised_micros == one.cash_micros - ended, one
    assert int(exact) or cost == ended, one
    book.lots[one.symbol], book.cost[one.symbol] = int(exact), cost - ended
    book.cash += one.cash_micros
    book.realised += one.realised_micros


def _assert_sums(result: Any) -> None:
    """The strategies' curves and the pool's are the account's, at every instant and in every column that adds up."""
    curves = list(result.equity_curves.values())
    account = result.equity_curve
    for column in ("equity_micros", "cash_micros", "net_exposure_micros", "flow_micros"):
        assert np.array_equal(sum(getattr(curve, column) for curve in curves), getattr(account, column)), column
    for curve in (*curves, account):
        assert np.array_equal(curve.equity_micros, curve.cash_micros + curve.net_exposure_micros), curve.owner
    if len(account):
        assert int(account.equity_micros[-1]) == result.account_equity_micros
    assert int(account.flow_micros.sum()) == result.started.capital_micros
