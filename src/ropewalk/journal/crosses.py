"""Crosses on record: what fills of the policy `net` may say, and that no lot crosses without another side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.events import Fill

if TYPE_CHECKING:
    from ropewalk.events import Decision


class Crosses:
    """
    The cross under way, and the orders of which a part has crossed and the rest is to follow.

    `lots` are what has crossed to one side and not yet to the other.
    """

    def __init__(self) -> None:
        self.lots = 0
        self._first: Fill | None = None
        self._begun: dict[int, tuple[int, int, int]] = {}

    def interrupted(self, event: Any) -> str:
        """Say whether a record comes before the lots that crossed have all found their other side."""
        first, lots = self._first, self.lots
        if not lots or first is None or (event.__class__ is Fill and event.symbol == first.symbol):
            return ""
        self.lots = 0
        return (
            f"before it {lots} lots of {first.symbol} crossed at {first.price_micros}, and nobody was on the other side"
        )

    def take(self, fill: Fill, policy: str | None, *, is_on: bool, in_parts: bool = False) -> str:
        """
        Say what is wrong with how a fill was netted; `policy` is the one of its symbol, None where it is unknown.

        Where orders fill `in_parts`, something may remain of any of them.
        """
        saved = fill.saved_commission_micros or fill.saved_slippage_micros
        is_netted = fill.is_crossed or saved or (fill.remaining_quantity and not in_parts)
        if is_netted and (policy not in ("net", None) or not is_on):
            why = f"that of {fill.symbol} is {policy}" if is_on else "crossing is off"
            return f"it is netted, which only the policy net does: {why}"
        if fill.remaining_quantity and not in_parts and (not fill.is_crossed or saved):
            return "it is not the last of its order, so it crosses, and its savings come with the last"
        if not fill.is_crossed:
            return ""
        if not self.lots:
            self._first = fill
        self.lots += fill.quantity
        if fill.commission_micros or fill.slippage_micros:
            return f"it crosses, and cost {fill.commission_micros} of commission and {fill.slippage_micros} of slippage"
        if self._first is not None and fill.price_micros != self._first.price_micros:
            return f"it crosses at {fill.price_micros}, the other side at {self._first.price_micros}"
        return ""

    def spent(self, cause: int, fill: Fill, grant: Decision) -> tuple[int, int, str]:
        """Add a fill to those of its order: what it has opened so far, what that cost, and what is wrong with it."""
        opened, cost, due = self._begun.pop(cause, (0, 0, fill.quantity))
        more = abs(fill.quantity - fill.closed_quantity)
        opened, cost = opened + more, cost + more * fill.price_micros + fill.commission_micros
        if fill.remaining_quantity:
            self._begun[cause] = opened, cost, fill.remaining_quantity
        if fill.quantity != due:
            return opened, cost, f"it trades {fill.quantity} lots, {due} remained of its order"
        if fill.remaining_quantity * grant.side < 0:
            return opened, cost, f"{fill.remaining_quantity} lots remain, the grant is for side {grant.side}"
        return opened, cost, ""
