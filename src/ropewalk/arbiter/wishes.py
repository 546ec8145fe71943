"""
Wishes: intents given a size.

An intent may be in lots, in money or in a fraction of capital, and may cross through a position that
is held. A wish is what remains of that: a side, lots that close, and capital that opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.events import UNUSABLE
from ropewalk.money import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.events import Decision, Intent, Reason
    from ropewalk.market.standing import Standing


class Wish(NamedTuple):
    """
    One intent with a size, for the policy and the limits to judge.

    `side` is +1 to buy and −1 to sell; `close_lots` and `open_lots` are unsigned. `open_lots` is zero
    when the wish is for capital, whatever it buys. `mark_micros` is one lot at the last close. `flaw`
    says why a wish cannot be granted at all.
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


class _Size(NamedTuple):
    side: int
    close_lots: int
    open_lots: int
    asked_micros: int


def wish_of(
    intent: Intent,
    number: int,
    *,
    seat: int,
    standing: Standing,
    mark_micros: int | None,
    capital_micros: Callable[[], int],
) -> Wish:
    """
    Size an intent at the last close of its symbol.

    Lots that close are counted against what is held less what is being closed already, so nothing
    is closed twice. `capital_micros` is called only when the intent asks for a fraction of it.
    """
    who = (number, seat, intent.strategy, intent.symbol)
    if intent.note.startswith(UNUSABLE) or (intent.amount == 0 and intent.action != "target"):
        return Wish(*who, flaw="bad_amount")
    if mark_micros is None:
        return Wish(*who, flaw="no_price")
    resting = standing.orders.get(intent.symbol)
    held = standing.quantity(intent.symbol)
    opening = 0
    if resting is not None:
        held += sum(decision.close_quantity for decision in resting.values())
        opening = sum(_lots_opening(decision, mark_micros) for decision in resting.values())
    if intent.action == "close":
        size = _close(intent, held, mark_micros)
    elif intent.action == "target":
        size = _target(intent, held, opening, mark_micros, capital_micros)
    else:
        size = _trade(intent, held, mark_micros, capital_micros)
    if not size.close_lots and size.asked_micros <= 0:
        return Wish(*who, flaw="allocation" if intent.action in ("buy", "sell") else "no_position")
    return Wish(*who, *size, mark_micros)


def _lots_opening(decision: Decision, mark_micros: int) -> int:
    return decision.open_quantity or decision.side * (decision.granted_micros // mark_micros)


def _close(intent: Intent, held: int, mark: int) -> _Size:
    lots = abs(held)
    if intent.unit == "quantity":
        lots = min(lots, intent.amount)
    elif intent.unit == "notional":
        lots = min(lots, intent.amount // mark)
    else:
        lots = min(lots, lots * intent.amount // MICROS)
    return _Size(-1 if held > 0 else 1, lots, 0, 0)


def _money(intent: Intent, amount: int, capital_micros: Callable[[], int]) -> int:
    return amount if intent.unit == "notional" else max(capital_micros(), 0) * amount // MICROS


def _trade(intent: Intent, held: int, mark: int, capital_micros: Callable[[], int]) -> _Size:
    side = 1 if intent.action == "buy" else -1
    against = abs(held) if held * side < 0 else 0
    if intent.unit == "quantity":
        closing = min(against, intent.amount)
        lots = intent.amount - closing
        return _Size(side, closing, lots, lots * mark)
    money = _money(intent, intent.amount, capital_micros)
    closing = min(against, money // mark)
    rest = money - closing * mark if closing == against else 0
    return _Size(side, closing, 0, rest)


def _target(intent: Intent, held: int, opening: int, mark: int, capital_micros: Callable[[], int]) -> _Size:
    sign = 1 if intent.amount >= 0 else -1
    money = 0
    if intent.unit == "quantity":
        wanted = intent.amount
    else:
        money = _money(intent, abs(intent.amount), capital_micros)
        wanted = sign * (money // mark)
    expected = held + opening
    change = wanted - expected
    side = 1 if change > 0 else -1
    against = abs(held) if held * side < 0 else 0
    closing = min(against, abs(change))
    lots = abs(change) - closing
    if intent.unit == "quantity" or not lots:
        return _Size(side, closing, lots, lots * mark)
    # Capital, not lots, is the target: what a lower open buys more of belongs to it.
    return _Size(side, closing, 0, money - (abs(expected) * mark if expected * sign > 0 else 0))
