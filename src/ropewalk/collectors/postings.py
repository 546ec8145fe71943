"""
Postings: all that a run has to note so that every equity curve can be computed afterwards.

A few appends a fill, nothing a bar.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.events import Adjustment, Fill, Payment, Transfer

    Posted = tuple[array[int], list[int]]

POOL = ""
"""The owner of what is not allocated, as `Transfer` writes it."""


class Postings:
    """
    What was posted to one owner's book, as columns of times and amounts.

    Amounts are Python integers, so nothing can overflow here; times are int64 already. A posting counts from the first
    instant at or after its time: a fill at an instant's open is in that instant's equity, which is at its close.
    """

    __slots__ = ("cash", "flows", "owner", "positions", "traded_micros")

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.cash = _nothing()
        self.flows = _nothing()
        self.positions: dict[str, Posted] = {}
        self.traded_micros = 0

    def pay(self, at_us: int, micros: int) -> None:
        """Add to cash what the owner earned (dividends) or, negative, was charged (funding)."""
        self.cash[0].append(at_us)
        self.cash[1].append(micros)

    def fund(self, at_us: int, micros: int) -> None:
        """Add capital handed in or, negative, taken away: it changes the equity but is no profit."""
        self.pay(at_us, micros)
        self.flows[0].append(at_us)
        self.flows[1].append(micros)

    def move(self, at_us: int, symbol: str, lots: int) -> None:
        """Add signed lots to the position in a symbol."""
        times, changes = self._changes(symbol)
        times.append(at_us)
        changes.append(lots)

    def _changes(self, symbol: str) -> Posted:
        posted = self.positions.get(symbol)
        if posted is None:
            posted = self.positions[symbol] = _nothing()
        return posted

    def on_fill(self, fill: Fill) -> None:
        """Post a fill: −quantity · price − commission to cash, its quantity to the position."""
        self.on_fills((fill,))

    def on_fills(self, fills: Sequence[Fill]) -> None:
        """Post many fills, each of them touched once: there may be more than a processor has at hand."""
        times, amounts = self.cash
        moved, changes = _nothing()
        last = None
        for fill in fills:
            at_us, symbol, quantity = fill.at_us, fill.symbol, fill.quantity
            if symbol != last:
                moved, changes = self._changes(symbol)
                last = symbol
            value = quantity * fill.price_micros
            self.traded_micros += abs(value)
            times.append(at_us)
            amounts.append(-value - fill.commission_micros)
            moved.append(at_us)
            changes.append(quantity)

    def on_adjustments(self, adjustments: Sequence[Adjustment]) -> None:
        """Post what splits did: new lots, and cash for fractions of one."""
        for one in adjustments:
            self.move(one.at_us, one.symbol, one.quantity_after - one.quantity_before)
            self.pay(one.at_us, one.cash_micros)

    def on_payments(self, payments: Sequence[Payment]) -> None:
        """Post what dividends brought and cost: profit, no capital that came or went."""
        for one in payments:
            self.pay(one.at_us, one.micros)

    def on_transfer(self, transfer: Transfer) -> None:
        """Post a transfer as funding if this owner gives or takes; other owners' are not ours."""
        if transfer.taker == self.owner:
            self.fund(transfer.at_us, transfer.micros)
        if transfer.giver == self.owner:
            self.fund(transfer.at_us, -transfer.micros)


def _nothing() -> Posted:
    return array("q"), []
