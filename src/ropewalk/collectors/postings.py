"""
Postings: all that a run has to note so that every equity curve can be computed afterwards.

A few columns of a run's fills, nothing a bar.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, count
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from ropewalk.collectors.changes import BOUND, Changes, Int64s, largest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ropewalk.events import Adjustment, Fill, Payment, Transfer

POOL = ""
"""The owner of what is not allocated, as `Transfer` writes it."""
NUMBERS = attrgetter("at_us", "quantity", "price_micros", "commission_micros")
STRATEGY, SYMBOL = attrgetter("strategy"), attrgetter("symbol")


class Postings:
    """
    What was posted to one owner's book: changes of its cash, of the capital in it, and of its positions.

    A posting counts from the first instant at or after its time: a fill at an instant's open is in that instant's
    equity, which is at its close.
    """

    __slots__ = ("cash", "flows", "owner", "positions")

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.cash = Changes()
        self.flows = Changes()
        self.positions: dict[str, Changes] = {}

    def pay(self, at_us: int, micros: int) -> None:
        """Add to cash what the owner earned (dividends) or, negative, was charged (funding)."""
        self.cash.add(at_us, micros)

    def fund(self, at_us: int, micros: int) -> None:
        """Add capital handed in or, negative, taken away: it changes the equity but is no profit."""
        self.pay(at_us, micros)
        self.flows.add(at_us, micros)

    def move(self, at_us: int, symbol: str, lots: int) -> None:
        """Add signed lots to the position in a symbol."""
        self.positions.setdefault(symbol, Changes()).add(at_us, lots)

    def on_fill(self, fill: Fill) -> None:
        """Post a fill: −quantity · price − commission to cash, its quantity to the position."""
        self.pay(fill.at_us, -fill.quantity * fill.price_micros - fill.commission_micros)
        self.move(fill.at_us, fill.symbol, fill.quantity)

    def on_adjustment(self, one: Adjustment) -> None:
        """Post what a split did: new lots, and cash for a fraction of one."""
        self.move(one.at_us, one.symbol, one.quantity_after - one.quantity_before)
        self.pay(one.at_us, one.cash_micros)

    def on_payment(self, payment: Payment) -> None:
        """Post what a dividend brought or cost: profit, no capital that came or went."""
        self.pay(payment.at_us, payment.micros)

    def on_transfer(self, transfer: Transfer) -> None:
        """Post a transfer as funding if this owner gives or takes; other owners' are not ours."""
        if transfer.taker == self.owner:
            self.fund(transfer.at_us, transfer.micros)
        if transfer.giver == self.owner:
            self.fund(transfer.at_us, -transfer.micros)


def post_fills(books: Mapping[str, Postings], fills: Sequence[Fill]) -> None:
    """Post fills to the books of their strategies, as `Postings.on_fill` does, but whole columns at once."""
    # Fills are gone through once, in their order, all numbers of one together: that is how they lie in memory.
    try:
        numbers = np.fromiter(chain.from_iterable(map(NUMBERS, fills)), np.int64, 4 * len(fills))
        times, lots, prices, fees = numbers.reshape(-1, 4).T.copy()
        fits = largest(lots) * largest(prices) + largest(fees) < BOUND
    except OverflowError:
        fits = False
    if not fits:
        for fill in fills:
            books[fill.strategy].on_fill(fill)
        return
    cash = -lots * prices - fees
    owners, symbols = _numbered(map(STRATEGY, fills)), _numbered(map(SYMBOL, fills))
    for owner, rows in _grouped(*owners):
        book, at_us, own = books[owner], times[rows], lots[rows]
        book.cash.extend(at_us, cash[rows])
        for symbol, its in _grouped(symbols[0], symbols[1][rows]):
            book.positions.setdefault(symbol, Changes()).extend(at_us[its], own[its])


def _numbered(names: Iterable[str]) -> tuple[list[str], Int64s]:
    """Number names in the order in which they come first; which there are, and the number of each."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    each = np.fromiter(map(numbers.__getitem__, names), np.int64)
    return list(numbers), each


def _grouped(names: Sequence[str], numbers: Int64s) -> Iterator[tuple[str, Int64s | slice]]:
    """Give the rows of each name that has any, in order."""
    if len(names) == 1:
        yield names[0], slice(None)
        return
    order = np.argsort(numbers, kind="stable")
    edges = np.searchsorted(numbers[order], np.arange(len(names) + 1))
    for name, begin, end in zip(names, edges[:-1], edges[1:], strict=True):
        if begin < end:
            yield name, order[begin:end]
