"""
Netting: what becomes of orders for one symbol that fill at one instant, when opposite ones cross between books.

Pure functions; nothing is posted here. What each order would trade alone is given, and is what it trades: netting
changes what that costs, never how much it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.money import shared_by_largest_remainder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.ledger.execution import Costs, Execution, Priced

    Alone = tuple[Execution, int]


class Share(NamedTuple):
    """
    One order's part of a net: signed lots that cross, signed lots that are traded, and what those cost.

    `saved_…` is what the order would have cost alone, less what it costs.
    """

    crossed: int
    traded: int
    price_micros: int
    commission_micros: int
    slippage_micros: int
    saved_commission_micros: int
    saved_slippage_micros: int


def netted(alone: Sequence[Alone], *, reference_micros: int, costs: Costs) -> list[Share]:
    """
    Net executions, each with what is reserved for it, in the order of seats: one share each.

    The lighter side crosses whole. What is left of the heavier one is traded as a single order and shared in
    proportion to its lots, and so is its commission, each by largest remainder, ties to the earlier seat. An order
    whose reserve would not cover its share trades alone: a short that crosses sells dearer, so it is worth more, and a
    model of one's own may charge more for what is left than for the order.
    """
    shares = [_by_itself(execution) for execution, _ in alone]
    inside = list(range(len(alone)))
    while True:
        found = _shared([alone[place] for place in inside], reference_micros, costs)
        fits = [not _exceeds(*alone[at], one, reference_micros) for at, one in zip(inside, found, strict=True)]
        if all(fits):
            for place, share in zip(inside, found, strict=True):
                shares[place] = share
            return shares
        inside = [place for place, is_fitting in zip(inside, fits, strict=True) if is_fitting]


def _shared(alone: Sequence[Alone], reference: int, costs: Costs) -> list[Share]:
    lots = [execution[0] for execution, _ in alone]
    net = sum(lots)
    side = 1 if net > 0 else -1
    heavy = [max(quantity * side, 0) for quantity in lots]
    traded = shared_by_largest_remainder(abs(net), heavy) if net else [0] * len(lots)
    priced: Priced = costs.priced(abs(net), side, reference) if net else (reference, 0, 0)
    price, slip, commission = priced
    fees = shared_by_largest_remainder(commission, traded) if net else traded
    return [
        Share(
            execution[0] - side * part,
            side * part,
            price,
            fee,
            slip * part,
            execution[4] - fee,
            execution[3] * abs(execution[0]) - slip * part,
        )
        for (execution, _), part, fee in zip(alone, traded, fees, strict=True)
    ]


def _exceeds(execution: Execution, reserved: int, share: Share, reference: int) -> bool:
    """Whether what opens costs more than is reserved; what closes comes first, and crosses first."""
    opened = execution[1]
    at_price = min(opened, abs(share.traded))
    cost = (opened - at_price) * reference + at_price * share.price_micros + share.commission_micros
    return opened > 0 and cost > reserved


def _by_itself(execution: Execution) -> Share:
    quantity, _, price, slip, commission = execution
    return Share(0, quantity, price, commission, slip * abs(quantity), 0, 0)
