"""Partial fills on record: what a fill may say where a fill model let bars fill parts of orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.market.resting import closed_and_opened, left_of

if TYPE_CHECKING:
    from ropewalk.events import Decision, Fill


def part_fault(fill: Fill, grant: Decision, held: int) -> str:
    """Say what of a fill its order, as it rested, with `held` lots before, does not allow."""
    if (grant.strategy, grant.symbol) != (fill.strategy, fill.symbol):
        return f"it is for {fill.strategy} {fill.symbol}, the grant for {grant.strategy} {grant.symbol}"
    if fill.quantity * grant.side <= 0:
        return f"it trades {fill.quantity} lots, the grant is for side {grant.side}"
    if fill.remaining_quantity * grant.side < 0:
        return f"{fill.remaining_quantity} lots remain, the grant is for side {grant.side}"
    opened = closed_and_opened(grant, fill.quantity, held)[1]
    spent = opened * fill.price_micros + fill.commission_micros if opened else 0
    if opened and (spent > grant.reserved_micros or not grant.granted_micros):
        return f"it opens {opened} lots at {fill.price_micros}, more than the {grant.reserved_micros} micros granted"
    if grant.open_quantity and opened > abs(grant.open_quantity):
        return f"it opens {opened} lots of {abs(grant.open_quantity)} granted"
    due = spent if fill.remaining_quantity else grant.reserved_micros
    if fill.released_micros != due:
        return f"it gives back {fill.released_micros} micros, {due} are due of {grant.reserved_micros} reserved"
    return ""


def rest_of(fill: Fill, grant: Decision, held: int) -> Decision | None:
    """Give the order as it rests on behind a fill; None where that was its last."""
    if not fill.remaining_quantity:
        return None
    return left_of(grant, fill.quantity, held, fill.released_micros)
