"""Crossing: what the policy `net` kept inside the account, and what that saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.money import currency

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from ropewalk.events import Fill


class Crossing(NamedTuple):
    """
    What crossed, as the value of its lots, and what the orders would have cost more alone.

    A strategy's is of its own side. Each cross has two, so the strategies' values sum to twice the account's;
    what they saved sums to what the account saved.
    """

    crossed_micros: int
    saved_commission_micros: int
    saved_slippage_micros: int

    @property
    def crossed(self) -> Decimal:
        """The value that crossed, in currency."""
        return currency(self.crossed_micros)

    @property
    def saved_commission(self) -> Decimal:
        """The commission saved, in currency."""
        return currency(self.saved_commission_micros)

    @property
    def saved_slippage(self) -> Decimal:
        """The slippage saved, in currency."""
        return currency(self.saved_slippage_micros)

    @property
    def saved(self) -> Decimal:
        """Commission and slippage saved, in currency."""
        return currency(self.saved_commission_micros + self.saved_slippage_micros)

    def to_dict(self) -> dict[str, Any]:
        """Everything as floats of currency, ready for JSON."""
        return {name: float(getattr(self, name)) for name in ("crossed", "saved_commission", "saved_slippage")}


def in_the_market(fills: Iterable[Fill]) -> Iterator[Fill]:
    """Leave out what crossed: strategies trade it, the account does not."""
    return (fill for fill in fills if not fill.is_crossed)


def crossing_of(fills: Iterable[Fill], *, sides: int) -> Crossing:
    """Add up what fills say: those of one strategy have one side of a cross, those of the account two."""
    crossed = commission = slippage = 0
    for fill in fills:
        if fill.is_crossed:
            crossed += abs(fill.quantity) * fill.price_micros
        commission += fill.saved_commission_micros
        slippage += fill.saved_slippage_micros
    return Crossing(crossed // sides, commission, slippage)
