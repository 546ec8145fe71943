"""Execution: what a granted order buys at a price, and what that costs. Pure functions; nothing is posted here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.errors import LedgerError, PluginError

if TYPE_CHECKING:
    from ropewalk.events import Decision
    from ropewalk.ledger.costs import Commission, Slippage


class Order(NamedTuple):
    """A granted decision that rests until its symbol has a price; `number` is the decision's."""

    number: int
    decision: Decision


class Execution(NamedTuple):
    """
    What an order came to: signed lots, price and costs.

    `opened` are the lots, unsigned, that opened or added to a position; the others closed one.
    """

    quantity: int
    opened: int
    price_micros: int
    slip_micros: int
    commission_micros: int


class Costs(NamedTuple):
    """The commission and slippage models of a run."""

    commission: Commission
    slippage: Slippage


def execute(decision: Decision, *, held: int, reference_micros: int, costs: Costs) -> Execution | None:
    """
    Turn granted capital into lots at the price that slippage leaves, fees included.

    What closes is bounded by what is `held`. What opens is the largest number of lots whose price and
    commission the reserve covers, and no more than `open_quantity` where that is given. None when
    nothing is left to trade.
    """
    side = decision.side
    closing = min(abs(decision.close_quantity), abs(held)) if held * side < 0 else 0
    reserved = decision.reserved_micros
    opening = 0
    if reserved:
        opening = reserved // reference_micros
        if decision.open_quantity:
            opening = min(opening, abs(decision.open_quantity))
    if not closing and not opening:
        return None
    slip = _cost(costs.slippage.slippage_micros(closing + opening, reference_micros), costs.slippage)
    price = reference_micros + side * slip
    if price <= 0:
        price, slip = 1, reference_micros - 1
    if opening:
        opening = min(opening, reserved // price)
    commission = _cost(costs.commission.commission_micros(closing + opening, price), costs.commission)
    while opening and opening * price + commission > reserved:
        # Halving the excess cannot step over the largest affordable quantity while fees are below the price.
        opening -= min(opening, max(1, (opening * price + commission - reserved) // (2 * price)))
        commission = _cost(costs.commission.commission_micros(closing + opening, price), costs.commission)
    quantity = side * (closing + opening)
    return Execution(quantity, opening, price, slip, commission) if quantity else None


def _cost(micros: int, model: object) -> int:
    if type(micros) is not int or micros < 0:
        raise PluginError(f"{type(model).__name__} answered {micros!r}; costs are whole micros, 0 or more")
    return micros


def check_price(*, price_micros: int, slip_micros: int, low_micros: int, high_micros: int) -> None:
    """Raise LedgerError when a fill is outside its bar's range, widened by the declared slippage."""
    if not low_micros - slip_micros <= price_micros <= high_micros + slip_micros:
        raise LedgerError(
            f"a fill at {price_micros} micros is outside its bar's [{low_micros}, {high_micros}] ± {slip_micros}"
        )
