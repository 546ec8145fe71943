"""
Resting orders: what is left of one of which a part has filled.

Pure functions, for everyone who keeps orders: what closes comes first, and what opens is paid from the reserve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from ropewalk.events import Decision


def closed_and_opened(order: Decision, quantity: int, held: int) -> tuple[int, int]:
    """
    Say how many unsigned lots of a fill its order closes, and how many it opens from its reserve.

    `held` are the signed lots before the fill. Lots that an order opens may close what another order had left.
    """
    closing = min(abs(order.close_quantity), abs(held), abs(quantity)) if held * order.side < 0 else 0
    return closing, abs(quantity) - closing


def left_of(order: Decision, quantity: int, held: int, spent_micros: int) -> Decision:
    """
    Give the order that rests on after a fill of `quantity` signed lots, of which `held` were there before.

    Its lots and its reserve are less what was taken. Where no lot is left of what a number of lots would open, its
    grant is gone, as after a split: without that it would look like an ask for capital.
    """
    closing, opening = closed_and_opened(order, quantity, held)
    open_quantity = order.open_quantity and order.open_quantity - order.side * opening
    reserved = order.reserved_micros - spent_micros
    granted = 0 if order.open_quantity and not open_quantity else min(order.granted_micros, reserved)
    return replace(
        order,
        close_quantity=order.close_quantity - order.side * closing,
        open_quantity=open_quantity,
        granted_micros=granted,
        reserved_micros=reserved,
    )
