"""
Fill models: how much of an order a bar fills, and at which price, before slippage and commission.

Without one an order fills whole at the open or the close that `fill_at` names. A model of one's own is any object with
the one method; it sees one order and the bar that it may fill on, and nothing behind that bar.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Protocol, runtime_checkable

import msgspec

from ropewalk.events import Bar
from ropewalk.money import part_down

Rest = Literal["stays", "lapses"]
"""What becomes of what a bar does not fill: it waits for the symbol's next bar, or ends."""


class OpenOrder(msgspec.Struct, frozen=True, gc=False):
    """
    One order, as a fill model sees it on one bar.

    `lots`, unsigned, is what it would trade now if all of it did, at `reference_micros`: a lot at the open or close
    that orders start from. `low_micros` and `high_micros` are the bar's range. `volume_lots` are the whole lots of the
    bar's volume, of which orders of this account before it have taken `taken_lots`. `granted_at_us` is when it was
    granted; it may have waited for bars since then, and have filled in part.
    """

    strategy: str
    symbol: str
    side: int
    lots: int
    reference_micros: int
    low_micros: int
    high_micros: int
    volume_lots: int
    taken_lots: int
    granted_at_us: int


@runtime_checkable
class FillModel(Protocol):
    """
    What a bar does with an order; it must answer the same when the same is asked.

    A model may say what becomes of the rest: `rest`, "stays" where it says nothing.
    """

    def fill(self, order: OpenOrder, bar: Bar) -> tuple[int, int] | None:
        """Say how many lots fill, at most `order.lots`, and at how many micros each; None for none of them."""
        ...


class VolumeShare(msgspec.Struct, frozen=True):
    """At most a share of the bar's volume fills, for all orders of the account together, in the order of their age."""

    share: Fraction
    rest: Rest = "stays"

    def fill(self, order: OpenOrder, bar: Bar) -> tuple[int, int] | None:
        """Take what is left of the share, at the price that orders start from."""
        left = part_down(order.volume_lots, self.share) - order.taken_lots
        return (min(order.lots, left), order.reference_micros) if left > 0 else None
