"""
Wishes: intents given a size.

An intent may be in lots, in money or in a fraction of capital, and may cross through a position that
is held. A wish is what remains of that: a side, lots that close, and capital that opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ropewalk.money import MICROS, MICROS_MAX
from ropewalk.reasons import Reason

if TYPE_CHECKING:
    from ropewalk.events import Intent
    from ropewalk.market.standing import Standing


class Holder(NamedTuple):
    """A strategy that holds a symbol, and its signed lots."""

    seat: int
    strategy: str
    lots: int


class Wish(msgspec.Struct, frozen=True, gc=False):
    """
    One intent with a size, for the policy and the limits to judge.

    `side` is +1 to buy and −1 to sell; `close_lots` and `open_lots` are unsigned. `open_lots` is zero
    when the wish is for capital, whatever it buys. `mark_micros` is one lot at the last close. `flaw`
    says why a wish cannot be granted at all. `conviction` is in millionths, 0 where none was said.

    `paper_micros` is capital that a suspended strategy asked; then it asks for none, and is in nobody's way.

    In a conflict a wish knows more: `weight_micros` is the limit of its strategy's capital, `capital_micros` the sum
    of all strategies' limits, `symbol_micros` what all have at work or reserved in the symbol, and `against` those
    who hold the opposite of what it would open, in seat order.
    """

    number: int
    seat: int
    strategy: str
    symbol: str
    side: int = 0
    close_lots: int = 0
    open_lots: int = 0
    asked_micros: int = 0
    mark_micros: int = 0
    flaw: Reason = "in_full"
    conviction: int = 0
    weight_micros: int = 0
    capital_micros: int = 0
    symbol_micros: int = 0
    against: tuple[Holder, ...] = ()
    paper_micros: int = 0

    def included_in(self, planned: Planned) -> Planned:
        """Count the wish in, so that the strategy's next one of the instant does not repeat it."""
        held, opening = planned
        opening += self.side * (self.open_lots or self.asked_micros // self.mark_micros)
        return held + self.side * self.close_lots, opening


def on_paper(wish: Wish) -> Wish:
    """Leave of a suspended strategy's wish what closes; what it would open is remembered, and asks for nothing."""
    if wish.flaw != "in_full" or not wish.asked_micros:
        return wish
    flaw: Reason = "in_full" if wish.close_lots else "suspended"
    return msgspec.structs.replace(wish, asked_micros=0, open_lots=0, paper_micros=wish.asked_micros, flaw=flaw)


Planned = tuple[int, int]
"""
What one strategy will hold of a symbol once what it wants already is done, in signed lots: what it holds less
what is being closed, and what is being opened, estimated at the last close where it is capital that was granted.
"""


def planned_for(standing: Standing, symbol: str, mark_micros: int) -> Planned:
    """Count what is held of a symbol and what rests for it."""
    holding = standing.holdings.get(symbol)
    held = holding.quantity if holding is not None else 0
    opening = 0
    if symbol in standing.orders:
        for order in standing.orders[symbol].values():
            held += order.close_quantity
            opening += order.open_quantity or order.side * (order.granted_micros // mark_micros)
    return held, opening


Size = tuple[int, int, int, int, int, Reason]
"""
What an intent comes to, in the order of a wish's fields: its side, the lots it closes and opens, the capital it
asks, its mark and its flaw.
"""


def flawed(reason: Reason, *, side: int = 0) -> Size:
    """Give no size to what cannot be granted at all."""
    return side, 0, 0, 0, 0, reason


def size_of(intent: Intent, planned: Planned, mark_micros: int, capital_micros: int) -> Size:
    """
    Size an intent at the last close of its symbol.

    `capital_micros` is the strategy's limit, of which fractions are taken. Lots that close are counted
    against what is held less what is being closed already, so nothing is closed twice.
    """
    action, unit, amount = intent.action, intent.unit, intent.amount
    if action == "close":
        held = planned[0]
        closing = _closed(unit, amount, abs(held), mark_micros)
        if closing:
            return (-1 if held > 0 else 1), closing, 0, 0, mark_micros, "in_full"
        return flawed("no_position")
    if unit == "fraction":
        # From here on a fraction is money, rounded towards zero.
        share = abs(amount) * capital_micros // MICROS if capital_micros > 0 else 0
        amount, unit = (share if amount > 0 else -share), "notional"
    if action == "target":
        side, closing, opening, asked = _target(unit, amount, planned, mark_micros)
    else:
        side = 1 if action == "buy" else -1
        along = planned[0] * side
        if unit == "notional" and along >= 0:
            closing, opening, asked = 0, 0, amount
        else:
            closing, opening, asked = _trade(unit, amount, along, mark_micros)
    if asked > MICROS_MAX:
        return flawed("bad_amount")
    if closing or asked:
        return side, closing, opening, asked, mark_micros, "in_full"
    # A usable intent may come to nothing: its fraction of no capital, or nothing to change.
    return flawed("held_already") if action == "target" else flawed("allocation", side=side)


def _closed(unit: str, amount: int, lots: int, mark: int) -> int:
    if unit == "fraction":
        return lots if amount >= MICROS else lots * amount // MICROS
    return min(lots, amount if unit == "quantity" else amount // mark)


def _trade(unit: str, amount: int, along: int, mark: int) -> tuple[int, int, int]:
    against = -along if along < 0 else 0
    if unit == "quantity":
        closing = min(against, amount)
        lots = amount - closing
        return closing, lots, lots * mark
    closing = min(against, amount // mark)
    return closing, 0, (amount - closing * mark if closing == against else 0)


def _target(unit: str, amount: int, planned: Planned, mark: int) -> tuple[int, int, int, int]:
    sign = 1 if amount >= 0 else -1
    wanted = amount if unit == "quantity" else sign * (abs(amount) // mark)
    held, coming = planned
    expected = held + coming
    change = wanted - expected
    side = 1 if change > 0 else -1
    along = held * side
    closing = min(-along, abs(change)) if along < 0 else 0
    lots = abs(change) - closing
    if unit == "quantity" or not lots or side != sign:
        return side, closing, lots, lots * mark
    # Capital, not lots, is the target: what a lower open buys more of belongs to it.
    return side, closing, 0, abs(amount) - sign * (expected + side * closing) * mark
