"""Execution: what a granted order buys at a price, and what that costs. Pure functions; nothing is posted here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ropewalk.errors import PluginError, because, clipped
from ropewalk.events import Decision

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.ledger.costs import Commission, Slippage

    Priced = tuple[int, int, int]

Order = tuple[int, Decision]
"""A granted decision that rests until its symbol has a price, behind its number."""

FillAt = Literal["next_open", "close"]


class Costs:
    """The commission and slippage models of a run; `are_none` says that both charge nothing and need not be asked."""

    __slots__ = ("are_none", "commission", "slippage")

    def __init__(self, commission: Commission, slippage: Slippage, *, are_none: bool = False) -> None:
        self.commission = commission
        self.slippage = slippage
        self.are_none = are_none

    def priced(self, lots: int, side: int, reference_micros: int) -> Priced:
        """
        Price a number of lots: the price of each, how much of it is slippage, and the commission.

        Raises PluginError when a model answers with anything but whole micros, 0 or more.
        """
        slip = _asked(self.slippage, self.slippage.slippage_micros, lots, reference_micros)
        price = reference_micros + side * slip
        if price < 1:
            price, slip = 1, reference_micros - 1
        commission = _asked(self.commission, self.commission.commission_micros, lots, price)
        return price, slip, commission


def _asked(model: object, method: Callable[[int, int], Any], lots: int, micros: int) -> int:
    try:
        cost = method(lots, micros)
    except Exception as error:
        failure = PluginError(f"{type(model).__name__} raised {type(error).__name__}: {error}")
        raise because(failure, error) from error
    if cost.__class__ is int and cost >= 0:
        return int(cost)
    raise PluginError(f"{type(model).__name__} answered {clipped(cost)}; costs are whole micros, an int of 0 or more")


Execution = tuple[int, int, int, int, int]
"""
What an order came to: signed lots, the unsigned lots of them that opened or added to a position, the
price of each, how much of it is slippage, and the commission.
"""


def execute(decision: Decision, held: int, reference_micros: int, costs: Costs) -> Execution | None:
    """
    Turn granted capital into lots at the price that slippage leaves, fees included.

    What closes is bounded by what is `held`. What opens is the largest number of lots whose price and
    commission the reserve covers, no more than it covers at the reference price, and no more than
    `open_quantity` where that is given. None when nothing is left to trade. A reserve without a grant opens
    nothing: a split has left no lot of it.
    """
    side, reserved, closing = decision.side, decision.reserved_micros, decision.close_quantity
    if closing:
        closing *= side
        against = -held * side
        if closing > against:
            closing = against if against > 0 else 0
    opening = 0
    if decision.granted_micros:
        opening = reserved // reference_micros
        if decision.open_quantity:
            opening = min(opening, abs(decision.open_quantity))
    lots = closing + opening
    if not lots:
        return None
    if costs.are_none:
        return side * lots, opening, reference_micros, 0, 0
    priced = costs.priced(lots, side, reference_micros)
    if opening and opening * priced[0] + priced[2] > reserved:
        opening = _affordable(opening, closing, side, reserved, reference_micros, costs)
        if not closing and not opening:
            return None
        priced = costs.priced(closing + opening, side, reference_micros)
    price, slip, commission = priced
    return side * (closing + opening), opening, price, slip, commission


def _affordable(too_many: int, closing: int, side: int, reserved: int, reference: int, costs: Costs) -> int:
    """Find the largest affordable number of lots below one that is not: costs rise with the lots."""

    def is_affordable(lots: int) -> bool:
        price, _, commission = costs.priced(closing + lots, side, reference)
        return lots * price + commission <= reserved

    step = 1
    # Fees are small beside prices, so the answer is near: gallop down, then halve what is left.
    while too_many - step > 0 and not is_affordable(too_many - step):
        too_many -= step
        step *= 2
    enough = max(too_many - step, 0)
    while too_many - enough > 1:
        middle = (enough + too_many) // 2
        if is_affordable(middle):
            enough = middle
        else:
            too_many = middle
    return enough
